import { type DecodedHeaders, Fragment } from "./decoded-headers.ts";
import { IpProtocol } from "./ip-protocol.ts";
import { extensionLength, homeAddressOption } from "./ipv6-journey.ts";
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

/**
 * Puts the ends of an IPv6 packet's journey in the place of its header's addresses: the sender's home
 * address, and the last destination of a source route or of a mobile node. What comes again counts once.
 * Of a fragment only the headers that every fragment has are looked at.
 * @param headers - of a packet whose extension headers were followed
 * @param end - first octet behind them
 * @see Zeek, IPv6_Hdr_Chain::ProcessRoutingHeader and ProcessDstOpts
 */
export function takeJourneyEnds(bytes: Uint8Array, headers: DecodedHeaders, end: number): void {
  const { ipStart } = headers;
  let hasHome = false;
  let hasEnd = false;
  let next = bytes[ipStart + NEXT_HEADER]!;
  for (let at = ipStart + HEADER_LENGTH; at < end; ) {
    if (next === IpProtocol.Ipv6Fragment && headers.fragment !== Fragment.None) return;
    const length = extensionLength(next, bytes[at + 1]!);
    if (next === IpProtocol.Ipv6Destination && !hasHome) {
      const home = homeAddressOption(bytes, at + 2, at + length);
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

/** Whether the last address of a routing header is where the packet goes in the end. */
function isRouteToEnd(bytes: Uint8Array, at: number, length: number): boolean {
  if (bytes[at + SEGMENTS_LEFT] === 0 || length < 8 + ADDRESS_LENGTH) return false;
  const type = bytes[at + ROUTING_TYPE]!;
  if (type === SOURCE_ROUTE) return (length - 8) % ADDRESS_LENGTH === 0;
  return type === MOBILE_NODE && length === 8 + ADDRESS_LENGTH;
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
