import type { DecodedHeaders } from "./decoded-headers.ts";
import { PseudoEtherType } from "./ether-type.ts";
import { enterProtocol } from "./ethernet.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { readUint16 } from "./read.ts";
import { fail, notIp } from "./report.ts";

// RFC 2427 section 3: Q.922 address, two to four octets, the last one odd | control 03
// | optional pad 00 | network layer protocol identifier (NLPID) | packet
// Cisco's own form has an EtherType right behind the address.
const LONGEST_ADDRESS = 4;
const UNNUMBERED_INFORMATION = 0x03;
const PAD = 0x00;
const NLPID_SNAP = 0x80;
const NLPID_IPV4 = 0xcc;
const NLPID_IPV6 = 0x8e;
const NLPID_PPP = 0xcf;
// 3 organisation | 2 protocol
const SNAP_LENGTH = 5;

/**
 * Decodes a frame relay header, IETF's or Cisco's encapsulation.
 * @param start - octet offset of the address in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 */
export function decodeFrameRelay(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  let position = start;
  do {
    if (position >= end) return fail(out, Fault.LinkHeaderTruncated, start);
    if (position - start === LONGEST_ADDRESS) return fail(out, Fault.LinkHeaderInvalid, start);
    position += 1;
  } while ((bytes[position - 1]! & 1) === 0);
  if (end - position < 2) return fail(out, Fault.LinkHeaderTruncated, position);
  if (bytes[position] !== UNNUMBERED_INFORMATION) {
    return enterProtocol(position + 2, readUint16(bytes, position), out);
  }
  position += bytes[position + 1] === PAD ? 2 : 1;
  if (position >= end) return fail(out, Fault.LinkHeaderTruncated, position);
  switch (bytes[position]) {
    case NLPID_IPV4:
      out.nextLayer = Layer.Ipv4;
      return position + 1;
    case NLPID_IPV6:
      out.nextLayer = Layer.Ipv6;
      return position + 1;
    case NLPID_PPP:
      out.nextLayer = Layer.PppProtocol;
      return position + 1;
    case NLPID_SNAP:
      return decodeSnap(bytes, position + 1, end, out);
    default:
      return notIp(out, PseudoEtherType.FrameRelayOther);
  }
}

function decodeSnap(bytes: Uint8Array, start: number, end: number, out: DecodedHeaders): number {
  if (end - start < SNAP_LENGTH) return fail(out, Fault.LinkHeaderTruncated, start);
  const protocol = readUint16(bytes, start + 3);
  if (bytes[start] === 0 && readUint16(bytes, start + 1) === 0) {
    return enterProtocol(start + SNAP_LENGTH, protocol, out);
  }
  // RFC 2427 section 4.2: 00-80-C2 with 0001 or 0007 is a bridged IEEE 802.3 frame.
  const bridged = bytes[start] === 0 && readUint16(bytes, start + 1) === 0x80c2;
  if (!bridged || (protocol !== 0x0001 && protocol !== 0x0007)) {
    return notIp(out, PseudoEtherType.FrameRelayOther);
  }
  out.nextLayer = Layer.Ethernet;
  return start + SNAP_LENGTH;
}
