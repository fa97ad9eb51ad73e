import { Row } from "./flow-row.ts";
import type { GrowableMemory } from "./growable-memory.ts";

/** Seconds the wheel covers; later deadlines wait in the last bucket and are put back. */
export const WHEEL_SECONDS = 1024;
const BUCKETS = WHEEL_SECONDS;
const MASK = BUCKETS - 1;
/** No row; row 0 is never used. */
const NONE = 0;

/** Which rows give way first when memory is short: each second has a bucket for either. */
export const Rank = {
  /** Half-open, over, or of so few packets that nothing is lost with them. */
  Unproven: 0,
  Proven: 1,
} as const;
export type Rank = (typeof Rank)[keyof typeof Rank];
const RANKS = 2;

/**
 * Rows by the second in which they are to be looked at. A packet never touches the wheel: when a
 * bucket comes due its rows are looked at, and those with more time are put back. A bucket's rows are
 * in the order in which they were put there, so that under pressure the newest are not the first to
 * go.
 */
export class TimerWheel {
  private readonly heads = new Int32Array(BUCKETS * RANKS);
  private readonly tails = new Int32Array(BUCKETS * RANKS);
  /** No bucket of a rank holds a row for an earlier second. */
  private readonly earliestSeconds = new Float64Array(RANKS);
  private readonly memory: GrowableMemory;
  /** First second whose buckets have not been taken; -1 before the first packet. */
  private nextSecond = -1;
  private nextRank = 0;

  constructor(memory: GrowableMemory) {
    this.memory = memory;
  }

  /** Puts a row into a bucket of `second`; the past means the next bucket to come due. */
  add(row: number, second: number, rank: Rank): void {
    const bounded = this.bounded(second);
    if (bounded < this.earliestSeconds[rank]!) this.earliestSeconds[rank] = bounded;
    const bucket = rank * BUCKETS + (bounded & MASK);
    const words = this.memory.words;
    const tail = this.tails[bucket]!;
    // First and last of a list remember their bucket instead of a neighbour.
    words[row + Row.TimerNext] = -1 - bucket;
    words[row + Row.TimerPrevious] = tail === NONE ? -1 - bucket : tail;
    if (tail === NONE) this.heads[bucket] = row;
    else words[tail + Row.TimerNext] = row;
    this.tails[bucket] = row;
  }

  /** Takes a row out, wherever it is. */
  remove(row: number): void {
    const words = this.memory.words;
    const next = words[row + Row.TimerNext]!;
    const previous = words[row + Row.TimerPrevious]!;
    if (previous < 0) this.heads[-1 - previous] = next < 0 ? NONE : next;
    else words[previous + Row.TimerNext] = next;
    if (next < 0) this.tails[-1 - next] = previous < 0 ? NONE : previous;
    else words[next + Row.TimerPrevious] = previous;
  }

  /** Puts a row in the place of another. */
  replace(row: number, next: number): void {
    const words = this.memory.words;
    const after = words[row + Row.TimerNext]!;
    const before = words[row + Row.TimerPrevious]!;
    words[next + Row.TimerNext] = after;
    words[next + Row.TimerPrevious] = before;
    if (before < 0) this.heads[-1 - before] = next;
    else words[before + Row.TimerNext] = next;
    if (after < 0) this.tails[-1 - after] = next;
    else words[after + Row.TimerPrevious] = next;
  }

  /** Forgets all rows. */
  clear(): void {
    this.heads.fill(NONE);
    this.tails.fill(NONE);
  }

  /** Sets the wheel to begin at `second`; only while it holds no row. */
  start(second: number): void {
    this.nextSecond = second;
    this.nextRank = 0;
    this.earliestSeconds.fill(second);
  }

  /**
   * Takes the oldest bucket that lies wholly before `second`.
   * @returns the first row of its list (linked by `Row.TimerNext`, the last one's is negative), 0 when
   *   it is empty, -1 when none is due
   */
  takeDue(second: number): number {
    if (this.nextSecond < 0 || this.nextSecond >= second) return -1;
    // After a leap longer than the wheel every bucket is due once.
    if (second - this.nextSecond > BUCKETS) this.nextSecond = second - BUCKETS;
    const bucket = this.nextRank * BUCKETS + (this.nextSecond & MASK);
    const head = this.heads[bucket]!;
    this.heads[bucket] = NONE;
    this.tails[bucket] = NONE;
    this.nextRank = (this.nextRank + 1) % RANKS;
    if (this.nextRank === 0) this.nextSecond += 1;
    return head;
  }

  /**
   * The first row of a bucket, 0 when it is empty; it stays in the wheel.
   * @param ahead - how many seconds after the bucket that comes due next
   */
  first(rank: Rank, ahead: number): number {
    return this.heads[rank * BUCKETS + ((this.nextSecond + ahead) & MASK)]!;
  }

  /** The row of a rank that is due first, 0 when there is none. Of one second the first put there. */
  earliest(rank: Rank): number {
    const last = this.nextSecond + MASK;
    let second = Math.max(this.earliestSeconds[rank]!, this.nextSecond);
    while (second < last && this.heads[rank * BUCKETS + (second & MASK)] === NONE) second += 1;
    this.earliestSeconds[rank] = second;
    return this.heads[rank * BUCKETS + (second & MASK)]!;
  }

  /** Whether a row that `earliest` gave would stand in a later bucket if it were put back for `second`. */
  isLater(second: number, rank: Rank): boolean {
    return this.bounded(second) > this.earliestSeconds[rank]!;
  }

  private bounded(second: number): number {
    return Math.max(this.nextSecond, Math.min(second, this.nextSecond + MASK));
  }
}
