import type { DecodedHeaders } from "./decoded-headers.ts";
import { EtherType, PseudoEtherType } from "./ether-type.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { fail, notIp } from "./report.ts";

// ARCNET: 0 source | 1 destination | 2 protocol; in Linux' captures two octets of offset come before
// the protocol. RFC 1201 section 2.1 adds: split flag | sequence (2 octets). Flag FF in BSD's captures
// marks an exception packet: two octets of padding and the protocol again precede the real flag.
const PROTOCOL = 2;
const LINUX_PROTOCOL = 4;
const EXCEPTION = 0xff;
const EXCEPTION_LENGTH = 4;
const SPLIT_AND_SEQUENCE_LENGTH = 3;
const NOT_SPLIT = 0;

const IP_RFC_1051 = 240;
const ARP_RFC_1051 = 241;
const IP = 212;
const ARP = 213;
const IPV6 = 196;

/**
 * Decodes an ARCNET header. Of packets sent in parts, IP is read from none: the capture may begin
 * with any of them.
 * @param start - octet offset of the source in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the IP header with `out.nextLayer` set, or -1
 * @see RFC 1051, RFC 1201; https://www.tcpdump.org/linktypes.html LINKTYPE_ARCNET_BSD, _LINUX
 */
export function decodeArcnet(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  const linux = out.nextLayer === Layer.ArcnetLinux;
  const protocolOffset = start + (linux ? LINUX_PROTOCOL : PROTOCOL);
  if (protocolOffset >= end) return fail(out, Fault.LinkHeaderTruncated, start);
  const protocol = bytes[protocolOffset]!;
  const position = protocolOffset + 1;
  switch (protocol) {
    case IP_RFC_1051:
      out.nextLayer = Layer.Ipv4;
      return position;
    case IP:
      return enterUnsplit(bytes, position, end, linux, Layer.Ipv4, out);
    case IPV6:
      return enterUnsplit(bytes, position, end, linux, Layer.Ipv6, out);
    case ARP:
    case ARP_RFC_1051:
      return notIp(out, EtherType.Arp);
    default:
      return notIp(out, PseudoEtherType.EncapsulatedOther);
  }
}

function enterUnsplit(
  bytes: Uint8Array,
  start: number,
  end: number,
  linux: boolean,
  layer: number,
  out: DecodedHeaders,
): number {
  const flag = !linux && bytes[start] === EXCEPTION ? start + EXCEPTION_LENGTH : start;
  const position = flag + SPLIT_AND_SEQUENCE_LENGTH;
  if (position > end) return fail(out, Fault.LinkHeaderTruncated, start);
  if (bytes[flag] !== NOT_SPLIT) return notIp(out, PseudoEtherType.EncapsulatedOther);
  out.nextLayer = layer;
  return position;
}
