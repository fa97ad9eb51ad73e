import { rowSize } from "../row/flow-row.ts";
import type { GrowableMemory } from "../row/growable-memory.ts";

/** Row sizes are 1 to 4 cache lines of 16 words. */
const UNIT = 16;
const SIZES = 5;
/** Words of a slab, which holds rows of one size; each size fills it. */
const SLAB = UNIT * 96;
/** Octets kept beside a slab. */
const SLAB_NOTES = 12;
/**
 * Of a slab's note, 7 bits each: its rows that are given out, its rows that were never given out since it
 * began with their size, as the place of the first, and one more than the place of the first free one of
 * the others; above them the size in lines.
 */
const FIELD_MASK = 127;
const FRESH_SHIFT = 7;
const FREE_SHIFT = 14;
const LINES_SHIFT = 21;
const LINES_MASK = 7;
/** The slab held rows before. */
const USED: number = 1 << 24;
const NONE = -1;
const NO_SLABS = new Int32Array(0);

/** Words that lie in the memory of rows. */
export type Run = {
  readonly words: Int32Array;
  /** Of their first octet in it, -1 where they are elsewhere. */
  readonly address: number;
};

/**
 * Gives out rows of the few sizes there are and takes them back. Rows come from slabs of one size; a
 * slab whose rows all came back may serve another size next, so a flood of one kind of flow leaves
 * nothing behind that the next flood of another kind could not use.
 */
export class RowMemory {
  readonly memory: GrowableMemory;
  /** By size in lines: the first slab with a free row, linked by `nextSlab`. */
  private readonly partial = new Int32Array(SIZES).fill(NONE);
  /** First slab without rows, linked by `nextSlab`. */
  private empty = NONE;
  /** Of each slab which rows are free, and their size. */
  private notes = NO_SLABS;
  private nextSlab = NO_SLABS;
  private previousSlab = NO_SLABS;
  /** The first slab behind what others have of the memory; not 0, since row 0 means "no row". */
  private firstSlab: number;
  private slabs: number;
  private emptySlabs = 0;
  /** Slabs of runs, of which `keepRuns` was not told. */
  private runSlabs = 0;
  /** Slabs from here on were never used: their words are 0. */
  private untouched: number;

  /** @param memory - of which nothing is taken afterwards */
  constructor(memory: GrowableMemory) {
    this.memory = memory;
    this.firstSlab = Math.ceil(memory.taken / (SLAB * 4));
    this.slabs = this.firstSlab;
    this.untouched = this.firstSlab;
    // As later: fields that were set but once are constants to V8, which would compile all again then.
    while (this.notes.length <= this.firstSlab) this.growNotes();
  }

  /** Words of slabs given out so far, those without rows and one for no row included. */
  get wordsInUse(): number {
    return (this.slabs - this.firstSlab + 1) * SLAB;
  }

  /** Octets of slabs that hold rows, and of what is kept beside all. */
  get octets(): number {
    const withRows = this.slabs - this.firstSlab + 1 - this.emptySlabs - this.runSlabs;
    return withRows * SLAB * 4 + this.notes.length * SLAB_NOTES;
  }

  /** Octets that slabs can have at most. */
  get mostOctets(): number {
    return this.memory.mostOctets - this.firstSlab * SLAB * 4;
  }

  /**
   * A row for a flow of this kind, all zero.
   * @returns its first word, 0 when memory is at its limit
   */
  allocate(kind: number): number {
    return this.allocateLines(rowSize(kind) / UNIT);
  }

  /** The same by size. @param lines - of 16 words */
  allocateLines(lines: number): number {
    const size = lines * UNIT;
    let slab = this.partial[lines]!;
    if (slab === NONE) {
      slab = this.takeSlab(lines);
      if (slab === NONE) return 0;
    }
    const note = this.notes[slab]!;
    const free = (note >>> FREE_SHIFT) & FIELD_MASK;
    const { words } = this.memory;
    let row = 0;
    let after = note + 1;
    if (free === 0) {
      row = slab * SLAB + ((note >>> FRESH_SHIFT) & FIELD_MASK) * size;
      after += 1 << FRESH_SHIFT;
    } else {
      row = slab * SLAB + (free - 1) * size;
      after += (words[row]! - free) << FREE_SHIFT;
    }
    // Memory that was never used is 0.
    if (free !== 0 || (note & USED) !== 0) {
      for (let i = row; i < row + size; i += 1) words[i] = 0;
    }
    this.notes[slab] = after;
    if ((after & FIELD_MASK) === rowsOf(lines)) this.unlink(slab, lines);
    return row;
  }

  /** Takes a row back. */
  release(row: number, kind: number): void {
    this.releaseLines(row, rowSize(kind) / UNIT);
  }

  /** The same by size. @param lines - of 16 words */
  releaseLines(row: number, lines: number): void {
    const size = lines * UNIT;
    const slab = Math.floor(row / SLAB);
    const note = this.notes[slab]!;
    const free = (note >>> FREE_SHIFT) & FIELD_MASK;
    const place = (row - slab * SLAB) / size;
    // A free row begins with one more than the place of the next.
    this.memory.words[row] = free;
    const after = note - 1 + ((place + 1 - free) << FREE_SHIFT);
    this.notes[slab] = after;
    if ((after & FIELD_MASK) === 0) {
      this.unlink(slab, lines);
      this.nextSlab[slab] = this.empty;
      this.empty = slab;
      this.emptySlabs += 1;
    } else if ((note & FIELD_MASK) === rowsOf(lines)) this.link(slab, lines);
  }

