import { Mark, Staged } from "../packet/staged-packet.ts";
import { type ExtraOf, extraIfAny } from "../row/flow-extra.ts";
import { Flag, Row, TcpRow } from "../row/flow-row.ts";
import {
  advancePosition,
  EndpointState,
  endpointState,
  finSeen,
  Position,
  positionOf,
  previousState,
  setPositions,
} from "../row/tcp-state.ts";
import { LARGEST_BELIEVED_JUMP, noteAcknowledgement } from "./tcp-acknowledgement.ts";
import { isClosing, noteAcknowledgedEnd, noteClosing } from "./tcp-closing.ts";
import { updateState } from "./tcp-endpoints.ts";
import { noteFin } from "./tcp-fin.ts";
import { TcpFlag } from "./tcp-flags.ts";
import { deliveredTo, keepDelivered, MOST_KEPT, noteAcknowledged, noteData } from "./tcp-holes.ts";
import {
  noteHistory,
  noteRepeat,
  noteZeroWindow,
  SEEN_SHIFT,
  SEEN_SIDE_BITS,
  Seen,
} from "./tcp-letters.ts";

/**
 * Octets behind the last that an acknowledgement may be in the common case: one that moves on from more
 * than Zeek keeps is another case.
 */
const FARTHEST_BEHIND: number = MOST_KEPT - LARGEST_BELIEVED_JUMP;

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
  const acknowledgement = staged[at + Staged.TcpAcknowledgement]!;
  const advance = (acknowledgement - acknowledged) | 0;
  if (
    (seen & letter) === 0 ||
    // Beyond the last comes out large, too.
    (words[row + TcpRow.LastSequence + peer]! - acknowledgement) >>> 0 > FARTHEST_BEHIND ||
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
  const length = sequenceLength(flags, payload);
  const state = endpointState(words, row, side);
  beginEndpoint(words, row, side, state, flags, sequence, length, extraOf);
  const lastBefore = positionOf(words, row, side, Position.Last);
  const hadFin = finSeen(words, row, side);
  const position = lastBefore + ((sequence - words[row + TcpRow.LastSequence + side]!) | 0);

  noteHistory(words, row, side, flags, position, payload, extraOf);
  if (staged[at + Staged.TcpWindow] === 0) noteZeroWindow(words, row, side, flags, extraOf);
  if ((flags & TcpFlag.Fin) !== 0) noteFin(words, row, side, flags, position + length - 1, extraOf);

  // What the packet acknowledges beyond what was before; 0 for nothing.
  let acknowledged = 0;
  if ((flags & TcpFlag.Ack) !== 0) {
    acknowledged = noteAcknowledgement(words, row, peer, flags, staged, at, extraOf);
  }
  const advance = position + length - lastBefore;
  advanceLast(words, row, side, flags, payload, position + length, advance, extraOf);
  const wantsClose = updateState(words, row, side, state, flags, payload, extraOf);
  const hasExtra = (words[row + Row.Flags]! & Flag.Extra) !== 0;
  if (acknowledged > 0 && (hasExtra || isBeyondLast(words, row, peer, staged, at))) {
    noteAcknowledged(words, row, peer, acknowledged, extraOf);
  }
  const end = hadFin ? lastBefore - 1 : lastBefore;
  if (acknowledged > 0 && isClosing(words, row)) {
    noteAcknowledgedEnd(words, row, peer, end, staged, at, extraOf);
  }
  readData(words, row, side, staged, at, position, end, advance, extraOf);
  if (wantsClose || isClosing(words, row)) {
    noteClosing(words, row, side, wantsClose, staged, at, extraOf);
  }
}

/**
 * Reads a packet's data where that is not simply the next of its side.
 * @param position - of its first octet
 * @param end - where its side's data ended before it
 * @param advance - how far it moved its side on
 */
