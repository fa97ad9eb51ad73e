import type { FlowExtra } from "./flow-extra.ts";
import { Flag, Row, TcpRow } from "./flow-row.ts";
import { ReceivedRanges } from "./received-ranges.ts";
import { Staged } from "./staged-packet.ts";
import { TcpFlag } from "./tcp-flags.ts";
import { appendHistory, historyIsOnly, Letter, markHistoryFlipped } from "./tcp-history.ts";
import {
  EndpointState,
  endpointState,
  finSeen,
  markFinSeen,
  previousState,
  setEndpointState,
} from "./tcp-state.ts";

/** A jump of more than this in a SYN's or RST's number is not believed. Octets. */
const LARGEST_BELIEVED_JUMP = 1048576;

// History letters are written once a side; the marks of what was written live above the flags.
const SEEN_SHIFT = 16;
const SEEN_SIDE_BITS = 8;
const Seen = { Syn: 1, Fin: 2, Reset: 4, Data: 8, Ack: 16, Multiple: 32, FinReset: 64 } as const;

/** Both ends established. */
const ESTABLISHED = EndpointState.Established | (EndpointState.Established << 6);
const STATES_MASK = 7 | (7 << 6);

/**
 * The common case, in few reads: an ordinary packet of an established connection without holes, whose
 * letters are all written, that repeats or continues what its side sent last.
 * @returns false when it is another case, and nothing was changed
 */
export function trackInOrder(
  words: Int32Array,
  doubles: Float64Array,
  row: number,
  side: number,
  staged: Int32Array,
  at: number,
): boolean {
  const flags = staged[at + Staged.TcpFlags]!;
  const payload = staged[at + Staged.PayloadLength]!;
  if (
    (words[row + TcpRow.States]! & STATES_MASK) !== ESTABLISHED ||
    (flags & 23) !== TcpFlag.Ack ||
    (words[row + Row.Flags]! & Flag.Extra) !== 0 ||
    staged[at + Staged.TcpWindow] === 0
  ) {
    return false;
  }
  const seen = words[row + TcpRow.Flags]!;
  const letter = (payload > 0 ? Seen.Data : Seen.Ack) << (SEEN_SHIFT + side * SEEN_SIDE_BITS);
  const lastAt = ((row + TcpRow.LastPosition) >> 1) + side;
  const last = doubles[lastAt]!;
  const expected = (words[row + TcpRow.StartSequence + side]! + last) | 0;
  if ((seen & letter) === 0 || staged[at + Staged.TcpSequence] !== expected) return false;
  const peer = 1 - side;
  const acknowledgedAt = ((row + TcpRow.AcknowledgedPosition) >> 1) + peer;
  const acknowledged = doubles[acknowledgedAt]!;
  const advance =
    (staged[at + Staged.TcpAcknowledgement]! -
      ((words[row + TcpRow.StartSequence + peer]! + acknowledged) | 0)) |
    0;
  if (advance > LARGEST_BELIEVED_JUMP || acknowledged === 0) return false;
  words[row + TcpRow.Flags] = seen | (flags << (side * 8));
  doubles[lastAt] = last + payload;
  if (advance > 0) doubles[acknowledgedAt] = acknowledged + advance;
  return true;
}

/** Where the tracker finds the rare facts of a flow. */
export type ExtraOf = (row: number) => FlowExtra;

/**
 * Follows one packet of a TCP connection: history, sequence positions, endpoint states, holes.
 * The model is Zeek's, so that its words mean what its users expect.
 * @param side - 0 when the sender of the flow's first packet sent this one
 * @param payload - octets above the TCP header as the headers say
 * @returns true when a flow that waited for its linger or an answer may live longer or shorter now
 */
