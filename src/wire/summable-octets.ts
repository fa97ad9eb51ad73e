/**
 * The sum of octets as big-endian words of 16 bits with its carries added, see
 * scripts/packet-loops/word-sum.wat.
 * @param start - offset in the buffer, not in an array of its octets
 * @param end - first octet that does not count: behind `start`, by MOST_SUMMED at most
 */
export type WordSum = (start: number, end: number) => number;

/** Octets that a `WordSum` takes at most. */
export const MOST_SUMMED: number = 1 << 19;

const sums = new WeakMap<ArrayBufferLike, WordSum>();

/**
 * Has octets summed where they lie, sixteen a step, without a copy.
 * @param buffer - memory of WebAssembly
 * @param sum - of the module that has this memory
 */
export function noteWordSum(buffer: ArrayBufferLike, sum: WordSum): void {
  sums.set(buffer, sum);
}

/** What sums the octets of a buffer, where `noteWordSum` was told of it. */
export function wordSumOf(buffer: ArrayBufferLike): WordSum | undefined {
  return sums.get(buffer);
}
