import type { GrowableMemory } from "../row/growable-memory.ts";
import {
  bucketOf,
  emptyBucket,
  firstOf,
  LIST_WORDS,
  putInPlace,
  putLast,
  RANKS,
  type Rank,
  takeOut,
  WHEEL_SECONDS,
} from "./timer-lists.ts";

const LAST = WHEEL_SECONDS - 1;

/**
 * Rows by the second in which they are to be looked at. A packet never touches the wheel: when a
 * bucket comes due its rows are looked at, and those with more time are put back. A bucket's rows are
 * in the order in which they were put there, so that under pressure the newest are not the first to
 * go.
 */
export class TimerWheel {
  /** See timer-lists.ts. */
  readonly lists: Int32Array;
  /** No bucket of a rank holds a row for an earlier second. */
  private readonly earliestSeconds = new Float64Array(RANKS);
  private readonly memory: GrowableMemory;
  private firstSecond = -1;
  private nextRank = 0;

  /** @param lists - `LIST_WORDS` words of zeros */
  constructor(memory: GrowableMemory, lists: Int32Array = new Int32Array(LIST_WORDS)) {
    this.memory = memory;
    this.lists = lists;
  }

  /** First second whose buckets have not been taken; -1 before the first packet. */
  get nextSecond(): number {
    return this.firstSecond;
  }

  /** Puts a row into a bucket of `second`; the past means the next bucket to come due. */
  add(row: number, second: number, rank: Rank): void {
    const bounded = this.bounded(second);
    this.noteEarliest(bounded, rank);
    putLast(this.memory.words, this.lists, bucketOf(bounded, rank), row);
  }

  /** Somebody put a row into the bucket of a second that is not before the next one. */
  noteEarliest(second: number, rank: Rank): void {
    if (second < this.earliestSeconds[rank]!) this.earliestSeconds[rank] = second;
  }

  /** How many seconds after `nextSecond` a bucket of a rank may hold a row, and no earlier one does. */
  earliestAhead(rank: Rank): number {
    return Math.max(0, this.earliestSeconds[rank]! - this.firstSecond);
  }

  /** Somebody found that, and what was put there since. */
  noteEarliestAhead(ahead: number, rank: Rank): void {
    this.earliestSeconds[rank] = this.firstSecond + ahead;
  }

  /** Takes a row out, wherever it is. */
  remove(row: number): void {
    takeOut(this.memory.words, this.lists, row);
  }

  /** Puts a row in the place of another. */
  replace(row: number, next: number): void {
    putInPlace(this.memory.words, this.lists, row, next);
  }

  /** Forgets all rows. */
  clear(): void {
    this.lists.fill(0);
  }

  /** Sets the wheel to begin at `second`; only while it holds no row. */
  start(second: number): void {
    this.firstSecond = second;
    this.nextRank = 0;
    this.earliestSeconds.fill(second);
  }

  /**
   * Takes the oldest bucket that lies wholly before `second`.
   * @returns the first row of its list (linked by `Row.TimerNext`, the last one's is negative), 0 when
   *   it is empty, -1 when none is due
   */
  takeDue(second: number): number {
    if (this.firstSecond < 0 || this.firstSecond >= second) return -1;
    // After a leap longer than the wheel every bucket is due once.
    if (second - this.firstSecond > WHEEL_SECONDS) this.firstSecond = second - WHEEL_SECONDS;
    const bucket = bucketOf(this.firstSecond, this.nextRank);
    const head = firstOf(this.lists, bucket);
    emptyBucket(this.lists, bucket);
    this.nextRank = (this.nextRank + 1) % RANKS;
    if (this.nextRank === 0) this.firstSecond += 1;
    return head;
  }

  /**
   * The first row of a bucket, 0 when it is empty; it stays in the wheel.
   * @param ahead - how many seconds after the bucket that comes due next
   */
  first(rank: Rank, ahead: number): number {
    return firstOf(this.lists, bucketOf(this.firstSecond + ahead, rank));
  }

  /** The row of a rank that is due first, 0 when there is none. Of one second the first put there. */
  earliest(rank: Rank): number {
    const last = this.firstSecond + LAST;
    let second = Math.max(this.earliestSeconds[rank]!, this.firstSecond);
    while (second < last && firstOf(this.lists, bucketOf(second, rank)) === 0) second += 1;
    this.earliestSeconds[rank] = second;
    return firstOf(this.lists, bucketOf(second, rank));
  }

  /** Whether a row that `earliest` gave would stand in a later bucket if it were put back for `second`. */
  isLater(second: number, rank: Rank): boolean {
    return this.bounded(second) > this.earliestSeconds[rank]!;
  }

  private bounded(second: number): number {
    return Math.max(this.firstSecond, Math.min(second, this.firstSecond + LAST));
  }
}
