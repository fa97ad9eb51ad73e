import { Flag, Row } from "./flow-row.ts";
import { TcpFlag } from "./tcp-flags.ts";
import { EndpointState, endpointState, previousState, setEndpointState } from "./tcp-state.ts";

export function updateState(
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
