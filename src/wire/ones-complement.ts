import { MOST_SUMMED, type WordSum, wordSumOf } from "./summable-octets.ts";

// Words are read in the machine's order: only where that is little-endian. Elsewhere, octet by octet.
const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

// What sums the array that was summed last: packets of a batch share one. (Reading `buffer` of an array
// is a call, 20 ns or more; comparing arrays is not.)
let viewed: Uint8Array | undefined;
let shift = 0;
let words: Uint32Array<ArrayBufferLike> = new Uint32Array(0);
let vectorSum: WordSum | undefined;

/**
 * Sum of octets as big-endian 16-bit words, an odd last octet padded with zero: the sum that internet
 * checksums are made of (RFC 1071). Congruent to it modulo 65535, below 2^20 and not 0 where an octet
 * is not; up to 8 MiB it is exact. Where WebAssembly sums them a call takes 8 ns for 20 or 40 octets and 39
 * for 1,460, of others 17 and 220.
 * @param start - octet offset in `bytes`
 * @param end - first octet that does not count; not past the array
 */
export function wordSum(bytes: Uint8Array, start: number, end: number): number {
  if (bytes !== viewed) view(bytes);
  const length = end - start;
  if (vectorSum !== undefined && length > 0 && length <= MOST_SUMMED) {
    return vectorSum(start + shift, end + shift);
  }
  return scalarSum(bytes, start, end);
}

/**
 * Aligned words of 32 bits are added as doubles, the first and the last one masked: 15 ns for 40
 * octets and 150 for 1,460, where 16-bit words took 40 and 600 and a `DataView` 17 and 220. 2^16 is 1
 * modulo 65535, so the halves can be put together at the end.
 */
function scalarSum(bytes: Uint8Array, start: number, end: number): number {
  const first = start + shift;
  const last = end + shift - 1;
  let i = first >>> 2;
  const lastWord = last >>> 2;
  if (first > last || lastWord >= words.length) return octetSum(bytes, start, end);
  const lastMask = -1 >>> ((3 - (last & 3)) << 3);
  let sum0 = (words[i]! & (-1 << ((first & 3) << 3))) >>> 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  if (i === lastWord) sum0 = (sum0 & lastMask) >>> 0;
  else {
    i += 1;
    for (; i + 8 <= lastWord; i += 8) {
      sum0 += words[i]! + words[i + 1]!;
      sum1 += words[i + 2]! + words[i + 3]!;
      sum2 += words[i + 4]! + words[i + 5]!;
      sum3 += words[i + 6]! + words[i + 7]!;
    }
    for (; i < lastWord; i += 1) sum0 += words[i]!;
    sum1 += (words[lastWord]! & lastMask) >>> 0;
  }
  const total = sum0 + sum1 + (sum2 + sum3);
  const sum = foldSum(total | 0, (total / 0x1_0000_0000) | 0);
  // Octets of the words are swapped, unless they began at an odd place.
  return (first & 1) !== 0 ? sum : ((sum & 0xff) << 8) | (sum >>> 8);
}

/** Sum of the two 16-bit halves of a word. */
export function halves(word: number): number {
  return (word >>> 16) + (word & 0xffff);
}

/** What the folded sum over data and its right checksum comes to. */
export const RIGHT_SUM = 0xffff;

/**
 * A sum brought down to 16 bits by adding its carries, as one's complement arithmetic does. It comes in
 * two small integers, since a double costs an object where a call is not inlined.
 * @param low - the lower 32 bits
 * @param high - what is above them, 0 to 32767
 */
export function foldSum(low: number, high = 0): number {
  let folded = (low & 0xffff) + (low >>> 16) + high;
  folded = (folded & 0xffff) + (folded >>> 16);
  return (folded & 0xffff) + (folded >>> 16);
}

function view(bytes: Uint8Array): void {
  const { buffer } = bytes;
  viewed = bytes;
  shift = bytes.byteOffset;
  vectorSum = wordSumOf(buffer);
  words = new Uint32Array(buffer, 0, IS_LITTLE_ENDIAN ? buffer.byteLength >>> 2 : 0);
}

function octetSum(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  let i = start;
  for (; i + 1 < end; i += 2) sum += (bytes[i]! << 8) | bytes[i + 1]!;
  return foldSum(i < end ? sum + (bytes[i]! << 8) : sum);
}
