import { IPV6_DESTINATION_OFFSET, ipv6Offset, Kind, Row } from "./flow-row.ts";
import type { GrowableMemory } from "./growable-memory.ts";
import { Staged } from "./staged-packet.ts";

const INITIAL_SLOTS = 1 << 12;
const MAXIMUM_SLOTS = 1 << 29;

/**
 * From flow keys to rows: open addressing with linear probing. A slot is two words, the hash and
 * the row, so that a probe reads a row only when all 32 bits of the hash agree; the full key is
 * then always compared.
 */
export class FlowIndex {
  /** Pairs of hash and row; row 0 is an empty slot. */
  slots: Int32Array = new Int32Array(INITIAL_SLOTS * 2);
  mask: number = INITIAL_SLOTS - 1;
  count = 0;
  private readonly memory: GrowableMemory;

  constructor(memory: GrowableMemory) {
    this.memory = memory;
  }

  /** The row of a staged packet's flow, or 0. */
  find(staged: Int32Array, at: number): number {
    const slots = this.slots;
    const mask = this.mask;
    const hash = staged[at + Staged.Hash]!;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = slots[slot * 2 + 1]!;
      if (row === 0) return 0;
      if (slots[slot * 2] === hash && isSameFlow(this.memory.words, row, staged, at)) return row;
    }
  }

  /** Adds a row under a hash that `find` did not find. */
  insert(hash: number, row: number): void {
    if ((this.count + 1) * 8 > (this.mask + 1) * 5) this.grow();
    place(this.slots, this.mask, hash, row);
    this.count += 1;
  }

  /** Takes a row out; later entries of its run move up, so no marks are left behind. */
  remove(hash: number, row: number): void {
    const { slots, mask } = this;
    let slot = hash & mask;
    while (slots[slot * 2 + 1] !== row) slot = (slot + 1) & mask;
    for (let next = (slot + 1) & mask; slots[next * 2 + 1] !== 0; next = (next + 1) & mask) {
      const home = slots[next * 2]! & mask;
      if (((next - home) & mask) < ((next - slot) & mask)) continue;
      slots[slot * 2] = slots[next * 2]!;
      slots[slot * 2 + 1] = slots[next * 2 + 1]!;
      slot = next;
    }
    slots[slot * 2 + 1] = 0;
    this.count -= 1;
  }

  /** Twice the slots. The hashes are in the slots, so rows are not touched and both sides are read in order. */
  private grow(): void {
    const old = this.slots;
    const size = (this.mask + 1) * 2;
    if (size > MAXIMUM_SLOTS) throw new Error("flow index at its limit of 2^29 slots");
    this.slots = new Int32Array(size * 2);
    this.mask = size - 1;
    for (let i = 0; i < old.length; i += 2) {
      if (old[i + 1] !== 0) place(this.slots, this.mask, old[i]!, old[i + 1]!);
    }
  }
}

function place(slots: Int32Array, mask: number, hash: number, row: number): void {
  let slot = hash & mask;
  while (slots[slot * 2 + 1] !== 0) slot = (slot + 1) & mask;
  slots[slot * 2] = hash;
  slots[slot * 2 + 1] = row;
}

/** Compares the full key, in either direction. */
function isSameFlow(words: Int32Array, row: number, staged: Int32Array, at: number): boolean {
  const kind = words[row + Row.Kind]!;
  if (kind !== staged[at + Staged.Kind]) return false;
  if (words[row + Row.Context] !== staged[at + Staged.Context]) return false;
  if (isForward(words, row, kind, staged, at)) return true;
  return (kind & Kind.OneWay) === 0 && isReverse(words, row, kind, staged, at);
}

/** Whether a packet goes the way of its flow's first packet. The flow must be its own. */
export function isForward(
  words: Int32Array,
  row: number,
  kind: number,
  staged: Int32Array,
  at: number,
): boolean {
  if (
    words[row + Row.Ports] !== staged[at + Staged.Ports] ||
    words[row + Row.Source] !== staged[at + Staged.Source] ||
    words[row + Row.Destination] !== staged[at + Staged.Destination]
  ) {
    return false;
  }
  if ((kind & Kind.Ipv6) === 0) return true;
  const base = row + ipv6Offset(kind);
  const other = base + IPV6_DESTINATION_OFFSET;
  return (
    words[base] === staged[at + Staged.SourceHigh] &&
    words[base + 1] === staged[at + Staged.SourceHigh + 1] &&
    words[base + 2] === staged[at + Staged.SourceHigh + 2] &&
    words[other] === staged[at + Staged.DestinationHigh] &&
    words[other + 1] === staged[at + Staged.DestinationHigh + 1] &&
    words[other + 2] === staged[at + Staged.DestinationHigh + 2]
  );
}

function isReverse(
  words: Int32Array,
  row: number,
  kind: number,
  staged: Int32Array,
  at: number,
): boolean {
  const ports = staged[at + Staged.Ports]!;
  if (
    words[row + Row.Ports] !== ((ports << 16) | (ports >>> 16)) ||
    words[row + Row.Source] !== staged[at + Staged.Destination] ||
    words[row + Row.Destination] !== staged[at + Staged.Source]
  ) {
    return false;
  }
  if ((kind & Kind.Ipv6) === 0) return true;
  const base = row + ipv6Offset(kind);
  const other = base + IPV6_DESTINATION_OFFSET;
  return (
    words[base] === staged[at + Staged.DestinationHigh] &&
    words[base + 1] === staged[at + Staged.DestinationHigh + 1] &&
    words[base + 2] === staged[at + Staged.DestinationHigh + 2] &&
    words[other] === staged[at + Staged.SourceHigh] &&
    words[other + 1] === staged[at + Staged.SourceHigh + 1] &&
    words[other + 2] === staged[at + Staged.SourceHigh + 2]
  );
}
