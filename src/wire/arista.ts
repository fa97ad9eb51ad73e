import type { DecodedHeaders } from "./decoded-headers.ts";
import { enterEtherType } from "./ethernet.ts";
import { Fault } from "./fault.ts";
import { readUint16 } from "./read.ts";
import { fail, notIp } from "./report.ts";

// Behind EtherType D28B: 0 subtype, 1 for a time stamp | 2 time scale (8 bits), format (4 bits),
// hardware (4 bits) | 4 time stamp of 8 or 6 octets | the frame's own EtherType
const ETHER_TYPE = 0xd28b;
const TIMESTAMP = 1;
const FORMAT = 3;
const TIMESTAMP_START = 4;
const FORMAT_64_BITS = 1;
const FORMAT_48_BITS = 2;

/**
 * Steps over the time stamp that Arista's switches put behind the MAC addresses of tapped frames.
 * @param start - octet offset behind EtherType D28B
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 * @see https://www.arista.com/assets/data/pdf/Whitepapers/Overview_Arista_Timestamps.pdf
 */
export function decodeAristaTimestamp(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < TIMESTAMP_START) return fail(out, Fault.LinkHeaderTruncated, start);
  const format = bytes[start + FORMAT]! >> 4;
  const known = format === FORMAT_64_BITS || format === FORMAT_48_BITS;
  if (readUint16(bytes, start) !== TIMESTAMP || !known) return notIp(out, ETHER_TYPE);
  const type = start + TIMESTAMP_START + (format === FORMAT_64_BITS ? 8 : 6);
  if (end - type < 2) return fail(out, Fault.LinkHeaderTruncated, start);
  return enterEtherType(bytes, type + 2, end, readUint16(bytes, type), out);
}
