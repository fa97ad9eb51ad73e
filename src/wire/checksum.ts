import { addressSum } from "./address-sum.ts";
import { type DecodedHeaders, Fragment } from "./decoded-headers.ts";
import { Fault } from "./fault.ts";
import { IpProtocol } from "./ip-protocol.ts";
import { journeyAddressSum } from "./ipv6-journey.ts";
import { foldSum, RIGHT_SUM, wordSum } from "./ones-complement.ts";
import { readUint16 } from "./read.ts";
import { note } from "./report.ts";

const IPV4_CHECKSUM = 10;
const IPV4_OPTIONS = 20;
const IPV6_HEADER_LENGTH = 40;
const TCP_CHECKSUM = 16;
const UDP_CHECKSUM = 6;
const UDP_LITE_COVERAGE = 4;
const ICMP_CHECKSUM = 2;
// RFC 791 section 3.1: routes that say where the packet really goes.
const LOOSE_SOURCE_ROUTE = 131;
const STRICT_SOURCE_ROUTE = 137;
const END_OF_OPTIONS = 0;
const NO_OPERATION = 1;

/**
 * Verifies the checksums of the IPv4 header, TCP, UDP, UDP-Lite, ICMP and ICMPv6 where the packet is
 * whole, and notes the first that is wrong. Not blamed: what a network card was still to fill in (0, or
 * the sum of the pseudo header alone, as Linux leaves it), packets with another fault, fragments, and
 * packets with a route that changes the destination in the pseudo header. SCTP and DCCP are not verified.
 * @param headers - what decoding made of the packet, `Outcome.Flow`
 * @returns whether a checksum is wrong
 * @see RFC 1071; RFC 9293 section 3.1, RFC 768, RFC 3828, RFC 792, RFC 4443 section 2.3, RFC 8200
 *   section 8.1
 */
export function findWrongChecksum(bytes: Uint8Array, headers: DecodedHeaders): boolean {
  if (headers.fault !== 0) return false;
  if (headers.ipVersion === 4 && isIpv4HeaderWrong(bytes, headers)) {
    note(headers, Fault.Ipv4ChecksumWrong, headers.ipStart + IPV4_CHECKSUM);
    return true;
  }
  if (headers.truncated !== 0 || headers.fragment !== Fragment.None) return false;
  const start = headers.transportStart;
  const end = headers.payloadStart + headers.payloadLength;
  switch (headers.protocol) {
    case IpProtocol.Tcp:
      return check(bytes, headers, TCP_CHECKSUM, end, Fault.TcpChecksumWrong);
    case IpProtocol.Udp:
      return check(bytes, headers, UDP_CHECKSUM, end, Fault.UdpChecksumWrong);
    case IpProtocol.UdpLite: {
      const coverage = readUint16(bytes, start + UDP_LITE_COVERAGE);
      const coveredEnd = coverage === 0 ? end : start + coverage;
      return check(bytes, headers, UDP_CHECKSUM, coveredEnd, Fault.UdpLiteChecksumWrong);
    }
    case IpProtocol.Icmpv6:
      return check(bytes, headers, ICMP_CHECKSUM, end, Fault.IcmpChecksumWrong);
    case IpProtocol.Icmp:
      if (foldSum(wordSum(bytes, start, end)) === RIGHT_SUM) return false;
      note(headers, Fault.IcmpChecksumWrong, start + ICMP_CHECKSUM);
      return true;
    default:
      return false;
  }
}

function isIpv4HeaderWrong(bytes: Uint8Array, headers: DecodedHeaders): boolean {
  const start = headers.ipStart;
  if (wordSum(bytes, start, start + ipv4HeaderLength(bytes, start)) === RIGHT_SUM) return false;
  return readUint16(bytes, start + IPV4_CHECKSUM) !== 0;
}

/**
 * Verifies a checksum with pseudo header.
 * @param field - octet offset of the checksum in the transport header
 * @param coveredEnd - first octet that is not summed
 */
function check(
  bytes: Uint8Array,
  headers: DecodedHeaders,
  field: number,
  coveredEnd: number,
  fault: number,
): boolean {
  const start = headers.transportStart;
  const stated = readUint16(bytes, start + field);
  // UDP: none was made (RFC 768; over IPv6, RFC 6935). TCP: left to the network card.
  if (stated === 0 && headers.protocol !== IpProtocol.Icmpv6) return false;
  const addresses = addressSum(headers) + headers.protocol;
  const pseudo = addresses + (headers.payloadStart + headers.payloadLength - start);
  const sum = wordSum(bytes, start, coveredEnd);
  if (foldSum(pseudo + sum) === RIGHT_SUM) return false;
  if (stated === foldSum(pseudo) || stated === foldSum(addresses)) return false;
  if (headers.ipVersion === 4) {
    if (hasSourceRoute(bytes, headers)) return false;
  } else if (start > headers.ipStart + IPV6_HEADER_LENGTH) {
    // Not of this packet's header but of its journey: behind extension headers only.
    const journey = journeyAddressSum(bytes, headers.ipStart, start);
    if (journey < 0 || foldSum(pseudo - addressSum(headers) + journey + sum) === RIGHT_SUM)
      return false;
  }
  note(headers, fault, start + field);
  return true;
}

/** Whether options say that an IPv4 packet goes on from its destination: the last one is not looked for. */
function hasSourceRoute(bytes: Uint8Array, headers: DecodedHeaders): boolean {
  const start = headers.ipStart;
  const optionsEnd = start + ipv4HeaderLength(bytes, start);
  for (let i = start + IPV4_OPTIONS; i < optionsEnd; ) {
    const option = bytes[i]!;
    if (option === LOOSE_SOURCE_ROUTE || option === STRICT_SOURCE_ROUTE) return true;
    if (option === END_OF_OPTIONS) return false;
    i += option === NO_OPERATION ? 1 : Math.max(2, bytes[i + 1]!);
  }
  return false;
}

function ipv4HeaderLength(bytes: Uint8Array, start: number): number {
  return (bytes[start]! & 0x0f) << 2;
}
