import type { FlowContexts } from "./context-table.ts";
import { endedRow } from "./ended-rows.ts";
import type { FlowExtra } from "./flow-extra.ts";
import { flowId, ID_WORDS } from "./flow-id.ts";
import { ClosedRow, Row, startOffset } from "./flow-row.ts";

/** Rows are sorted by when they were closed, seconds and nanoseconds, then by start, then by id. */
const LEVELS = 4;
const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;
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
  if (isSorted(entries, count, rows.words)) sortTies(entries, count, rows);
  else new EndedSorter(entries, count, rows).sort(0, count, 0);
}

/** Whether times never go back. */
function isSorted(entries: Int32Array, count: number, words: Int32Array): boolean {
  for (let i = 1; i < count; i += 1) {
    if (compareTimes(words, endedRow(entries[i - 1]!), endedRow(entries[i]!)) > 0) return false;
  }
  return true;
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

function sortTies(entries: Int32Array, count: number, rows: SortedRows): void {
  for (let from = 0; from < count; ) {
    const row = endedRow(entries[from]!);
    let to = from + 1;
    while (to < count && compareTimes(rows.words, row, endedRow(entries[to]!)) === 0) to += 1;
    if (to - from > 1) sortById(entries, from, to, rows);
    from = to;
  }
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
  private readonly keys: Uint32Array;
  private readonly doubles = new Float64Array(FEW);

  constructor(entries: Int32Array, count: number, rows: SortedRows) {
    this.entries = entries;
    this.rows = rows;
    this.spare = new Int32Array(count);
    this.keys = new Uint32Array(count);
  }

  /** Sorts entries that agree in all keys before `level`. */
  sort(from: number, to: number, level: number): void {
    if (to - from < 2) return;
    if (level === LEVELS) sortById(this.entries, from, to, this.rows);
    else {
      const least = this.readKeys(from, to, level);
      const most = this.mostOf(from, to);
      if (least === most) this.sort(from, to, level + 1);
      else if (to - from <= FEW) this.sortFew(from, to, level, least);
      else this.split(from, to, level, least, most);
    }
  }

  /** @returns the least key */
  private readKeys(from: number, to: number, level: number): number {
    const { entries, keys } = this;
    const { words } = this.rows;
    let least = 0xffffffff;
    for (let i = from; i < to; i += 1) {
      const key = keyOf(words, endedRow(entries[i]!), level);
      keys[i] = key;
      if (key < least) least = key;
    }
    return least;
  }

  private mostOf(from: number, to: number): number {
    const { keys } = this;
    let most = 0;
    for (let i = from; i < to; i += 1) if (keys[i]! > most) most = keys[i]!;
    return most;
  }

  private split(from: number, to: number, level: number, least: number, most: number): void {
    const { entries, keys, spare } = this;
    const shift = Math.max(0, 32 - Math.clz32(most - least) - DIGIT_BITS);
    const ends = new Int32Array(DIGITS);
    for (let i = from; i < to; i += 1) ends[(keys[i]! - least) >>> shift]! += 1;
    let sum = from;
    for (let digit = 0; digit < DIGITS; digit += 1) {
      const here = ends[digit]!;
      ends[digit] = sum;
      sum += here;
    }
    for (let i = from; i < to; i += 1) {
      const digit = (keys[i]! - least) >>> shift;
      spare[ends[digit]!] = entries[i]!;
      ends[digit]! += 1;
    }
    entries.set(spare.subarray(from, to), from);
    let start = from;
    for (let digit = 0; digit < DIGITS; digit += 1) {
      const end = ends[digit]!;
      this.sort(start, end, shift === 0 ? level + 1 : level);
      start = end;
    }
  }

  private sortFew(from: number, to: number, level: number, least: number): void {
    const { entries, keys, spare } = this;
    const doubles = this.doubles.subarray(0, to - from);
    for (let i = from; i < to; i += 1) doubles[i - from] = (keys[i]! - least) * FEW + (i - from);
    doubles.sort();
    for (let i = from; i < to; i += 1) spare[i] = entries[from + (doubles[i - from]! % FEW)]!;
    for (let i = from; i < to; i += 1) {
      entries[i] = spare[i]!;
      keys[i] = Math.floor(doubles[i - from]! / FEW);
    }
    for (let start = from; start < to; ) {
      let end = start + 1;
      while (end < to && keys[end] === keys[start]) end += 1;
      if (end - start > 1) this.sort(start, end, level + 1);
      start = end;
    }
  }
}

function compareIds(a: Int32Array, b: Int32Array): number {
  for (let i = 0; i < ID_WORDS; i += 1) {
    if (a[i] !== b[i]) return a[i]! >>> 0 < b[i]! >>> 0 ? -1 : 1;
  }
  return 0;
}
