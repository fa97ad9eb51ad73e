import type { FlowContexts } from "./context-table.ts";
import { endedRow } from "./ended-rows.ts";
import type { FlowExtra } from "./flow-extra.ts";
import { flowId, ID_WORDS } from "./flow-id.ts";
import { ClosedRow, Row, startOffset } from "./flow-row.ts";

/** Rows are sorted by when they were closed, seconds and nanoseconds, then by start, then by id. */
const LEVELS = 4;
const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;
/** More entries are split where they are: what sorting takes beside them stays small. */
const MANY = 1 << 18;
/** Entries that are sorted at once as doubles: key and place in one. */
const FEW = 1024;

/** The rows that entries name, and what ids are made of. */
export type SortedRows = {
  readonly words: Int32Array;
  readonly contexts: FlowContexts;
  readonly extras: ReadonlyMap<number, FlowExtra>;
};

/**
 * Puts entries of `EndedRows` into the order in which records are written: by the time at which the
 * packet clock closed them, then by start, then by id. Most often they are in order already. Where not,
 * a radix sort from the first digit on, because the end of a capture sorts millions of rows at once: what
 * it splits off is soon small enough for the first-level cache.
 */
export function sortEnded(entries: Int32Array, count: number, rows: SortedRows): void {
  if (!sortTies(entries, count, rows)) new EndedSorter(entries, count, rows).sort(0, count, 0);
}

function compareTimes(words: Int32Array, a: number, b: number): number {
  for (let level = 0; level < LEVELS; level += 1) {
    const difference = keyOf(words, a, level) - keyOf(words, b, level);
    if (difference !== 0) return difference;
  }
  return 0;
}

function keyOf(words: Int32Array, row: number, level: number): number {
  if (level < 2) return words[row + ClosedRow.Seconds + level]! >>> 0;
  return words[row + startOffset(words[row + Row.Kind]!) + level - 2]! >>> 0;
}

/**
 * Sorts those of one time by id, as long as times never go back.
 * @returns false when they do
 */
function sortTies(entries: Int32Array, count: number, rows: SortedRows): boolean {
  const { words } = rows;
  let from = 0;
  for (let i = 1; i <= count; i += 1) {
    const difference =
      i === count ? -1 : compareTimes(words, endedRow(entries[i - 1]!), endedRow(entries[i]!));
    if (difference > 0) return false;
    if (difference === 0) continue;
    if (i - from > 1) sortById(entries, from, i, rows);
    from = i;
  }
  return true;
}

function sortById(entries: Int32Array, from: number, to: number, rows: SortedRows): void {
  const { words, contexts, extras } = rows;
  const run = entries.subarray(from, to);
  const ids = new Map<number, Int32Array>();
  for (const entry of run) {
    const id = new Int32Array(ID_WORDS);
    const row = endedRow(entry);
    flowId(words, row, contexts, extras.get(row), id);
    ids.set(entry, id);
  }
  run.sort((a, b) => compareIds(ids.get(a)!, ids.get(b)!));
}

class EndedSorter {
  private readonly entries: Int32Array;
  private readonly rows: SortedRows;
  private readonly spare: Int32Array;
  /** Entry whose place in `spare` and `keys` is 0. */
  private base = 0;
  private readonly keys: Uint32Array;
  private readonly doubles = new Float64Array(FEW);

  constructor(entries: Int32Array, count: number, rows: SortedRows) {
    this.entries = entries;
    this.rows = rows;
    const most = Math.min(count, MANY);
    this.spare = new Int32Array(most);
    this.keys = new Uint32Array(most);
  }

  /** Sorts entries that agree in all keys before `level`. */
  sort(from: number, to: number, level: number): void {
    if (to - from < 2) return;
    if (level === LEVELS) sortById(this.entries, from, to, this.rows);
    else if (to - from > MANY) this.sortMany(from, to, level);
    else {
      const least = this.readKeys(from, to, level);
      const most = this.mostOf(from, to);
      if (least === most) this.sort(from, to, level + 1);
      else if (to - from <= FEW) this.sortFew(from, to, level, least);
      else this.split(from, to, level, least, most);
    }
  }

