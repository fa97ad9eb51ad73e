import { Mark, Staged } from "../packet/staged-packet.ts";
import type { ExtraOf } from "../row/flow-extra.ts";
import { COUNTERS, Row } from "../row/flow-row.ts";

/** Adds a packet to its side's counters and widens the flow's span of time. */
export function countPacket(
  words: Int32Array,
  row: number,
  side: number,
  staged: Int32Array,
  at: number,
  extraOf: ExtraOf,
): void {
  const packets = (words[row + Row.Packets + side]! + 1) | 0;
  words[row + Row.Packets + side] = packets;
  if (packets === 0) carry(row, Row.Packets + side, extraOf);
  add(words, row, Row.Bytes + side, staged[at + Staged.WireLength]!, extraOf);
  add(words, row, Row.IpBytes + side, staged[at + Staged.IpLength]!, extraOf);
  add(words, row, Row.PayloadBytes + side, staged[at + Staged.PayloadLength]!, extraOf);
  const seconds = staged[at + Staged.Seconds]!;
  const nanoseconds = staged[at + Staged.Nanoseconds]!;
  if (isLater(seconds, nanoseconds, words, row + Row.EndSeconds)) {
    words[row + Row.EndSeconds] = seconds;
    words[row + Row.EndNanoseconds] = nanoseconds;
  } else if (!isLater(seconds, nanoseconds, words, row + Row.StartSeconds)) {
    noteFirstTime(words, row, extraOf);
    words[row + Row.StartSeconds] = seconds;
    words[row + Row.StartNanoseconds] = nanoseconds;
  }
  if ((staged[at + Staged.Marks]! & Mark.Fragment) !== 0) extraOf(row).fragments += 1;
}

function add(
  words: Int32Array,
  row: number,
  counter: number,
  amount: number,
  extraOf: ExtraOf,
): void {
  const before = words[row + counter]!;
  const after = (before + amount) | 0;
  words[row + counter] = after;
  if (after >>> 0 < before >>> 0) carry(row, counter, extraOf);
}

function carry(row: number, counter: number, extraOf: ExtraOf): void {
  const { carries } = extraOf(row);
  while (carries.length < COUNTERS) carries.push(0);
  carries[counter - Row.Packets]! += 1;
}

/** The first packet's time, which is part of the id, when a late packet makes the start another. */
function noteFirstTime(words: Int32Array, row: number, extraOf: ExtraOf): void {
  const extra = extraOf(row);
  if (extra.firstNanoseconds >= 0) return;
  extra.firstSeconds = words[row + Row.StartSeconds]!;
  extra.firstNanoseconds = words[row + Row.StartNanoseconds]!;
}

/** Whether a time is at or after the one held in two words. */
function isLater(seconds: number, nanoseconds: number, words: Int32Array, at: number): boolean {
  const other = words[at]!;
  if (seconds !== other) return seconds >>> 0 > other >>> 0;
  return nanoseconds >= words[at + 1]!;
}
