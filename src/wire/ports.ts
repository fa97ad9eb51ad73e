import type { DecodedHeaders } from "./decoded-headers.ts";
import { readUint16 } from "./read.ts";

// TCP, UDP, UDP-Lite, SCTP and DCCP begin alike: 0 source port | 2 destination port
const DESTINATION_PORT = 2;
const LENGTH = 4;

/**
 * Keeps the ports of a transport header, where they are there: also of one that is cut off behind them.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet not readable
 */
export function keepPorts(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): void {
  if (end - start < LENGTH) return;
  out.hasPorts = 1;
  out.sourcePort = readUint16(bytes, start);
  out.destinationPort = readUint16(bytes, start + DESTINATION_PORT);
}
