import type { FlowView } from "../../flow/flow-view.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { writeHandshake, writeHistory, writeTcpFlags } from "../flow-text.ts";
import { ALWAYS, COUNT, type Field } from "./field.ts";

/** Zeek's words for how a connection went. */
const STATES = "S0 S1 SF REJ S2 S3 RSTO RSTR RSTOS0 RSTRH SH SHR OTH".split(" ");

/** A pair of fields, one for each end. */
function bothEnds(make: (name: "src" | "dst", end: 0 | 1, who: string) => Field): readonly Field[] {
  return [make("src", 0, "initiator"), make("dst", 1, "responder")];
}

function countOf(
  name: string,
  count: (view: FlowView, end: number) => number,
  meaning: string,
): readonly Field[] {
  return bothEnds((side, end, who) => ({
    path: `tcp.${name}.${side}`,
    type: "integer",
    unit: "packets",
    meaning: `packets of the ${who} ${meaning}`,
    present: ALWAYS,
    schema: COUNT,
    write({ view }, out) {
      if (view.protocol === IpProtocol.Tcp) out.integer(count(view, end));
    },
  }));
}

/** What is known of a TCP connection beyond counts. */
export const tcpFields: readonly Field[] = [
  {
    path: "tcp.state",
    type: "string",
    unit: "Zeek's conn_state",
    meaning: "how the connection went, in Zeek's words",
    values: STATES,
    present: ALWAYS,
    write({ view }, out) {
      if (view.protocol === IpProtocol.Tcp) out.text(view.connectionState);
    },
  },
  {
    path: "tcp.history",
    type: "string",
    unit: "Zeek's history letters",
    meaning:
      "what happened in order, capitals for the initiator, ^ first when the direction was turned",
    present: ALWAYS,
    schema: { pattern: "^\\^?[SHADFRCGTWIQXshadfrcgtwiqx]*$" },
    write({ view }, out) {
      if (view.protocol === IpProtocol.Tcp) writeHistory(view, out);
    },
  },
  ...bothEnds((side, end, who) => ({
    path: `tcp.flags.${side}`,
    type: "string",
    unit: "letters SAPFRUEC",
    meaning: `flags that the ${who} sent in any packet; empty when it sent none`,
    present: ALWAYS,
    schema: { pattern: "^S?A?P?F?R?U?E?C?$" },
    write({ view }, out) {
      if (view.protocol === IpProtocol.Tcp) writeTcpFlags(view.tcpFlags(end), out);
    },
  })),
  ...countOf(
    "retransmits",
    (view, end) => view.retransmits(end),
    "whose payload had all been seen before",
  ),
  ...countOf(
    "out_of_order",
    (view, end) => view.outOfOrder(end),
    "that filled a hole which later ones had left",
  ),
  {
    path: "tcp.missed_bytes",
    type: "integer",
    unit: "octets",
    meaning: "octets of both ends that were acknowledged but never captured",
    present: ALWAYS,
    schema: COUNT,
    write({ view }, out) {
      if (view.protocol === IpProtocol.Tcp) out.integer(view.missedBytes);
    },
  },
  {
    path: "tcp.handshake_rtt",
    type: "number",
    unit: "seconds",
    meaning: "time from the SYN to the acknowledgement of the SYN+ACK",
    present: "all three packets of the handshake were seen",
    schema: { exclusiveMinimum: 0 },
    write({ view }, out) {
      if (view.protocol === IpProtocol.Tcp && view.handshakeNanoseconds > 0) {
        writeHandshake(view, out);
      }
    },
  },
];
