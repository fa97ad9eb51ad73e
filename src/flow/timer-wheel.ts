import { Row } from "./flow-row.ts";
import type { GrowableMemory } from "./growable-memory.ts";

/** Seconds the wheel covers; later deadlines wait in the last bucket and are put back. */
const BUCKETS = 1024;
const MASK = BUCKETS - 1;
/** Ends a bucket's list; row 0 is never used. */
const NONE = 0;

/**
 * Rows by the second in which they are to be looked at. A packet never touches the wheel: when a
 * bucket comes due its rows are looked at, and those with more time are put back.
 */
export class TimerWheel {
  private readonly heads = new Int32Array(BUCKETS);
  private readonly memory: GrowableMemory;
  /** First second whose bucket has not been taken; -1 before the first packet. */
  private nextSecond = -1;

  constructor(memory: GrowableMemory) {
    this.memory = memory;
  }

  /** Puts a row into the bucket of `second`; the past means the next bucket to come due. */
  add(row: number, second: number): void {
    const bounded = Math.max(this.nextSecond, Math.min(second, this.nextSecond + MASK));
    const bucket = bounded & MASK;
    const words = this.memory.words;
    const head = this.heads[bucket]!;
    words[row + Row.TimerNext] = head;
    // The first of a list remembers its bucket instead of a neighbour.
    words[row + Row.TimerPrevious] = -1 - bucket;
    if (head !== NONE) words[head + Row.TimerPrevious] = row;
    this.heads[bucket] = row;
  }

  /** Takes a row out, wherever it is. */
  remove(row: number): void {
    const words = this.memory.words;
    const next = words[row + Row.TimerNext]!;
    const previous = words[row + Row.TimerPrevious]!;
    if (previous < 0) this.heads[-1 - previous] = next;
    else words[previous + Row.TimerNext] = next;
    if (next !== NONE) words[next + Row.TimerPrevious] = previous;
  }

  /** Sets the wheel to begin at `second`; only while it holds no row. */
  start(second: number): void {
    this.nextSecond = second;
  }

  /**
   * Takes the oldest bucket that lies wholly before `second`.
   * @returns the first row of its list (linked by `Row.TimerNext`), 0 when it is empty, -1 when none is due
   */
  takeDue(second: number): number {
    if (this.nextSecond < 0 || this.nextSecond >= second) return -1;
    // After a leap longer than the wheel every bucket is due once.
    if (second - this.nextSecond > BUCKETS) this.nextSecond = second - BUCKETS;
    const bucket = this.nextSecond & MASK;
    const head = this.heads[bucket]!;
    this.heads[bucket] = NONE;
    this.nextSecond += 1;
    return head;
  }

  /** The first row of the bucket that comes due next, 0 when it is empty; it stays in the wheel. */
  dueNext(): number {
    return this.heads[this.nextSecond & MASK]!;
  }

  /** The row that is due first, 0 when there is none; looks at up to one turn of the wheel. */
  earliest(): number {
    for (let i = 0; i < BUCKETS; i += 1) {
      const head = this.heads[(this.nextSecond + i) & MASK]!;
      if (head !== NONE) return head;
    }
    return NONE;
  }
}
