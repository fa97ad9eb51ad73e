import type { EndReason } from "./end-reason.ts";

const INITIAL = 1024;
/** Rows start on cache lines of 16 words, so the lowest bits of their numbers are free. */
const REASON_MASK = 15;

/** An entry of `EndedRows`. */
export function endedEntry(row: number, reason: EndReason): number {
  return row | reason;
}

/** Row of an entry of `EndedRows`. */
export function endedRow(entry: number): number {
  return entry & ~REASON_MASK;
}

/** Why the row of an entry of `EndedRows` ended. */
export function endedReason(entry: number): EndReason {
  return (entry & REASON_MASK) as EndReason;
}

/**
 * Rows that ended and wait to be written: a word for each, the row with the reason in its lowest bits.
 * When the packet clock closed it stands in the row, see `ClosedRow`.
 */
export class EndedRows {
  entries: Int32Array = new Int32Array(INITIAL);
  count = 0;

  /** Adds an entry. */
  push(entry: number): void {
    if (this.count === this.entries.length) this.grow(this.count * 2);
    this.entries[this.count] = entry;
    this.count += 1;
  }

  /** Makes room for `more` rows at once. */
  reserve(more: number): void {
    if (this.count + more > this.entries.length) this.grow(this.count + more);
  }

  /** Takes everything out of another list; only while this one is empty. */
  takeAll(other: EndedRows): void {
    const { entries } = this;
    this.entries = other.entries;
    this.count = other.count;
    other.entries = entries;
    other.count = 0;
  }

  /** Forgets all rows, and the memory of a long list. */
  clear(): void {
    this.count = 0;
    if (this.entries.length > INITIAL * INITIAL) this.entries = new Int32Array(INITIAL);
  }

  private grow(capacity: number): void {
    const { entries } = this;
    this.entries = new Int32Array(capacity);
    this.entries.set(entries);
  }
}
