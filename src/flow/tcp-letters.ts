import { TcpRow } from "./flow-row.ts";
import { TcpFlag } from "./tcp-flags.ts";
import { appendHistory, Letter } from "./tcp-history.ts";
import { EndpointState, endpointState } from "./tcp-state.ts";

// History letters are written once a side; the marks of what was written live above the flags.
export const SEEN_SHIFT = 16;
export const SEEN_SIDE_BITS = 8;
export const Seen = {
  Syn: 1,
  Fin: 2,
  Reset: 4,
  Data: 8,
  Ack: 16,
  Multiple: 32,
  FinReset: 64,
} as const;

function firstTime(words: Int32Array, row: number, side: number, what: number): boolean {
  const bit = what << (SEEN_SHIFT + side * SEEN_SIDE_BITS);
  const at = row + TcpRow.Flags;
  if ((words[at]! & bit) !== 0) return false;
  words[at]! |= bit;
  return true;
}

export function noteHistory(
  words: Int32Array,
  row: number,
  side: number,
  flags: number,
  position: number,
  payload: number,
): void {
  const control = flags & (TcpFlag.Syn | TcpFlag.Fin | TcpFlag.Reset);
  if (control === 0) {
    if (payload > 0) {
      if (firstTime(words, row, side, Seen.Data)) appendHistory(words, row, Letter.Data, side);
    } else if ((flags & TcpFlag.Ack) !== 0 && firstTime(words, row, side, Seen.Ack)) {
      appendHistory(words, row, Letter.Ack, side);
    }
    return;
  }
  if ((control & (control - 1)) !== 0) noteMixedFlags(words, row, side, control);
  else if (control === TcpFlag.Syn) {
    const letter = (flags & TcpFlag.Ack) !== 0 ? Letter.SynAck : Letter.Syn;
    if (firstTime(words, row, side, Seen.Syn) || position !== 0) {
      appendHistory(words, row, letter, side);
    }
  } else noteEnding(words, row, side, control === TcpFlag.Fin, position, payload);
}

/** Two or three of SYN, FIN and RST at once. */
function noteMixedFlags(words: Int32Array, row: number, side: number, control: number): void {
  const isFinReset = (control & TcpFlag.Fin) !== 0 && (control & TcpFlag.Reset) !== 0;
  if (isFinReset) {
    if (firstTime(words, row, side, Seen.FinReset)) {
      appendHistory(words, row, Letter.FinReset, side);
    }
  } else if (firstTime(words, row, side, Seen.Multiple)) {
    appendHistory(words, row, Letter.MultipleFlags, side);
  }
}

/** A FIN counts at the end of its data, a RST at its own number; a copy of the last one does not count. */
function noteEnding(
  words: Int32Array,
  row: number,
  side: number,
  isFin: boolean,
  position: number,
  payload: number,
): void {
  const at = row + TcpRow.LastMarks + side;
  const shift = isFin ? 0 : 16;
  const mark = (isFin ? position + payload : position) & 0xffff;
  const isCopy = ((words[at]! >>> shift) & 0xffff) === mark;
  if (firstTime(words, row, side, isFin ? Seen.Fin : Seen.Reset) || !isCopy) {
    appendHistory(words, row, isFin ? Letter.Fin : Letter.Reset, side);
  }
  words[at] = (words[at]! & ~(0xffff << shift)) | (mark << shift);
}

/** Counts in 16 bits a side; true at 1, 10, 100, 1000 and 10000, where Zeek repeats the letter. */
function countScaled(words: Int32Array, at: number, side: number): boolean {
  const shift = side * 16;
  const count = (words[at]! >>> shift) & 0xffff;
  if (count === 0xffff) return false;
  words[at] = (words[at]! & ~(0xffff << shift)) | ((count + 1) << shift);
  return isPowerOfTen(count + 1);
}

export function isPowerOfTen(count: number): boolean {
  return count === 1 || count === 10 || count === 100 || count === 1000 || count === 10_000;
}

export function noteZeroWindow(words: Int32Array, row: number, side: number, flags: number): void {
  if ((flags & TcpFlag.Reset) !== 0) return;
  if (endpointState(words, row, 1 - side) === EndpointState.Closed) return;
  if (endpointState(words, row, side) === EndpointState.Reset) return;
  if (countScaled(words, row + TcpRow.ZeroWindows, side)) {
    appendHistory(words, row, Letter.ZeroWindow, side);
  }
}

export function noteRepeat(words: Int32Array, row: number, side: number): void {
  const at = row + TcpRow.Retransmits + side;
  words[at]! += 1;
  const repeats = words[at]! + words[row + TcpRow.OutOfOrder + side]!;
  if (isPowerOfTen(repeats)) appendHistory(words, row, Letter.Retransmit, side);
}
