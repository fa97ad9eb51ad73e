import { IpProtocol } from "../wire/ip-protocol.ts";
import type { FlowView } from "./flow-view.ts";
import { Row, TcpRow } from "./row/flow-row.ts";
import { finSeen, Position, positionOf } from "./row/tcp-state.ts";
import { isOverAtClock } from "./tcp/tcp-closing.ts";
import { Uncounted } from "./uncounted.ts";

// What Zeek counts of a flow, whose own counters have all packets; see uncounted.ts.

/** The last sequence number, 2^32 - 1, as int32. */
const LAST_NUMBER = -1;

/** Packets that Zeek counts: none with a wrong checksum, datagrams instead of fragments. */
export function countedPackets(view: FlowView, end: number): number {
  return view.packets(end) - uncounted(view, Uncounted.Packets, end);
}

/** Octets of IP datagrams that Zeek counts. */
export function countedIpBytes(view: FlowView, end: number): number {
  return view.ipBytes(end) - uncounted(view, Uncounted.IpBytes, end);
}

/** Octets above the transport header that Zeek counts. */
export function countedPayloadBytes(view: FlowView, end: number): number {
  return view.payloadBytes(end) - uncounted(view, Uncounted.PayloadBytes, end);
}

/**
 * Octets of TCP payload by sequence numbers. Where those begin with the last there is, as they do from the
 * middle of a connection with number 0, Zeek does not notice that what was sent has turned over, and
 * believes what was acknowledged.
 * @see Zeek, TCP_Endpoint::Size and InitLastSeq
 */
export function countedSequenceBytes(view: FlowView, end: number): number {
  const { words, row } = view;
  const side = end ^ view.initiator;
  const isFirstPart = (view.extra?.part ?? 1) === 1;
  if (words[row + TcpRow.StartSequence + side] !== LAST_NUMBER || !isFirstPart) {
    return view.sequenceBytes(end);
  }
  const octets = positionOf(words, row, side, Position.Acknowledged) - 1;
  return Math.max(0, finSeen(words, row, side) ? octets - 1 : octets);
}

/** Whether Zeek has a connection for it: of all packets there is one that it did not discard before. */
export function isConnection(view: FlowView): boolean {
  const { extra } = view;
  if (extra === undefined || extra.uncounted.length === 0 || extra.refused > 0) return true;
  return countedPackets(view, 0) + countedPackets(view, 1) > 0;
}

function uncounted(view: FlowView, kind: number, end: number): number {
  return view.extra?.uncounted[kind + (end ^ view.initiator)] ?? 0;
}

/** Time of the first packet that Zeek counts, or would with a right checksum: not of the earliest. */
export function firstCountedSeconds(view: FlowView): number {
  const { extra } = view;
  if (extra?.firstCounted !== undefined) return extra.firstCounted.seconds;
  const isLater = extra !== undefined && extra.firstNanoseconds >= 0;
  return isLater ? extra.firstSeconds >>> 0 : view.startSeconds;
}

/** Nanoseconds of that second. */
export function firstCountedNanoseconds(view: FlowView): number {
  const { extra } = view;
  if (extra?.firstCounted !== undefined) return extra.firstCounted.nanoseconds;
  const isLater = extra !== undefined && extra.firstNanoseconds >= 0;
  return isLater ? extra.firstNanoseconds : view.startNanoseconds;
}

/** Time of the last packet that Zeek counts: none after both sides of a connection had closed. */
export function lastCountedSeconds(view: FlowView): number {
  const { extra, words, row } = view;
  if (extra?.lastCounted !== undefined) return extra.lastCounted.seconds;
  if (view.protocol !== IpProtocol.Tcp || !isOverAtClock(words, row)) return view.endSeconds;
  return words[row + Row.ClockSeconds]! >>> 0;
}

/** Nanoseconds of that second. */
export function lastCountedNanoseconds(view: FlowView): number {
  const { extra, words, row } = view;
  if (extra?.lastCounted !== undefined) return extra.lastCounted.nanoseconds;
  if (view.protocol !== IpProtocol.Tcp || !isOverAtClock(words, row)) return view.endNanoseconds;
  return words[row + Row.ClockNanoseconds]!;
}
