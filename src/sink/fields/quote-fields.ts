import type { ByteWriter } from "../../core/byte-writer.ts";
import type { FlowView } from "../../flow/flow-view.ts";
import { COMMUNITY_ID_LENGTH, communityId } from "../../flow/id/community-id.ts";
import { ID_WORDS } from "../../flow/id/flow-id.ts";
import { hasQuote, quotedRow } from "../../flow/id/icmp-quote.ts";
import {
  IPV6_DESTINATION_OFFSET,
  ipv6Offset,
  Kind,
  QuoteRow,
  Row,
} from "../../flow/row/flow-row.ts";
import { IpProtocol, ipProtocolName } from "../../wire/ip-protocol.ts";
import { ADDRESS, ALWAYS, type Field, PORT } from "./field.ts";

/** Writes the flat text of one fact of a quote. */
type QuoteWriter = (view: FlowView, out: ByteWriter, seed: number) => void;

function field(name: string, rest: Omit<Field, "path" | "write">, write: QuoteWriter): Field {
  return {
    path: `icmp.quoted.${name}`,
    ...rest,
    write({ view }, out, { communityIdSeed }) {
      if (hasQuote(view.words, view.row)) write(view, out, communityIdSeed);
    },
  };
}

/** The packet that an ICMP error is about, as the first error of the flow quotes it. */
export const quoteFields: readonly Field[] = [
  field(
    "src",
    { type: "string", meaning: "sender of the quoted packet", present: ALWAYS, schema: ADDRESS },
    (view, out) => writeQuotedAddress(view, 0, out),
  ),
  field(
    "src_port",
    {
      type: "integer",
      meaning: "its port",
      present: "the transport has ports and they were quoted",
      schema: PORT,
    },
    (view, out) => {
      if (quotesPorts(view)) out.integer(view.words[view.row + QuoteRow.Ports]! >>> 16);
    },
  ),
  field(
    "dst",
    { type: "string", meaning: "receiver of the quoted packet", present: ALWAYS, schema: ADDRESS },
    (view, out) => writeQuotedAddress(view, 1, out),
  ),
  field(
    "dst_port",
    {
      type: "integer",
      meaning: "its port",
      present: "the transport has ports and they were quoted",
      schema: PORT,
    },
    (view, out) => {
      if (quotesPorts(view)) out.integer(view.words[view.row + QuoteRow.Ports]! & 0xffff);
    },
  ),
  field(
    "transport",
    {
      type: "string",
      unit: "IANA keyword in lower case, or the number",
      meaning: "transport of the quoted packet",
      present: ALWAYS,
    },
    (view, out) => out.text(quotedTransport(view)),
  ),
  field(
    "community_id",
    {
      type: "string",
      unit: "Community ID v1",
      meaning: "Community ID of the quoted packet's flow",
      present: ALWAYS,
      schema: { pattern: "^1:[A-Za-z0-9+/]{27}=$" },
    },
    (view, out, seed) => {
      out.reserve(COMMUNITY_ID_LENGTH);
      communityId(quotedRow(view.words, view.row), 0, seed, out.memory, out.length);
      out.length += COMMUNITY_ID_LENGTH;
    },
  ),
  field(
    "id",
    {
      type: "string",
      unit: "20 hexadecimal digits",
      meaning: "id of the quoted packet's flow",
      present: "the flow was open when the error came",
      schema: { pattern: "^[0-9a-f]{20}$" },
    },
    (view, out) => {
      const at = view.row + QuoteRow.Id;
      const id = view.words.subarray(at, at + ID_WORDS);
      if (id.every((word) => word === 0)) return;
      out.hex(id[0]!, 8);
      out.hex(id[1]!, 8);
      out.hex(id[2]! >>> 16, 4);
    },
  ),
  field(
    "others",
    {
      type: "integer",
      unit: "packets",
      meaning: "later errors of this flow that quote a packet of another flow",
      present: "there were any",
      schema: { minimum: 1 },
    },
    (view, out) => {
      const others = view.words[view.row + QuoteRow.Others]!;
      if (others !== 0) out.integer(others >>> 0);
    },
  ),
];

function quotedKind(view: FlowView): number {
  return view.words[view.row + QuoteRow.Kind]!;
}

function quotedTransport(view: FlowView): string {
  return ipProtocolName(quotedKind(view) & Kind.ProtocolMask);
}

function quotesPorts(view: FlowView): boolean {
  const kind = quotedKind(view);
  const protocol = kind & Kind.ProtocolMask;
  return (
    (kind & Kind.HasPorts) !== 0 && protocol !== IpProtocol.Icmp && protocol !== IpProtocol.Icmpv6
  );
}

function writeQuotedAddress(view: FlowView, end: number, out: ByteWriter): void {
  const row = quotedRow(view.words, view.row);
  const low = row[Row.Source + end]!;
  if ((row[Row.Kind]! & Kind.Ipv6) === 0) {
    out.ipv4(low);
    return;
  }
  const at = ipv6Offset(row[Row.Kind]!) + end * IPV6_DESTINATION_OFFSET;
  out.ipv6(row[at]!, row[at + 1]!, row[at + 2]!, low);
}
