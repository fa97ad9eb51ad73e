import type { DecodedHeaders } from "./decoded-headers.ts";
import { PseudoEtherType } from "./ether-type.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { enterNetworkLayerProtocol } from "./llc.ts";
import { readUint16 } from "./read.ts";
import { fail, notIp } from "./report.ts";

// ATM cards: a cookie, then a frame that only its first octets tell.
const ATM1_COOKIE_LENGTH = 4;
const ATM1_MANAGEMENT = 0x80; // first octet
const ATM2_COOKIE_LENGTH = 8;
const ATM2_MANAGEMENT = 0x70; // bits of the last octet
const ATM2_GAP_COUNT = 0x3f; // bits of the fourth octet
const UNNUMBERED_INFORMATION = 0x03;

// Link services cards: 54 begins a cookie of 4 octets, 40 and 47 one of 8 with the protocol in octet 5.
const LINK_SERVICES = 0x54;
const LINK_SERVICES_LENGTH = 4;
const ADAPTIVE_SERVICES = 0x40;
const LINK_SERVICES_QUEUING = 0x47;
const ADAPTIVE_SERVICES_LENGTH = 8;
const ADAPTIVE_PROTOCOL = 5;
const ADAPTIVE_PROTOCOL_MASK = 0x70;
const MULTILINK_COOKIE_LENGTH = 2;
const ALL_STATIONS_UNNUMBERED = 0xff03;

/**
 * Goes on behind the cookie of Juniper's first ATM card.
 * @param start - octet offset of the cookie, at least four octets of which are there
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 */
export function enterAtm1(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (bytes[start] === ATM1_MANAGEMENT) return notIp(out, PseudoEtherType.EncapsulatedOther);
  return enterAtmFrame(bytes, start + ATM1_COOKIE_LENGTH, end, false, out);
}

/**
 * Goes on behind the cookie of Juniper's second ATM card.
 * @param start - octet offset of the cookie
 * @param end - first octet past what the capture holds
 * @param incoming - whether the router received the frame
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 */
export function enterAtm2(
  bytes: Uint8Array,
  start: number,
  end: number,
  incoming: boolean,
  out: DecodedHeaders,
): number {
  const position = start + ATM2_COOKIE_LENGTH;
  if (position > end) return fail(out, Fault.LinkHeaderTruncated, start);
  if ((bytes[position - 1]! & ATM2_MANAGEMENT) !== 0) {
    return notIp(out, PseudoEtherType.EncapsulatedOther);
  }
  const mayBeEthernet = !incoming && (bytes[start + 3]! & ATM2_GAP_COUNT) !== 0;
  if (mayBeEthernet && !isLlc(bytes, position, end)) {
    out.nextLayer = Layer.Ethernet;
    return position;
  }
  return enterAtmFrame(bytes, position, end, true, out);
}

function enterAtmFrame(
  bytes: Uint8Array,
  start: number,
  end: number,
  mayBePpp: boolean,
  out: DecodedHeaders,
): number {
  if (end - start < 3) return fail(out, Fault.LinkHeaderTruncated, start);
  out.nextLayer = Layer.Llc;
  if (isLlc(bytes, start, end)) return start;
  out.nextLayer = Layer.PppProtocol;
  if (mayBePpp && isPppProtocol(readUint16(bytes, start))) return start;
  if (bytes[start] === UNNUMBERED_INFORMATION) {
    return enterNetworkLayerProtocol(start + 1, bytes[start + 1]!, out);
  }
  return enterIp(bytes, start, out);
}

/**
 * Goes on behind the cookie of a multilink PPP bundle; a link of it has none, or PPP's own octets.
 * @param start - octet offset of the cookie, at least four octets of which are there
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 */
export function enterMultilinkPpp(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  out.nextLayer = Layer.PppProtocol;
  switch (bytes[start]) {
    case LINK_SERVICES:
      return start + LINK_SERVICES_LENGTH;
    case ADAPTIVE_SERVICES:
    case LINK_SERVICES_QUEUING:
      if (end - start <= ADAPTIVE_PROTOCOL) return fail(out, Fault.LinkHeaderTruncated, start);
      return enterAdaptive(bytes, start, out);
    default:
  }
  if (readUint16(bytes, start) === ALL_STATIONS_UNNUMBERED) return start + 2;
  if (isPppProtocol(readUint16(bytes, start + MULTILINK_COOKIE_LENGTH))) {
    return start + MULTILINK_COOKIE_LENGTH;
  }
  if (isPppProtocol(readUint16(bytes, start))) return start;
  return notIp(out, PseudoEtherType.EncapsulatedOther);
}

/**
 * Goes on behind the cookie of a multilink frame relay bundle; a link of it has a frame relay address.
 * @param start - octet offset of the cookie, at least four octets of which are there
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 */
export function enterMultilinkFrameRelay(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  const first = bytes[start]!;
  if (first === ADAPTIVE_SERVICES || first === LINK_SERVICES_QUEUING) {
    if (end - start <= ADAPTIVE_PROTOCOL) return fail(out, Fault.LinkHeaderTruncated, start);
    return enterAdaptive(bytes, start, out);
  }
  const isBundle = first === LINK_SERVICES;
  const position = start + (isBundle ? LINK_SERVICES_LENGTH : MULTILINK_COOKIE_LENGTH);
  if (end - position < 2) return fail(out, Fault.LinkHeaderTruncated, position);
  if (bytes[position] !== UNNUMBERED_INFORMATION) {
    return notIp(out, PseudoEtherType.EncapsulatedOther);
  }
  return enterNetworkLayerProtocol(position + 1, bytes[position + 1]!, out);
}

function enterAdaptive(bytes: Uint8Array, start: number, out: DecodedHeaders): number {
  switch (bytes[start + ADAPTIVE_PROTOCOL]! & ADAPTIVE_PROTOCOL_MASK) {
    case 0x00:
      out.nextLayer = Layer.Ipv4;
      break;
    case 0x10:
      out.nextLayer = Layer.Ipv6;
      break;
    case 0x20:
      out.nextLayer = Layer.Mpls;
      break;
    default:
      return notIp(out, PseudoEtherType.EncapsulatedOther);
  }
  return start + ADAPTIVE_SERVICES_LENGTH;
}

/** LLC for ISO protocols or SNAP, RFC 2684. */
function isLlc(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 3 || bytes[start + 2] !== UNNUMBERED_INFORMATION) return false;
  const accessPoints = readUint16(bytes, start);
  return accessPoints === 0xaaaa || accessPoints === 0xfefe;
}

/** The PPP protocols that these routers speak. */
function isPppProtocol(protocol: number): boolean {
  switch (protocol) {
    case 0x0021: // IPv4
    case 0x0023: // OSI
    case 0x003d: // multilink
    case 0x0057: // IPv6
    case 0x0281: // MPLS
    case 0x0283:
    case 0x8021: // their control protocols
    case 0x8023:
    case 0x8057:
    case 0x8281:
    case 0xc021:
    case 0xc023:
    case 0xc223:
      return true;
    default:
      return false;
  }
}

function enterIp(bytes: Uint8Array, start: number, out: DecodedHeaders): number {
  const first = bytes[start]!;
  if (first >> 4 !== 6 && (first < 0x45 || first > 0x4f)) {
    return notIp(out, PseudoEtherType.EncapsulatedOther);
  }
  out.nextLayer = Layer.Ip;
  return start;
}
