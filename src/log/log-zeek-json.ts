import { type ByteWriter, textBytes } from "../core/byte-writer.ts";
import { Evidence } from "../service/tag.ts";
import { JsonOctet, skipBlanks } from "./json-grammar.ts";
import type { JsonMembers } from "./json-members.ts";
import { copyOctets, isUnchanged } from "./line-edit.ts";
import { LineOutcome } from "./line-outcome.ts";
import { HIGHEST_PORT } from "./log-ends.ts";
import { Member, ZEEK_FIELDS } from "./log-members.ts";
import { type LogTagger, protocolOf } from "./log-tagger.ts";
import { zeekValue } from "./zeek-fields.ts";

const CONN = textBytes('"conn"');
const KEYS = ZEEK_FIELDS.map((name) => textBytes(`,"${name}":`));

/** Whether the line is of a Zeek conn.log; other logs of Zeek have endpoints, too. */
export function isZeekConnection(members: JsonMembers): boolean {
  const hasEnds = members.has(Member.OriginatorAddress) && members.has(Member.ResponderAddress);
  return hasEnds && (members.has(Member.ConnectionState) || members.is(Member.Path, CONN));
}

/**
 * Adds `registered_service` and its companions to a line of Zeek's conn.log in JSON, or replaces
 * them; Zeek's own `service` is what it saw and stays. What is unset is left out, as Zeek does.
 * @returns what is wrong with it, or the outcome, the line written
 */
export function annotateZeekJson(
  members: JsonMembers,
  tagger: LogTagger,
  start: number,
  end: number,
  out: ByteWriter,
): LineOutcome | string {
  const complaint = readZeek(members, tagger);
  if (complaint !== undefined) return complaint;
  tagger.classify();
  const written = out.length;
  const hadTag = copyWithoutTag(members, start, out);
  for (let field = 0; field < KEYS.length; field += 1) {
    const value = zeekValue(tagger, field);
    if (value === "") continue;
    out.raw(KEYS[field]!);
    out.jsonString(value);
  }
  copyOctets(members.bytes, members.close, end, out);
  if (!hadTag) return LineOutcome.Added;
  const isSame = isUnchanged(out, written, members.bytes, start, end);
  return isSame ? LineOutcome.Kept : LineOutcome.Changed;
}

function readZeek(members: JsonMembers, tagger: LogTagger): string | undefined {
  if (!members.has(Member.ProtocolWord)) return "proto is missing";
  const { bytes, start, end } = members;
  const word = start[Member.ProtocolWord]! + 1;
  const protocol = protocolOf(bytes, word, end[Member.ProtocolWord]! - 1);
  tagger.begin(protocol);
  // The ports of ICMP are its type and code.
  if (protocol !== 0) {
    const originator = members.integer(Member.OriginatorPort, HIGHEST_PORT);
    const responder = members.integer(Member.ResponderPort, HIGHEST_PORT);
    if (originator < 0 || responder < 0) return "id.orig_p or id.resp_p is no port";
    tagger.setPorts(originator, responder);
  }
  if (tagger.needsAddresses) {
    const originator = members.text(Member.OriginatorAddress) ?? "";
    const responder = members.text(Member.ResponderAddress) ?? "";
    if (!tagger.setAddresses(originator, responder)) return "id.orig_h or id.resp_h is no address";
  }
  const address = start[Member.ResponderAddress]! + 1;
  tagger.markDestination(bytes, address, end[Member.ResponderAddress]! - 1);
  tagger.input.evidence = Evidence.InitiatorKnown;
  return undefined;
}

/** Copies the line up to the closing brace, without the members of an earlier tag. @returns whether there were any */
function copyWithoutTag(members: JsonMembers, start: number, out: ByteWriter): boolean {
  const { bytes, key, end, close } = members;
  const places = ZEEK_FIELDS.map((_name, field) => Member.ZeekFields + field)
    .filter((place) => members.has(place))
    .sort((a, b) => key[a]! - key[b]!);
  let from = start;
  // Until something is kept behind the brace, the comma that follows goes with what is left out.
  let isLeading = false;
  const keep = (to: number): void => {
    if (isLeading) {
      const comma = skipBlanks(bytes, from, to);
      isLeading = comma >= to;
      from = isLeading ? to : comma + 1;
    }
    copyOctets(bytes, from, to, out);
  };
  for (const place of places) {
    const comma = commaBefore(bytes, key[place]!);
    keep(comma < 0 ? key[place]! : comma);
    if (comma < 0) isLeading = true;
    from = end[place]!;
  }
  keep(close);
  return places.length > 0;
}

/** The comma before a key, -1 before an object's first. */
function commaBefore(bytes: Uint8Array, key: number): number {
  for (let at = key - 1; at >= 0; at -= 1) {
    if (bytes[at] === JsonOctet.Comma) return at;
    if (bytes[at] === JsonOctet.OpenObject) return -1;
  }
  return -1;
}
