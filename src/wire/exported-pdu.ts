import { type DecodedHeaders, Outcome } from "./decoded-headers.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { readInt32, readUint16 } from "./read.ts";
import { fail } from "./report.ts";

// Wireshark's exported PDUs: tags of 0 number | 2 length | 4 value, up to number 0; then the PDU
const LENGTH = 2;
const TAG_LENGTH = 4;
const TAG_END = 0;
const TAG_DISSECTOR = 12;

// The first four characters of a dissector's name.
const IP = 0x69700000;
const IPV6 = 0x69707636;
const RAW_IP = 0x7261775f;
const ETHERNET = 0x6574685f; // with, without, or perhaps with its checksum

/**
 * Decodes the tags in front of what Wireshark exported. Packets and Ethernet frames are decoded;
 * what was above IP is as unsupported as before.
 * @param start - octet offset of the first tag in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the PDU with `out.nextLayer` set, or -1
 * @see https://www.tcpdump.org/linktypes.html LINKTYPE_WIRESHARK_UPPER_PDU
 */
export function decodeExportedPdu(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  let position = start;
  let layer: number = Layer.None;
  while (end - position >= TAG_LENGTH) {
    const tag = readUint16(bytes, position);
    const value = position + TAG_LENGTH;
    position = value + readUint16(bytes, position + LENGTH);
    if (tag === TAG_DISSECTOR && position <= end) layer = layerOfName(bytes, value, position);
    if (tag !== TAG_END) continue;
    out.nextLayer = layer;
    if (layer !== Layer.None) return position;
    out.outcome = Outcome.UnsupportedLink;
    return -1;
  }
  return fail(out, Fault.LinkHeaderTruncated, start);
}

/** A name shorter than four characters may or may not be filled up with zeros. */
function layerOfName(bytes: Uint8Array, start: number, end: number): number {
  const isShort = end - start === 2;
  if (!isShort && end - start < 4) return Layer.None;
  switch (isShort ? readUint16(bytes, start) << 16 : readInt32(bytes, start)) {
    case IP:
    case RAW_IP:
      return Layer.Ip;
    case IPV6:
      return Layer.Ipv6;
    case ETHERNET:
      return Layer.Ethernet;
    default:
      return Layer.None;
  }
}
