import { type DecodedHeaders, Fragment } from "./decoded-headers.ts";
import { Fault } from "./fault.ts";
import { IpProtocol } from "./ip-protocol.ts";
import { readInt32, readUint16 } from "./read.ts";
import { note } from "./report.ts";
import { decodeTransport } from "./transport.ts";

// RFC 8200 section 4.3, 4.4, 4.6: 0 next header | 1 length in units of 8 octets, without the first
// section 4.5, fragment header: 0 next header | 2 offset (13 bits), reserved, M | 4 identification
// RFC 4302 section 2, AH: 0 next header | 1 length in words of 4 octets minus 2 | 4 SPI
const LENGTH = 1;
const SHORTEST = 8;
const FRAGMENT_OFFSET = 2;
const FRAGMENT_IDENTIFICATION = 4;
const SECURITY_PARAMETER_INDEX = 4;
const MORE_FRAGMENTS = 1;
const OFFSET_MASK = 0xfff8;
// RFC 8200 names seven kinds and expects each once; room for what test tools stack up.
const MOST_HEADERS = 256;

/**
 * Walks IPv6 extension headers (and AH, in IPv4 too) to the transport and decodes that. Mobility
 * (135) and HIP (139) headers are taken as the payload, as tshark does, and so are those of shim6 (140).
 * A header that is cut off stays in `out.protocol`.
 * @param start - octet offset of the first header, whose number is in `out.protocol`
 * @param end - first octet not readable: the smaller of captured and what IP claims
 * @param packetEnd - where IP says the packet ends, captured or not
 */
export function decodeExtensionHeaders(
  bytes: Uint8Array,
  start: number,
  end: number,
  packetEnd: number,
  out: DecodedHeaders,
): void {
  let position = start;
  for (let count = 0; count < MOST_HEADERS; count++) {
    out.payloadStart = position;
    out.payloadLength = packetEnd - position;
    switch (out.protocol) {
      case IpProtocol.HopByHop:
      case IpProtocol.Ipv6Routing:
      case IpProtocol.Ipv6Destination:
        position = skipOptions(bytes, position, end, out);
        break;
      case IpProtocol.Ipv6Fragment:
        position = decodeFragmentHeader(bytes, position, end, out);
        break;
      case IpProtocol.Ah:
        position = decodeAuthenticationHeader(bytes, position, end, out);
        break;
      default:
        decodeTransport(bytes, position, end, packetEnd, out);
        return;
    }
    if (position < 0) return;
    if (out.fragment === Fragment.Later) {
      out.payloadStart = position;
      out.payloadLength = packetEnd - position;
      return;
    }
  }
  note(out, Fault.Ipv6ExtensionsTooMany, position);
}

function skipOptions(bytes: Uint8Array, start: number, end: number, out: DecodedHeaders): number {
  const next = end - start < SHORTEST ? -1 : start + ((bytes[start + LENGTH]! + 1) << 3);
  if (next < 0 || next > end) {
    note(out, Fault.Ipv6ExtensionTruncated, start);
    return -1;
  }
  out.protocol = bytes[start]!;
  return next;
}

function decodeFragmentHeader(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < SHORTEST) {
    note(out, Fault.Ipv6ExtensionTruncated, start);
    return -1;
  }
  out.protocol = bytes[start]!;
  out.fragmentProtocol = out.protocol;
  out.fragmentId = readInt32(bytes, start + FRAGMENT_IDENTIFICATION);
  const offsetAndFlag = readUint16(bytes, start + FRAGMENT_OFFSET);
  out.fragmentOffset = offsetAndFlag & OFFSET_MASK;
  out.hasMoreFragments = offsetAndFlag & MORE_FRAGMENTS;
  if ((offsetAndFlag & OFFSET_MASK) !== 0) out.fragment = Fragment.Later;
  else if ((offsetAndFlag & MORE_FRAGMENTS) !== 0) out.fragment = Fragment.First;
  return start + SHORTEST;
}

function decodeAuthenticationHeader(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  const next = end - start < SHORTEST ? -1 : start + ((bytes[start + LENGTH]! + 2) << 2);
  if (next < 0 || next > end) {
    note(out, Fault.AhTruncated, start);
    return -1;
  }
  out.protocol = bytes[start]!;
  out.spi = readInt32(bytes, start + SECURITY_PARAMETER_INDEX);
  return next;
}
