/** Bits of a hash by which rows added within a group are told. */
export const ADDED_MASK = 1023;

// Slots are pairs of hash and row, see `FlowIndex`.

/** Puts a row into the first empty slot for its hash. @param mask - number of slots, less one */
export function placeIn(slots: Int32Array, mask: number, hash: number, row: number): void {
  let slot = hash & mask;
  while (slots[slot * 2 + 1] !== 0) slot = (slot + 1) & mask;
  slots[slot * 2] = hash;
  slots[slot * 2 + 1] = row;
}

/** The slot of a row, -1 where it has none. */
export function slotOf(slots: Int32Array, mask: number, hash: number, row: number): number {
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    const found = slots[slot * 2 + 1]!;
    if (found === row) return slot;
    if (found === 0) return -1;
  }
}

/** The first row under a hash, 0 for none. */
export function rowUnder(slots: Int32Array, mask: number, hash: number): number {
  let slot = hash & mask;
  while (slots[slot * 2 + 1] !== 0 && slots[slot * 2] !== hash) slot = (slot + 1) & mask;
  return slots[slot * 2 + 1]!;
}

/** Empties a slot; later entries of its run move up, so no marks are left behind. */
export function emptySlot(slots: Int32Array, mask: number, slot: number): void {
  let empty = slot;
  for (let next = (slot + 1) & mask; slots[next * 2 + 1] !== 0; next = (next + 1) & mask) {
    const home = slots[next * 2]! & mask;
    if (((next - home) & mask) >= ((next - empty) & mask)) {
      slots[empty * 2] = slots[next * 2]!;
      slots[empty * 2 + 1] = slots[next * 2 + 1]!;
      empty = next;
    }
  }
  slots[empty * 2 + 1] = 0;
}
