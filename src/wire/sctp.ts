import type { DecodedHeaders } from "./decoded-headers.ts";
import { Fault } from "./fault.ts";
import { keepPorts } from "./ports.ts";
import { note } from "./report.ts";

// RFC 9260 section 3.1: 0 source port | 2 destination port | 4 verification tag | 8 checksum
// 12 first chunk: type, flags, length
const FIRST_CHUNK_TYPE = 12;
const HEADER_LENGTH = 12;

/**
 * Decodes the common header of SCTP and the type of its first chunk (`messageType`).
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet not readable: the smaller of captured and what IP claims
 * @param packetEnd - where IP says the packet ends, captured or not
 */
export function decodeSctp(
  bytes: Uint8Array,
  start: number,
  end: number,
  packetEnd: number,
  out: DecodedHeaders,
): void {
  keepPorts(bytes, start, end, out);
  if (end - start < HEADER_LENGTH) {
    note(out, Fault.SctpTruncated, start);
    return;
  }
  out.payloadStart = start + HEADER_LENGTH;
  out.payloadLength = packetEnd - start - HEADER_LENGTH;
  if (end - start > FIRST_CHUNK_TYPE) out.messageType = bytes[start + FIRST_CHUNK_TYPE]!;
}
