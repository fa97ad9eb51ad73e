import type { DecodedHeaders } from "./decoded-headers.ts";
import { enterEtherType, keepVlan } from "./ethernet.ts";
import { Fault } from "./fault.ts";
import { readUint16 } from "./read.ts";
import { fail } from "./report.ts";

// IEEE 802.1Q clause 9.6, behind the tag's own EtherType:
// 0 priority (3 bits), drop eligible (1 bit), VLAN id (12 bits) | 2 EtherType or length
const TYPE_OR_LENGTH = 2;
const TAG_LENGTH = 4;

/**
 * Decodes one VLAN tag; stacked tags follow as layers of their own.
 * @param start - octet offset of the tag control information in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 */
export function decodeVlan(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < TAG_LENGTH) return fail(out, Fault.VlanTruncated, start);
  keepVlan(out, readUint16(bytes, start));
  const etherType = readUint16(bytes, start + TYPE_OR_LENGTH);
  return enterEtherType(bytes, start + TAG_LENGTH, end, etherType, out);
}
