import { Staged } from "../packet/staged-packet.ts";
import { IPV6_DESTINATION_OFFSET, ipv6Offset, Kind, Row } from "../row/flow-row.ts";
import type { GrowableMemory } from "../row/growable-memory.ts";
import type { CompiledLookAhead } from "./compiled-usual-packets.ts";
import { ADDED_MASK, emptySlot, placeIn, slotOf } from "./flow-slots.ts";
import { GROUP, lookUp, touchRows } from "./look-ahead.ts";
import type { RowMemory, Run } from "./row-memory.ts";

const INITIAL_SLOTS = 1 << 12;
const MAXIMUM_SLOTS = 1 << 29;
/** Slots that are moved for each group of packets while the index grows: some tens of microseconds. */
const MOVED_PER_GROUP = 2048;
/** In the place of a row that was moved, or taken out of a table that is being moved. */
const GONE = -1;
const SLOT_OCTETS = 8;
const NOTHING = new Int32Array(2);

/**
 * From flow keys to rows: open addressing with linear probing. A slot is two words, the hash and
 * the row, so that a probe reads a row only when all 32 bits of the hash agree; the full key is
 * then always compared. It grows by a table of twice the size, to which the rows are moved little by
 * little: no packet waits for all of them. Until then a search that finds nothing goes on in the old one.
 */
export class FlowIndex {
  /** Pairs of hash and row; row 0 is an empty slot. */
  slots: Int32Array = NOTHING;
  /** Where they are in the memory, -1 for elsewhere. */
  slotsAddress: number;
  private oldAddress = -1;
  mask = 0;
  count = 0;
  /** The table before, while its rows are moved; else one empty slot. */
  private old: Int32Array = NOTHING;
  private oldMask = 0;
  /** Slots of it that are done. */
  private moved = 0;
  /**
   * Of each packet looked ahead the row that may be its flow's. Not in the packets: another thread wrote
   * them, and lines that are only read need not be taken back from its cache twice.
   */
  candidates: Int32Array;
  /** Where they are in the memory, -1 for elsewhere. */
  candidatesAddress: number;
  private readonly memory: GrowableMemory;
  private readonly rows: RowMemory;
  private readonly initialAddress: number;
  private compiled: CompiledLookAhead | undefined;
  /** By some bits of a hash: the group in which a row was added under it. */
  readonly added: Run;
  /** Number of the group of packets looked ahead last, modulo 2^32. */
  group = 0;

  /** @param rows - without rows yet: has room for slots, too */
  constructor(memory: GrowableMemory, rows: RowMemory) {
    this.memory = memory;
    this.rows = rows;
    const { words, address } = rows.takeWords(GROUP);
    this.candidates = words;
    this.candidatesAddress = address;
    this.added = rows.takeWords(ADDED_MASK + 1);
    this.initialAddress = rows.takeRun(INITIAL_SLOTS * SLOT_OCTETS);
    this.slotsAddress = this.initialAddress;
    rows.keepRuns();
    // Fields that were set but once are constants to V8, which would compile all again when it first grows.
    this.clear();
  }

  /** Has what is looked ahead looked up by WebAssembly from now on. */
  useCompiled(compiled: CompiledLookAhead | undefined): void {
    this.compiled = compiled;
  }

  /** Octets of the slots, as many as there will be after the next `insert`. */
  get octets(): number {
    const { old, slots } = this;
    const before = old === NOTHING ? 0 : old.length * 4;
    return before + (this.isTight ? slots.length * 12 : slots.length * 4);
  }

  /** Whether rows are being moved to a larger table. */
  get isGrowing(): boolean {
    return this.old !== NOTHING;
  }

  /** Rows there may be before it has to grow. */
  get room(): number {
    return Math.floor(((this.mask + 1) * 5) / 8);
  }

  private get isTight(): boolean {
    return this.count >= this.room;
  }

  /** The row of a staged packet's flow, or 0; also one that keeps a lone SYN. */
  find(staged: Int32Array, at: number): number {
    const row = this.findIn(this.slots, this.mask, staged, at);
    if (row !== 0 || !this.isGrowing) return row;
    return this.findIn(this.old, this.oldMask, staged, at);
  }

