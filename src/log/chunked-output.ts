import { ByteWriter } from "../core/byte-writer.ts";
import type { Output } from "../delivery/output.ts";

/** Octets collected before they are handed over. */
const CHUNK_OCTETS = 1 << 18;

/**
 * Collects octets for an output in two buffers: one is filled while the other is written. A slow
 * output holds its producer up, so memory stays bounded.
 */
export class ChunkedOutput {
  /** Where to write; another buffer after every `flush`. */
  writer: ByteWriter = new ByteWriter(CHUNK_OCTETS * 2);
  private other = new ByteWriter(CHUNK_OCTETS * 2);
  private pending: Promise<void> = Promise.resolve();
  private readonly output: Output;

  constructor(output: Output) {
    this.output = output;
  }

  /** Whether a chunk is complete. */
  get isFull(): boolean {
    return this.writer.length >= CHUNK_OCTETS;
  }

  /** Hands over what there is, when the chunk before is out. */
  async flush(): Promise<void> {
    await this.pending;
    const full = this.writer;
    if (full.length === 0) return;
    this.writer = this.other;
    this.writer.length = 0;
    this.other = full;
    this.pending = this.output.write(full.bytes.subarray(0, full.length));
    // Its failure is met by the next await; until then it must not count as unhandled.
    this.pending.catch(() => undefined);
  }

  /** Hands over the rest and waits until everything is out. */
  async finish(): Promise<void> {
    await this.flush();
    await this.pending;
  }
}
