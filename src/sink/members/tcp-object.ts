import type { ByteWriter } from "../../core/byte-writer.ts";
import { fragment } from "../../core/fragment.ts";
import type { FlowView } from "../../flow/flow-view.ts";
import { writeHandshake, writeHistory, writeTcpFlags } from "../flow-text.ts";

const CLOSE = 125;
const TCP_STATE = fragment(',"tcp":{"state":"');
const HISTORY = fragment('","history":"');
const FLAGS = fragment('","flags":{"src":"');
const FLAGS_DESTINATION = fragment('","dst":"');
const RETRANSMITS = fragment('"},"retransmits":{"src":');
const DESTINATION = fragment(',"dst":');
const OUT_OF_ORDER = fragment('},"out_of_order":{"src":');
const MISSED_BYTES = fragment('},"missed_bytes":');
const NOTHING_LOST = fragment(
  '"},"retransmits":{"src":0,"dst":0},"out_of_order":{"src":0,"dst":0},"missed_bytes":0',
);
const HANDSHAKE = fragment(',"handshake_rtt":');

/** Writes `,"tcp":{...}` as portflow's own records have it. */
export function writeTcpObject(view: FlowView, out: ByteWriter): void {
  writeTcpWay(view, out);
  writeTcpMeasures(view, out);
}

/** The part of it that connections have in common: how they went, without what was counted and measured. */
export function writeTcpWay(view: FlowView, out: ByteWriter): void {
  out.put(TCP_STATE);
  out.text(view.connectionState);
  out.put(HISTORY);
  writeHistory(view, out);
  out.put(FLAGS);
  writeTcpFlags(view.tcpFlags(0), out);
  out.put(FLAGS_DESTINATION);
  writeTcpFlags(view.tcpFlags(1), out);
}

/** The rest. */
export function writeTcpMeasures(view: FlowView, out: ByteWriter): void {
  const retransmits = view.retransmits(0) + view.retransmits(1);
  const outOfOrder = view.outOfOrder(0) + view.outOfOrder(1);
  // Most connections lose nothing: one copy instead of nine.
  if (retransmits + outOfOrder + view.missedBytes === 0) out.put(NOTHING_LOST);
  else writeLosses(view, out);
  if (view.handshakeNanoseconds > 0) {
    out.put(HANDSHAKE);
    writeHandshake(view, out);
  }
  out.byte(CLOSE);
}

function writeLosses(view: FlowView, out: ByteWriter): void {
  out.put(RETRANSMITS);
  out.integer(view.retransmits(0));
  out.put(DESTINATION);
  out.integer(view.retransmits(1));
  out.put(OUT_OF_ORDER);
  out.integer(view.outOfOrder(0));
  out.put(DESTINATION);
  out.integer(view.outOfOrder(1));
  out.put(MISSED_BYTES);
  out.integer(view.missedBytes);
}
