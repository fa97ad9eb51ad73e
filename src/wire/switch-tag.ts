import type { DecodedHeaders } from "./decoded-headers.ts";
import { enterEtherType, keepVlan } from "./ethernet.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { readInt32, readUint16 } from "./read.ts";
import { fail } from "./report.ts";

// An Ethernet header with a switch chip's tag between the addresses and the EtherType:
// 0 destination | 6 source | 12 tag
const SOURCE = 6;
const TAG = 12;
const TAG_LENGTH = 4;
// Marvell EDSA: 12 EtherType of its own | 14 reserved | 16 tag
const ETHER_TYPED_TAG = 16;
// Marvell tag: 0 mode (2 bits), VLAN-tagged (1 bit), device | 2 priority, VLAN id (12 bits)
const TAGGED = 0x20;

/**
 * Decodes an Ethernet frame with a Marvell DSA or EDSA tag, or a Broadcom tag, as `out.nextLayer`
 * tells. A Marvell tag stands in for the VLAN tag of frames that had one.
 * @param start - octet offset of the destination address in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 * @see https://www.tcpdump.org/linktypes.html LINKTYPE_DSA_TAG_DSA, _EDSA, _BRCM
 */
export function decodeSwitchTag(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  const tag = start + (out.nextLayer === Layer.EtherTypedDsa ? ETHER_TYPED_TAG : TAG);
  const next = tag + TAG_LENGTH + 2;
  if (end < next) return fail(out, Fault.EthernetTruncated, start);
  out.hasMac = 1;
  out.destinationMacHigh = readUint16(bytes, start);
  out.destinationMacLow = readInt32(bytes, start + 2);
  out.sourceMacHigh = readUint16(bytes, start + SOURCE);
  out.sourceMacLow = readInt32(bytes, start + SOURCE + 2);
  const marvell = out.nextLayer !== Layer.BroadcomTag;
  if (marvell && (bytes[tag]! & TAGGED) !== 0) keepVlan(out, readUint16(bytes, tag + 2));
  return enterEtherType(bytes, next, end, readUint16(bytes, next - 2), out);
}