export function trackTcp(
  words: Int32Array,
  doubles: Float64Array,
  row: number,
  side: number,
  flags: number,
  sequence: number,
  acknowledgement: number,
  window: number,
  payload: number,
  extraOf: ExtraOf,
): void {
  words[row + TcpRow.Flags]! |= flags << (side * 8);
  const peer = 1 - side;
  const state = endpointState(words, row, side);
  const control = flags & (TcpFlag.Syn | TcpFlag.Fin | TcpFlag.Reset);
  const length =
    payload + ((flags & TcpFlag.Syn) !== 0 ? 1 : 0) + ((flags & TcpFlag.Fin) !== 0 ? 1 : 0);
  flipOnAnswer(words, row, side, flags, payload);
  beginEndpoint(words, doubles, row, side, state, flags, sequence, length);
  const lastAt = ((row + TcpRow.LastPosition) >> 1) + side;
  const lastBefore = doubles[lastAt]!;
  const lastSequence = (words[row + TcpRow.StartSequence + side]! + lastBefore) | 0;
  const position = lastBefore + ((sequence - lastSequence) | 0);

  noteHistory(words, row, side, flags, control, position, payload);
  if (window === 0) noteZeroWindow(words, row, side, flags);
  if ((flags & TcpFlag.Fin) !== 0) markFinSeen(words, row, side);

  let acknowledgedTo = 0;
  if ((flags & TcpFlag.Ack) !== 0) {
    acknowledgedTo = noteAcknowledgement(words, doubles, row, peer, flags, acknowledgement);
  }
  const end = position + length;
  const advance = end - lastBefore;
  advanceLast(words, doubles, row, side, flags, payload, end, advance);
  const hasHoles = (words[row + Row.Flags]! & Flag.Extra) !== 0;
  if (payload > 0 && (flags & TcpFlag.Reset) === 0) {
    const start = (flags & TcpFlag.Syn) !== 0 ? position + 1 : position;
    if (hasHoles || start > lastBefore || advance <= 0) {
      noteData(words, row, side, start, start + payload, lastBefore, advance, extraOf);
    }
  }
  updateState(words, row, side, peer, state, flags, payload, sequence);
  if (hasHoles && acknowledgedTo > 0) {
    noteAcknowledgedHoles(words, doubles, row, peer, acknowledgedTo, extraOf);
  }
}

/**
 * A connection that began with a lone SYN+ACK and goes on with an ordinary packet of the same side
 * was begun by the other one; the SYN was missed.
 */
function flipOnAnswer(
  words: Int32Array,
  row: number,
  side: number,
  flags: number,
  payload: number,
): void {
  if (side === 0 || !historyIsOnly(words, row, Letter.SynAck)) return;
  const isControl = (flags & (TcpFlag.Syn | TcpFlag.Fin | TcpFlag.Reset)) !== 0;
  if (isControl || ((flags & TcpFlag.Ack) === 0 && payload === 0)) return;
  if ((words[row + Row.Flags]! & Flag.Flipped) !== 0) return;
  words[row + Row.Flags]! |= Flag.Flipped;
  markHistoryFlipped(words, row);
}

/** First numbers of a side, or new ones where a SYN says that the old were wrong. */
function beginEndpoint(
  words: Int32Array,
  doubles: Float64Array,
  row: number,
  side: number,
  state: number,
  flags: number,
  sequence: number,
  length: number,
): void {
  const isSyn = (flags & TcpFlag.Syn) !== 0;
  const startAt = row + TcpRow.StartSequence + side;
  let restart = state === EndpointState.Inactive;
  if (!restart && isSyn) {
    if (state === EndpointState.Reset) {
      restart = previousState(words, row, side) === EndpointState.Inactive;
    } else if (state === EndpointState.SynSent || state === EndpointState.SynAckSent) {
      restart = words[startAt] !== sequence;
    } else restart = state !== EndpointState.Closed && words[startAt] !== sequence;
  }
  if (!restart) return;
  // Without a SYN the numbering starts as if one had been there, so that data begins at position 1.
  words[startAt] = isSyn ? sequence : (sequence - 1) | 0;
  doubles[((row + TcpRow.LastPosition) >> 1) + side] = isSyn ? length : 1;
  doubles[((row + TcpRow.AcknowledgedPosition) >> 1) + side] = 0;
}

function firstTime(words: Int32Array, row: number, side: number, what: number): boolean {
  const bit = what << (SEEN_SHIFT + side * SEEN_SIDE_BITS);
  const at = row + TcpRow.Flags;
  if ((words[at]! & bit) !== 0) return false;
  words[at]! |= bit;
  return true;
}

function noteHistory(
  words: Int32Array,
  row: number,
  side: number,
  flags: number,
  control: number,
  position: number,
  payload: number,
): void {
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
  const mark = (isFin ? position + payload : position) | 0;
  const at = row + (isFin ? TcpRow.LastFin : TcpRow.LastReset) + side;
  if (firstTime(words, row, side, isFin ? Seen.Fin : Seen.Reset) || words[at] !== mark) {
    appendHistory(words, row, isFin ? Letter.Fin : Letter.Reset, side);
  }
  words[at] = mark;
}

