import { Staged } from "../packet/staged-packet.ts";
import { Row } from "../row/flow-row.ts";
import { rowHashBy } from "./row-hash.ts";

/** Packets looked ahead at a time: what they touch fits the first-level cache with room to spare. */
export const GROUP = 128;

// What a group of packets will need is read in loops whose reads don't depend on each other: the
// processor then waits for many cache misses at once instead of one after the other. Each gives a sum of
// what it read, so that no compiler may leave the reads out.

/**
 * Looks up the rows that packets of a group may belong to.
 * @param slots - pairs of hash and row, see `FlowIndex`
 * @param mask - number of slots, less one
 * @param from - first word of the group in `staged`
 * @param candidates - is filled with each packet's first row whose hash agrees, 0 for none
 */
export function lookUp(
  slots: Int32Array,
  mask: number,
  staged: Int32Array,
  from: number,
  count: number,
  candidates: Int32Array,
): number {
  let sum = 0;
  for (let i = 0; i < count; i += 1) {
    sum ^= slots[(staged[from + i * Staged.Size + Staged.Hash]! & mask) * 2]!;
  }
  for (let i = 0; i < count; i += 1) {
    const hash = staged[from + i * Staged.Size + Staged.Hash]!;
    let slot = hash & mask;
    let row = slots[slot * 2 + 1]!;
    while (row !== 0 && slots[slot * 2] !== hash) {
      slot = (slot + 1) & mask;
      row = slots[slot * 2 + 1]!;
    }
    candidates[i] = row;
  }
  return sum;
}

/** Reads a word of each line of the rows that a packet changes; short loops keep more misses under way. */
export function touchRows(words: Int32Array, candidates: Int32Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i += 1) sum ^= words[candidates[i]!]!;
  for (let i = 0; i < count; i += 1) sum ^= words[candidates[i]! + Row.Bytes]!;
  return sum;
}

/** Rows that are to leave are brought near so many at a time. */
export const LEAVING = 64;

/**
 * Reads what it takes to end a row and those behind it in its bucket of the wheel: they leave one after the
 * other, and of each the place in the index is far away.
 * @param slots - and `mask`: as with `lookUp`
 * @param multiplier - of the hashes' secret, as `seed`
 */
export function touchLeaving(
  words: Int32Array,
  row: number,
  slots: Int32Array,
  mask: number,
  multiplier: number,
  seed: number,
): number {
  let sum = 0;
  let at = row;
  for (let i = 0; i < LEAVING && at > 0; i += 1) {
    sum ^= slots[(rowHashBy(words, at, multiplier, seed) & mask) * 2]!;
    at = words[at + Row.TimerNext]!;
  }
  return sum;
}
