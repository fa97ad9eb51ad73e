import type { FlowExtra } from "./flow-extra.ts";
import { Flag, Row, TcpRow } from "./flow-row.ts";
import { ReceivedRanges } from "./received-ranges.ts";
import { Staged } from "./staged-packet.ts";
import { TcpFlag } from "./tcp-flags.ts";
import { appendHistory, Letter } from "./tcp-history.ts";
import {
  advancePosition,
  EndpointState,
  endpointState,
  markFinSeen,
  Position,
  positionOf,
  previousState,
  setEndpointState,
  setPositions,
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
 * letters are all written, that continues what its side sent last.
 * @returns false when it is another case, and nothing was changed
 */
export function trackInOrder(
  words: Int32Array,
  row: number,
  side: number,
  staged: Int32Array,
  at: number,
): boolean {
  const flags = staged[at + Staged.TcpFlags]!;
  const payload = staged[at + Staged.PayloadLength]!;
  const control = TcpFlag.Ack | TcpFlag.Syn | TcpFlag.Fin | TcpFlag.Reset;
  if (
    (words[row + TcpRow.States]! & STATES_MASK) !== ESTABLISHED ||
    (flags & control) !== TcpFlag.Ack ||
    (words[row + Row.Flags]! & Flag.Extra) !== 0 ||
    staged[at + Staged.TcpWindow] === 0 ||
    staged[at + Staged.TcpSequence] !== words[row + TcpRow.LastSequence + side]
  ) {
    return false;
  }
  const seen = words[row + TcpRow.Flags]!;
  const letter = (payload > 0 ? Seen.Data : Seen.Ack) << (SEEN_SHIFT + side * SEEN_SIDE_BITS);
  const peer = 1 - side;
  const acknowledged = words[row + TcpRow.Acknowledged + peer]!;
  const advance = (staged[at + Staged.TcpAcknowledgement]! - acknowledged) | 0;
  if (
    (seen & letter) === 0 ||
    advance > LARGEST_BELIEVED_JUMP ||
    acknowledged === words[row + TcpRow.StartSequence + peer]
  ) {
    return false;
  }
  words[row + TcpRow.Flags] = seen | (flags << (side * 8));
  if (payload > 0) advancePosition(words, row, side, Position.Last, payload);
  if (advance > 0) advancePosition(words, row, peer, Position.Acknowledged, advance);
  return true;
}

/** Where the tracker finds the rare facts of a flow. */
export type ExtraOf = (row: number) => FlowExtra;

/**
 * Follows one packet of a TCP connection: history, sequence positions, endpoint states, holes.
 * The model is Zeek's, so that its words mean what its users expect.
 * @param side - 0 when the sender of the flow's first packet sent this one
 */
export function trackTcp(
  words: Int32Array,
  row: number,
  side: number,
  staged: Int32Array,
  at: number,
  extraOf: ExtraOf,
): void {
  const flags = staged[at + Staged.TcpFlags]!;
  const sequence = staged[at + Staged.TcpSequence]!;
  const payload = staged[at + Staged.PayloadLength]!;
  words[row + TcpRow.Flags]! |= flags << (side * 8);
  const peer = 1 - side;
  const state = endpointState(words, row, side);
  const length =
    payload + ((flags & TcpFlag.Syn) !== 0 ? 1 : 0) + ((flags & TcpFlag.Fin) !== 0 ? 1 : 0);
  beginEndpoint(words, row, side, state, flags, sequence, length);
  const lastBefore = positionOf(words, row, side, Position.Last);
  const position = lastBefore + ((sequence - words[row + TcpRow.LastSequence + side]!) | 0);

  noteHistory(words, row, side, flags, position, payload);
  if (staged[at + Staged.TcpWindow] === 0) noteZeroWindow(words, row, side, flags);
  if ((flags & TcpFlag.Fin) !== 0) markFinSeen(words, row, side);

  let acknowledgedTo = 0;
  if ((flags & TcpFlag.Ack) !== 0) {
    const acknowledgement = staged[at + Staged.TcpAcknowledgement]!;
    acknowledgedTo = noteAcknowledgement(words, row, peer, flags, acknowledgement);
  }
  const advance = position + length - lastBefore;
  advanceLast(words, row, side, flags, payload, position + length, advance);
  const hasExtra = (words[row + Row.Flags]! & Flag.Extra) !== 0;
  if (payload > 0 && (flags & TcpFlag.Reset) === 0) {
    const start = (flags & TcpFlag.Syn) !== 0 ? position + 1 : position;
    if (hasExtra || start > lastBefore) {
      noteData(words, row, side, start, start + payload, lastBefore, advance, extraOf);
    }
  }
  updateState(words, row, side, peer, state, flags, payload);
  if (hasExtra && acknowledgedTo > 0) {
    noteAcknowledgedHoles(words, row, peer, acknowledgedTo, extraOf);
  }
}

/** First numbers of a side, or new ones where a SYN says that the old were wrong. */
function beginEndpoint(
  words: Int32Array,
  row: number,
  side: number,
  state: number,
  flags: number,
  sequence: number,
  length: number,
): void {
  const isSyn = (flags & TcpFlag.Syn) !== 0;
  let restart = state === EndpointState.Inactive;
  if (!restart && isSyn) {
    const isOther = words[row + TcpRow.StartSequence + side] !== sequence;
    if (state === EndpointState.Reset) {
      restart = previousState(words, row, side) === EndpointState.Inactive;
    } else restart = isOther && state !== EndpointState.Closed;
  }
  if (!restart) return;
  // Without a SYN the numbering starts as if one had been there, so that data begins at position 1.
  if (isSyn) setPositions(words, row, side, sequence, length);
  else setPositions(words, row, side, (sequence - 1) | 0, 1);
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
  row: number,
  peer: number,
  flags: number,
  acknowledgement: number,
): number {
  if (endpointState(words, row, peer) === EndpointState.Inactive) {
    // Nothing of that side was seen yet: number it as if its SYN was what is acknowledged.
    setPositions(words, row, peer, (acknowledgement - 1) | 0, 0);
    return 0;
  }
  const before = positionOf(words, row, peer, Position.Acknowledged);
  const delta = (acknowledgement - words[row + TcpRow.Acknowledged + peer]!) | 0;
  const position = before + delta;
  if (position < 0 || (flags & TcpFlag.Reset) !== 0) return 0;
  if (delta > 0 && !(acknowledgement === 0 && delta > LARGEST_BELIEVED_JUMP)) {
    advancePosition(words, row, peer, Position.Acknowledged, delta);
  }
  return position;
}

function advanceLast(
  words: Int32Array,
  row: number,
  side: number,
  flags: number,
  payload: number,
  end: number,
  advance: number,
): void {
  const isJump = advance > LARGEST_BELIEVED_JUMP || advance < -LARGEST_BELIEVED_JUMP;
  if ((flags & (TcpFlag.Syn | TcpFlag.Reset)) !== 0 && isJump) return;
  // Only SYN and FIN were captured of what may be more than 2 GiB: the FIN is believed.
  const isBareFin =
    (flags & TcpFlag.Fin) !== 0 && advance < 0 && positionOf(words, row, side, Position.Last) === 1;
  if (isBareFin) {
    words[row + TcpRow.LastSequence + side] = (words[row + TcpRow.StartSequence + side]! + end) | 0;
    return;
  }
  if (endpointState(words, row, side) === EndpointState.Reset) return;
  if (advance > 0) advancePosition(words, row, side, Position.Last, advance);
  // A SYN's own octets were counted when the side began.
  else if (payload > 0 && (flags & TcpFlag.Syn) === 0) noteRepeat(words, row, side);
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
  row: number,
  peer: number,
  acknowledgedTo: number,
  extraOf: ExtraOf,
): void {
  const extra = extraOf(row);
  const ranges = peer === 0 ? extra.ranges0 : extra.ranges1;
  if (ranges === undefined || acknowledgedTo <= ranges.next) return;
  const last = positionOf(words, row, peer, Position.Last);
  const missing = ranges.acknowledge(Math.min(acknowledgedTo, last));
  if (missing > 0 && gapsCount(words, row, 0) && gapsCount(words, row, 1)) {
    extra.missedBytes += missing;
    if (peer === 0) extra.gaps0 += 1;
    else extra.gaps1 += 1;
    if (isPowerOfTen(peer === 0 ? extra.gaps0 : extra.gaps1)) {
      appendHistory(words, row, Letter.Gap, peer);
    }
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
): void {
  if (state === EndpointState.Established && (flags & 7) === 0) return;
  if (state === EndpointState.Inactive) {
    leaveInactive(words, row, side, peer, flags, payload);
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
): void {
  if ((flags & TcpFlag.Syn) !== 0) enterBySyn(words, row, side, peer, flags);
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
): void {
  const isAnswer = (flags & TcpFlag.Ack) !== 0;
  const peerState = endpointState(words, row, peer);
  if (side === initiatorOf(words, row)) {
    // Captured after the SYN+ACK that answers it: a number that is not awaited would be reuse.
    const isAwaited = !isAnswer && peerState === EndpointState.Established;
    const opening = isAnswer ? EndpointState.SynAckSent : EndpointState.SynSent;
    setEndpointState(words, row, side, isAwaited ? EndpointState.Established : opening);
    return;
  }
  if (peerState === EndpointState.SynSent || peerState === EndpointState.SynAckSent) {
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

/** Longest handshake that is told, nanoseconds: what 32 bits hold. */
const LONGEST_HANDSHAKE = 0xffffffff;

/** Notes who sent SYN and SYN+ACK, and how long the handshake took. */
export function markHandshake(
  words: Int32Array,
  row: number,
  side: number,
  staged: Int32Array,
  at: number,
): void {
  const flags = staged[at + Staged.TcpFlags]!;
  const isAck = (flags & TcpFlag.Ack) !== 0;
  if ((flags & TcpFlag.Syn) !== 0) {
    if ((flags & TcpFlag.Reset) !== 0) return;
    if (isAck) words[row + Row.Flags]! |= side === 0 ? Flag.SynAckBy0 : Flag.SynAckBy1;
    else words[row + Row.Flags]! |= side === 0 ? Flag.SynBy0 : Flag.SynBy1;
    return;
  }
  const wanted = Flag.SynBy0 | Flag.SynAckBy1;
  if (side !== 0 || !isAck || (words[row + Row.Flags]! & wanted) !== wanted) return;
  // In a later part of a flow its first packets are no handshake.
  if ((words[row + TcpRow.Flags]! & ((Seen.Ack | Seen.Data) << SEEN_SHIFT)) !== 0) return;
  // A repeated SYN leaves open which of them was answered: two packets of one side, no round trip.
  if (words[row + Row.Packets] !== 2 || words[row + TcpRow.HandshakeNanoseconds] !== 0) return;
  const nanoseconds =
    ((staged[at + Staged.Seconds]! >>> 0) - (words[row + Row.StartSeconds]! >>> 0)) * 1e9 +
    (staged[at + Staged.Nanoseconds]! - words[row + Row.StartNanoseconds]!);
  if (nanoseconds > 0 && nanoseconds <= LONGEST_HANDSHAKE) {
    words[row + TcpRow.HandshakeNanoseconds] = nanoseconds;
  }
}
