import { rowSize } from "./flow-row.ts";
import { GrowableMemory } from "./growable-memory.ts";

/** Row sizes are multiples of a cache line of 16 words, 5 at most. */
const UNIT = 16;
const CLASSES = 8;
/** First usable word; 0 means "no row". */
const FIRST = UNIT * 4;

/** Gives out rows of the few sizes there are and takes them back; the free ones of a size form a list. */
export class RowMemory {
  readonly memory: GrowableMemory;
  private readonly freeHeads = new Int32Array(CLASSES);
  private next = FIRST;

  constructor(initialWords: number = 1 << 16) {
    this.memory = new GrowableMemory(initialWords);
  }

  /** Words given out so far, free rows included. */
  get wordsInUse(): number {
    return this.next;
  }

  /**
   * A row for a flow of this kind, all zero.
   * @returns its first word, 0 when memory is at its limit
   */
  allocate(kind: number): number {
    const size = rowSize(kind);
    const list = size / UNIT;
    const free = this.freeHeads[list]!;
    if (free !== 0) {
      const words = this.memory.words;
      this.freeHeads[list] = words[free]!;
      for (let i = free; i < free + size; i += 1) words[i] = 0;
      return free;
    }
    // A line more than needed: the table's look-ahead reads past the end of short rows.
    const needed = this.next + size + UNIT;
    if (needed > this.memory.words.length && !this.memory.ensure(needed)) return 0;
    const row = this.next;
    this.next += size;
    return row;
  }

  /** Takes a row back. */
  release(row: number, kind: number): void {
    const list = rowSize(kind) / UNIT;
    this.memory.words[row] = this.freeHeads[list]!;
    this.freeHeads[list] = row;
  }
}
