import type { ByteWriter } from "../../core/byte-writer.ts";
import type { FlowView } from "../../flow/flow-view.ts";
import { UdpLetter } from "../../flow/uncounted.ts";
import {
  countedPackets,
  countedPayloadBytes,
  countedSequenceBytes,
  firstCountedNanoseconds,
  firstCountedSeconds,
  lastCountedNanoseconds,
  lastCountedSeconds,
} from "../../flow/zeek-counts.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { writeAddress, writeHistory } from "../flow-text.ts";

// What Zeek's conn.log says of a flow, where that differs from portflow's own record.
// Source: Zeek, scripts/base/protocols/conn/main.zeek.

/** Third word of such an IPv6 address, RFC 4291 section 2.5.5.2; the first two are 0. */
const MAPS_IPV4 = 0xffff;
const CARET = 94;
const SECOND = 1_000_000_000;
const DOT = 46;
const LETTER_C = 67;
const LETTER_D = 68;
const LOWER_CASE = 32;

/** Zeek's `transport_proto`: what it has no analyzer for is `unknown_transport`. */
export const ZEEK_PROTOCOLS: readonly string[] = ["tcp", "udp", "icmp", "unknown_transport"];

/** Zeek's word for the transport. */
export function zeekProtocol(view: FlowView): string {
  switch (view.protocol) {
    case IpProtocol.Tcp:
      return "tcp";
    case IpProtocol.Udp:
      return "udp";
    case IpProtocol.Icmp:
    case IpProtocol.Icmpv6:
      return "icmp";
    default:
      return "unknown_transport";
  }
}

/** Whether the transport is one that Zeek has a word for: of others it knows no ports. */
export function isKnownToZeek(view: FlowView): boolean {
  const { protocol } = view;
  return (
    protocol === IpProtocol.Tcp ||
    protocol === IpProtocol.Udp ||
    protocol === IpProtocol.Icmp ||
    protocol === IpProtocol.Icmpv6
  );
}

/** Whether an end's IPv6 address maps one of IPv4, `::ffff:192.0.2.1`. */
export function isMappedIpv4(view: FlowView, end: number): boolean {
  if (!view.isIpv6 || view.addressWord(end, 2) !== MAPS_IPV4) return false;
  return (view.addressWord(end, 0) | view.addressWord(end, 1)) === 0;
}

/** An end's address; to Zeek one that maps IPv4 is that. */
export function writeZeekAddress(view: FlowView, end: number, out: ByteWriter): void {
  if (isMappedIpv4(view, end)) out.ipv4(view.addressWord(end, 3));
  else writeAddress(view, end, out);
}

/** Port of the originator (0) or the responder (1); ICMP type, and counterpart type or code. */
export function zeekPort(view: FlowView, end: number): number {
  if (!isKnownToZeek(view)) return 0;
  return end === 0 ? view.sourcePort : view.destinationPort;
}

/** Whether the connection lasted: durations of 0 are unset in Zeek, and the payload sizes with them. */
export function hasZeekDuration(view: FlowView): boolean {
  const seconds = wholeSeconds(view);
  return seconds > 0 || (seconds === 0 && restOfSecond(view) > 0);
}

/** Seconds from the first packet to the last that Zeek counts, exact. */
export function writeZeekDuration(view: FlowView, out: ByteWriter): void {
  out.decimalSeconds(wholeSeconds(view), restOfSecond(view));
}

/** The same with six decimals, as Zeek's text has it. */
export function writeZeekDurationMicroseconds(view: FlowView, out: ByteWriter): void {
  writeMicroseconds(wholeSeconds(view), restOfSecond(view), out);
}

/** Seconds of the duration, rounded down. */
function wholeSeconds(view: FlowView): number {
  const seconds = lastCountedSeconds(view) - firstCountedSeconds(view);
  return lastCountedNanoseconds(view) < firstCountedNanoseconds(view) ? seconds - 1 : seconds;
}

/** Nanoseconds of the duration beyond that, not negative. */
function restOfSecond(view: FlowView): number {
  const rest = lastCountedNanoseconds(view) - firstCountedNanoseconds(view);
  return rest < 0 ? rest + SECOND : rest;
}

/** Seconds with six decimals, rounded as `%.6f` does. */
export function writeMicroseconds(seconds: number, nanoseconds: number, out: ByteWriter): void {
  const microseconds = Math.round(nanoseconds / 1000);
  const carry = microseconds === 1_000_000 ? 1 : 0;
  out.integer(seconds + carry);
  out.byte(DOT);
  out.padded(microseconds - carry * 1_000_000, 6);
}

/** Octets of payload as Zeek counts them: TCP by sequence numbers, others by their length fields. */
export function zeekPayloadBytes(view: FlowView, end: number): number {
  if (view.protocol === IpProtocol.Tcp) return countedSequenceBytes(view, end);
  return isKnownToZeek(view) ? countedPayloadBytes(view, end) : 0;
}

/** Zeek's `conn_state`. */
export function zeekState(view: FlowView): string {
  if (view.protocol === IpProtocol.Tcp) return view.connectionState;
  if (view.protocol !== IpProtocol.Udp) return "OTH";
  if (countedPackets(view, 0) > 0) return countedPackets(view, 1) > 0 ? "SF" : "S0";
  return countedPackets(view, 1) > 0 ? "SHR" : "OTH";
}

/** Zeek's `history`; UDP has letters, too, and nothing else has. */
export function writeZeekHistory(view: FlowView, out: ByteWriter): void {
  if (view.protocol === IpProtocol.Tcp) writeHistory(view, out);
  if (view.protocol !== IpProtocol.Udp) return;
  const letters = view.extra?.history ?? [];
  if (view.initiator === 1) out.byte(CARET);
  if (letters.length > 0) {
    for (const code of letters) writeUdpLetter(code, view.initiator, out);
    return;
  }
  // The sender of the first packet comes first, whichever of the two it is held to be.
  const first = view.initiator;
  if (countedPackets(view, first) > 0) out.byte(LETTER_D + first * LOWER_CASE);
  if (countedPackets(view, 1 - first) > 0) out.byte(LETTER_D + (1 - first) * LOWER_CASE);
}

function writeUdpLetter(code: number, originator: number, out: ByteWriter): void {
  const letter = (code & ~UdpLetter.Side1) === UdpLetter.Data ? LETTER_D : LETTER_C;
  const side = (code & UdpLetter.Side1) === 0 ? 0 : 1;
  out.byte(side === originator ? letter : letter + LOWER_CASE);
}
