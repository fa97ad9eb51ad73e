import type { FlowContexts } from "../id/context-table.ts";
import { flowId, ID_WORDS } from "../id/flow-id.ts";
import type { FlowExtra } from "../row/flow-extra.ts";
import { ClosedRow, Row, startOffset } from "../row/flow-row.ts";
import { endedRow } from "./ended-rows.ts";
import { SECOND } from "./timeouts.ts";

/** What entries are told apart by, one after the other. */
const Level = { Closed: 0, Start: 1, Id: 2, Sorted: 3 } as const;
/** Entries that are sorted at once as doubles: time and place in one. */
const FEW = 1024;
/** Nanoseconds from first to last that leave a double room for the place; 2.4 hours. */
const SHORT: number = 2 ** 53 / FEW;
/** Nanoseconds from first to last whose times are doubles without rounding; 52 days. */
const EXACT: number = 2 ** 52;
/** Entries that are meant for a bucket: half as many cost more buckets, twice as many more comparisons. */
const PER_BUCKET = 256;
const FEWEST_BUCKETS = 16;
const MOST_BUCKETS = 1 << 15;

/** The rows that entries name, and what ids are made of. */
export type SortedRows = {
  readonly words: Int32Array;
  readonly contexts: FlowContexts;
  readonly extras: ReadonlyMap<number, FlowExtra>;
};

/**
 * Puts entries of `EndedRows` into the order in which records are written: by the time at which the
 * packet clock closed them, then by start, then by id. Most often they are in order already. Where not,
 * as at the end of a capture, when there may be millions, they are thrown into buckets by their times,
 * each of which is sorted when its turn comes: others can begin to work on the first entries at once.
 */
export class EndedSorter {
  private readonly entries: Int32Array;
  private readonly count: number;
  private readonly rows: SortedRows;
  /** Entries from the first one that stand where they belong. */
  private sorted = 0;
  /** Ranges behind them, the next one last: where each begins and ends, its level, 1 where its times were read. */
  private readonly pending: number[] = [];
  /** Of each entry the time that its range is sorted by; made when they are not in order. */
  private times = new Float64Array(0);
  private readonly few = new Float64Array(FEW);
  private readonly fewEntries = new Int32Array(FEW);
  /** Of the range looked at last. */
  private least = Number.NaN;
  private most = Number.NaN;

  /** @param entries - sorted where they are; the rows' times and ids don't change meanwhile */
  constructor(entries: Int32Array, count: number, rows: SortedRows) {
    this.entries = entries;
    this.count = count;
    this.rows = rows;
  }

  /**
   * Sorts on.
   * @param wanted - at least so many entries are to stand where they belong
   * @returns how many do
   */
  sortTo(wanted: number): number {
    if (this.sorted === 0 && this.pending.length === 0) this.begin();
    const { pending } = this;
    while (this.sorted < wanted) {
      const isRead = pending.pop() === 1;
      const level = pending.pop()!;
      const to = pending.pop()!;
      this.sortOn(pending.pop()!, to, level, isRead);
    }
    return this.sorted;
  }

  private begin(): void {
    const { entries, count, rows } = this;
    if (sortTies(entries, count, rows)) this.sorted = count;
    else {
      this.times = new Float64Array(count);
      this.push(0, count, Level.Closed);
    }
  }

  private push(from: number, to: number, level: number, isRead = false): void {
    this.pending.push(from, to, level, isRead ? 1 : 0);
  }

  /** Sorts a range, whose entries agree in what comes before a level, or splits it. */
  private sortOn(from: number, to: number, level: number, isRead: boolean): void {
    if (level === Level.Sorted || to - from < 2) this.sorted = to;
    else if (level === Level.Id) {
      sortById(this.entries, from, to, this.rows);
      this.sorted = to;
    } else {
      if (!isRead) this.read(from, to, level);
      this.measure(from, to);
      const span = this.most - this.least;
      if (span === 0) this.push(from, to, level + 1);
      else if (to - from <= FEW && span < SHORT) this.sortFew(from, to, level);
      else this.scatter(from, to, level);
    }
  }

  /**
   * Reads the times of a range: rows are far away, so each is read but once for a level. What lies near
   * the first one's second fits a double to the nanosecond. Half a second more, so that V8 sees doubles from
   * the first on, and compiles the loop but once.
   */
  private read(from: number, to: number, level: number): void {
    const { entries, times } = this;
    const { words } = this.rows;
    const first = endedRow(entries[from]!);
    const epoch = (words[first + secondsOffset(words, first, level)]! >>> 0) + 0.5;
    for (let i = from; i < to; i += 1) {
      times[i] = timeOf(words, endedRow(entries[i]!), level, epoch);
    }
  }

  /** Finds the first and the last time of a range. */
  private measure(from: number, to: number): void {
    const { times } = this;
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    for (let i = from; i < to; i += 1) {
      const time = times[i]!;
      if (time < least) least = time;
      if (time > most) most = time;
    }
    this.least = least;
    this.most = most;
  }

