import type { ExtraOf } from "../row/flow-extra.ts";
import { Flag, Row, TcpRow } from "../row/flow-row.ts";
import { EndpointState, endpointState, setEndpointState } from "../row/tcp-state.ts";
import { TcpFlag } from "./tcp-flags.ts";
import { appendHistory, flipOnlySynAck, isOnlySynAck, Letter } from "./tcp-history.ts";

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

/**
 * The letter of a packet by its flags and payload, where it is to be written.
 * @param position - of its first octet in the side's sequence space
 */
export function noteHistory(
  words: Int32Array,
  row: number,
  side: number,
  flags: number,
  position: number,
  payload: number,
  extraOf: ExtraOf,
): void {
  const control = flags & (TcpFlag.Syn | TcpFlag.Fin | TcpFlag.Reset);
  if (control === 0) noteOrdinary(words, row, side, flags, payload, extraOf);
  else if ((control & (control - 1)) !== 0) noteMixedFlags(words, row, side, control, extraOf);
  else if (control === TcpFlag.Syn) noteSyn(words, row, side, flags, position, extraOf);
  else noteEnding(words, row, side, control === TcpFlag.Fin, position, payload, extraOf);
}

function noteOrdinary(
  words: Int32Array,
  row: number,
  side: number,
  flags: number,
  payload: number,
  extraOf: ExtraOf,
): void {
  if (payload === 0 && (flags & TcpFlag.Ack) === 0) return;
  const isData = payload > 0;
  if (!firstTime(words, row, side, isData ? Seen.Data : Seen.Ack)) return;
  // Nobody acknowledges, or goes on after, the SYN+ACK of a scan: its sender is the responder.
  if (isOnlySynAck(words, row) && (words[row + Row.Flags]! & Flag.Flipped) === 0) {
    flipOnlySynAck(words, row);
    words[row + Row.Flags]! |= Flag.Flipped;
    setEndpointState(words, row, 0, EndpointState.Established);
  }
  appendHistory(words, row, isData ? Letter.Data : Letter.Ack, side, extraOf);
}

/** A SYN is written again where its number is not that of the last one. */
function noteSyn(
  words: Int32Array,
  row: number,
  side: number,
  flags: number,
  position: number,
  extraOf: ExtraOf,
): void {
  const letter = (flags & TcpFlag.Ack) !== 0 ? Letter.SynAck : Letter.Syn;
  const isFirst = firstTime(words, row, side, Seen.Syn);
  const hasExtra = (words[row + Row.Flags]! & Flag.Extra) !== 0;
  if (position === 0 && !hasExtra) {
    if (isFirst) appendHistory(words, row, letter, side, extraOf);
    return;
  }
  const extra = extraOf(row);
  const last = side === 0 ? extra.synMark0 : extra.synMark1;
  if (isFirst || position !== last) appendHistory(words, row, letter, side, extraOf);
  if (side === 0) extra.synMark0 = position;
  else extra.synMark1 = position;
}

/** Two or three of SYN, FIN and RST at once. */
function noteMixedFlags(
  words: Int32Array,
  row: number,
  side: number,
  control: number,
  extraOf: ExtraOf,
): void {
  const isFinReset = (control & TcpFlag.Fin) !== 0 && (control & TcpFlag.Reset) !== 0;
  if (!firstTime(words, row, side, isFinReset ? Seen.FinReset : Seen.Multiple)) return;
  appendHistory(words, row, isFinReset ? Letter.FinReset : Letter.MultipleFlags, side, extraOf);
}

/** A FIN counts at the end of its data, a RST at its own number; a copy of the last one does not count. */
function noteEnding(
  words: Int32Array,
  row: number,
  side: number,
  isFin: boolean,
  position: number,
  payload: number,
  extraOf: ExtraOf,
): void {
  const at = row + (isFin ? TcpRow.FinMarks : TcpRow.ResetMarks) + side;
  const mark = (isFin ? position + payload : position) | 0;
  const isCopy = words[at] === mark;
  if (firstTime(words, row, side, isFin ? Seen.Fin : Seen.Reset) || !isCopy) {
    appendHistory(words, row, isFin ? Letter.Fin : Letter.Reset, side, extraOf);
  }
  words[at] = mark;
}

/** Whether a letter that stands for many is written at this count. */
export function isPowerOfTen(count: number): boolean {
  if (count < 10) return count === 1;
  let rest = count;
  while (rest % 10 === 0) rest /= 10;
  return rest === 1;
}

/** A closed window, unless nothing depends on it any more. */
export function noteZeroWindow(
  words: Int32Array,
  row: number,
  side: number,
  flags: number,
  extraOf: ExtraOf,
): void {
  if ((flags & TcpFlag.Reset) !== 0) return;
  if (endpointState(words, row, 1 - side) === EndpointState.Closed) return;
  if (endpointState(words, row, side) === EndpointState.Reset) return;
  const at = row + (side === 0 ? TcpRow.ZeroWindows0 : TcpRow.ZeroWindows1);
  words[at]! += 1;
  if (isPowerOfTen(words[at]!)) appendHistory(words, row, Letter.ZeroWindow, side, extraOf);
}

/** A packet that failed its checksum: nothing else of it is looked at. */
export function noteBadChecksum(
  words: Int32Array,
  row: number,
  side: number,
  extraOf: ExtraOf,
): void {
  const extra = extraOf(row);
  if (side === 0) extra.badChecksums0 += 1;
  else extra.badChecksums1 += 1;
  const count = side === 0 ? extra.badChecksums0 : extra.badChecksums1;
  if (isPowerOfTen(count)) appendHistory(words, row, Letter.BadChecksum, side, extraOf);
}

/** Payload that does not move its side on. */
export function noteRepeat(words: Int32Array, row: number, side: number, extraOf: ExtraOf): void {
  const at = row + TcpRow.Retransmits + side;
  words[at]! += 1;
  if (isPowerOfTen(words[at]!)) appendHistory(words, row, Letter.Retransmit, side, extraOf);
}
