import type { ByteWriter } from "../../core/byte-writer.ts";
import { fragment } from "../../core/fragment.ts";
import type { FlowView } from "../../flow/flow-view.ts";
import { TcpFlag } from "../../flow/tcp/tcp-flags.ts";
import { EveTcpStateName } from "./eve-tcp-state.ts";

// Members for flags in Suricata's order (EveTcpFlags).
const FLAG_MEMBERS: readonly (readonly [number, string])[] = [
  [TcpFlag.Syn, "syn"],
  [TcpFlag.Fin, "fin"],
  [TcpFlag.Reset, "rst"],
  [TcpFlag.Push, "psh"],
  [TcpFlag.Ack, "ack"],
  [TcpFlag.Urgent, "urg"],
  [TcpFlag.EcnEcho, "ecn"],
  [TcpFlag.WindowReduced, "cwr"],
];

const FLAGS = Array.from({ length: 256 }, (_, flags) =>
  fragment(
    FLAG_MEMBERS.filter(([bit]) => (flags & bit) !== 0)
      .map(([, name]) => `,"${name}":true`)
      .join(""),
  ),
);
const STATES = EveTcpStateName.map((name) => fragment(`,"state":"${name}"`));

const OPEN = fragment(',"tcp":{"tcp_flags":"');
const TO_SERVER = fragment('","tcp_flags_ts":"');
const TO_CLIENT = fragment('","tcp_flags_tc":"');
const SERVER_GAP = fragment(',"ts_gap":true');
const CLIENT_GAP = fragment(',"tc_gap":true');
const QUOTE = 34;
const CLOSE = 125;

/** Writes the `tcp` object of an EVE flow record. @param state - `EveTcpState` */
export function writeEveTcp(view: FlowView, state: number, out: ByteWriter): void {
  const toServer = view.tcpFlags(0);
  const toClient = view.tcpFlags(1);
  out.put(OPEN);
  out.hex(toServer | toClient, 2);
  out.put(TO_SERVER);
  out.hex(toServer, 2);
  out.put(TO_CLIENT);
  out.hex(toClient, 2);
  out.byte(QUOTE);
  out.put(FLAGS[toServer | toClient]!);
  out.put(STATES[state]!);
  if (hasGap(view, 1)) out.put(CLIENT_GAP);
  if (hasGap(view, 0)) out.put(SERVER_GAP);
  out.byte(CLOSE);
}

/** Writes the `tcp` object of an EVE netflow record: the flags of one end. */
export function writeEveNetflowTcp(view: FlowView, end: number, out: ByteWriter): void {
  const flags = view.tcpFlags(end);
  out.put(OPEN);
  out.hex(flags, 2);
  out.byte(QUOTE);
  out.put(FLAGS[flags]!);
  out.byte(CLOSE);
}

/** Whether octets of an end were acknowledged but never captured. */
function hasGap(view: FlowView, end: number): boolean {
  const extra = view.extra;
  if (extra === undefined) return false;
  return ((end ^ view.initiator) === 0 ? extra.gaps0 : extra.gaps1) > 0;
}
