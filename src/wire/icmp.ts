import type { DecodedHeaders } from "./decoded-headers.ts";
import { Fault } from "./fault.ts";
import { readUint16 } from "./read.ts";
import { note } from "./report.ts";

// RFC 792, RFC 4443 section 2.1: 0 type | 1 code | 2 checksum | 4 identifier (echo-like messages)
const CODE = 1;
const IDENTIFIER = 4;
const HEADER_LENGTH = 8;
const TYPE_AND_CODE_LENGTH = 2;
const ICMP = 1;

/**
 * Decodes an ICMP or ICMPv6 header; `out.protocol` (1 or 58) tells which.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet not readable: the smaller of captured and what IP claims
 * @param packetEnd - where IP says the message ends, captured or not
 */
export function decodeIcmp(
  bytes: Uint8Array,
  start: number,
  end: number,
  packetEnd: number,
  out: DecodedHeaders,
): void {
  if (end - start >= TYPE_AND_CODE_LENGTH) {
    out.hasIcmp = 1;
    out.icmpType = bytes[start]!;
    out.icmpCode = bytes[start + CODE]!;
    out.icmpId = 0;
  }
  if (end - start < HEADER_LENGTH) {
    note(out, Fault.IcmpTruncated, start);
    return;
  }
  if (hasIdentifier(out.protocol, out.icmpType)) {
    out.icmpId = readUint16(bytes, start + IDENTIFIER);
  }
  out.payloadStart = start + HEADER_LENGTH;
  out.payloadLength = packetEnd - start - HEADER_LENGTH;
}

/** Whether octets 4 and 5 identify an exchange: IANA's ICMP types, RFC 792, 950, 4443 and 8335. */
function hasIdentifier(protocol: number, type: number): boolean {
  if (protocol !== ICMP) return type === 128 || type === 129 || type === 160 || type === 161;
  if (type === 0 || type === 8 || type === 42 || type === 43) return true;
  return type >= 13 && type <= 18;
}