  /** Sorts a few entries, whose times were read, but for those of one time. */
  private sortFew(from: number, to: number, level: number): void {
    const { entries, times, fewEntries, least } = this;
    const count = to - from;
    const few = this.few.subarray(0, count);
    for (let i = 0; i < count; i += 1) few[i] = (times[from + i]! - least) * FEW + i;
    few.sort();
    for (let i = 0; i < count; i += 1) fewEntries[i] = entries[from + (few[i]! % FEW)]!;
    for (let i = 0; i < count; i += 1) entries[from + i] = fewEntries[i]!;
    this.pushTies(from, to, level);
  }

  /** The ranges that a sorted one is made of: entries of one time are still to be sorted. */
  private pushTies(from: number, to: number, level: number): void {
    const { few } = this;
    let end = to;
    for (let last = to - from - 1; last > 0; ) {
      const time = Math.floor(few[last]! / FEW);
      let first = last;
      while (first > 0 && Math.floor(few[first - 1]! / FEW) === time) first -= 1;
      if (first < last) {
        this.push(from + last + 1, end, Level.Sorted);
        this.push(from + first, from + last + 1, level + 1);
        end = from + first;
      }
      last = first - 1;
    }
    this.push(from, end, Level.Sorted);
  }

  /** Throws entries, whose times were read, into buckets of equal spans of time. */
  private scatter(from: number, to: number, level: number): void {
    const { times, least, most } = this;
    const wished = 2 ** Math.floor(Math.log2((to - from) / PER_BUCKET));
    const buckets = Math.max(FEWEST_BUCKETS, Math.min(MOST_BUCKETS, wished));
    const scale = buckets / (most - least);
    const ends = new Int32Array(buckets);
    for (let i = from; i < to; i += 1) ends[bucketOf(times[i]! - least, scale, buckets)]! += 1;
    let start = from;
    for (let bucket = 0; bucket < buckets; bucket += 1) {
      const here = ends[bucket]!;
      ends[bucket] = start;
      start += here;
    }
    this.exchange(to, ends, scale);
    // Of times far apart those in one bucket are told apart no better than before.
    const isRead = most - least < EXACT;
    for (let bucket = buckets - 1; bucket >= 0; bucket -= 1) {
      const begin = bucket === 0 ? from : ends[bucket - 1]!;
      if (begin < ends[bucket]!) this.push(begin, ends[bucket]!, level, isRead);
    }
  }

  /**
   * Brings entries to their buckets: each changes places with the one that stands where it belongs.
   * @param ends - where each bucket begins; afterwards where it ends
   */
  private exchange(to: number, ends: Int32Array, scale: number): void {
    const { entries, times, least } = this;
    const buckets = ends.length;
    const starts = ends.slice();
    for (let bucket = 0; bucket < buckets; bucket += 1) {
      const end = bucket + 1 < buckets ? starts[bucket + 1]! : to;
      for (let i = ends[bucket]!; i < end; i += 1) {
        let entry = entries[i]!;
        let time = times[i]!;
        let other = bucketOf(time - least, scale, buckets);
        while (other !== bucket) {
          const place = ends[other]!;
          const entryThere = entries[place]!;
          const timeThere = times[place]!;
          ends[other] = place + 1;
          entries[place] = entry;
          times[place] = time;
          entry = entryThere;
          time = timeThere;
          other = bucketOf(time - least, scale, buckets);
        }
        entries[i] = entry;
        times[i] = time;
      }
      ends[bucket] = end;
    }
  }
}

/** The bucket of a time; the last time would have one of its own. @param after - nanoseconds after the first */
function bucketOf(after: number, scale: number, buckets: number): number {
  return Math.min((after * scale) | 0, buckets - 1);
}

function secondsOffset(words: Int32Array, row: number, level: number): number {
  return level === Level.Closed ? ClosedRow.Seconds : startOffset(words[row + Row.Kind]!);
}

/** Nanoseconds after a second; rounded where that is months away, which keeps the order. */
function timeOf(words: Int32Array, row: number, level: number, epoch: number): number {
  const at = row + secondsOffset(words, row, level);
  return ((words[at]! >>> 0) - epoch) * SECOND + words[at + 1]!;
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

function compareTimes(words: Int32Array, a: number, b: number): number {
  for (let level: number = Level.Closed; level < Level.Id; level += 1) {
    const x = a + secondsOffset(words, a, level);
    const y = b + secondsOffset(words, b, level);
    if (words[x] !== words[y]) return (words[x]! >>> 0) - (words[y]! >>> 0);
    if (words[x + 1] !== words[y + 1]) return words[x + 1]! - words[y + 1]!;
  }
  return 0;
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

function compareIds(a: Int32Array, b: Int32Array): number {
  for (let i = 0; i < ID_WORDS; i += 1) {
    if (a[i] !== b[i]) return a[i]! >>> 0 < b[i]! >>> 0 ? -1 : 1;
  }
  return 0;
}
