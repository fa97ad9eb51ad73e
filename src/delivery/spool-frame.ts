import { crc32 } from "node:zlib";
import type { QueuedRecord } from "./queued-record.ts";

// A segment of the spool, all numbers little-endian:
//   0 magic "PFSPOOL" and version 1 | 8 sequence number of the first record, u64 | 16 frames
// A frame:
//   0 length of the body, u32 | 4 CRC-32 of the body, u32 | 8 body
// A body:
//   0 time, f64 microseconds | 8 length of the id, u8 | 9 id, ASCII | record

const MAGIC = Buffer.from("PFSPOOL\x01", "latin1");
/** Octets before the first frame. */
export const SEGMENT_HEADER = 16;
const FRAME_HEADER = 8;
const BODY_HEADER = 9;

/** What a segment begins with. @param first - sequence number of its first record */
export function segmentHeader(first: number): Uint8Array {
  const header = Buffer.alloc(SEGMENT_HEADER);
  MAGIC.copy(header);
  header.writeBigUInt64LE(BigInt(first), 8);
  return header;
}

/** The sequence number in a header; undefined when it is none. */
export function readSegmentHeader(octets: Buffer): number | undefined {
  if (octets.length < SEGMENT_HEADER || !octets.subarray(0, 8).equals(MAGIC)) return undefined;
  return Number(octets.readBigUInt64LE(8));
}

/** Frames of records, one after the other. */
export function encodeFrames(records: readonly QueuedRecord[]): Uint8Array {
  let size = 0;
  for (const { id, octets } of records) {
    size += FRAME_HEADER + BODY_HEADER + id.length + octets.length;
  }
  const frames = Buffer.allocUnsafe(size);
  let at = 0;
  for (const { id, time, octets } of records) {
    const length = BODY_HEADER + id.length + octets.length;
    const body = at + FRAME_HEADER;
    frames.writeUInt32LE(length, at);
    frames.writeDoubleLE(time, body);
    frames.writeUInt8(id.length, body + 8);
    frames.write(id, body + BODY_HEADER, "latin1");
    frames.set(octets, body + BODY_HEADER + id.length);
    frames.writeUInt32LE(crc32(frames.subarray(body, body + length)), at + 4);
    at = body + length;
  }
  return frames;
}

/** A frame that was read. */
export type ReadFrame = {
  readonly record: QueuedRecord;
  /** Offset of what follows it. */
  readonly end: number;
};

/**
 * Reads the frame at an offset.
 * @returns undefined when there is no whole and sound frame
 */
export function readFrame(octets: Buffer, at: number): ReadFrame | undefined {
  if (octets.length - at < FRAME_HEADER) return undefined;
  const length = octets.readUInt32LE(at);
  const body = at + FRAME_HEADER;
  // An empty body has the CRC 0, so a stretch of zeros would pass for frames.
  if (length < BODY_HEADER || octets.length - body < length) return undefined;
  const content = octets.subarray(body, body + length);
  if (crc32(content) !== octets.readUInt32LE(at + 4)) return undefined;
  const idLength = content.readUInt8(8);
  if (length < BODY_HEADER + idLength) return undefined;
  return {
    record: {
      id: content.toString("latin1", BODY_HEADER, BODY_HEADER + idLength),
      time: content.readDoubleLE(0),
      octets: content.subarray(BODY_HEADER + idLength),
    },
    end: body + length,
  };
}

/** Octets that the frame at an offset says it needs; undefined when not even that is there. */
export function frameSize(octets: Buffer, at: number): number | undefined {
  if (octets.length - at < FRAME_HEADER) return undefined;
  return FRAME_HEADER + octets.readUInt32LE(at);
}
