import type { DecodedHeaders } from "./decoded-headers.ts";
import { PseudoEtherType } from "./ether-type.ts";
import { enterEtherType } from "./ethernet.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { readUint16 } from "./read.ts";
import { fail, notIp } from "./report.ts";

// IEEE 802.2: 0 destination access point | 1 source access point | 2 control
// SNAP (RFC 1042), when both access points are AA: 3 organisation | 6 EtherType or its own number
const CONTROL = 2;
const HEADER_LENGTH = 3;
const ORGANISATION = 3;
const PROTOCOL = 6;
const SNAP_LENGTH = 8;
const SNAP = 0xaa;
const OSI = 0xfe;
const IP_ACCESS_POINT = 0x06;
const UNNUMBERED_INFORMATION = 0x03;

/**
 * Decodes an LLC header and SNAP behind it.
 * @param start - octet offset of the destination access point in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 */
export function decodeLlc(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < HEADER_LENGTH) return fail(out, Fault.LlcTruncated, start);
  const accessPoint = bytes[start]!;
  const unnumbered = bytes[start + CONTROL] === UNNUMBERED_INFORMATION;
  if (accessPoint === SNAP && bytes[start + 1] === SNAP && unnumbered) {
    return decodeSnap(bytes, start, end, out);
  }
  if (accessPoint === OSI && unnumbered && end - start > HEADER_LENGTH) {
    return enterNetworkLayerProtocol(start + HEADER_LENGTH, bytes[start + HEADER_LENGTH]!, out);
  }
  if (accessPoint === IP_ACCESS_POINT && unnumbered) {
    out.nextLayer = Layer.Ip;
    return start + HEADER_LENGTH;
  }
  return notIp(out, PseudoEtherType.Llc + accessPoint);
}

function decodeSnap(bytes: Uint8Array, start: number, end: number, out: DecodedHeaders): number {
  if (end - start < SNAP_LENGTH) return fail(out, Fault.LlcTruncated, start);
  const organisation = (bytes[start + ORGANISATION]! << 16) | readUint16(bytes, start + 4);
  const protocol = readUint16(bytes, start + PROTOCOL);
  switch (organisation) {
    case 0x000000: // RFC 1042
    case 0x0000f8: // IEEE 802.1H, bridge tunnel encapsulation
      return enterEtherType(bytes, start + SNAP_LENGTH, end, protocol, out);
    case 0x0080c2: // IEEE 802.1, RFC 2684 section 5.2: a bridged frame follows
      return decodeBridged(bytes, start + SNAP_LENGTH, protocol, out);
    case 0x00000c:
      return notIp(out, PseudoEtherType.CiscoSnap);
    default:
      return notIp(out, PseudoEtherType.OtherSnap);
  }
}

/**
 * Goes on behind a network layer protocol identifier (ISO/IEC TR 9577), as it follows LLC of ISO
 * protocols.
 * @param start - octet offset of the identifier
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 * @see RFC 2684 appendix A
 */
export function enterNetworkLayerProtocol(
  start: number,
  identifier: number,
  out: DecodedHeaders,
): number {
  switch (identifier) {
    case 0xcc:
      out.nextLayer = Layer.Ipv4;
      return start + 1;
    case 0x8e:
      out.nextLayer = Layer.Ipv6;
      return start + 1;
    case 0xcf:
      out.nextLayer = Layer.PppProtocol;
      return start + 1;
    default:
      return notIp(out, PseudoEtherType.Llc + OSI);
  }
}

// RFC 2684 appendix B: 0001 and 0007 are IEEE 802.3 with and without its checksum. In ATM two octets
// of padding align the frame; elsewhere there are none, and a real address hardly begins 00 00.
function decodeBridged(
  bytes: Uint8Array,
  start: number,
  protocol: number,
  out: DecodedHeaders,
): number {
  if (protocol !== 0x0001 && protocol !== 0x0007) return notIp(out, PseudoEtherType.OtherSnap);
  out.nextLayer = Layer.Ethernet;
  if (out.capturedEnd - start >= 2 && readUint16(bytes, start) === 0) return start + 2;
  return start;
}
