import type { ExtraOf } from "./flow-extra.ts";
import { Flag, Row, TcpRow } from "./flow-row.ts";
import { Staged } from "./staged-packet.ts";
import { updateState } from "./tcp-endpoints.ts";
import { TcpFlag } from "./tcp-flags.ts";
import { noteAcknowledgedHoles, noteData } from "./tcp-holes.ts";
import {
  noteHistory,
  noteRepeat,
  noteZeroWindow,
  SEEN_SHIFT,
  SEEN_SIDE_BITS,
  Seen,
} from "./tcp-letters.ts";
import {
  advancePosition,
  EndpointState,
  endpointState,
  markFinSeen,
  Position,
  positionOf,
  previousState,
  setPositions,
} from "./tcp-state.ts";

/** A jump of more than this in a SYN's or RST's number is not believed. Octets. */
const LARGEST_BELIEVED_JUMP = 1048576;

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
