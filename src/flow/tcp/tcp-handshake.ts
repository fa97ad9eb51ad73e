import { Staged } from "../packet/staged-packet.ts";
import { zeekOriginator } from "../row/direction.ts";
import { Flag, Row, TcpRow } from "../row/flow-row.ts";
import { EndpointState, endpointState } from "../row/tcp-state.ts";
import { didClose } from "./tcp-closing.ts";
import { TcpFlag } from "./tcp-flags.ts";
import { SEEN_SHIFT, Seen } from "./tcp-letters.ts";

/**
 * Whether a SYN opens a new connection on the ports of an old one: the old one is closed on both sides,
 * or the SYN carries another number than the one its sender began with, and the other side is not
 * waiting for it.
 */
export function isReuse(words: Int32Array, row: number, side: number, sequence: number): boolean {
  const own = endpointState(words, row, side);
  const peer = endpointState(words, row, 1 - side);
  if (isGone(own) && isGone(peer)) return true;
  if (words[row + TcpRow.StartSequence + side] === sequence) return false;
  return own !== EndpointState.Inactive || peer !== EndpointState.SynSent;
}

/**
 * The same by Zeek's rule, whichever side the SYN comes from: one of the sides has closed, or the number
 * is not the originator's first. A SYN+ACK counts against the responder's, and only where nothing of the
 * originator was seen. So the second SYN of a simultaneous open begins a connection of its own.
 * @param flags - of the packet, with SYN
 * @see Zeek, TCPSessionAdapter::IsReuse
 */
export function isZeekReuse(
  words: Int32Array,
  row: number,
  flags: number,
  sequence: number,
): boolean {
  const originator = zeekOriginator(words, row);
  const responder = 1 - originator;
  const state = endpointState(words, row, originator);
  const isAnswer = (flags & TcpFlag.Ack) !== 0;
  if (isAnswer && state !== EndpointState.Inactive) return false;
  if (didClose(words, row, originator) || didClose(words, row, responder)) return true;
  const known = isAnswer ? responder : originator;
  if (words[row + TcpRow.StartSequence + known] === sequence) return false;
  // Captured in the wrong order: the SYN that this connection's SYN+ACK answered.
  const isLateSyn =
    state === EndpointState.SynAckSent &&
    endpointState(words, row, responder) === EndpointState.Inactive &&
    words[row + TcpRow.StartSequence + responder] === sequence;
  return isAnswer || !isLateSyn;
}

/**
 * Whether Zeek still waits for a sign of the responder: it gives such a connection up
 * `tcp_attempt_delay` after its first packet, whatever the originator sent meanwhile.
 */
export function isAttempt(words: Int32Array, row: number): boolean {
  const originator = zeekOriginator(words, row);
  const state = endpointState(words, row, originator);
  if (state !== EndpointState.SynSent && state !== EndpointState.SynAckSent) return false;
  return endpointState(words, row, 1 - originator) === EndpointState.Inactive;
}

function isGone(state: number): boolean {
  return state === EndpointState.Closed || state === EndpointState.Reset;
}

/** Longest handshake that is told, nanoseconds: what 32 bits hold. */
const LONGEST_HANDSHAKE = 0xffffffff;
/** Seconds that 32 bits hold in nanoseconds, with less than another one. */
const MOST_SECONDS = 3;

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
  words[row + TcpRow.HandshakeNanoseconds] = sinceStart(words, row, staged, at);
}

/** From a flow's start to a packet, nanoseconds; 0 where that is none, or more than 32 bits hold. */
function sinceStart(words: Int32Array, row: number, staged: Int32Array, at: number): number {
  const nanoseconds =
    ((staged[at + Staged.Seconds]! >>> 0) - (words[row + Row.StartSeconds]! >>> 0)) * 1e9 +
    (staged[at + Staged.Nanoseconds]! - words[row + Row.StartNanoseconds]!);
  return nanoseconds > 0 && nanoseconds <= LONGEST_HANDSHAKE ? nanoseconds : 0;
}

/** Whether `sinceStart` is what `shortlySinceStart` gives. */
export function isShortlySinceStart(
  words: Int32Array,
  row: number,
  staged: Int32Array,
  at: number,
): boolean {
  const seconds = (staged[at + Staged.Seconds]! - words[row + Row.StartSeconds]!) | 0;
  if (seconds < 0 || seconds > MOST_SECONDS) return false;
  return seconds > 0 || staged[at + Staged.Nanoseconds]! >= words[row + Row.StartNanoseconds]!;
}

/** `sinceStart` in 32 bits. */
export function shortlySinceStart(
  words: Int32Array,
  row: number,
  staged: Int32Array,
  at: number,
): number {
  const seconds = (staged[at + Staged.Seconds]! - words[row + Row.StartSeconds]!) | 0;
  const nanoseconds = (staged[at + Staged.Nanoseconds]! - words[row + Row.StartNanoseconds]!) | 0;
  return (Math.imul(seconds, 1_000_000_000) + nanoseconds) | 0;
}
