import type { DecodedHeaders } from "./decoded-headers.ts";
import { layerOfEtherType, PseudoEtherType, SMALLEST_ETHER_TYPE } from "./ether-type.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { readInt32, readUint16 } from "./read.ts";
import { fail, notIp } from "./report.ts";

// IEEE 802.3 clause 3: 0 destination | 6 source | 12 EtherType or length | 14 payload
const SOURCE = 6;
const TYPE_OR_LENGTH = 12;
const HEADER_LENGTH = 14;
const ARP = 0x0806;

// Cisco ISL: an Ethernet frame behind 26 octets whose destination is 01-00-0C-00-00 or
// 03-00-0C-00-00 (the fifth octet and what follows vary).
const ISL_HEADER_LENGTH = 26;
const ISL_VLAN = 20;

/**
 * Decodes an Ethernet header. The addresses kept are those of the innermost one below IP.
 * @param start - octet offset of the destination address in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 */
export function decodeEthernet(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < HEADER_LENGTH) return fail(out, Fault.EthernetTruncated, start);
  out.hasMac = 1;
  out.destinationMacHigh = readUint16(bytes, start);
  out.destinationMacLow = readInt32(bytes, start + 2);
  out.sourceMacHigh = readUint16(bytes, start + SOURCE);
  out.sourceMacLow = readInt32(bytes, start + SOURCE + 2);
  const etherType = readUint16(bytes, start + TYPE_OR_LENGTH);
  if (etherType === 0x0800) {
    out.nextLayer = Layer.Ipv4;
    return start + HEADER_LENGTH;
  }
  if (etherType < SMALLEST_ETHER_TYPE && isIsl(bytes, start)) {
    return decodeIsl(bytes, start, end, out);
  }
  return enterEtherType(bytes, start + HEADER_LENGTH, end, etherType, out);
}

/**
 * Goes on behind a field that holds an EtherType or an IEEE 802.3 length.
 * @param start - octet offset behind the field
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 */
export function enterEtherType(
  bytes: Uint8Array,
  start: number,
  end: number,
  etherType: number,
  out: DecodedHeaders,
): number {
  if (etherType >= SMALLEST_ETHER_TYPE) return enterProtocol(start, etherType, out);
  // Novell's first Ethernet format has IPX, which begins FF FF, right behind the length.
  if (end - start >= 2 && readUint16(bytes, start) === 0xffff) {
    return notIp(out, PseudoEtherType.NovellRaw);
  }
  // What lies beyond the length is padding. A length beyond the frame is not believed.
  narrowTo(out, start + etherType);
  out.nextLayer = Layer.Llc;
  return start;
}

/**
 * Goes on behind a field that holds an EtherType and never a length.
 * @param start - octet offset behind the field
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 */
export function enterProtocol(start: number, etherType: number, out: DecodedHeaders): number {
  out.nextLayer = layerOfEtherType(etherType);
  return out.nextLayer === Layer.None ? notIp(out, etherType) : start;
}

/**
 * Takes a length field's word for where a layer's content ends, unless it promises more than there is.
 * @param contentEnd - octet offset in the packet's array
 */
export function narrowTo(out: DecodedHeaders, contentEnd: number): void {
  if (contentEnd < out.wireEnd) out.wireEnd = contentEnd;
  if (contentEnd < out.capturedEnd) out.capturedEnd = contentEnd;
}

function isIsl(bytes: Uint8Array, start: number): boolean {
  const first = bytes[start]!;
  if (first !== 0x01 && first !== 0x03) return false;
  return bytes[start + 1] === 0 && bytes[start + 2] === 0x0c && readUint16(bytes, start + 3) === 0;
}

function decodeIsl(bytes: Uint8Array, start: number, end: number, out: DecodedHeaders): number {
  if (end - start < ISL_HEADER_LENGTH) return fail(out, Fault.EthernetTruncated, start);
  keepVlan(out, readUint16(bytes, start + ISL_VLAN) >> 1);
  out.nextLayer = Layer.Ethernet;
  return start + ISL_HEADER_LENGTH;
}

/**
 * Adds a VLAN id, outermost first; ids beyond the fourth are not kept.
 * @param vlan - 12 bits are used
 */
export function keepVlan(out: DecodedHeaders, vlan: number): void {
  const id = vlan & 0x0fff;
  switch (out.vlanCount) {
    case 0:
      out.vlan0 = id;
      break;
    case 1:
      out.vlan1 = id;
      break;
    case 2:
      out.vlan2 = id;
      break;
    case 3:
      out.vlan3 = id;
      break;
    default:
      return;
  }
  out.vlanCount += 1;
}

/**
 * Whether an Ethernet header with a type we know, or a length and an LLC header, begins here: for
 * encapsulations that don't say what they carry.
 * @param start - octet offset in `bytes`
 * @param end - first octet past what the capture holds
 */
export function looksLikeEthernet(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start <= HEADER_LENGTH) return false;
  const type = readUint16(bytes, start + TYPE_OR_LENGTH);
  if (type === ARP || layerOfEtherType(type) !== Layer.None) return true;
  // SNAP, spanning tree, ISO: both access points are the same, the control octet is unnumbered.
  if (type > 1500 || end - start < HEADER_LENGTH + 3) return false;
  const llc = start + HEADER_LENGTH;
  return bytes[llc] !== 0 && bytes[llc] === bytes[llc + 1] && bytes[llc + 2] === 0x03;
}
