import { Row } from "../row/flow-row.ts";
import { type FlowTimeouts, idleTimeout, SECOND } from "./timeouts.ts";

// When a flow's time is up, if no other packet comes.

/** Nanoseconds from the beginning of the second in which the row's clock stands. */
export function deadlineAt(words: Int32Array, row: number, timeouts: FlowTimeouts): number {
  return words[row + Row.ClockNanoseconds]! + idleTimeout(words, row, timeouts);
}

/** The second of Unix time that it lies in. */
export function deadlineSecond(words: Int32Array, row: number, timeouts: FlowTimeouts): number {
  const after = Math.floor(deadlineAt(words, row, timeouts) / SECOND);
  return (words[row + Row.ClockSeconds]! >>> 0) + after;
}

/** Whether it has come, by a clock. @param seconds - Unix time. @param nanoseconds - of that second */
export function isPastDeadline(
  words: Int32Array,
  row: number,
  timeouts: FlowTimeouts,
  seconds: number,
  nanoseconds: number,
): boolean {
  const silence =
    (seconds - (words[row + Row.ClockSeconds]! >>> 0)) * SECOND +
    (nanoseconds - words[row + Row.ClockNanoseconds]!);
  return silence >= idleTimeout(words, row, timeouts);
}
