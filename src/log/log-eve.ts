import { type ByteWriter, textBytes } from "../core/byte-writer.ts";
import { Evidence } from "../service/tag.ts";
import type { JsonMembers } from "./json-members.ts";
import { copyOctets, isUnchanged } from "./line-edit.ts";
import { LineOutcome } from "./line-outcome.ts";
import { type EndMembers, readEnds } from "./log-ends.ts";
import { Member } from "./log-members.ts";
import { type LogTagger, protocolOf } from "./log-tagger.ts";

const COMMA = 44;
const CLOSE = 125;
const PORTFLOW = textBytes('"portflow":{');
const FLOW = textBytes('"flow"');
const NETFLOW = textBytes('"netflow"');

const SOURCE: EndMembers = {
  port: Member.EveSourcePort,
  portWord: "src_port",
  address: Member.EveSourceAddress,
  addressWord: "src_ip",
};
const DESTINATION: EndMembers = {
  port: Member.EveDestinationPort,
  portWord: "dest_port",
  address: Member.EveDestinationAddress,
  addressWord: "dest_ip",
};

/** Whether the line is an EVE record of a flow; Suricata's other events are none. */
export function isEve(members: JsonMembers): boolean {
  return isFlow(members) || members.is(Member.EventType, NETFLOW);
}

function isFlow(members: JsonMembers): boolean {
  return members.is(Member.EventType, FLOW);
}

/**
 * Adds `"portflow":{"service":{...}}` to an EVE record, or replaces it. In a `flow` event src is the
 * side that Suricata calls client: an exporter's word, R2. A `netflow` event is one direction of a
 * flow, so nothing tells who began: R3 to R6.
 * @returns what is wrong with it, or the outcome, the line written
 */
export function annotateEve(
  members: JsonMembers,
  tagger: LogTagger,
  start: number,
  end: number,
  out: ByteWriter,
): LineOutcome | string {
  const complaint = readEve(members, tagger);
  if (complaint !== undefined) return complaint;
  tagger.classify();
  const { bytes } = members;
  const isReplaced = members.has(Member.Portflow);
  const from = isReplaced ? members.key[Member.Portflow]! : members.close;
  const to = isReplaced ? members.end[Member.Portflow]! : members.close;
  copyOctets(bytes, start, from, out);
  if (!isReplaced) out.byte(COMMA);
  const written = out.length;
  out.raw(PORTFLOW);
  tagger.writeService(out);
  out.byte(CLOSE);
  const isSame = isUnchanged(out, written, bytes, from, to);
  copyOctets(bytes, to, end, out);
  if (!isReplaced) return LineOutcome.Added;
  return isSame ? LineOutcome.Kept : LineOutcome.Changed;
}

function readEve(members: JsonMembers, tagger: LogTagger): string | undefined {
  if (!members.has(Member.ProtocolWord)) return "proto is missing";
  const { bytes, start, end } = members;
  // Without the quotes.
  const word = start[Member.ProtocolWord]! + 1;
  tagger.begin(protocolOf(bytes, word, end[Member.ProtocolWord]! - 1));
  const complaint = readEnds(members, tagger, SOURCE, DESTINATION);
  if (complaint !== undefined) return complaint;
  if (members.has(Member.EveDestinationAddress)) {
    const address = start[Member.EveDestinationAddress]! + 1;
    tagger.markDestination(bytes, address, end[Member.EveDestinationAddress]! - 1);
  }
  if (isFlow(members)) tagger.input.evidence = Evidence.InitiatorKnown;
  else tagger.input.isUdpLike = 0;
  return undefined;
}
