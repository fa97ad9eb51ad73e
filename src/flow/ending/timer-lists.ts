import { Row } from "../row/flow-row.ts";

/** Seconds the wheel covers; later deadlines wait in the last bucket and are put back. */
export const WHEEL_SECONDS = 1024;

/** Which rows give way first when memory is short: each second has a bucket for either. */
export const Rank = {
  /** Half-open, over, or of so few packets that nothing is lost with them. */
  Unproven: 0,
  Proven: 1,
} as const;
export type Rank = (typeof Rank)[keyof typeof Rank];
export const RANKS = 2;

/** Words from the first row of a bucket's list to the last. */
const TAILS: number = WHEEL_SECONDS * RANKS;
/** Words of the lists of all buckets: the first row of each, then the last of each; 0 for none. */
export const LIST_WORDS: number = 2 * TAILS;

// A bucket's rows are linked by words in them. First and last remember their bucket instead of a neighbour.

/** Number of a bucket. @param second - any that ends in it, modulo 2^32 */
export function bucketOf(second: number, rank: number): number {
  return rank * WHEEL_SECONDS + (second & (WHEEL_SECONDS - 1));
}

/** The first row of a bucket, 0 for none. */
export function firstOf(lists: Int32Array, bucket: number): number {
  return lists[bucket]!;
}

/** Takes all rows out of a bucket at once, and leaves them linked. */
export function emptyBucket(lists: Int32Array, bucket: number): void {
  lists[bucket] = 0;
  lists[bucket + TAILS] = 0;
}

/** Puts a row behind the others of a bucket. */
export function putLast(words: Int32Array, lists: Int32Array, bucket: number, row: number): void {
  const tail = lists[bucket + TAILS]!;
  words[row + Row.TimerNext] = -1 - bucket;
  words[row + Row.TimerPrevious] = tail === 0 ? -1 - bucket : tail;
  if (tail === 0) lists[bucket] = row;
  else words[tail + Row.TimerNext] = row;
  lists[bucket + TAILS] = row;
}

/** Takes a row out of its bucket. */
export function takeOut(words: Int32Array, lists: Int32Array, row: number): void {
  const next = words[row + Row.TimerNext]!;
  const previous = words[row + Row.TimerPrevious]!;
  if (previous < 0) lists[-1 - previous] = Math.max(next, 0);
  else words[previous + Row.TimerNext] = next;
  if (next < 0) lists[-1 - next + TAILS] = Math.max(previous, 0);
  else words[next + Row.TimerPrevious] = previous;
}

/** Puts a row in the place of another. */
export function putInPlace(words: Int32Array, lists: Int32Array, row: number, next: number): void {
  const after = words[row + Row.TimerNext]!;
  const before = words[row + Row.TimerPrevious]!;
  words[next + Row.TimerNext] = after;
  words[next + Row.TimerPrevious] = before;
  if (before < 0) lists[-1 - before] = next;
  else words[before + Row.TimerNext] = next;
  if (after < 0) lists[-1 - after + TAILS] = next;
  else words[after + Row.TimerPrevious] = next;
}