  private findIn(slots: Int32Array, mask: number, staged: Int32Array, at: number): number {
    const hash = staged[at + Staged.Hash]!;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = slots[slot * 2 + 1]!;
      if (row === 0) return 0;
      const isEqual = slots[slot * 2] === hash && row !== GONE;
      if (isEqual && isOf(this.memory.words, row, staged, at)) return row;
    }
  }

  /**
   * Reads what the group will need, see look-ahead.ts. Leaves in `candidates` the first row whose hash
   * agrees, 0 for none.
   * @param address - of `staged` in the memory, -1 for elsewhere
   * @returns a sum of what was read
   */
  lookAhead(staged: Int32Array, from: number, end: number, address: number): number {
    if (this.isGrowing) this.move(MOVED_PER_GROUP);
    const count = (end - from) / Staged.Size;
    if (count > this.candidates.length) {
      this.candidates = new Int32Array(count);
      this.candidatesAddress = -1;
    }
    const { slots, slotsAddress, mask, candidates, candidatesAddress, compiled } = this;
    this.group = (this.group + 1) | 0;
    if (compiled === undefined || address < 0 || slotsAddress < 0 || candidatesAddress < 0) {
      const sum = lookUp(slots, mask, staged, from, count, candidates);
      if (this.isGrowing) this.lookIntoOld(staged, from, count);
      return sum ^ touchRows(this.memory.words, candidates, count);
    }
    const sum = compiled.lookUp(slotsAddress, mask, address, from, count, candidatesAddress);
    if (this.isGrowing) this.lookIntoOld(staged, from, count);
    return sum ^ compiled.touchRows(0, candidatesAddress, count);
  }

  /** Where rows are being moved: the candidates of packets for which the larger table has none. */
  private lookIntoOld(staged: Int32Array, from: number, count: number): void {
    const { old, oldMask, candidates } = this;
    for (let i = 0; i < count; i += 1) {
      if (candidates[i] !== 0) continue;
      const hash = staged[from + i * Staged.Size + Staged.Hash]!;
      let slot = hash & oldMask;
      let row = old[slot * 2 + 1]!;
      while (row !== 0 && (row === GONE || old[slot * 2] !== hash)) {
        slot = (slot + 1) & oldMask;
        row = old[slot * 2 + 1]!;
      }
      candidates[i] = row;
    }
  }

  /** Whether a row may have been added under a hash since `lookAhead`. */
  mayBeNew(hash: number): boolean {
    return this.added.words[hash & ADDED_MASK] === this.group;
  }

  /** Adds a row under a hash that `find` did not find. */
  insert(hash: number, row: number): void {
    if (this.isTight) this.grow();
    placeIn(this.slots, this.mask, hash, row);
    this.added.words[hash & ADDED_MASK] = this.group;
    this.count += 1;
  }

  /** Puts a row in the place of another of the same flow. */
  replace(hash: number, row: number, next: number): void {
    const { slots, mask } = this;
    const slot = slotOf(slots, mask, hash, row);
    if (slot >= 0) slots[slot * 2 + 1] = next;
    else this.old[slotOf(this.old, this.oldMask, hash, row) * 2 + 1] = next;
  }

  /** Takes a row out. */
  remove(hash: number, row: number): void {
    const { slots, mask } = this;
    const slot = slotOf(slots, mask, hash, row);
    this.count -= 1;
    if (slot >= 0) emptySlot(slots, mask, slot);
    else this.old[slotOf(this.old, this.oldMask, hash, row) * 2 + 1] = GONE;
  }

  /** Takes all rows out, and gives back the memory of many. */
  clear(): void {
    if (this.isGrowing) this.giveOld();
    if (this.slotsAddress !== this.initialAddress) {
      this.give(this.slotsAddress, this.slots.length);
      this.slotsAddress = this.initialAddress;
    }
    this.slots = this.rows.run(this.initialAddress, INITIAL_SLOTS * 2);
    this.slots.fill(0);
    this.mask = INITIAL_SLOTS - 1;
    this.old = NOTHING;
    this.count = 0;
  }

  /** Begins a table of twice the slots. */
  private grow(): void {
    // Groups move more than they add, so there is nothing left unless rows came without groups.
    this.move(this.oldMask + 1);
    const size = (this.mask + 1) * 2;
    if (size > MAXIMUM_SLOTS) throw new Error("flow index at its limit of 2^29 slots");
    this.old = this.slots;
    this.oldAddress = this.slotsAddress;
    this.oldMask = this.mask;
    this.moved = 0;
    this.slotsAddress = this.rows.takeRun(size * SLOT_OCTETS);
    this.slots =
      this.slotsAddress < 0 ? new Int32Array(size * 2) : this.rows.run(this.slotsAddress, size * 2);
    this.mask = size - 1;
  }

  /** Moves rows to the larger table. The hashes are in the slots, so rows are not touched. */
  private move(count: number): void {
    const { old, slots, mask } = this;
    if (old === NOTHING) return;
    const end = Math.min(this.moved + count, this.oldMask + 1);
    for (let slot = this.moved; slot < end; slot += 1) {
      const row = old[slot * 2 + 1]!;
      // Searches go on past it: an empty slot would end them.
      if (row !== 0) old[slot * 2 + 1] = GONE;
      if (row > 0) placeIn(slots, mask, old[slot * 2]!, row);
    }
    this.moved = end;
    if (end > this.oldMask) this.giveOld();
  }

  private giveOld(): void {
    if (this.oldAddress !== this.initialAddress) this.give(this.oldAddress, this.old.length);
    this.old = NOTHING;
  }

  /** Gives back the place of slots that are in the memory. @param words - of them */
  private give(address: number, words: number): void {
    if (address >= 0) this.rows.giveRun(address, words * 4);
  }
}

