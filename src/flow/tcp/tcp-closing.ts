import { Staged } from "../packet/staged-packet.ts";
import { type ExtraOf, extraIfAny, type FlowExtra } from "../row/flow-extra.ts";
import { Flag, Row, TcpRow } from "../row/flow-row.ts";
import {
  EndpointState,
  endpointState,
  finSeen,
  Position,
  positionOf,
  previousState,
} from "../row/tcp-state.ts";
import { dataEnd, deliveredTo, hasUnacknowledged, rangesOf } from "./tcp-holes.ts";

// When Zeek holds a side to have closed: at its FIN or RST, unless data before that is missing or the
// other side's is unacknowledged; then it waits. Once both have closed, the connection lasts no longer.

// Bits of the word `TcpRow.States`, above the states and the FINs.
const DID_CLOSE = 14;
const DID_END = 16;
const IS_DEFERRED = 1 << 18;
const IS_OVER_AT_CLOCK = 1 << 19;
/** A FIN was seen, a side has closed or ended, or waits for that. */
const CLOSING = 0x7f000;
const BOTH_CLOSED = 3 << DID_CLOSE;

/** Whether both sides have closed. */
export function bothClosed(words: Int32Array, row: number): boolean {
  return (words[row + TcpRow.States]! & BOTH_CLOSED) === BOTH_CLOSED;
}

/** Whether a side has closed. */
export function didClose(words: Int32Array, row: number, side: number): boolean {
  return ((words[row + TcpRow.States]! >>> (DID_CLOSE + side)) & 1) !== 0;
}

/**
 * Whether Zeek ends a connection `tcp_close_delay` from now: both sides have closed, or one has by a
 * reset or while nothing of the other was seen. A side whose end is deferred has not, unless it sent
 * a reset after its FIN.
 * @see Zeek, TCPSessionAdapter::ConnectionClosed and ResetTimer
 */
export function isCloseComplete(words: Int32Array, row: number): boolean {
  if (bothClosed(words, row)) return true;
  return closesAlone(words, row, 0) || closesAlone(words, row, 1);
}

function closesAlone(words: Int32Array, row: number, side: number): boolean {
  const isClosed = didClose(words, row, side);
  if (endpointState(words, row, side) === EndpointState.Reset) {
    return isClosed || previousState(words, row, side) === EndpointState.Closed;
  }
  return isClosed && endpointState(words, row, 1 - side) === EndpointState.Inactive;
}

/** Whether the last packet before both sides had closed was at the row's clock, which stands still since. */
export function isOverAtClock(words: Int32Array, row: number): boolean {
  return (words[row + TcpRow.States]! & IS_OVER_AT_CLOCK) !== 0;
}

/** Whether a packet can change which sides have closed. */
export function isClosing(words: Int32Array, row: number): boolean {
  return (words[row + TcpRow.States]! & CLOSING) !== 0;
}

/**
 * Closes what an acknowledgement lets close: the side whose data it acknowledges. Its packet's own data
 * is read after that.
 * @param sent - where its sender's data ended before it
 */
export function noteAcknowledgedEnd(
  words: Int32Array,
  row: number,
  side: number,
  sent: number,
  staged: Int32Array,
  at: number,
  extraOf: ExtraOf,
): void {
  if (bothClosed(words, row)) return;
  endSide(words, row, side, sent, extraIfAny(words, row, extraOf));
  noteOver(words, row, staged, at, extraOf);
}

/**
 * Closes what a packet lets close of its sender's side.
 * @param wantsClose - it carries a FIN or RST that counts
 */
export function noteClosing(
  words: Int32Array,
  row: number,
  side: number,
  wantsClose: boolean,
  staged: Int32Array,
  at: number,
  extraOf: ExtraOf,
): void {
  if (bothClosed(words, row)) return;
  const extra = extraIfAny(words, row, extraOf);
  const sent = dataEnd(words, row, 1 - side);
  endSide(words, row, side, sent, extra);
  if (wantsClose) closeSide(words, row, side, sent, extra);
  noteOver(words, row, staged, at, extraOf);
}

/** Keeps the time of the packet that closed the second side. */
function noteOver(
  words: Int32Array,
  row: number,
  staged: Int32Array,
  at: number,
  extraOf: ExtraOf,
): void {
  if (!bothClosed(words, row)) return;
  // The flow's clock stands still from the packet on that ended it, so it tells the time, mostly.
  if ((words[row + Row.Flags]! & Flag.Closed) === 0) {
    words[row + TcpRow.States]! |= IS_OVER_AT_CLOCK;
    return;
  }
  const seconds = staged[at + Staged.Seconds]! >>> 0;
  const nanoseconds = staged[at + Staged.Nanoseconds]!;
  extraOf(row).lastCounted = { seconds, nanoseconds };
}

/** Once for each side, when everything before its FIN or RST is there; what was deferred closes then. */
function endSide(
  words: Int32Array,
  row: number,
  side: number,
  sent: number,
  extra: FlowExtra | undefined,
): void {
  const at = row + TcpRow.States;
  const bit = 1 << (DID_END + side);
  if ((words[at]! & bit) !== 0) return;
  const state = endpointState(words, row, side);
  const isEnding =
    finSeen(words, row, side) || state === EndpointState.Closed || state === EndpointState.Reset;
  if (!isEnding || isPending(words, row, side, sent, extra)) return;
  words[at]! |= bit;
  if ((words[at]! & IS_DEFERRED) === 0) return;
  closeSide(words, row, side, sent, extra);
  words[at]! &= ~IS_DEFERRED;
}

function closeSide(
  words: Int32Array,
  row: number,
  side: number,
  sent: number,
  extra: FlowExtra | undefined,
): void {
  const at = row + TcpRow.States;
  if (isPending(words, row, side, sent, extra)) {
    words[at]! |= IS_DEFERRED;
    return;
  }
  words[at] = (words[at]! & ~IS_DEFERRED) | (1 << (DID_CLOSE + side));
}

/**
 * Whether data is still to come before a side's end, or it has not acknowledged its peer's.
 * @param sent - where the peer's data ends
 */
function isPending(
  words: Int32Array,
  row: number,
  side: number,
  sent: number,
  extra: FlowExtra | undefined,
): boolean {
  if (rangesOf(extra, side)?.isGivenUp === true) return false;
  const last = positionOf(words, row, side, Position.Last);
  const delivered = deliveredTo(words, row, side, extra);
  if (last < delivered) return false;
  if (delivered !== last && delivered !== last - 1) return true;
  if (endpointState(words, row, side) === EndpointState.Reset) return false;
  return hasUnacknowledged(words, row, 1 - side, extra, sent);
}
