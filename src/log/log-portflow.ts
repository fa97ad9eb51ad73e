import { type ByteWriter, textBytes } from "../core/byte-writer.ts";
import { DirectionReason, DirectionReasonName } from "../flow/row/direction.ts";
import { Evidence, Reason, ReasonName } from "../service/tag.ts";
import type { JsonMembers } from "./json-members.ts";
import { copyOctets, isUnchanged } from "./line-edit.ts";
import { LineOutcome } from "./line-outcome.ts";
import { type EndMembers, readEnds } from "./log-ends.ts";
import { Member } from "./log-members.ts";
import type { LogTagger } from "./log-tagger.ts";

const TCP = 6;
const COMMA = 44;
const FLIP_LETTER = 94;
/** S and s: a SYN of the initiator, and one of the responder. */
const SYN_LETTER = 83;
const ANSWERING_SYN_LETTER = 115;

const FLOW = textBytes('"flow"');
const SCHEMA = textBytes('"portflow.flow/1"');
const EVERYBODY = textBytes('"ff:ff:ff:ff:ff:ff"');
const quoted = (word: string): Uint8Array => textBytes(`"${word}"`);
const DIRECTION_REASONS = DirectionReasonName.map(quoted);
const REASONS = ReasonName.map(quoted);

const SOURCE: EndMembers = {
  port: Member.SourcePort,
  portWord: "src.port",
  address: Member.SourceAddress,
  addressWord: "src.ip",
};
const DESTINATION: EndMembers = {
  port: Member.DestinationPort,
  portWord: "dst.port",
  address: Member.DestinationAddress,
  addressWord: "dst.ip",
};

/** Whether the line is one of portflow's own flow records. */
export function isPortflow(members: JsonMembers): boolean {
  return members.is(Member.Type, FLOW) && members.is(Member.Schema, SCHEMA);
}

/**
 * Tags one of portflow's own records anew. All that the tag rests on is in the record, so with the
 * same registry the line comes out as it was:
 *
 *   direction syn, synack, init    the handshake that was seen; R1
 *   ... and a SYN of both ends     no handshake to go by; R5 by the destination's addresses, R6
 *   multicast, broadcast           R5, and the first packet came from the source
 *   server-port                    UDP: the first packet came from the destination
 *   first-packet                   ... from the source
 *   history with ^                 TCP: the first packet came from the destination
 *
 * @returns what is wrong with it, or the outcome, the line written
 */
export function annotatePortflow(
  members: JsonMembers,
  tagger: LogTagger,
  start: number,
  end: number,
  out: ByteWriter,
): LineOutcome | string {
  const complaint = readPortflow(members, tagger);
  if (complaint !== undefined) return complaint;
  tagger.classify();
  const { bytes } = members;
  if (!members.has(Member.Service)) {
    const hasDirection = members.has(Member.Direction);
    const place = hasDirection ? members.end[Member.Direction]! : members.close;
    copyOctets(bytes, start, place, out);
    out.byte(COMMA);
    tagger.writeService(out);
    copyOctets(bytes, place, end, out);
    return LineOutcome.Added;
  }
  const from = members.key[Member.Service]!;
  const to = members.end[Member.Service]!;
  copyOctets(bytes, start, from, out);
  const written = out.length;
  tagger.writeService(out);
  const isSame = isUnchanged(out, written, bytes, from, to);
  copyOctets(bytes, to, end, out);
  return isSame ? LineOutcome.Kept : LineOutcome.Changed;
}

function readPortflow(members: JsonMembers, tagger: LogTagger): string | undefined {
  const protocol = members.integer(Member.Protocol, 255);
  if (protocol < 0) return "ip_proto is no protocol number";
  tagger.begin(protocol);
  const complaint = readEnds(members, tagger, SOURCE, DESTINATION);
  if (complaint !== undefined) return complaint;
  readDirection(members, tagger, protocol);
  return undefined;
}

function readDirection(members: JsonMembers, tagger: LogTagger, protocol: number): void {
  const { input } = tagger;
  const reason = members.indexIn(Member.DirectionReason, DIRECTION_REASONS);
  if (reason === DirectionReason.Syn) input.evidence = Evidence.Syn;
  else if (reason === DirectionReason.SynAck) input.evidence = Evidence.SynAck;
  else if (reason === DirectionReason.Init) input.evidence = Evidence.Init;
  else if (reason === DirectionReason.Multicast) input.destinationMulticast = 1;
  else if (reason === DirectionReason.Broadcast) input.destinationBroadcast = 1;
  if (protocol !== TCP) {
    if (reason === DirectionReason.ServerPort) input.firstSender = 0;
    return;
  }
  const history = members.start[Member.History]! + 1;
  const end = members.end[Member.History]! - 1;
  if (history > 0 && members.bytes[history] === FLIP_LETTER) input.firstSender = 0;
  if (reason !== DirectionReason.Syn || !hadBothSyns(members, history, end)) return;
  input.simultaneousOpen = 1;
  if (members.is(Member.DestinationMac, EVERYBODY)) input.destinationBroadcast = 1;
  tagger.markDestination(
    members.bytes,
    members.start[Member.DestinationAddress]! + 1,
    members.end[Member.DestinationAddress]! - 1,
  );
}

/**
 * Whether the responder sent a SYN, too, by the history from `from` to `to`. Later parts of a long
 * flow have none of it: there the tag tells, for only then it was made by R3 to R6 in spite of a SYN.
 */
function hadBothSyns(members: JsonMembers, from: number, to: number): boolean {
  let hasOwn = false;
  let hasOther = false;
  for (let i = Math.max(from, 0); i < to; i += 1) {
    if (members.bytes[i] === SYN_LETTER) hasOwn = true;
    if (members.bytes[i] === ANSWERING_SYN_LETTER) hasOther = true;
  }
  if (hasOwn) return hasOther;
  const reason = members.indexIn(Member.ServiceReason, REASONS);
  const byStructure = reason >= Reason.EqualPorts && reason <= Reason.BroadcastDestination;
  return byStructure || (reason >= Reason.FirstPacket && reason <= Reason.NeitherRegistered);
}
