import { type DecodedHeaders, Fragment } from "./decoded-headers.ts";
import { Fault } from "./fault.ts";
import { keepPorts } from "./ports.ts";
import { readUint16 } from "./read.ts";
import { note } from "./report.ts";

// RFC 768: 0 source port | 2 destination port | 4 length | 6 checksum
const LENGTH = 4;
const HEADER_LENGTH = 8;

/**
 * Decodes a UDP header. Ports are kept even when the rest is cut off or the length lies.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet not readable: the smaller of captured and what IP claims
 * @param packetEnd - where IP says the datagram ends, captured or not
 * @returns whether the whole header was there
 * @see RFC 768; length 0 is a jumbogram or left to the network card, RFC 2675 section 4
 */
export function decodeUdp(
  bytes: Uint8Array,
  start: number,
  end: number,
  packetEnd: number,
  out: DecodedHeaders,
): boolean {
  keepPorts(bytes, start, end, out);
  if (end - start < HEADER_LENGTH) {
    note(out, Fault.UdpTruncated, start);
    return false;
  }
  out.payloadStart = start + HEADER_LENGTH;
  const room = packetEnd - start;
  let length = readUint16(bytes, start + LENGTH);
  if (length === 0) {
    length = room;
  } else if (length < HEADER_LENGTH) {
    note(out, Fault.UdpLengthTooSmall, start + LENGTH);
    length = HEADER_LENGTH;
  } else if (length > room) {
    // A first fragment carries the length of the whole datagram: no lie.
    if (out.fragment === Fragment.None) note(out, Fault.UdpLengthBeyondPacket, start + LENGTH);
    length = room;
  }
  out.payloadLength = length - HEADER_LENGTH;
  return true;
}

/**
 * Decodes a UDP-Lite header (RFC 3828): UDP's, with a checksum coverage in place of the length.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet not readable: the smaller of captured and what IP claims
 * @param packetEnd - where IP says the datagram ends, captured or not
 */
export function decodeUdpLite(
  bytes: Uint8Array,
  start: number,
  end: number,
  packetEnd: number,
  out: DecodedHeaders,
): void {
  keepPorts(bytes, start, end, out);
  if (end - start < HEADER_LENGTH) {
    note(out, Fault.UdpLiteTruncated, start);
    return;
  }
  const coverage = readUint16(bytes, start + LENGTH);
  const covers = coverage === 0 || (coverage >= HEADER_LENGTH && coverage <= packetEnd - start);
  // A first fragment carries the coverage of the whole datagram.
  if (!covers && out.fragment === Fragment.None) {
    note(out, Fault.UdpLiteCoverageInvalid, start + LENGTH);
  }
  out.payloadStart = start + HEADER_LENGTH;
  out.payloadLength = packetEnd - start - HEADER_LENGTH;
}