/** Counts in 16 bits a side; true at 1, 10, 100, 1000 and 10000, where Zeek repeats the letter. */
function countScaled(words: Int32Array, at: number, side: number): boolean {
  const shift = side * 16;
  const count = (words[at]! >>> shift) & 0xffff;
  if (count === 0xffff) return false;
  words[at] = (words[at]! & ~(0xffff << shift)) | ((count + 1) << shift);
  return isPowerOfTen(count + 1);
}

function isPowerOfTen(count: number): boolean {
  return count === 1 || count === 10 || count === 100 || count === 1000 || count === 10_000;
}

function noteZeroWindow(words: Int32Array, row: number, side: number, flags: number): void {
  if ((flags & TcpFlag.Reset) !== 0) return;
  if (endpointState(words, row, 1 - side) === EndpointState.Closed) return;
  if (endpointState(words, row, side) === EndpointState.Reset) return;
  if (countScaled(words, row + TcpRow.ZeroWindows, side)) {
    appendHistory(words, row, Letter.ZeroWindow, side);
  }
}

/** @returns the position acknowledged, 0 when it tells nothing */
function noteAcknowledgement(
  words: Int32Array,
  doubles: Float64Array,
  row: number,
  peer: number,
  flags: number,
  acknowledgement: number,
): number {
  const startAt = row + TcpRow.StartSequence + peer;
  const at = ((row + TcpRow.AcknowledgedPosition) >> 1) + peer;
  if (endpointState(words, row, peer) === EndpointState.Inactive) {
    // Nothing of that side was seen yet: number it as if its SYN was what is acknowledged.
    words[startAt] = (acknowledgement - 1) | 0;
    doubles[((row + TcpRow.LastPosition) >> 1) + peer] = 0;
    doubles[at] = 0;
    return 0;
  }
  const before = doubles[at]!;
  const delta = (acknowledgement - ((words[startAt]! + before) | 0)) | 0;
  const position = before + delta;
  if (position < 0 || (flags & TcpFlag.Reset) !== 0) return 0;
  if (delta > 0 && !(acknowledgement === 0 && delta > LARGEST_BELIEVED_JUMP)) {
    doubles[at] = position;
  }
  return position;
}

function advanceLast(
  words: Int32Array,
  doubles: Float64Array,
  row: number,
  side: number,
  flags: number,
  payload: number,
  end: number,
  advance: number,
): void {
  const at = ((row + TcpRow.LastPosition) >> 1) + side;
  const isJump = advance > LARGEST_BELIEVED_JUMP || advance < -LARGEST_BELIEVED_JUMP;
  if ((flags & (TcpFlag.Syn | TcpFlag.Reset)) !== 0 && isJump) return;
  if ((flags & TcpFlag.Fin) !== 0 && doubles[at] === 1 && end > 0) {
    doubles[at] = end;
    return;
  }
  if (endpointState(words, row, side) === EndpointState.Reset) return;
  if (advance > 0) {
    doubles[at] = end;
    return;
  }
  // A SYN's own octets were counted when the side began.
  if (payload > 0 && (flags & TcpFlag.Syn) === 0) noteRepeat(words, row, side);
}

function noteRepeat(words: Int32Array, row: number, side: number): void {
  const at = row + TcpRow.Retransmits + side;
  words[at]! += 1;
  const repeats = words[at]! + words[row + TcpRow.OutOfOrder + side]!;
  if (isPowerOfTen(repeats)) appendHistory(words, row, Letter.Retransmit, side);
}

/** Keeps the ranges beyond a hole, and calls a late packet that fills one out of order. */
function noteData(
  words: Int32Array,
  row: number,
  side: number,
  start: number,
  end: number,
  lastBefore: number,
  advance: number,
  extraOf: ExtraOf,
): void {
  const opensHole = start > lastBefore && lastBefore > 0;
  if (!opensHole && (words[row + Row.Flags]! & Flag.Extra) === 0) return;
  const extra = extraOf(row);
  let ranges = side === 0 ? extra.ranges0 : extra.ranges1;
  if (ranges === undefined) {
    if (!opensHole) return;
    ranges = new ReceivedRanges(lastBefore);
    if (side === 0) extra.ranges0 = ranges;
    else extra.ranges1 = ranges;
  }
  const isNew = ranges.add(start, end);
  if (isNew && advance <= 0) {
    words[row + TcpRow.Retransmits + side]! -= 1;
    words[row + TcpRow.OutOfOrder + side]! += 1;
  }
  if (ranges.isWhole) {
    if (side === 0) extra.ranges0 = undefined;
    else extra.ranges1 = undefined;
  }
}

