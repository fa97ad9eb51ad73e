import type { DecodedHeaders } from "./decoded-headers.ts";
import { PseudoEtherType } from "./ether-type.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { readUint16 } from "./read.ts";
import { fail, notIp } from "./report.ts";

// RFC 1662 section 3.1: address FF, control 03, then the protocol, unless these were negotiated away.
const ALL_STATIONS_UNNUMBERED = 0xff03;
const CONTROL = 0x03;

// RFC 3518 section 4.2: 0 flags, pad octets (low 4 bits) | 1 MAC type | 2 frame
const BRIDGED_HEADER_LENGTH = 2;
const BRIDGED_ETHERNET = 1;

// RFC 1990 section 3: 0 beginning, ending (1 bit each), zero (6 bits) | 1 sequence number (24 bits)
const MULTILINK_LENGTH = 4;
const WHOLE_PACKET = 0xc0;

/**
 * Decodes PPP with or without the HDLC octets in front. Serial captures may hold Cisco HDLC
 * instead, whose first octet is 0F or 8F.
 * @param start - octet offset in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 */
export function decodePpp(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < 2) return fail(out, Fault.PppTruncated, start);
  const first = readUint16(bytes, start);
  if (first === ALL_STATIONS_UNNUMBERED) return decodePppProtocol(bytes, start + 2, end, out);
  if (first === 0x0f00 || first === 0x8f00) {
    out.nextLayer = Layer.CiscoHdlc;
    return start;
  }
  return decodePppProtocol(bytes, start, end, out);
}

/**
 * Decodes PPP behind an octet that tells the direction; it may replace the HDLC address.
 * @param start - octet offset of the direction in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 * @see https://www.tcpdump.org/linktypes.html LINKTYPE_PPP_PPPD, LINKTYPE_PPP_WITH_DIR
 */
export function decodePppDirection(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < 2) return fail(out, Fault.PppTruncated, start);
  if (bytes[start + 1] === CONTROL) return decodePppProtocol(bytes, start + 2, end, out);
  return decodePpp(bytes, start + 1, end, out);
}

/**
 * Decodes a PPP protocol number, two octets or, compressed, one odd octet (RFC 1661 section 6.5).
 * @param start - octet offset of the number in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 */
export function decodePppProtocol(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < 1) return fail(out, Fault.PppTruncated, start);
  if ((bytes[start]! & 1) !== 0) return enterPpp(start + 1, bytes[start]!, out);
  if (end - start < 2) return fail(out, Fault.PppTruncated, start);
  return enterPpp(start + 2, readUint16(bytes, start), out);
}

/**
 * Decodes the envelope of a bridged frame.
 * @param start - octet offset of the envelope in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the Ethernet frame with `out.nextLayer` set, or -1
 */
export function decodePppBridged(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < BRIDGED_HEADER_LENGTH) return fail(out, Fault.PppTruncated, start);
  if (bytes[start + 1] !== BRIDGED_ETHERNET) return notIp(out, PseudoEtherType.PppOther);
  out.nextLayer = Layer.Ethernet;
  return start + BRIDGED_HEADER_LENGTH;
}

/**
 * Decodes the header of a multilink bundle's fragment, with long sequence numbers. Behind it is a packet
 * only when it is the first and the last.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the PPP protocol number with `out.nextLayer` set, or -1
 */
export function decodePppMultilink(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < MULTILINK_LENGTH) return fail(out, Fault.PppTruncated, start);
  if (bytes[start] !== WHOLE_PACKET) return notIp(out, PseudoEtherType.PppMultilink);
  out.nextLayer = Layer.PppProtocol;
  return start + MULTILINK_LENGTH;
}

/** @see https://www.iana.org/assignments/ppp-numbers */
function enterPpp(start: number, protocol: number, out: DecodedHeaders): number {
  switch (protocol) {
    case 0x0021:
    case 0x0800: // not PPP's number, but seen where EtherTypes were copied
      out.nextLayer = Layer.Ipv4;
      return start;
    case 0x0057:
    case 0x86dd:
      out.nextLayer = Layer.Ipv6;
      return start;
    case 0x0281:
    case 0x0283:
      out.nextLayer = Layer.Mpls;
      return start;
    case 0x0031:
      out.nextLayer = Layer.PppBridged;
      return start;
    case 0x003d:
      out.nextLayer = Layer.PppMultilink;
      return start;
    case 0x0053:
    case 0x0055:
      return notIp(out, PseudoEtherType.PppEncrypted);
    case 0x002d:
    case 0x002f:
    case 0x00fb:
    case 0x00fd:
      return notIp(out, PseudoEtherType.PppCompressed);
    default:
      return notIp(out, protocol >= 0x8000 ? PseudoEtherType.PppControl : PseudoEtherType.PppOther);
  }
}
