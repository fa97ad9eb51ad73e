import type { DecodedHeaders } from "./decoded-headers.ts";
import { IpProtocol } from "./ip-protocol.ts";
import { readInt32 } from "./read.ts";

// RFC 8200 section 3: 6 next header | 40 extension headers: 0 next header | 1 length in units of 8
// octets, without the first. Section 4.4, routing header: 2 type | 3 segments left | 8 addresses
const NEXT_HEADER = 6;
const HEADER_LENGTH = 40;
const ADDRESS_LENGTH = 16;
const ROUTING_TYPE = 2;
const SEGMENTS_LEFT = 3;
const SOURCE_ROUTE = 0; // RFC 2460 section 4.4
const MOBILE_NODE = 2; // RFC 6275 section 6.4
// Home address option, RFC 6275 section 6.3: 0 C9 | 1 length 16 | 2 address
const HOME_ADDRESS = 0xc9;
const PAD1 = 0;

/**
 * Puts the ends of an IPv6 packet's journey in the place of its header's addresses: the sender's home
 * address, and the last destination of a source route or of a mobile node. What comes again counts once.
 * @param headers - of a packet whose extension headers, if any, were followed; no fragment
 * @see Zeek, IPv6_Hdr_Chain::ProcessRoutingHeader and ProcessDstOpts
 */
export function takeJourneyEnds(bytes: Uint8Array, headers: DecodedHeaders): void {
  const { ipStart, transportStart } = headers;
  let hasHome = false;
  let hasEnd = false;
  let next = bytes[ipStart + NEXT_HEADER]!;
  for (let at = ipStart + HEADER_LENGTH; at < transportStart; ) {
    const length = lengthOf(next, bytes[at + 1]!);
    if (next === IpProtocol.Ipv6Destination && !hasHome) {
      const home = homeAddress(bytes, at + 2, at + length);
      hasHome = home >= 0;
      if (hasHome) takeSource(bytes, home, headers);
    } else if (next === IpProtocol.Ipv6Routing && !hasEnd && isRouteToEnd(bytes, at, length)) {
      hasEnd = true;
      takeDestination(bytes, at + length - ADDRESS_LENGTH, headers);
    }
    next = bytes[at]!;
    at += length;
  }
}

function lengthOf(header: number, length: number): number {
  if (header === IpProtocol.Ipv6Fragment) return 8;
  return header === IpProtocol.Ah ? (length + 2) << 2 : (length + 1) << 3;
}

/** Whether the last address of a routing header is where the packet goes in the end. */
function isRouteToEnd(bytes: Uint8Array, at: number, length: number): boolean {
  if (bytes[at + SEGMENTS_LEFT] === 0 || length < 8 + ADDRESS_LENGTH) return false;
  const type = bytes[at + ROUTING_TYPE]!;
  if (type === SOURCE_ROUTE) return (length - 8) % ADDRESS_LENGTH === 0;
  return type === MOBILE_NODE && length === 8 + ADDRESS_LENGTH;
}

function homeAddress(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at + 1 < end; ) {
    const option = bytes[at]!;
    const length = bytes[at + 1]!;
    if (option === HOME_ADDRESS && length === ADDRESS_LENGTH && at + 2 + ADDRESS_LENGTH <= end) {
      return at + 2;
    }
    at += option === PAD1 ? 1 : 2 + length;
  }
  return -1;
}

function takeSource(bytes: Uint8Array, at: number, headers: DecodedHeaders): void {
  headers.source0 = readInt32(bytes, at);
  headers.source1 = readInt32(bytes, at + 4);
  headers.source2 = readInt32(bytes, at + 8);
  headers.source3 = readInt32(bytes, at + 12);
}

function takeDestination(bytes: Uint8Array, at: number, headers: DecodedHeaders): void {
  headers.destination0 = readInt32(bytes, at);
  headers.destination1 = readInt32(bytes, at + 4);
  headers.destination2 = readInt32(bytes, at + 8);
  headers.destination3 = readInt32(bytes, at + 12);
}