function readData(
  words: Int32Array,
  row: number,
  side: number,
  staged: Int32Array,
  at: number,
  position: number,
  end: number,
  advance: number,
  extraOf: ExtraOf,
): void {
  const flags = staged[at + Staged.TcpFlags]!;
  const payload = staged[at + Staged.PayloadLength]!;
  const start = (flags & TcpFlag.Syn) !== 0 ? position + 1 : position;
  // Zeek does not read what was cut, nor data that begins before its side did.
  const isUnread = position < 0 || (staged[at + Staged.Marks]! & Mark.CutPayload) !== 0;
  const opensHole = advance > 0 && (start > end || (isUnread && payload > 0));
  const hasExtra = (words[row + Row.Flags]! & Flag.Extra) !== 0;
  if (!opensHole && !(hasExtra && position >= 0)) return;
  const octets = isUnread || (flags & TcpFlag.Reset) !== 0 ? 0 : payload;
  noteData(words, row, side, start, octets, end, opensHole, advance <= 0, extraOf);
}

/** Whether a packet acknowledges what was never seen of its peer. */
function isBeyondLast(
  words: Int32Array,
  row: number,
  peer: number,
  staged: Int32Array,
  at: number,
): boolean {
  const last = words[row + TcpRow.LastSequence + peer]!;
  return ((staged[at + Staged.TcpAcknowledgement]! - last) | 0) > 0;
}

/** Sequence numbers that a packet takes up; what comes with a RST is no part of the stream. */
function sequenceLength(flags: number, payload: number): number {
  const syn = (flags & TcpFlag.Syn) !== 0 ? 1 : 0;
  const fin = (flags & TcpFlag.Fin) !== 0 ? 1 : 0;
  return syn + fin + ((flags & TcpFlag.Reset) !== 0 ? 0 : payload);
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
  extraOf: ExtraOf,
): void {
  const isSyn = (flags & TcpFlag.Syn) !== 0;
  if (state === EndpointState.Inactive) {
    // Without a SYN the numbering starts as if one had been there, so that data begins at position 1.
    if (isSyn) setPositions(words, row, side, sequence, length);
    else setPositions(words, row, side, (sequence - 1) | 0, 1);
    return;
  }
  if (!isSyn || !beginsAnew(words, row, side, state, sequence)) return;
  const delivered = deliveredTo(words, row, side, extraIfAny(words, row, extraOf));
  setPositions(words, row, side, sequence, length);
  keepDelivered(words, row, side, delivered, extraOf);
}

/** Whether a later SYN is believed to be the one that counts. */
function beginsAnew(
  words: Int32Array,
  row: number,
  side: number,
  state: number,
  sequence: number,
): boolean {
  switch (state) {
    case EndpointState.SynSent:
    case EndpointState.SynAckSent:
      return words[row + TcpRow.StartSequence + side] !== sequence;
    case EndpointState.Closed:
      return false;
    case EndpointState.Reset:
      // The numbers came from a RST that may have been forged.
      return previousState(words, row, side) === EndpointState.Inactive;
    default:
      return true;
  }
}

function advanceLast(
  words: Int32Array,
  row: number,
  side: number,
  flags: number,
  payload: number,
  end: number,
  advance: number,
  extraOf: ExtraOf,
): void {
  const isJump = advance > LARGEST_BELIEVED_JUMP || advance < -LARGEST_BELIEVED_JUMP;
  if ((flags & (TcpFlag.Syn | TcpFlag.Reset)) !== 0 && isJump) return;
  // Only SYN and FIN were captured of what may be more than 2 GiB: the FIN is believed.
  const isBareFin =
    (flags & TcpFlag.Fin) !== 0 && positionOf(words, row, side, Position.Last) === 1;
  if (isBareFin) {
    words[row + TcpRow.LastSequence + side] = (words[row + TcpRow.StartSequence + side]! + end) | 0;
    return;
  }
  if (endpointState(words, row, side) === EndpointState.Reset) return;
  if (advance > 0) advancePosition(words, row, side, Position.Last, advance);
  else if (payload > 0) {
    noteRepeat(words, row, side, extraOf);
    if ((flags & TcpFlag.Syn) === 0) return;
    // Its octets were counted when the side began: Zeek's letter, but no repeat.
    const extra = extraOf(row);
    if (side === 0) extra.synData0 += 1;
    else extra.synData1 += 1;
  }
}