  /** Splits entries where they are: most of them stand where they belong, or not far from it. */
  private sortMany(from: number, to: number, level: number): void {
    const { entries } = this;
    const { words } = this.rows;
    let least = 0xffffffff;
    let most = 0;
    for (let i = from; i < to; i += 1) {
      const key = keyOf(words, endedRow(entries[i]!), level);
      if (key < least) least = key;
      if (key > most) most = key;
    }
    if (least === most) {
      this.sort(from, to, level + 1);
      return;
    }
    const shift = shiftOf(least, most);
    const ends = new Int32Array(DIGITS);
    const digitOf = (entry: number): number =>
      (keyOf(words, endedRow(entry), level) - least) >>> shift;
    for (let i = from; i < to; i += 1) ends[digitOf(entries[i]!)]! += 1;
    startsOf(ends, from);
    const starts = ends.slice();
    for (let digit = 0; digit < DIGITS; digit += 1) {
      const end = digit + 1 < DIGITS ? starts[digit + 1]! : to;
      while (ends[digit]! < end) {
        // Each entry changes places with the one that stands where it belongs.
        let entry = entries[ends[digit]!]!;
        for (let other = digitOf(entry); other !== digit; other = digitOf(entry)) {
          const place = ends[other]!;
          const there = entries[place]!;
          entries[place] = entry;
          ends[other] = place + 1;
          entry = there;
        }
        entries[ends[digit]!] = entry;
        ends[digit]! += 1;
      }
    }
    for (let digit = 0; digit < DIGITS; digit += 1) {
      this.base = starts[digit]!;
      this.sort(starts[digit]!, ends[digit]!, shift === 0 ? level + 1 : level);
    }
  }

  /** @returns the least key */
  private readKeys(from: number, to: number, level: number): number {
    const { entries, keys, base } = this;
    const { words } = this.rows;
    let least = 0xffffffff;
    for (let i = from; i < to; i += 1) {
      const key = keyOf(words, endedRow(entries[i]!), level);
      keys[i - base] = key;
      if (key < least) least = key;
    }
    return least;
  }

  private mostOf(from: number, to: number): number {
    const { keys, base } = this;
    let most = 0;
    for (let i = from - base; i < to - base; i += 1) if (keys[i]! > most) most = keys[i]!;
    return most;
  }

  private split(from: number, to: number, level: number, least: number, most: number): void {
    const { entries, keys, spare, base } = this;
    const shift = shiftOf(least, most);
    const ends = new Int32Array(DIGITS);
    for (let i = from; i < to; i += 1) ends[(keys[i - base]! - least) >>> shift]! += 1;
    startsOf(ends, from);
    for (let i = from; i < to; i += 1) {
      const digit = (keys[i - base]! - least) >>> shift;
      spare[ends[digit]! - base] = entries[i]!;
      ends[digit]! += 1;
    }
    entries.set(spare.subarray(from - base, to - base), from);
    let start = from;
    for (let digit = 0; digit < DIGITS; digit += 1) {
      const end = ends[digit]!;
      this.sort(start, end, shift === 0 ? level + 1 : level);
      start = end;
    }
  }

  private sortFew(from: number, to: number, level: number, least: number): void {
    const { entries, keys, spare, base } = this;
    const doubles = this.doubles.subarray(0, to - from);
    for (let i = from; i < to; i += 1)
      doubles[i - from] = (keys[i - base]! - least) * FEW + (i - from);
    doubles.sort();
    for (let i = from; i < to; i += 1)
      spare[i - base] = entries[from + (doubles[i - from]! % FEW)]!;
    for (let i = from; i < to; i += 1) {
      entries[i] = spare[i - base]!;
      keys[i - base] = Math.floor(doubles[i - from]! / FEW);
    }
    for (let start = from; start < to; ) {
      let end = start + 1;
      while (end < to && keys[end - base] === keys[start - base]) end += 1;
      if (end - start > 1) this.sort(start, end, level + 1);
      start = end;
    }
  }
}

/** How many low bits of keys from `least` to `most` a digit leaves out. */
function shiftOf(least: number, most: number): number {
  return Math.max(0, 32 - Math.clz32(most - least) - DIGIT_BITS);
}

/** Makes numbers of entries by digit the places of the first of each. */
function startsOf(counts: Int32Array, from: number): void {
  let sum = from;
  for (let digit = 0; digit < DIGITS; digit += 1) {
    const here = counts[digit]!;
    counts[digit] = sum;
    sum += here;
  }
}

function compareIds(a: Int32Array, b: Int32Array): number {
  for (let i = 0; i < ID_WORDS; i += 1) {
    if (a[i] !== b[i]) return a[i]! >>> 0 < b[i]! >>> 0 ? -1 : 1;
  }
  return 0;
}
