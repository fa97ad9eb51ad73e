import { IpProtocol } from "./ip-protocol.ts";
import { wordSum } from "./ones-complement.ts";

// RFC 8200 section 3: 6 next header | 8 source | 24 destination | 40 extension headers:
// 0 next header | 1 length in units of 8 octets, without the first
const NEXT_HEADER = 6;
const SOURCE = 8;
const DESTINATION = 24;
const HEADER_LENGTH = 40;
const ADDRESS_LENGTH = 16;
// Routing header, section 4.4: 2 type | 3 segments left | 8 addresses
const ROUTING_TYPE = 2;
const SEGMENTS_LEFT = 3;
const FIRST_ADDRESS = 8;
const SOURCE_ROUTE = 0; // RFC 2460 section 4.4: the last address is where the packet goes
const MOBILE_NODE = 2; // RFC 6275 section 6.4: the only address
const SEGMENTS = 4; // RFC 8754 section 2: the first address is where the packet goes
// Home address option, RFC 6275 section 6.3: 0 C9 | 1 length 16 | 2 address
const HOME_ADDRESS = 0xc9;
const PAD1 = 0;

/**
 * Sum of the two addresses in the pseudo header of an IPv6 packet with extension headers: a routing
 * header may hold the last destination, and destination options the sender's home address.
 * @param ipStart - octet offset of the IPv6 header in `bytes`
 * @param transportStart - where the extension headers, which were followed before, end
 * @returns a sum of 16-bit words, or -1 when the last destination is not known
 * @see RFC 8200 section 8.1, RFC 6275 section 11.3.2
 */
export function journeyAddressSum(
  bytes: Uint8Array,
  ipStart: number,
  transportStart: number,
): number {
  let source = ipStart + SOURCE;
  let destination = ipStart + DESTINATION;
  let next = bytes[ipStart + NEXT_HEADER]!;
  for (let at = ipStart + HEADER_LENGTH; at < transportStart; ) {
    const length = extensionLength(next, bytes[at + 1]!);
    if (next === IpProtocol.Ipv6Destination) {
      const home = homeAddressOption(bytes, at + 2, at + length);
      if (home >= 0) source = home;
    } else if (next === IpProtocol.Ipv6Routing && bytes[at + SEGMENTS_LEFT] !== 0) {
      const address = lastAddress(bytes[at + ROUTING_TYPE]!, length);
      if (address < 0) return -1;
      destination = at + address;
    }
    next = bytes[at]!;
    at += length;
  }
  return (
    wordSum(bytes, source, source + ADDRESS_LENGTH) +
    wordSum(bytes, destination, destination + ADDRESS_LENGTH)
  );
}

/**
 * Octets of an extension header.
 * @param header - its protocol number
 * @param length - what it says of its length, in units of 8 octets (AH, RFC 4302 section 2.2: of 4)
 */
export function extensionLength(header: number, length: number): number {
  if (header === IpProtocol.Ipv6Fragment) return 8;
  return header === IpProtocol.Ah ? (length + 2) << 2 : (length + 1) << 3;
}

/** Octet offset in a routing header of the last destination; -1 where it holds none. */
function lastAddress(type: number, length: number): number {
  if (length < FIRST_ADDRESS + ADDRESS_LENGTH) return -1;
  switch (type) {
    case SOURCE_ROUTE:
      return length - ADDRESS_LENGTH;
    case MOBILE_NODE:
    case SEGMENTS:
      return FIRST_ADDRESS;
    default:
      return -1;
  }
}

/** Octet offset of the first home address among the options from `start` to `end`; -1 when there is none. */
export function homeAddressOption(bytes: Uint8Array, start: number, end: number): number {
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
