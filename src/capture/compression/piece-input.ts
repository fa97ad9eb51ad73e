import type { OctetReader } from "../input/octet-reader.ts";

/** Largest piece: 64 KiB took 1.25 times as long, 16 KiB twice (gzip, 100 MB). */
const LARGEST_PIECE = 1 << 18;
const SMALLEST_PIECE = 1 << 8;

/**
 * Compressed octets in pieces for a decoder. node:zlib throws away the output of the step in which
 * it finds damage; so pieces begin small and grow with the file, and what is lost before the damage
 * is at most 256 octets of input, or 1/64 of it, and never more than one output buffer.
 */
export class PieceInput {
  readonly #source: OctetReader;
  readonly #bytes: Uint8Array = new Uint8Array(2 * LARGEST_PIECE);
  #start = 0;
  #end = 0;
  #total = 0;
  #ended = false;

  constructor(source: OctetReader) {
    this.#source = source;
  }

  /**
   * Reads on until a piece of `needed` octets is at hand; `needed` is small.
   * @returns false when the source ends before that
   */
  async more(needed: number): Promise<boolean> {
    while (this.piece().length < needed) {
      if (this.#ended) return false;
      this.#bytes.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
      const length = Math.min(LARGEST_PIECE, Math.max(SMALLEST_PIECE, this.#total >> 6));
      const octets = await this.#source.read(this.#bytes, this.#end, length);
      this.#ended = octets === 0;
      this.#end += octets;
      this.#total += octets;
    }
    return true;
  }

  /** What is at hand. Holds until `more` is called. */
  piece(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** Marks the first `octets` octets of the piece as used. */
  take(octets: number): void {
    this.#start += octets;
  }
}
