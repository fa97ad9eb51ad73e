import { zeekOriginator } from "../row/direction.ts";
import type { ExtraOf } from "../row/flow-extra.ts";
import { Flag, Row } from "../row/flow-row.ts";
import { EndpointState, endpointState, previousState, setEndpointState } from "../row/tcp-state.ts";
import { TcpFlag } from "./tcp-flags.ts";
import { appendHistory, Letter } from "./tcp-history.ts";

/**
 * Moves the sender of a packet, and where that follows its peer, through the states of Zeek's model.
 * @param state - of the sender before the packet
 * @returns whether the packet asks to close its sender's side
 */
export function updateState(
  words: Int32Array,
  row: number,
  side: number,
  state: number,
  flags: number,
  payload: number,
  extraOf: ExtraOf,
): boolean {
  if (state === EndpointState.Established && (flags & 7) === 0) return false;
  const isReset = (flags & TcpFlag.Reset) !== 0;
  const isFin = (flags & TcpFlag.Fin) !== 0;
  switch (state) {
    case EndpointState.Inactive:
      leaveInactive(words, row, side, flags, payload, extraOf);
      return isFin || isReset;
    case EndpointState.SynSent:
    case EndpointState.SynAckSent:
      if (isFin) setEndpointState(words, row, side, EndpointState.Closed);
      if (isReset) setEndpointState(words, row, side, EndpointState.Reset);
      return isFin || isReset;
    case EndpointState.Closed:
      if (!isReset || endpointState(words, row, 1 - side) === EndpointState.Closed) return false;
      setEndpointState(words, row, side, EndpointState.Reset);
      return true;
    case EndpointState.Reset:
      return false;
    default:
      leaveOpen(words, row, side, state, flags);
      return isFin || isReset;
  }
}

function leaveInactive(
  words: Int32Array,
  row: number,
  side: number,
  flags: number,
  payload: number,
  extraOf: ExtraOf,
): void {
  if ((flags & TcpFlag.Syn) !== 0) enterBySyn(words, row, side, flags, extraOf);
  if ((flags & TcpFlag.Fin) !== 0) setEndpointState(words, row, side, EndpointState.Closed);
  if ((flags & TcpFlag.Reset) !== 0) setEndpointState(words, row, side, EndpointState.Reset);
  if (endpointState(words, row, side) !== EndpointState.Inactive) return;
  const peerState = endpointState(words, row, 1 - side);
  // Some stacks acknowledge a SYN before they answer it: that alone makes no partial connection.
  const isOriginator = side === zeekOriginator(words, row);
  if (!isOriginator && payload === 0 && peerState === EndpointState.SynSent) return;
  const missedSyn = (flags & TcpFlag.Ack) !== 0 && peerState === EndpointState.Established;
  const next = missedSyn ? EndpointState.Established : EndpointState.Partial;
  setEndpointState(words, row, side, next);
}

function enterBySyn(
  words: Int32Array,
  row: number,
  side: number,
  flags: number,
  extraOf: ExtraOf,
): void {
  const peer = 1 - side;
  const isAnswer = (flags & TcpFlag.Ack) !== 0;
  if (side === zeekOriginator(words, row)) {
    const opening = isAnswer ? EndpointState.SynAckSent : EndpointState.SynSent;
    setEndpointState(words, row, side, opening);
    return;
  }
  const peerState = endpointState(words, row, peer);
  if (!isAnswer && peerState === EndpointState.SynAckSent) {
    // Captured in the wrong order: the SYN comes after the SYN+ACK that answers it.
    words[row + Row.Flags]! ^= Flag.Flipped;
    appendHistory(words, row, Letter.Flipped, 0, extraOf);
    setEndpointState(words, row, peer, EndpointState.Established);
  } else if (peerState === EndpointState.SynSent) {
    setEndpointState(words, row, peer, EndpointState.Established);
  }
  setEndpointState(words, row, side, EndpointState.Established);
}

/** Partial or established: what FIN, RST and a late SYN change. */
function leaveOpen(
  words: Int32Array,
  row: number,
  side: number,
  state: number,
  flags: number,
): void {
  const peer = 1 - side;
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
