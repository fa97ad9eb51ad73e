import { TimeText } from "../../core/time-text.ts";
import { transportName, writeCommunityId, writeDuration, writeId } from "../flow-text.ts";
import { ALWAYS, type Field } from "./field.ts";

const ID_PATTERN = "^[0-9a-f]{20}$";
const TIME_PATTERN = "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z$";

// Each keeps the text of its own last second.
const startText = new TimeText();
const endText = new TimeText();

/** What a record is, when it was, and what it speaks. */
export const identityFields: readonly Field[] = [
  {
    path: "type",
    type: "string",
    meaning: "kind of the record",
    present: ALWAYS,
    constant: "flow",
    write: (_record, out) => out.text("flow"),
  },
  {
    path: "schema",
    type: "string",
    meaning: "name and version of this list of fields",
    present: ALWAYS,
    constant: "portflow.flow/1",
    write: (_record, out) => out.text("portflow.flow/1"),
  },
  {
    path: "id",
    type: "string",
    unit: "20 hexadecimal digits",
    meaning: "id of the record: unique in a capture, the same in every run over it",
    present: ALWAYS,
    schema: { pattern: ID_PATTERN },
    write: (record, out) => writeId(record.view, out),
  },
  {
    path: "community_id",
    type: "string",
    unit: "Community ID v1",
    meaning: "hash of addresses, ports and transport that other tools compute too",
    present: ALWAYS,
    schema: { pattern: "^1:[A-Za-z0-9+/]{27}=$" },
    write: (record, out, options) => writeCommunityId(record.view, options.communityIdSeed, out),
  },
  {
    path: "start",
    type: "string",
    unit: "RFC 3339, UTC, nanoseconds",
    meaning: "time of the first packet",
    present: ALWAYS,
    schema: { pattern: TIME_PATTERN },
    write: ({ view }, out) => startText.write(out, view.startSeconds, view.startNanoseconds),
  },
  {
    path: "end",
    type: "string",
    unit: "RFC 3339, UTC, nanoseconds",
    meaning: "time of the last packet",
    present: ALWAYS,
    schema: { pattern: TIME_PATTERN },
    write: ({ view }, out) => endText.write(out, view.endSeconds, view.endNanoseconds),
  },
  {
    path: "duration",
    type: "number",
    unit: "seconds",
    meaning: "time from the first packet to the last, exact to the nanosecond",
    present: ALWAYS,
    schema: { minimum: 0 },
    write: (record, out) => writeDuration(record.view, out),
  },
  {
    path: "ip_version",
    type: "integer",
    meaning: "version of IP",
    values: [4, 6],
    present: ALWAYS,
    write: (record, out) => out.integer(record.view.isIpv6 ? 6 : 4),
  },
  {
    path: "transport",
    type: "string",
    unit: "IANA keyword, lower case",
    meaning:
      "protocol above IP: tcp, udp, sctp, icmp, ipv6-icmp, gre ...; its number if it has no keyword",
    present: ALWAYS,
    schema: { pattern: "^[a-z0-9][a-z0-9.+/-]*$" },
    write: (record, out) => out.text(transportName(record.view)),
  },
  {
    path: "ip_proto",
    type: "integer",
    meaning: "number of the protocol above IP, IPv6 extension headers and AH",
    present: ALWAYS,
    schema: { minimum: 0, maximum: 255 },
    write: (record, out) => out.integer(record.view.protocol),
  },
];