  /**
   * Octets for something else, one behind the other, all zero.
   * @returns the address of the first one, -1 when memory is at its limit
   */
  takeRun(octets: number): number {
    const count = slabsOf(octets);
    const needed = (this.slabs + count) * SLAB + UNIT;
    if (needed > this.memory.words.length && !this.memory.ensure(needed)) return -1;
    while (this.slabs + count > this.notes.length) this.growNotes();
    const first = this.slabs;
    this.notes.fill(0, first, first + count);
    // Memory that was never used is 0.
    const used = Math.min(first + count, this.untouched) - first;
    if (used > 0) this.memory.words.fill(0, first * SLAB, (first + used) * SLAB);
    this.slabs += count;
    this.runSlabs += count;
    return first * SLAB * 4;
  }

  /** Words for something else, all zero; elsewhere when memory is at its limit. */
  takeWords(count: number): Run {
    const address = this.takeRun(count * 4);
    return { words: address < 0 ? new Int32Array(count) : this.run(address, count), address };
  }

  /** Words of a run. @param at - from `takeRun` */
  run(at: number, words: number): Int32Array {
    return this.memory.words.subarray(at / 4, at / 4 + words);
  }

  /** Takes a run back: rows may be there from now on. */
  giveRun(at: number, octets: number): void {
    const first = at / (SLAB * 4);
    for (let slab = first + slabsOf(octets) - 1; slab >= first; slab -= 1) {
      this.nextSlab[slab] = this.empty;
      this.empty = slab;
    }
    this.emptySlabs += slabsOf(octets);
    this.runSlabs -= slabsOf(octets);
  }

  /** Keeps the runs there are for good; only before there are rows. */
  keepRuns(): void {
    this.firstSlab = this.slabs;
    this.untouched = this.slabs;
    this.runSlabs = 0;
  }

  /** Takes all rows back at once; but for those kept there are no runs. */
  releaseAll(): void {
    this.untouched = Math.max(this.untouched, this.slabs);
    this.partial.fill(NONE);
    this.empty = NONE;
    this.emptySlabs = 0;
    this.slabs = this.firstSlab;
  }

  /** Shows every row that is given out, by address: mostly also by age, and as memory is read fastest. */
  forEach(visit: (row: number) => void): void {
    const isFree = new Uint8Array(FIELD_MASK);
    for (let slab = this.firstSlab; slab < this.slabs; slab += 1) {
      const note = this.notes[slab]!;
      if ((note & FIELD_MASK) === 0) continue;
      const size = ((note >>> LINES_SHIFT) & LINES_MASK) * UNIT;
      const fresh = (note >>> FRESH_SHIFT) & FIELD_MASK;
      const base = slab * SLAB;
      const { words } = this.memory;
      isFree.fill(0);
      for (let free = (note >>> FREE_SHIFT) & FIELD_MASK; free !== 0; ) {
        isFree[free - 1] = 1;
        free = words[base + (free - 1) * size]!;
      }
      for (let i = 0; i < fresh; i += 1) if (isFree[i] === 0) visit(base + i * size);
    }
  }

  private takeSlab(lines: number): number {
    let slab = this.empty;
    let used: number = USED;
    if (slab !== NONE) {
      this.empty = this.nextSlab[slab]!;
      this.emptySlabs -= 1;
    } else {
      // A line more than needed: the table's look-ahead reads past the end of short rows.
      const needed = (this.slabs + 1) * SLAB + UNIT;
      if (needed > this.memory.words.length && !this.memory.ensure(needed)) return NONE;
      if (this.slabs === this.notes.length) this.growNotes();
      slab = this.slabs;
      this.slabs += 1;
      if (slab >= this.untouched) used = 0;
    }
    this.notes[slab] = used | (lines << LINES_SHIFT);
    this.link(slab, lines);
    return slab;
  }

  private link(slab: number, lines: number): void {
    const head = this.partial[lines]!;
    this.nextSlab[slab] = head;
    this.previousSlab[slab] = NONE;
    if (head !== NONE) this.previousSlab[head] = slab;
    this.partial[lines] = slab;
  }

  private unlink(slab: number, lines: number): void {
    const next = this.nextSlab[slab]!;
    const previous = this.previousSlab[slab]!;
    if (previous === NONE) this.partial[lines] = next;
    else this.nextSlab[previous] = next;
    if (next !== NONE) this.previousSlab[next] = previous;
  }

  private growNotes(): void {
    // An eighth more, so that little is kept for slabs that don't come.
    const capacity = this.notes.length + (this.notes.length >> 3) + 64;
    const { notes, nextSlab, previousSlab } = this;
    this.notes = new Int32Array(capacity);
    this.notes.set(notes);
    this.nextSlab = new Int32Array(capacity);
    this.nextSlab.set(nextSlab);
    this.previousSlab = new Int32Array(capacity);
    this.previousSlab.set(previousSlab);
  }
}

function slabsOf(octets: number): number {
  return Math.ceil(octets / (SLAB * 4));
}

/** Rows of a slab: 96 of one line, 48 of two, 32 of three, 24 of four. */
function rowsOf(lines: number): number {
  return SLAB / UNIT / lines;
}
