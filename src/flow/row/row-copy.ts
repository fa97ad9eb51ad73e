import { LARGEST_ROW, Row, rowSize } from "./flow-row.ts";

// Rows that go to whoever writes their records lie one behind the other, each behind the code of the
// reason for which it ended.

/** Words of the largest row and the reason before it. */
export const LARGEST_COPY: number = 1 + LARGEST_ROW;

/**
 * Copies an ended row behind its reason.
 * @param at - where that goes in `to`
 * @returns where the next one goes
 */
export function copyRow(
  words: Int32Array,
  row: number,
  endReason: number,
  to: Int32Array,
  at: number,
): number {
  const size = rowSize(words[row + Row.Kind]!);
  to[at] = endReason;
  for (let i = 0; i < size; i += 1) to[at + 1 + i] = words[row + i]!;
  return at + 1 + size;
}
