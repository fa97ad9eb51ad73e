import { type DecodedHeaders, Fragment, Outcome } from "./decoded-headers.ts";
import { decodeExtensionHeaders } from "./extension-headers.ts";
import { Fault } from "./fault.ts";
import { IpProtocol } from "./ip-protocol.ts";
import { decodeIpv6 } from "./ipv6.ts";
import { readInt32, readUint16 } from "./read.ts";
import { fail, note } from "./report.ts";
import { decodeTransport } from "./transport.ts";

// RFC 791 section 3.1: 0 version, header length (words of four octets) | 1 type of service
// 2 total length | 4 identification | 6 flags (3 bits), fragment offset (13 bits, units of 8 octets)
// 8 time to live | 9 protocol | 10 checksum | 12 source | 16 destination | 20 options
const TOTAL_LENGTH = 2;
const IDENTIFICATION = 4;
const FLAGS_AND_OFFSET = 6;
const PROTOCOL = 9;
const SOURCE = 12;
const DESTINATION = 16;
const HEADER_LENGTH = 20;
const MORE_FRAGMENTS = 0x2000;
const FRAGMENT_OFFSET = 0x1fff;

/**
 * Decodes an IPv4 header and its transport.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns -1: nothing is left to decode, `out.outcome` tells the result
 * @see RFC 791; total length 0 means the network card was to fill it in: to the end of the frame
 */
export function decodeIpv4(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < HEADER_LENGTH) return fail(out, Fault.Ipv4Truncated, start);
  const first = bytes[start]!;
  if (first >> 4 !== 4) {
    // Senders that announce IPv6 as IPv4 exist; the version is right where the announcement is not.
    if (first >> 4 === 6) return decodeIpv6(bytes, start, end, out);
    return fail(out, Fault.Ipv4VersionWrong, start);
  }
  const headerLength = (first & 0x0f) << 2;
  if (headerLength < HEADER_LENGTH) return fail(out, Fault.Ipv4HeaderLengthTooSmall, start);
  if (end - start < headerLength) return fail(out, Fault.Ipv4Truncated, start);
  let length = readUint16(bytes, start + TOTAL_LENGTH);
  if (length === 0) length = out.wireEnd - start;
  else if (length < headerLength) {
    return fail(out, Fault.Ipv4TotalLengthTooSmall, start + TOTAL_LENGTH);
  }

  out.outcome = Outcome.Flow;
  out.ipVersion = 4;
  out.ipStart = start;
  out.source0 = 0;
  out.source1 = 0;
  out.source2 = 0;
  out.source3 = readInt32(bytes, start + SOURCE);
  out.destination0 = 0;
  out.destination1 = 0;
  out.destination2 = 0;
  out.destination3 = readInt32(bytes, start + DESTINATION);
  out.protocol = bytes[start + PROTOCOL]!;
  out.ipLength = length;
  out.fragmentId = readUint16(bytes, start + IDENTIFICATION);

  const packetEnd = start + length;
  let readEnd = end;
  if (packetEnd <= end) readEnd = packetEnd;
  else {
    if (packetEnd > out.wireEnd) note(out, Fault.IpLengthBeyondFrame, start + TOTAL_LENGTH);
    if (end < out.wireEnd) out.truncated = 1;
  }
  const payloadStart = start + headerLength;
  out.payloadStart = payloadStart;
  out.payloadLength = packetEnd - payloadStart;

  const flagsAndOffset = readUint16(bytes, start + FLAGS_AND_OFFSET);
  if ((flagsAndOffset & (MORE_FRAGMENTS | FRAGMENT_OFFSET)) !== 0) {
    out.fragmentProtocol = out.protocol;
    out.fragmentOffset = (flagsAndOffset & FRAGMENT_OFFSET) << 3;
    out.hasMoreFragments = (flagsAndOffset & MORE_FRAGMENTS) !== 0 ? 1 : 0;
    if ((flagsAndOffset & FRAGMENT_OFFSET) !== 0) {
      out.fragment = Fragment.Later;
      return -1;
    }
    out.fragment = Fragment.First;
  }
  if (out.protocol === IpProtocol.Ah) {
    decodeExtensionHeaders(bytes, payloadStart, readEnd, packetEnd, out);
    return -1;
  }
  decodeTransport(bytes, payloadStart, readEnd, packetEnd, out);
  return -1;
}
