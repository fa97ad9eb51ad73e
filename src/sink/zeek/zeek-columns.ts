import { flowIdWords } from "../../flow/id/flow-id.ts";
import {
  countedIpBytes,
  countedPackets,
  firstCountedNanoseconds,
  firstCountedSeconds,
} from "../../flow/zeek-counts.ts";
import { ADDRESS, ALWAYS, COUNT, PORT } from "../fields/field.ts";
import { ZEEK_ADDED_COLUMNS } from "./zeek-added-columns.ts";
import type { ZeekColumn } from "./zeek-column.ts";
import {
  hasZeekDuration,
  writeMicroseconds,
  writeZeekAddress,
  writeZeekDuration,
  writeZeekDurationMicroseconds,
  writeZeekHistory,
  ZEEK_PROTOCOLS,
  zeekPayloadBytes,
  zeekPort,
  zeekProtocol,
  zeekState,
} from "./zeek-connection.ts";
import { isZeekLocal } from "./zeek-local.ts";
import { writeZeekUid } from "./zeek-uid.ts";

const LASTED = "the connection lasted longer than an instant";
const COMMA = 44;
const UID = "^C[0-9A-Za-z]{14}$";
const STATES = "S0 S1 SF REJ S2 S3 RSTO RSTR RSTOS0 RSTRH SH SHR OTH".split(" ");

function endpoint(end: 0 | 1, side: "orig" | "resp", who: string): readonly ZeekColumn[] {
  return [
    {
      name: `id.${side}_h`,
      type: "addr",
      meaning: `address of the ${who}`,
      present: ALWAYS,
      schema: ADDRESS,
      write: ({ view }, out) => writeZeekAddress(view, end, out),
    },
    {
      name: `id.${side}_p`,
      type: "port",
      meaning: `port of the ${who}; ICMP: ${end === 0 ? "type" : "type of the answer, else the code"}; 0 where proto is unknown_transport`,
      present: ALWAYS,
      schema: PORT,
      write: ({ view }, out) => out.integer(zeekPort(view, end)),
    },
  ];
}

function payload(end: 0 | 1, side: "orig" | "resp", who: string): ZeekColumn {
  return {
    name: `${side}_bytes`,
    type: "count",
    meaning: `payload octets of the ${who}: TCP by sequence numbers (gaps count, repeats do not), UDP and ICMP by their lengths`,
    present: LASTED,
    schema: COUNT,
    write({ view }, out) {
      if (hasZeekDuration(view)) out.integer(zeekPayloadBytes(view, end));
    },
  };
}

function local(end: 0 | 1, side: "orig" | "resp", who: string): ZeekColumn {
  return {
    name: `local_${side}`,
    type: "bool",
    meaning: `whether the ${who} is in a network that Zeek holds to be local where it is told no others`,
    present: ALWAYS,
    write: ({ view }, out) => out.text(isZeekLocal(view, end) ? "true" : "false"),
    writeTsv: ({ view }, out) => out.text(isZeekLocal(view, end) ? "T" : "F"),
  };
}

function counts(end: 0 | 1, side: "orig" | "resp", who: string): readonly ZeekColumn[] {
  return [
    {
      name: `${side}_pkts`,
      type: "count",
      meaning: `packets of the ${who}`,
      present: ALWAYS,
      schema: COUNT,
      write: ({ view }, out) => out.integer(countedPackets(view, end)),
    },
    {
      name: `${side}_ip_bytes`,
      type: "count",
      meaning: `octets of IP datagrams of the ${who}, by their headers`,
      present: ALWAYS,
      schema: COUNT,
      write: ({ view }, out) => out.integer(countedIpBytes(view, end)),
    },
  ];
}

/** Columns of Zeek's conn.log in its order, then those that portflow adds. */
export const ZEEK_COLUMNS: readonly ZeekColumn[] = [
  {
    name: "ts",
    type: "time",
    meaning: "time of the first packet, seconds since 1970",
    present: ALWAYS,
    schema: COUNT,
    write: ({ view }, out) =>
      out.decimalSeconds(firstCountedSeconds(view), firstCountedNanoseconds(view)),
    writeTsv: ({ view }, out) =>
      writeMicroseconds(firstCountedSeconds(view), firstCountedNanoseconds(view), out),
  },
  {
    name: "uid",
    type: "string",
    meaning: "the flow's id in Zeek's notation: C and 14 digits of base 62",
    present: ALWAYS,
    schema: { pattern: UID },
    write: ({ view }, out) => writeZeekUid(view.id, out),
  },
  ...endpoint(0, "orig", "originator"),
  ...endpoint(1, "resp", "responder"),
  {
    name: "proto",
    type: "enum",
    meaning: "transport in Zeek's words; icmp is ICMPv6, too",
    present: ALWAYS,
    values: ZEEK_PROTOCOLS,
    write: ({ view }, out) => out.text(zeekProtocol(view)),
  },
  {
    name: "service",
    type: "string",
    meaning: "protocol that was observed; never a registered name",
    present: "never: portflow does not look at what packets carry",
    schema: { minLength: 1 },
    write() {},
  },
  {
    name: "duration",
    type: "interval",
    meaning: "seconds from the first packet to the last one before both sides had closed",
    present: LASTED,
    schema: { exclusiveMinimum: 0 },
    write({ view }, out) {
      if (hasZeekDuration(view)) writeZeekDuration(view, out);
    },
    writeTsv({ view }, out) {
      if (hasZeekDuration(view)) writeZeekDurationMicroseconds(view, out);
    },
  },
  payload(0, "orig", "originator"),
  payload(1, "resp", "responder"),
  {
    name: "conn_state",
    type: "string",
    meaning: "how the connection went",
    present: ALWAYS,
    values: STATES,
    write: ({ view }, out) => out.text(zeekState(view)),
  },
  local(0, "orig", "originator"),
  local(1, "resp", "responder"),
  {
    name: "missed_bytes",
    type: "count",
    meaning: "payload octets that were acknowledged but not captured, both sides",
    present: ALWAYS,
    schema: COUNT,
    write: ({ view }, out) => out.integer(view.missedBytes),
  },
  {
    name: "history",
    type: "string",
    meaning: "what happened in order: capitals for the originator, ^ when the direction was turned",
    present: "proto is tcp or udp",
    schema: { pattern: "^[SHADFRCGTWIQX^shadfrcgtwiqx]+$" },
    write: ({ view }, out) => writeZeekHistory(view, out),
  },
  ...counts(0, "orig", "originator"),
  ...counts(1, "resp", "responder"),
  {
    name: "tunnel_parents",
    type: "set[string]",
    meaning: "uids of the connections that carry this one",
    present: "the connection is in a tunnel and --tunnels both records that, too",
    schema: { minItems: 1, items: { type: "string", pattern: UID } },
    write({ view }, out) {
      const parents = view.extra?.parents ?? [];
      for (let i = 0; i < parents.length; i += 1) {
        if (i > 0) out.byte(COMMA);
        writeZeekUid(flowIdWords(parents[i]!.id), out);
      }
    },
  },
  {
    name: "ip_proto",
    type: "count",
    meaning: "number of the protocol above IP",
    present: ALWAYS,
    schema: { minimum: 0, maximum: 255 },
    write: ({ view }, out) => out.integer(view.protocol),
  },
  ...ZEEK_ADDED_COLUMNS,
];
