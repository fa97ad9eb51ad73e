import type { FlowView } from "../../flow/flow-view.ts";
import {
  EndpointState,
  endpointState,
  finSeen,
  Position,
  positionOf,
} from "../../flow/row/tcp-state.ts";
import { TcpFlag } from "../../flow/tcp/tcp-flags.ts";

/** Suricata's states of a TCP session, in the order of a session's life. */
export const EveTcpState = {
  SynSent: 0,
  SynReceived: 1,
  Established: 2,
  FinWait1: 3,
  FinWait2: 4,
  CloseWait: 5,
  LastAck: 6,
  TimeWait: 7,
  Closed: 8,
} as const;

/** Suricata's words by code. */
export const EveTcpStateName: readonly string[] = [
  "syn_sent",
  "syn_recv",
  "established",
  "fin_wait1",
  "fin_wait2",
  "close_wait",
  "last_ack",
  "time_wait",
  "closed",
];

/** Suricata's word for a flow whose session is in that state (StreamTcpPacketSetState). */
export const EveFlowStateName: readonly string[] = [
  "new",
  "new",
  "established",
  "established",
  "established",
  "established",
  "closed",
  "closed",
  "closed",
];

const UPPER_F = 70;
const LOWER_F = 102;

/**
 * The state in which Suricata's session would be. Which end closes first decides between its two
 * roads: the server's FIN leads to fin_wait, the client's to close_wait. A session without its
 * handshake counts as picked up mid-stream, as with `stream.midstream: true`.
 * @see Suricata src/stream-tcp.c, StreamTcpHandleFin and the functions of each state
 */
export function eveTcpState(view: FlowView): number {
  const { words, row, initiator } = view;
  const client = endpointState(words, row, initiator);
  const server = endpointState(words, row, 1 - initiator);
  if (client === EndpointState.Reset || server === EndpointState.Reset) return EveTcpState.Closed;
  const hasClientFin = finSeen(words, row, initiator);
  const hasServerFin = finSeen(words, row, 1 - initiator);
  const isUnanswered = client === EndpointState.SynSent && server === EndpointState.Inactive;
  // A FIN before the SYN was answered changes nothing in Suricata.
  const isSilent = client === EndpointState.Closed && server === EndpointState.Inactive;
  const clientFlags = view.tcpFlags(0);
  if (isUnanswered || (isSilent && (clientFlags & TcpFlag.Syn) !== 0)) return EveTcpState.SynSent;
  if (hasClientFin && hasServerFin) return closingState(view);
  if (hasClientFin) return EveTcpState.CloseWait;
  if (hasServerFin) {
    return isAcknowledged(view, 1) ? EveTcpState.FinWait2 : EveTcpState.FinWait1;
  }
  const isAnswered = (view.tcpFlags(1) & (TcpFlag.Syn | TcpFlag.Ack)) === 0x12;
  if (isAnswered && (clientFlags & TcpFlag.Ack) === 0) return EveTcpState.SynReceived;
  return EveTcpState.Established;
}

function closingState(view: FlowView): number {
  if (isAcknowledged(view, 0) && isAcknowledged(view, 1)) return EveTcpState.Closed;
  return clientClosedFirst(view) ? EveTcpState.LastAck : EveTcpState.TimeWait;
}

/** Whether everything an end sent, its FIN included, was acknowledged. */
function isAcknowledged(view: FlowView, end: number): boolean {
  const side = end ^ view.initiator;
  const last = positionOf(view.words, view.row, side, Position.Last);
  return positionOf(view.words, view.row, side, Position.Acknowledged) >= last;
}

function clientClosedFirst(view: FlowView): boolean {
  for (let i = 0; i < view.historyLength; i += 1) {
    if (view.history[i] === UPPER_F) return true;
    if (view.history[i] === LOWER_F) return false;
  }
  return true;
}
