import { compressionFailure } from "./compression.ts";
import type { PieceInput } from "./piece-input.ts";

// RFC 1952 section 2.3: 0 magic 1f 8b | 2 method | 3 flags | 4 time | 8 extra flags | 9 system, then as
// the flags say: extra field (length in 16 bits), name and comment (to a zero octet), header CRC
const FLAGS = 3;
const FIXED_LENGTH = 10;
const DEFLATE = 8;
const HEADER_CRC = 0x02;
const EXTRA = 0x04;
const NAME = 0x08;
const COMMENT = 0x10;

// After the deflate data: 0 CRC-32 | 4 length modulo 2^32, both little-endian
const TRAILER_LENGTH = 8;

/**
 * Passes over the header of a member.
 * @returns false when no member begins here: the end of the file, or of what is gzip in it
 * @throws ReadFailure when the header is cut short
 */
export async function readGzipHeader(input: PieceInput): Promise<boolean> {
  if (!(await input.more(3))) return false;
  const [first, second, method] = input.piece();
  if (first !== 0x1f || second !== 0x8b || method !== DEFLATE) return false;
  await need(input, FIXED_LENGTH);
  const flags = input.piece()[FLAGS]!;
  input.take(FIXED_LENGTH);
  if ((flags & EXTRA) !== 0) {
    await need(input, 2);
    const [low, high] = input.piece();
    input.take(2);
    await skip(input, low! | (high! << 8));
  }
  if ((flags & NAME) !== 0) await skipText(input);
  if ((flags & COMMENT) !== 0) await skipText(input);
  if ((flags & HEADER_CRC) !== 0) await skip(input, 2);
  return true;
}

/**
 * Compares the trailer of a member with what was decompressed.
 * @param length - octets decompressed, not yet taken modulo 2^32
 * @throws ReadFailure when they differ or the trailer is cut short
 */
export async function readGzipTrailer(
  input: PieceInput,
  checksum: number,
  length: number,
): Promise<void> {
  await need(input, TRAILER_LENGTH);
  const trailer = input.piece();
  const view = new DataView(trailer.buffer, trailer.byteOffset, TRAILER_LENGTH);
  if (view.getUint32(0, true) !== checksum)
    throw compressionFailure("gzip", "incorrect data check");
  if (view.getUint32(4, true) !== length % 2 ** 32) {
    throw compressionFailure("gzip", "incorrect length check");
  }
  input.take(TRAILER_LENGTH);
}

async function need(input: PieceInput, octets: number): Promise<void> {
  if (!(await input.more(octets))) throw compressionFailure("gzip", "unexpected end of file");
}

async function skip(input: PieceInput, octets: number): Promise<void> {
  for (let left = octets; left > 0; ) {
    await need(input, 1);
    const here = Math.min(left, input.piece().length);
    input.take(here);
    left -= here;
  }
}

async function skipText(input: PieceInput): Promise<void> {
  for (;;) {
    await need(input, 1);
    const piece = input.piece();
    const zero = piece.indexOf(0);
    input.take(zero < 0 ? piece.length : zero + 1);
    if (zero >= 0) return;
  }
}