function noteAcknowledgedHoles(
  words: Int32Array,
  doubles: Float64Array,
  row: number,
  peer: number,
  acknowledgedTo: number,
  extraOf: ExtraOf,
): void {
  const extra = extraOf(row);
  const ranges = peer === 0 ? extra.ranges0 : extra.ranges1;
  if (ranges === undefined || acknowledgedTo <= ranges.next) return;
  const last = doubles[((row + TcpRow.LastPosition) >> 1) + peer]!;
  const missing = ranges.acknowledge(Math.min(acknowledgedTo, last));
  if (missing > 0 && gapsCount(words, row, 0) && gapsCount(words, row, 1)) {
    doubles[(row + TcpRow.MissedBytes) >> 1]! += missing;
    if (countScaled(words, row + TcpRow.Gaps, peer)) appendHistory(words, row, Letter.Gap, peer);
  }
  if (ranges.isWhole) {
    if (peer === 0) extra.ranges0 = undefined;
    else extra.ranges1 = undefined;
  }
}

/** Gaps are only believed where both ends were established, or closed in order. */
function gapsCount(words: Int32Array, row: number, side: number): boolean {
  const state = endpointState(words, row, side);
  if (state === EndpointState.Established) return true;
  return (
    state === EndpointState.Closed && previousState(words, row, side) === EndpointState.Established
  );
}

function updateState(
  words: Int32Array,
  row: number,
  side: number,
  peer: number,
  state: number,
  flags: number,
  payload: number,
  sequence: number,
): void {
  if (state === EndpointState.Established && (flags & 7) === 0) return;
  if (state === EndpointState.Inactive) {
    leaveInactive(words, row, side, peer, flags, payload, sequence);
  } else if (state === EndpointState.Closed) {
    if ((flags & TcpFlag.Reset) !== 0 && endpointState(words, row, peer) !== EndpointState.Closed) {
      setEndpointState(words, row, side, EndpointState.Reset);
    }
  } else if (state !== EndpointState.Reset) {
    leaveOpen(words, row, side, peer, state, flags);
  }
}

function leaveInactive(
  words: Int32Array,
  row: number,
  side: number,
  peer: number,
  flags: number,
  payload: number,
  sequence: number,
): void {
  if ((flags & TcpFlag.Syn) !== 0) enterBySyn(words, row, side, peer, flags, sequence);
  if ((flags & TcpFlag.Fin) !== 0) setEndpointState(words, row, side, EndpointState.Closed);
  if ((flags & TcpFlag.Reset) !== 0) setEndpointState(words, row, side, EndpointState.Reset);
  if (endpointState(words, row, side) !== EndpointState.Inactive) return;
  const peerState = endpointState(words, row, peer);
  // Some stacks acknowledge a SYN before they answer it: that alone makes no partial connection.
  const isInitiator = side === initiatorOf(words, row);
  if (!isInitiator && payload === 0 && peerState === EndpointState.SynSent) return;
  const missedSyn = (flags & TcpFlag.Ack) !== 0 && peerState === EndpointState.Established;
  const next = missedSyn ? EndpointState.Established : EndpointState.Partial;
  setEndpointState(words, row, side, next);
}

function initiatorOf(words: Int32Array, row: number): number {
  return (words[row + Row.Flags]! & Flag.Flipped) === 0 ? 0 : 1;
}

function enterBySyn(
  words: Int32Array,
  row: number,
  side: number,
  peer: number,
  flags: number,
  sequence: number,
): void {
  const isAnswer = (flags & TcpFlag.Ack) !== 0;
  if (side === initiatorOf(words, row)) {
    const next = isAnswer ? EndpointState.SynAckSent : EndpointState.SynSent;
    setEndpointState(words, row, side, next);
    return;
  }
  const peerState = endpointState(words, row, peer);
  const isReversed =
    !isAnswer &&
    peerState === EndpointState.SynAckSent &&
    words[row + TcpRow.StartSequence + side] === sequence;
  if (isReversed) {
    // The SYN was captured after the SYN+ACK that answers it.
    words[row + Row.Flags]! |= Flag.Flipped;
    markHistoryFlipped(words, row);
  }
  if (isReversed || peerState === EndpointState.SynSent) {
    setEndpointState(words, row, peer, EndpointState.Established);
  }
  setEndpointState(words, row, side, EndpointState.Established);
}

