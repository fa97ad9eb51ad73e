import { endFields } from "./end-fields.ts";
import { endpointFields } from "./endpoint-fields.ts";
import { ALWAYS, type Field, type FieldGroup } from "./field.ts";
import { identityFields } from "./identity-fields.ts";
import { serviceFields } from "./service-fields.ts";
import { surroundingsFields } from "./surroundings-fields.ts";
import { tcpFields } from "./tcp-fields.ts";

/**
 * Every leaf of the flow record in the order of the public contract. CSV and TSV columns, the JSON
 * Schema and the reference page come from here; NDJSON is written by hand for speed and compared
 * with this list by the tests.
 */
export const FIELDS: readonly Field[] = [
  ...identityFields,
  ...endpointFields("src", 0),
  ...endpointFields("dst", 1),
  ...surroundingsFields,
  ...serviceFields,
  ...tcpFields,
  ...endFields,
];

/** Every object of the flow record that holds fields of the catalogue, outer ones first. */
export const FIELD_GROUPS: readonly FieldGroup[] = [
  { path: "src", meaning: "the initiator", present: ALWAYS },
  { path: "dst", meaning: "the responder", present: ALWAYS },
  {
    path: "icmp",
    meaning: "ICMP and ICMPv6",
    present: "the transport is ICMP or ICMPv6 and its header was read",
  },
  {
    path: "icmp.quoted",
    meaning: "the packet that the error is about, as the first error of the flow quotes it",
    present: "the message is an error and the capture holds what it quotes",
  },
  {
    path: "spi",
    meaning: "security parameter index of each end's first IPsec packet",
    present: "the flow is ESP, ESP in UDP or protected by AH",
  },
  { path: "direction", meaning: "who began the flow, and how sure that is", present: ALWAYS },
  {
    path: "service",
    meaning: "the service registered for the flow's port; a registration, not a proof",
    present: ALWAYS,
  },
  { path: "tcp", meaning: "the TCP connection", present: "the transport is TCP" },
  { path: "tcp.flags", meaning: "flags sent by each end", present: ALWAYS },
  { path: "tcp.retransmits", meaning: "retransmissions by each end", present: ALWAYS },
  { path: "tcp.out_of_order", meaning: "late packets of each end", present: ALWAYS },
];
