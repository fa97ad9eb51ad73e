import type { DecodedHeaders } from "./decoded-headers.ts";
import { Fault } from "./fault.ts";
import { keepPorts } from "./ports.ts";
import { note } from "./report.ts";

// RFC 4340 section 5.1: 0 source port | 2 destination port | 4 data offset (words of four octets)
// 5 CCVal, CsCov | 6 checksum | 8 reserved (3 bits), type (4 bits), X (1 bit) | 9 sequence ...
const DATA_OFFSET = 4;
const TYPE = 8;
const SHORT_HEADER_LENGTH = 12;

/**
 * Decodes the generic header of DCCP and its packet type (`messageType`).
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet not readable: the smaller of captured and what IP claims
 * @param packetEnd - where IP says the packet ends, captured or not
 */
export function decodeDccp(
  bytes: Uint8Array,
  start: number,
  end: number,
  packetEnd: number,
  out: DecodedHeaders,
): void {
  keepPorts(bytes, start, end, out);
  if (end - start < SHORT_HEADER_LENGTH) {
    note(out, Fault.DccpTruncated, start);
    return;
  }
  out.messageType = (bytes[start + TYPE]! >> 1) & 0x0f;
  const headerLength = bytes[start + DATA_OFFSET]! << 2;
  if (headerLength < SHORT_HEADER_LENGTH || start + headerLength > packetEnd) {
    note(out, Fault.DccpDataOffsetInvalid, start + DATA_OFFSET);
    out.payloadStart = start + SHORT_HEADER_LENGTH;
    out.payloadLength = packetEnd - start - SHORT_HEADER_LENGTH;
    return;
  }
  out.payloadStart = start + headerLength;
  out.payloadLength = packetEnd - start - headerLength;
}
