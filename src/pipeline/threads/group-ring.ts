/** Groups under way at most: two are worked on, the others even out the difference in speed. */
export const RING_GROUPS = 8;
/** Whoever has to wait goes on with so many groups, filled or free: waking costs 10 to 20 us of either thread. */
export const GROUPS_TO_WAKE: number = RING_GROUPS / 2;

/** Words of the ring; numbers of groups go round at 2^32. */
const Word = { Filled: 0, Freed: 1, ReaderWaits: 2, WriterWaits: 3, Groups: 4 } as const;
/** Words of a group's note, and the doubles. */
const Note = { Count: 0, Told: 1, Epoch: 2, Size: 3 } as const;
const Double = { PacketsRead: 0, OctetsRead: 1, Size: 2 } as const;

const NOTES_END = Word.Groups + RING_GROUPS * Note.Size;
const DOUBLES_AT = Math.ceil(NOTES_END / 2) * 2;
const RING_OCTETS = DOUBLES_AT * 4 + RING_GROUPS * Double.Size * 8;

/** What is to be known of a group of staged packets, which lie in the slot of its number modulo `RING_GROUPS`. */
export type GroupNote = {
  /** Packets in it. */
  count: number;
  /** Messages, modulo 2^32, that came before it. */
  told: number;
  /** See `ContextTable.epoch`. */
  epoch: number;
  /** Of the capture so far. */
  packetsRead: number;
  octetsRead: number;
};

/**
 * Says in shared memory which groups are whose turn, from one thread that fills them to one that frees
 * them. A message takes 20 us of both and wakes the other at once; here one only looks, and whoever has
 * to wait says so and is woken.
 */
export class GroupRing {
  /** For the other thread's. */
  readonly shared: SharedArrayBuffer;
  private readonly words: Int32Array;
  private readonly doubles: Float64Array;
  private count = 0;

  /** @param shared - of the ring that the other thread has; a new one unless given */
  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(RING_OCTETS)) {
    this.shared = shared;
    this.words = new Int32Array(shared, 0, DOUBLES_AT);
    this.doubles = new Float64Array(shared, DOUBLES_AT * 4);
  }

  /** Groups that this side has put or freed, modulo 2^32. */
  get groups(): number {
    return this.count;
  }

  /** Slot of the group that this side is at. */
  get slot(): number {
    return this.count & (RING_GROUPS - 1);
  }

  /** For the writer: whether the slot that it is at may be filled. */
  get hasRoom(): boolean {
    return this.waiting(Atomics.load(this.words, Word.Freed)) < RING_GROUPS;
  }

  /** For the writer: blocks until some slots are free. @param most - milliseconds */
  waitForRoom(most: number): void {
    const { words } = this;
    Atomics.store(words, Word.WriterWaits, 1);
    if (this.waiting(Atomics.load(words, Word.Freed)) > RING_GROUPS - GROUPS_TO_WAKE) {
      Atomics.wait(words, Word.WriterWaits, 1, most);
    }
    Atomics.store(words, Word.WriterWaits, 0);
  }

  /** For the writer: hands its slot over. */
  put(note: GroupNote): void {
    const { words, doubles, slot } = this;
    const at = Word.Groups + slot * Note.Size;
    words[at + Note.Count] = note.count;
    words[at + Note.Told] = note.told;
    words[at + Note.Epoch] = note.epoch;
    doubles[slot * Double.Size + Double.PacketsRead] = note.packetsRead;
    doubles[slot * Double.Size + Double.OctetsRead] = note.octetsRead;
    this.count = (this.count + 1) | 0;
    Atomics.store(words, Word.Filled, this.count);
  }

  /**
   * For the writer: whether the reader waits, and is to be woken now.
   * @param least - groups that there are to be for it
   */
  isAwaited(least: number): boolean {
    const { words } = this;
    if (Atomics.load(words, Word.ReaderWaits) === 0) return false;
    if (this.waiting(Atomics.load(words, Word.Freed)) < least) return false;
    return Atomics.exchange(words, Word.ReaderWaits, 0) === 1;
  }

  /** For the reader: reads the note of the group that it is at. @returns false when there is none yet */
  peek(into: GroupNote): boolean {
    const { words, doubles, slot } = this;
    if (Atomics.load(words, Word.Filled) === this.count) return false;
    const at = Word.Groups + slot * Note.Size;
    into.count = words[at + Note.Count]!;
    into.told = words[at + Note.Told]!;
    into.epoch = words[at + Note.Epoch]!;
    into.packetsRead = doubles[slot * Double.Size + Double.PacketsRead]!;
    into.octetsRead = doubles[slot * Double.Size + Double.OctetsRead]!;
    return true;
  }

  /** For the reader: asks to be woken when there are groups. @returns false where that is there already */
  wait(): boolean {
    Atomics.store(this.words, Word.ReaderWaits, 1);
    return Atomics.load(this.words, Word.Filled) === this.count;
  }

  /** For the reader: gives its slot back, and is at the next one. */
  free(): void {
    const { words } = this;
    this.count = (this.count + 1) | 0;
    Atomics.store(words, Word.Freed, this.count);
    const filled = (Atomics.load(words, Word.Filled) - this.count) | 0;
    if (filled > RING_GROUPS - GROUPS_TO_WAKE || Atomics.load(words, Word.WriterWaits) === 0)
      return;
    Atomics.store(words, Word.WriterWaits, 0);
    Atomics.notify(words, Word.WriterWaits);
  }

  /** Groups that wait to be freed. */
  private waiting(freed: number): number {
    return (this.count - freed) | 0;
  }
}