/** SYN sent, partial or established: what FIN, RST and a late SYN change. */
function leaveOpen(
  words: Int32Array,
  row: number,
  side: number,
  peer: number,
  state: number,
  flags: number,
): void {
  const isReset = (flags & TcpFlag.Reset) !== 0;
  if (
    (flags & (TcpFlag.Syn | TcpFlag.Ack)) === TcpFlag.Syn &&
    state === EndpointState.Partial &&
    endpointState(words, row, peer) === EndpointState.Inactive
  ) {
    setEndpointState(words, row, side, EndpointState.SynSent);
  }
  if ((flags & TcpFlag.Fin) !== 0 && !isReset) {
    setEndpointState(words, row, side, EndpointState.Closed);
    if (
      endpointState(words, row, peer) === EndpointState.Reset &&
      previousState(words, row, peer) === EndpointState.Closed
    ) {
      // FIN, then RST, then the other side's FIN: it ended in order after all.
      setEndpointState(words, row, peer, EndpointState.Closed);
    }
  }
  if (isReset) setEndpointState(words, row, side, EndpointState.Reset);
}

/** True when nothing more is to be expected: a reset, both FINs, or a FIN nobody will answer. */
export function tcpIsOver(words: Int32Array, row: number): boolean {
  const state0 = endpointState(words, row, 0);
  const state1 = endpointState(words, row, 1);
  if (state0 === EndpointState.Reset || state1 === EndpointState.Reset) return true;
  const closed0 = state0 === EndpointState.Closed;
  const closed1 = state1 === EndpointState.Closed;
  if (closed0 && closed1) return true;
  return (
    (closed0 && state1 === EndpointState.Inactive) || (closed1 && state0 === EndpointState.Inactive)
  );
}

/** True when a reset ended the connection, not both FINs. */
export function tcpWasReset(words: Int32Array, row: number): boolean {
  return (
    endpointState(words, row, 0) === EndpointState.Reset ||
    endpointState(words, row, 1) === EndpointState.Reset
  );
}

/** True when both sides sent a FIN: what follows no longer counts as activity. */
export function bothFinSeen(words: Int32Array, row: number): boolean {
  return finSeen(words, row, 0) && finSeen(words, row, 1);
}

/**
 * Whether a bare SYN opens a new connection on the ports of an old one: it carries another number
 * than the one its sender began with, and the other side is not waiting for it.
 */
export function isReuse(words: Int32Array, row: number, side: number, sequence: number): boolean {
  if (words[row + TcpRow.StartSequence + side] === sequence) return false;
  if (endpointState(words, row, side) !== EndpointState.Inactive) return true;
  const peer = endpointState(words, row, 1 - side);
  return peer !== EndpointState.SynSent && peer !== EndpointState.SynAckSent;
}

/** Notes who sent SYN and SYN+ACK, and how long the handshake took. */
export function markHandshake(
  words: Int32Array,
  doubles: Float64Array,
  row: number,
  side: number,
  flags: number,
  staged: Int32Array,
  at: number,
): void {
  const isSyn = (flags & TcpFlag.Syn) !== 0;
  const isAck = (flags & TcpFlag.Ack) !== 0;
  if (isSyn) {
    if ((flags & TcpFlag.Reset) !== 0) return;
    if (isAck) words[row + Row.Flags]! |= side === 0 ? Flag.SynAckBy0 : Flag.SynAckBy1;
    else words[row + Row.Flags]! |= side === 0 ? Flag.SynBy0 : Flag.SynBy1;
    return;
  }
  const wanted = Flag.SynBy0 | Flag.SynAckBy1;
  if (side !== 0 || !isAck || (words[row + Row.Flags]! & wanted) !== wanted) return;
  if (doubles[(row + TcpRow.HandshakeNanoseconds) >> 1] !== 0) return;
  // A repeated SYN leaves open which of them was answered: two packets of one side, no round trip.
  if (words[row + Row.Packets] !== 2) return;
  doubles[(row + TcpRow.HandshakeNanoseconds) >> 1] =
    ((staged[at + Staged.Seconds]! >>> 0) - (words[row + Row.StartSeconds]! >>> 0)) * 1e9 +
    (staged[at + Staged.Nanoseconds]! - words[row + Row.StartNanoseconds]!);
}
