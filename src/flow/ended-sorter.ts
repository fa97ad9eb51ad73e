import type { FlowContexts } from "./context-table.ts";
import { endedRow } from "./ended-rows.ts";
import type { FlowExtra } from "./flow-extra.ts";
import { flowId, ID_WORDS } from "./flow-id.ts";
import { ClosedRow, Row, startOffset } from "./flow-row.ts";
import { SECOND } from "./timeouts.ts";

/** What entries are told apart by, one after the other. */
const Level = { Closed: 0, Start: 1, Id: 2, Sorted: 3 } as const;
/** Entries that are sorted at once as doubles: time and place in one. */
const FEW = 1024;
/** Nanoseconds from first to last that leave a double room for the place; 2.4 hours. */
const SHORT: number = 2 ** 53 / FEW;
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
  /** Ranges behind them, the next one last: where each begins and ends, and the level it has come to. */
  private readonly pending: number[] = [];
  /** Of each entry the bucket; made when there are too many to sort at once. */
  private buckets: Uint16Array | undefined;
  /** Times of a few entries. */
  private readonly times = new Float64Array(FEW);
  private readonly few = new Int32Array(FEW);
  /** Of the range looked at last, from its epoch on. Begun as doubles, so that V8 need not change them. */
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
      const level = pending.pop()!;
      const to = pending.pop()!;
      this.sortOn(pending.pop()!, to, level);
    }
    return this.sorted;
  }

  private begin(): void {
    if (sortTies(this.entries, this.count, this.rows)) this.sorted = this.count;
    else this.push(0, this.count, Level.Closed);
  }

  private push(from: number, to: number, level: number): void {
    this.pending.push(from, to, level);
  }

  /** Sorts a range, whose entries agree in what comes before a level, or splits it. */
  private sortOn(from: number, to: number, level: number): void {
    if (level === Level.Sorted || to - from < 2) this.sorted = to;
    else if (level === Level.Id) {
      sortById(this.entries, from, to, this.rows);
      this.sorted = to;
    } else {
      this.measure(from, to, level);
      if (this.least === this.most) this.push(from, to, level + 1);
      else if (to - from <= FEW && this.most - this.least < SHORT) this.sortFew(from, to, level);
      else this.scatter(from, to, level);
    }
  }

  /** Finds the first and the last time of a range. */
  private measure(from: number, to: number, level: number): void {
    const { entries, times } = this;
    const { words } = this.rows;
    const epoch = this.epochOf(from, level);
    const isFew = to - from <= FEW;
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    for (let i = from; i < to; i += 1) {
      const time = timeOf(words, endedRow(entries[i]!), level, epoch);
      if (isFew) times[i - from] = time;
      if (time < least) least = time;
      if (time > most) most = time;
    }
    this.least = least;
    this.most = most;
  }

  /**
   * Seconds from which times of a range are measured: what lies near fits a double to the nanosecond. Half
   * a second more, so that V8 sees doubles from the first on, and compiles the loops but once.
   */
  private epochOf(from: number, level: number): number {
    const { words } = this.rows;
    const row = endedRow(this.entries[from]!);
    return (words[row + secondsOffset(words, row, level)]! >>> 0) + 0.5;
  }

  /** Sorts a few entries, whose times `measure` has left, but for those of one time. */
  private sortFew(from: number, to: number, level: number): void {
    const { entries, few, least } = this;
    const count = to - from;
    const times = this.times.subarray(0, count);
    for (let i = 0; i < count; i += 1) times[i] = (times[i]! - least) * FEW + i;
    times.sort();
    for (let i = 0; i < count; i += 1) few[i] = entries[from + (times[i]! % FEW)]!;
    for (let i = 0; i < count; i += 1) entries[from + i] = few[i]!;
    this.pushTies(from, to, level);
  }

  /** The ranges that a sorted one is made of: entries of one time are still to be sorted. */
  private pushTies(from: number, to: number, level: number): void {
    const { times } = this;
    let end = to;
    for (let last = to - from - 1; last > 0; ) {
      const time = Math.floor(times[last]! / FEW);
      let first = last;
      while (first > 0 && Math.floor(times[first - 1]! / FEW) === time) first -= 1;
      if (first < last) {
        this.push(from + last + 1, end, Level.Sorted);
        this.push(from + first, from + last + 1, level + 1);
        end = from + first;
      }
      last = first - 1;
    }
    this.push(from, end, Level.Sorted);
  }

  /** Throws entries, whose times `measure` has looked at, into buckets of equal spans of time. */
  private scatter(from: number, to: number, level: number): void {
    const wished = 2 ** Math.floor(Math.log2((to - from) / PER_BUCKET));
    const buckets = Math.max(FEWEST_BUCKETS, Math.min(MOST_BUCKETS, wished));
    const ends = new Int32Array(buckets);
    this.assign(from, to, level, ends);
    let start = from;
    for (let bucket = 0; bucket < buckets; bucket += 1) {
      const here = ends[bucket]!;
      ends[bucket] = start;
      start += here;
    }
    this.exchange(to, ends);
    for (let bucket = buckets - 1; bucket >= 0; bucket -= 1) {
      const begin = bucket === 0 ? from : ends[bucket - 1]!;
      if (begin < ends[bucket]!) this.push(begin, ends[bucket]!, level);
    }
  }

  /** Says which bucket each entry belongs to, and counts them. Rows are far away: this reads them last. */
  private assign(from: number, to: number, level: number, counts: Int32Array): void {
    this.buckets ??= new Uint16Array(this.count);
    const { entries, buckets, least, most } = this;
    const { words } = this.rows;
    const epoch = this.epochOf(from, level);
    const last = counts.length - 1;
    const scale = counts.length / (most - least);
    for (let i = from; i < to; i += 1) {
      const time = timeOf(words, endedRow(entries[i]!), level, epoch);
      // Below 2^15. The last time would have a bucket of its own.
      const wanted = ((time - least) * scale) | 0;
      const bucket = Math.min(wanted, last);
      buckets[i] = bucket;
      counts[bucket]! += 1;
    }
  }

  /**
   * Brings entries to their buckets: each changes places with the one that stands where it belongs.
   * @param ends - where each bucket begins; afterwards where it ends
   */
  private exchange(to: number, ends: Int32Array): void {
    const { entries } = this;
    const buckets = this.buckets!;
    const starts = ends.slice();
    for (let bucket = 0; bucket < ends.length; bucket += 1) {
      const end = bucket + 1 < ends.length ? starts[bucket + 1]! : to;
      for (let i = ends[bucket]!; i < end; i += 1) {
        let entry = entries[i]!;
        for (let other = buckets[i]!; other !== bucket; ) {
          const place = ends[other]!;
          const there = entries[place]!;
          ends[other] = place + 1;
          other = buckets[place]!;
          entries[place] = entry;
          entry = there;
        }
        entries[i] = entry;
      }
      ends[bucket] = end;
    }
  }
}

function secondsOffset(words: Int32Array, row: number, level: number): number {
  return level === Level.Closed ? ClosedRow.Seconds : startOffset(words[row + Row.Kind]!);
}

/** Nanoseconds after a second; rounded where that is weeks away, which keeps the order. */
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
