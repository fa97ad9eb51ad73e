import * as zlib from "node:zlib";
import type { OctetReader } from "../input/octet-reader.ts";
import { type Compression, compressionFailure, startsZstdFrame } from "./compression.ts";
import { readGzipHeader, readGzipTrailer } from "./gzip-member.ts";
import { PieceInput } from "./piece-input.ts";

/** A decoder of node:zlib, as far as it is used here. */
type Decoder = zlib.InflateRaw;

/** Output a decoder holds when it finds damage is lost, so this is kept small. */
const OUTPUT_OCTETS = 1 << 16;

/** True when this Node decompresses zstd itself (22.15 and later). */
export function hasZlibZstd(): boolean {
  return "createZstdDecompress" in zlib;
}

/**
 * Decompresses all members of a gzip file with node:zlib. What follows the last member and does not
 * begin another is ignored, as gzip does; for that the members are told apart here, since node:zlib's
 * own Gunzip fails on it and throws away output then.
 * @throws ReadFailure when the data is damaged or cut short, after everything before was handed over
 * @see RFC 1952
 */
export async function* gzipOctets(source: OctetReader): AsyncGenerator<Uint8Array> {
  const input = new PieceInput(source);
  while (await readGzipHeader(input)) {
    const feeder = new Feeder("gzip", zlib.createInflateRaw({ chunkSize: OUTPUT_OCTETS }));
    let checksum = 0;
    let length = 0;
    try {
      while (!feeder.ended) {
        if (!(await input.more(1))) throw compressionFailure("gzip", "unexpected end of file");
        input.take(await feeder.feed(input.piece()));
        for (const chunk of feeder.take()) {
          checksum = zlib.crc32(chunk, checksum);
          length += chunk.length;
          yield chunk;
        }
        feeder.check();
      }
    } finally {
      feeder.close();
    }
    await readGzipTrailer(input, checksum, length);
  }
}

/**
 * Decompresses all frames of a zstd file with node:zlib, whose decoder stops after the first frame
 * (Node 24.21) and is therefore begun anew. What follows the last frame is ignored.
 * @throws ReadFailure when the data is damaged or cut short, after everything before was handed over
 */
export async function* zstdOctets(source: OctetReader): AsyncGenerator<Uint8Array> {
  const input = new PieceInput(source);
  while (await input.more(4)) {
    if (!startsZstdFrame(input.piece(), 0, 4)) return;
    const feeder = new Feeder("zstd", newZstdDecoder());
    try {
      while (!feeder.ended) {
        if (await input.more(1)) input.take(await feeder.feed(input.piece()));
        else await feeder.finish();
        yield* feeder.take();
        feeder.check();
      }
    } finally {
      feeder.close();
    }
  }
}

/** One decoder and what came out of it. */
class Feeder {
  /** The decoder has seen the end of its format and takes no more. */
  ended = false;
  readonly #compression: Compression;
  readonly #decoder: Decoder;
  #output: Uint8Array[] = [];
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(compression: Compression, decoder: Decoder) {
    this.#compression = compression;
    this.#decoder = decoder;
    this.#decoder.on("data", (chunk: Uint8Array) => {
      this.#output.push(chunk);
    });
    this.#decoder.on("end", () => {
      this.ended = true;
      this.#wake();
    });
    this.#decoder.on("error", (error) => {
      this.#failure = error;
      this.#wake();
    });
  }

  /** Gives input and waits until it is used. @returns how much of it was */
  async feed(input: Uint8Array): Promise<number> {
    const before = this.#decoder.bytesWritten;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#decoder.write(input, () => resolve());
    });
    return this.ended ? this.#decoder.bytesWritten - before : input.length;
  }

  /** Says that there is no more input; a decoder in the middle of its format then fails. */
  async finish(): Promise<void> {
    if (this.ended || this.#failure !== undefined) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#decoder.end();
    });
  }

  take(): Uint8Array[] {
    const output = this.#output;
    this.#output = [];
    return output;
  }

  check(): void {
    if (this.#failure !== undefined) {
      throw compressionFailure(this.#compression, this.#failure.message, this.#failure);
    }
  }

  close(): void {
    this.#decoder.destroy();
  }
}

function newZstdDecoder(): Decoder {
  // Not in the types of the oldest Node that is supported.
  const { createZstdDecompress } = zlib as unknown as {
    createZstdDecompress: (options: { chunkSize: number }) => Decoder;
  };
  return createZstdDecompress({ chunkSize: OUTPUT_OCTETS });
}
