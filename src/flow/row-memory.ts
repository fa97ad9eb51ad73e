import { rowSize } from "./flow-row.ts";
import { GrowableMemory } from "./growable-memory.ts";

/** Row sizes are 2, 3 or 4 cache lines of 16 words. */
const UNIT = 16;
const SIZES = 5;
/** Words of a slab, which holds rows of one size: the smallest that each size fills. */
const SLAB = UNIT * 12;
/** Octets kept beside a slab. */
const SLAB_NOTES = 10;
/** Of a slab's note: a bit for each free row; above them the size of its rows in lines. */
const LINES_SHIFT = 12;
const FREE_MASK = (1 << LINES_SHIFT) - 1;
const NONE = -1;

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
  /** Free rows of each slab and their size. */
  private notes = new Uint16Array(64);
  private nextSlab = new Int32Array(64);
  private previousSlab = new Int32Array(64);
  // Slab 0 is never used: row 0 means "no row".
  private slabs = 1;
  private emptySlabs = 0;

  constructor(initialWords: number = 1 << 16) {
    this.memory = new GrowableMemory(initialWords);
  }

  /** Words of slabs given out so far, those without rows included. */
  get wordsInUse(): number {
    return this.slabs * SLAB;
  }

  /** Octets of slabs that hold rows, and of what is kept beside all. */
  get octets(): number {
    return (this.slabs - this.emptySlabs) * SLAB * 4 + this.notes.length * SLAB_NOTES;
  }

  /** Octets that slabs can have at most. */
  get mostOctets(): number {
    return this.memory.mostOctets;
  }

  /**
   * A row for a flow of this kind, all zero.
   * @returns its first word, 0 when memory is at its limit
   */
  allocate(kind: number): number {
    const size = rowSize(kind);
    const lines = size / UNIT;
    let slab = this.partial[lines]!;
    if (slab === NONE) {
      slab = this.takeSlab(lines);
      if (slab === NONE) return 0;
    }
    const note = this.notes[slab]!;
    const free = note & FREE_MASK;
    this.notes[slab] = note & (note - 1);
    if ((free & (free - 1)) === 0) this.unlink(slab, lines);
    const row = slab * SLAB + (31 - Math.clz32(free & -free)) * size;
    const words = this.memory.words;
    for (let i = row; i < row + size; i += 1) words[i] = 0;
    return row;
  }

  /** Takes a row back. */
  release(row: number, kind: number): void {
    const size = rowSize(kind);
    const lines = size / UNIT;
    const slab = Math.floor(row / SLAB);
    const note = this.notes[slab]!;
    const before = note & FREE_MASK;
    const after = before | (1 << ((row - slab * SLAB) / size));
    this.notes[slab] = (note & ~FREE_MASK) | after;
    if (after === allFree(lines)) {
      if (before !== 0) this.unlink(slab, lines);
      this.nextSlab[slab] = this.empty;
      this.empty = slab;
      this.emptySlabs += 1;
    } else if (before === 0) this.link(slab, lines);
  }

  /** Takes all rows back at once. */
  releaseAll(): void {
    this.partial.fill(NONE);
    this.empty = NONE;
    this.emptySlabs = 0;
    this.slabs = 1;
  }

  /** Shows every row that is given out, by address: mostly also by age, and as memory is read fastest. */
  forEach(visit: (row: number) => void): void {
    for (let slab = 1; slab < this.slabs; slab += 1) {
      const note = this.notes[slab]!;
      const lines = note >>> LINES_SHIFT;
      for (let used = ~note & allFree(lines); used !== 0; used &= used - 1) {
        visit(slab * SLAB + (31 - Math.clz32(used & -used)) * lines * UNIT);
      }
    }
  }

  private takeSlab(lines: number): number {
    let slab = this.empty;
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
    }
    this.notes[slab] = (lines << LINES_SHIFT) | allFree(lines);
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
    const capacity = this.notes.length * 2;
    const { notes, nextSlab, previousSlab } = this;
    this.notes = new Uint16Array(capacity);
    this.notes.set(notes);
    this.nextSlab = new Int32Array(capacity);
    this.nextSlab.set(nextSlab);
    this.previousSlab = new Int32Array(capacity);
    this.previousSlab.set(previousSlab);
  }
}

/** The bits of a slab without rows: 6 rows of two lines, 4 of three, 3 of four. */
function allFree(lines: number): number {
  return (1 << (SLAB / UNIT / lines)) - 1;
}
