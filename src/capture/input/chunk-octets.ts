import type { CaptureProgress } from "../source.ts";
import { type OctetReader, ReadFailure } from "./octet-reader.ts";

/** What `chunkOctets` may be told about its chunks. */
export type ChunkOctetsOptions = {
  /** Progress of what lies below, where the chunks are not the file's own octets. */
  readonly progress?: () => CaptureProgress;
  /** Ends the producer, so that a pending `next` settles. */
  readonly release?: () => Promise<void> | void;
};

/**
 * Octets of chunks that come in sizes of their own: a pipe, a decompressor, memory. Copies each
 * chunk once, into the window; that costs less than a tenth of reading the pipe.
 */
export function chunkOctets(
  chunks: AsyncIterable<Uint8Array>,
  options: ChunkOctetsOptions = {},
): OctetReader {
  return new ChunkOctets(chunks, options);
}

class ChunkOctets implements OctetReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #options: ChunkOctetsOptions;
  #chunk: Uint8Array = new Uint8Array(0);
  #taken = 0;
  #octetsRead = 0;
  #ended = false;
  #closed = false;

  constructor(chunks: AsyncIterable<Uint8Array>, options: ChunkOctetsOptions) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#options = options;
  }

  get progress(): CaptureProgress {
    return this.#options.progress?.() ?? { octetsRead: this.#octetsRead, octetsTotal: undefined };
  }

  async read(target: Uint8Array, start: number, length: number): Promise<number> {
    // An empty chunk is no end: only `done` is.
    while (this.#taken === this.#chunk.length) {
      if (this.#ended || this.#closed) return 0;
      if (!(await this.#nextChunk())) return 0;
    }
    const octets = Math.min(length, this.#chunk.length - this.#taken);
    target.set(this.#chunk.subarray(this.#taken, this.#taken + octets), start);
    this.#taken += octets;
    this.#octetsRead += octets;
    return octets;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#options.release?.();
    // A generator that is waiting queues this behind its pending `next`: not awaited for that reason.
    this.#chunks.return?.().catch(() => undefined);
  }

  async #nextChunk(): Promise<boolean> {
    try {
      const next = await this.#chunks.next();
      this.#ended = next.done === true;
      this.#chunk = next.done === true ? new Uint8Array(0) : next.value;
      this.#taken = 0;
      return !this.#ended;
    } catch (error: unknown) {
      this.#ended = true;
      this.#chunk = new Uint8Array(0);
      this.#taken = 0;
      // A stream that is destroyed by `close` rejects its reader: that is no news.
      if (this.#closed) return false;
      throw asFailure(error);
    }
  }
}

function asFailure(error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error) || error instanceof ReadFailure) return error;
  // Errors of Node's streams carry a system code; errors of ours carry one that begins with PF_.
  const code = String(error.code);
  return code.startsWith("PF_")
    ? error
    : new ReadFailure("PF_CAPTURE_READ", `can't be read (${code})`, error);
}
