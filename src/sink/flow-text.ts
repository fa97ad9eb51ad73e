import type { ByteWriter } from "../core/byte-writer.ts";
import { type Fragment, fragment } from "../core/fragment.ts";
import { decimalSecondsAt, ipv4At, ipv6At } from "../core/text-at.ts";
import type { FlowView } from "../flow/flow-view.ts";
import { COMMUNITY_ID_LENGTH, communityId } from "../flow/id/community-id.ts";
import { TUNNEL_WORDS, VLAN_WORDS } from "../flow/id/context-table.ts";
import { Kind, Row } from "../flow/row/flow-row.ts";
import { ipProtocolName } from "../wire/ip-protocol.ts";
import { tunnelName } from "../wire/tunnel.ts";

// Texts of single facts that several formats share. Each writes its value and nothing else.

const FLAG_LETTERS = "FSRPAUEC";
const SECOND = 1_000_000_000;

/** The flow's id, 20 hexadecimal digits. */
export function writeId(view: FlowView, out: ByteWriter): void {
  out.hex(view.id[0]!, 8);
  out.hex(view.id[1]!, 8);
  out.hex(view.id[2]! >>> 16, 4);
}

/** Community ID version 1. */
export function writeCommunityId(view: FlowView, seed: number, out: ByteWriter): void {
  out.reserve(COMMUNITY_ID_LENGTH);
  communityId(view.words, view.row, seed, out.memory, out.length);
  out.length += COMMUNITY_ID_LENGTH;
}

/** Seconds from first to last packet, exact. */
export function writeDuration(view: FlowView, out: ByteWriter): void {
  let seconds = view.endSeconds - view.startSeconds;
  let nanoseconds = view.endNanoseconds - view.startNanoseconds;
  if (nanoseconds < 0) {
    seconds -= 1;
    nanoseconds += SECOND;
  }
  out.decimalSeconds(seconds, nanoseconds);
}

/** The same into memory, where the flow does not end before it begins. */
export function durationAt(view: FlowView, to: DataView, at: number): number {
  const seconds = view.endSeconds - view.startSeconds;
  const nanoseconds = view.endNanoseconds - view.startNanoseconds;
  return nanoseconds < 0
    ? decimalSecondsAt(to, at, seconds - 1, nanoseconds + SECOND)
    : decimalSecondsAt(to, at, seconds, nanoseconds);
}

/** The same in nanoseconds, exact beyond 2^53. */
export function writeDurationNanoseconds(view: FlowView, out: ByteWriter): void {
  let seconds = view.endSeconds - view.startSeconds;
  let nanoseconds = view.endNanoseconds - view.startNanoseconds;
  if (nanoseconds < 0) {
    seconds -= 1;
    nanoseconds += SECOND;
  }
  if (seconds === 0) {
    out.integer(nanoseconds);
    return;
  }
  out.integer(seconds);
  out.nineDigits(nanoseconds);
}

/** IANA's keyword of the transport, or its number. */
export function transportName(view: FlowView): string {
  return ipProtocolName(view.protocol);
}

/** Address of the initiator (0) or the responder (1). */
export function writeAddress(view: FlowView, end: number, out: ByteWriter): void {
  if (!view.isIpv6) {
    out.ipv4(view.addressWord(end, 3));
    return;
  }
  out.ipv6(
    view.addressWord(end, 0),
    view.addressWord(end, 1),
    view.addressWord(end, 2),
    view.addressWord(end, 3),
  );
}

/** The same into memory, see `text-at.ts`. */
export function addressAt(view: FlowView, end: number, to: DataView, at: number): number {
  const last = view.addressWord(end, 3);
  if (!view.isIpv6) return ipv4At(to, at, last);
  return ipv6At(
    to,
    at,
    view.addressWord(end, 0),
    view.addressWord(end, 1),
    view.addressWord(end, 2),
    last,
  );
}

/** Whether the record has ports to show: ICMP's types are held in their place. */
export function showsPorts(view: FlowView): boolean {
  return view.hasPorts && view.protocol !== 1 && view.protocol !== 58;
}

/** Whether ICMP type and code are known. */
export function showsIcmp(view: FlowView): boolean {
  return view.hasPorts && (view.protocol === 1 || view.protocol === 58);
}

/** ICMP type of the flow's first packet. */
export function icmpType(view: FlowView): number {
  return view.words[view.row + Row.Ports]! >>> 16;
}

/** ICMP code; only one-way messages have one that tells something, the others 0. */
export function icmpCode(view: FlowView): number {
  const isOneWay = (view.words[view.row + Row.Kind]! & Kind.OneWay) !== 0;
  return isOneWay ? view.words[view.row + Row.Ports]! & 0xffff : 0;
}

/** By flags; each is made when it is first needed. */
const flagTexts: Fragment[] = [];

/** Letters of the flags an end sent, in the order that people read: SAPFRUEC. */
export function writeTcpFlags(flags: number, out: ByteWriter): void {
  const octet = flags & 255;
  flagTexts[octet] ??= fragment(
    [..."SAPFRUEC"]
      .filter((letter) => (octet & (1 << FLAG_LETTERS.indexOf(letter))) !== 0)
      .join(""),
  );
  out.put(flagTexts[octet]);
}

/** History letters. */
export function writeHistory(view: FlowView, out: ByteWriter): void {
  for (let i = 0; i < view.historyLength; i += 1) out.byte(view.history[i]!);
}

/** Handshake round trip in seconds. */
export function writeHandshake(view: FlowView, out: ByteWriter): void {
  const nanoseconds = view.handshakeNanoseconds;
  const seconds = Math.floor(nanoseconds / SECOND);
  out.decimalSeconds(seconds, nanoseconds - seconds * SECOND);
}

/** What tells of the networks around a flow. */
export type Surroundings = Pick<FlowView, "context" | "extra">;

/** VLAN ids, outermost first. */
export function vlanIds(view: Surroundings): readonly number[] {
  const words = view.context?.words;
  if (words !== undefined && words[0] !== 0) return [...words.subarray(1, 1 + words[0]!)];
  return view.extra?.vlan ?? [];
}

/** One tunnel layer of a record. */
export type TunnelText = {
  readonly type: string;
  /** VNI, key or the like; absent where the tunnel has none, or one for each direction. */
  readonly id?: number;
  readonly isIpv6: boolean;
  readonly words: Int32Array;
  /** Where source and destination begin in `words`. */
  readonly source: number;
  readonly destination: number;
};

/** Tunnel layers, outermost first. */
export function tunnelLayers(view: Surroundings): readonly TunnelText[] {
  const words = view.context?.words;
  if (words === undefined || words.length <= VLAN_WORDS) return [];
  const layers: TunnelText[] = [];
  for (let at = VLAN_WORDS; at < words.length; at += TUNNEL_WORDS) {
    const id = words[at + 1]!;
    layers.push({
      type: tunnelName(words[at]!),
      ...(id === -1 ? {} : { id: id >>> 0 }),
      isIpv6: words[at + 2] === 6,
      words,
      source: at + 3,
      destination: at + 7,
    });
  }
  return layers;
}

/** Address of a tunnel's end. */
export function writeTunnelAddress(layer: TunnelText, at: number, out: ByteWriter): void {
  const words = layer.words;
  if (!layer.isIpv6) out.ipv4(words[at + 3]!);
  else out.ipv6(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!);
}
