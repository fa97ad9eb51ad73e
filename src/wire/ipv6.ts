import { type DecodedHeaders, Outcome } from "./decoded-headers.ts";
import { decodeExtensionHeaders } from "./extension-headers.ts";
import { Fault } from "./fault.ts";
import { IpProtocol } from "./ip-protocol.ts";
import { jumboPayloadLength } from "./ipv6-jumbo.ts";
import { readInt32, readUint16 } from "./read.ts";
import { fail, note } from "./report.ts";
import { decodeTcp } from "./tcp.ts";

// RFC 8200 section 3: 0 version (4 bits), traffic class, flow label | 4 payload length
// 6 next header | 7 hop limit | 8 source | 24 destination
const PAYLOAD_LENGTH = 4;
const NEXT_HEADER = 6;
const SOURCE = 8;
const DESTINATION = 24;
const HEADER_LENGTH = 40;

/**
 * Decodes an IPv6 header, its extension headers and the transport.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns -1: nothing is left to decode, `out.outcome` tells the result
 * @see RFC 8200; payload length 0 means a jumbogram (RFC 2675), or, without hop-by-hop options, that
 *   the network card was to fill it in: to the end of the frame
 */
export function decodeIpv6(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < HEADER_LENGTH) return fail(out, Fault.Ipv6Truncated, start);
  if (bytes[start]! >> 4 !== 6) return fail(out, Fault.Ipv6VersionWrong, start);

  out.outcome = Outcome.Flow;
  out.ipVersion = 6;
  out.ipStart = start;
  out.source0 = readInt32(bytes, start + SOURCE);
  out.source1 = readInt32(bytes, start + SOURCE + 4);
  out.source2 = readInt32(bytes, start + SOURCE + 8);
  out.source3 = readInt32(bytes, start + SOURCE + 12);
  out.destination0 = readInt32(bytes, start + DESTINATION);
  out.destination1 = readInt32(bytes, start + DESTINATION + 4);
  out.destination2 = readInt32(bytes, start + DESTINATION + 8);
  out.destination3 = readInt32(bytes, start + DESTINATION + 12);
  out.protocol = bytes[start + NEXT_HEADER]!;
  out.fragmentId = 0;

  let length = readUint16(bytes, start + PAYLOAD_LENGTH) + HEADER_LENGTH;
  if (length === HEADER_LENGTH) length = unstatedLength(bytes, start, end, out);
  out.ipLength = length;

  const packetEnd = start + length;
  let readEnd = end;
  if (packetEnd <= end) readEnd = packetEnd;
  else {
    if (packetEnd > out.wireEnd) note(out, Fault.IpLengthBeyondFrame, start + PAYLOAD_LENGTH);
    if (end < out.wireEnd) out.truncated = 1;
  }
  const payloadStart = start + HEADER_LENGTH;
  if (out.protocol === IpProtocol.Tcp) {
    out.transportStart = payloadStart;
    out.payloadStart = payloadStart;
    out.payloadLength = length - HEADER_LENGTH;
    decodeTcp(bytes, payloadStart, readEnd, packetEnd, out);
    return -1;
  }
  decodeExtensionHeaders(bytes, payloadStart, readEnd, packetEnd, out);
  return -1;
}

/** Octets of a datagram, header included, whose payload length says 0. */
function unstatedLength(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (out.protocol !== IpProtocol.HopByHop) return out.wireEnd - start;
  const jumbo = jumboPayloadLength(bytes, start + HEADER_LENGTH, end);
  if (jumbo === 0) {
    // RFC 2675 section 3 calls this an error. It leaves nothing that is known to be ours.
    note(out, Fault.Ipv6JumboLengthInvalid, start + PAYLOAD_LENGTH);
    return HEADER_LENGTH;
  }
  // Offsets stay small integers: a length that would carry past them is as good as endless.
  return Math.min(jumbo + HEADER_LENGTH, 0x7fffffff - start);
}