/**
 * Compares the full key, in either direction.
 * @returns 0 when the packet goes the way of the flow's first one, 1 when it goes the other way, -1
 *   when it is none of its packets
 */
export function sideOf(words: Int32Array, row: number, staged: Int32Array, at: number): number {
  const isSameKind = words[row + Row.Kind] === staged[at + Staged.Kind];
  return isSameKind ? sideOfKey(words, row, staged, at) : -1;
}

/** Whether a row, which may be one that keeps a lone SYN, is that of a packet's flow. */
function isOf(words: Int32Array, row: number, staged: Int32Array, at: number): boolean {
  const difference = words[row + Row.Kind]! ^ staged[at + Staged.Kind]!;
  return (difference & ~Kind.LoneSyn) === 0 && sideOfKey(words, row, staged, at) >= 0;
}

/** `sideOf` where the kinds agree. */
export function sideOfKey(words: Int32Array, row: number, staged: Int32Array, at: number): number {
  const kind = staged[at + Staged.Kind]!;
  const context = words[row + Row.Context]!;
  const packetContext = staged[at + Staged.Context]!;
  // Below 0 they are no part of the key, and 0 stands for none.
  if (context !== packetContext && (context > 0 || packetContext > 0)) return -1;
  const source = staged[at + Staged.Source]!;
  const destination = staged[at + Staged.Destination]!;
  const ports = staged[at + Staged.Ports]!;
  const rowPorts = words[row + Row.Ports]!;
  const rowSource = words[row + Row.Source]!;
  const rowDestination = words[row + Row.Destination]!;
  if (rowPorts === ports && rowSource === source && rowDestination === destination) {
    if ((kind & Kind.Ipv6) === 0 || isIpv6Side(words, row, kind, staged, at, 0)) return 0;
  }
  if (
    rowPorts === ((ports << 16) | (ports >>> 16)) &&
    rowSource === destination &&
    rowDestination === source &&
    (kind & Kind.OneWay) === 0
  ) {
    if ((kind & Kind.Ipv6) === 0 || isIpv6Side(words, row, kind, staged, at, 1)) return 1;
  }
  return -1;
}

/** Whether the upper words of IPv6 addresses agree, for a packet of this side. */
function isIpv6Side(
  words: Int32Array,
  row: number,
  kind: number,
  staged: Int32Array,
  at: number,
  side: number,
): boolean {
  const source = row + ipv6Offset(kind) + side * IPV6_DESTINATION_OFFSET;
  const destination = row + ipv6Offset(kind) + (1 - side) * IPV6_DESTINATION_OFFSET;
  return (
    words[source] === staged[at + Staged.SourceHigh] &&
    words[source + 1] === staged[at + Staged.SourceHigh + 1] &&
    words[source + 2] === staged[at + Staged.SourceHigh + 2] &&
    words[destination] === staged[at + Staged.DestinationHigh] &&
    words[destination + 1] === staged[at + Staged.DestinationHigh + 1] &&
    words[destination + 2] === staged[at + Staged.DestinationHigh + 2]
  );
}
