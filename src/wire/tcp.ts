import type { DecodedHeaders } from "./decoded-headers.ts";
import { Fault } from "./fault.ts";
import { keepPorts } from "./ports.ts";
import { readInt32, readUint16 } from "./read.ts";
import { note } from "./report.ts";

// RFC 9293 section 3.1: 0 source port | 2 destination port | 4 sequence | 8 acknowledgement
// 12 data offset (high 4 bits, words of four octets) | 13 flags | 14 window | 16 checksum | 18 urgent
const SEQUENCE = 4;
const ACKNOWLEDGEMENT = 8;
const DATA_OFFSET = 12;
const FLAGS = 13;
const WINDOW = 14;
const HEADER_LENGTH = 20;

/**
 * Decodes a TCP header. Ports are kept even when the rest is cut off: the packet still counts in
 * its flow.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet not readable: the smaller of captured and what IP claims
 * @param packetEnd - where IP says the segment ends, captured or not
 */
export function decodeTcp(
  bytes: Uint8Array,
  start: number,
  end: number,
  packetEnd: number,
  out: DecodedHeaders,
): void {
  keepPorts(bytes, start, end, out);
  if (end - start < HEADER_LENGTH) {
    note(out, Fault.TcpTruncated, start);
    return;
  }
  out.hasTcp = 1;
  out.tcpFlags = bytes[start + FLAGS]!;
  out.tcpSequence = readInt32(bytes, start + SEQUENCE);
  out.tcpAcknowledgement = readInt32(bytes, start + ACKNOWLEDGEMENT);
  out.tcpWindow = readUint16(bytes, start + WINDOW);
  let headerLength = (bytes[start + DATA_OFFSET]! >> 2) & 0x3c;
  if (headerLength < HEADER_LENGTH) {
    note(out, Fault.TcpDataOffsetTooSmall, start + DATA_OFFSET);
    headerLength = HEADER_LENGTH;
  }
  if (start + headerLength > packetEnd) {
    note(out, Fault.TcpDataOffsetBeyondPacket, start + DATA_OFFSET);
    headerLength = packetEnd - start;
  }
  out.payloadStart = start + headerLength;
  out.payloadLength = packetEnd - start - headerLength;
}
