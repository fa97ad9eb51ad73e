import { closeSync, openSync, writeSync } from "node:fs";

/** Octets collected before a write: large enough that the system call costs nothing per packet. */
const BUFFER_LENGTH = 4 << 20;
/** Room that one record may need: 16 octets of header and a frame within a 2,048-octet bound. */
const RECORD_BOUND = 2064;
const STANDARD_OUTPUT = 1;

/**
 * A classic pcap file (microseconds, little-endian, Ethernet) written through one reused buffer.
 * The caller calls `begin`, writes the frame at `position` in `bytes`, then calls `end`.
 */
export class PcapFile {
  readonly bytes: Buffer = Buffer.alloc(BUFFER_LENGTH);
  /** Offset in `bytes` where the frame of the record under way begins or goes on. */
  position = 0;
  /** Octets of the file so far, the buffered ones included. */
  length = 0;
  private readonly descriptor: number;
  private recordStart = 0;

  /** @param path - `-` is standard output */
  constructor(path: string, snapLength: number) {
    this.descriptor = path === "-" ? STANDARD_OUTPUT : openSync(path, "w");
    this.bytes.writeUInt32LE(0xa1b2c3d4, 0);
    this.bytes.writeUInt16LE(2, 4);
    this.bytes.writeUInt16LE(4, 6);
    this.bytes.writeUInt32LE(snapLength, 16);
    this.bytes.writeUInt32LE(1, 20);
    this.position = 24;
  }

  /** Opens a record; `position` is then where its frame starts. */
  begin(seconds: number, microseconds: number): void {
    if (this.position + RECORD_BOUND > BUFFER_LENGTH) this.flush();
    this.recordStart = this.position;
    this.littleEndian(this.recordStart, seconds);
    this.littleEndian(this.recordStart + 4, microseconds);
    this.position += 16;
  }

  /** Closes the record; the frame is all that was written since `begin`. Returns its length. */
  end(): number {
    const frameLength = this.position - this.recordStart - 16;
    this.littleEndian(this.recordStart + 8, frameLength);
    this.littleEndian(this.recordStart + 12, frameLength);
    return frameLength;
  }

  close(): void {
    this.flush();
    closeSync(this.descriptor);
  }

  private littleEndian(at: number, value: number): void {
    this.bytes[at] = value;
    this.bytes[at + 1] = value >>> 8;
    this.bytes[at + 2] = value >>> 16;
    this.bytes[at + 3] = value >>> 24;
  }

  private flush(): void {
    let written = 0;
    while (written < this.position) {
      written += writeSync(this.descriptor, this.bytes, written, this.position - written);
    }
    this.length += this.position;
    this.position = 0;
  }
}
