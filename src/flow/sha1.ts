import { sha1Block } from "./sha1-rounds.ts";

const block = new Int32Array(16);

/** Longest input of `sha1Short`: one block less the length and the end mark. */
export const SHA1_SHORT_LIMIT = 55;

/**
 * SHA-1 of at most 55 octets. node:crypto takes 1.4 us a digest, most of it for crossing into native
 * code and back; a Community ID for every record needs a tenth of that.
 * @param input - octets, with room for 64; what lies behind `length` is overwritten
 * @param out - five words of the digest, big-endian order
 * @see FIPS 180-4 section 6.1
 */
export function sha1Short(input: Uint8Array, length: number, out: Int32Array): void {
  input[length] = 0x80;
  for (let i = length + 1; i < 62; i += 1) input[i] = 0;
  input[62] = (length * 8) >>> 8;
  input[63] = (length * 8) & 255;
  for (let i = 0; i < 16; i += 1) {
    const at = i * 4;
    block[i] = (input[at]! << 24) | (input[at + 1]! << 16) | (input[at + 2]! << 8) | input[at + 3]!;
  }
  sha1Block(block, out);
}
