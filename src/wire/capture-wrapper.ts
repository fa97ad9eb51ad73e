import { type DecodedHeaders, Outcome } from "./decoded-headers.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { layerOfLinkType } from "./link-type.ts";
import { readInt32LittleEndian, readUint16LittleEndian } from "./read.ts";
import { fail } from "./report.ts";

// PPI: 0 version | 1 flags | 2 length (little-endian) | 4 link type (little-endian)
const PPI_LENGTH = 2;
const PPI_LINK_TYPE = 4;
const PPI_SHORTEST = 8;
// Apple PKTAP: 0 length | 4 record type | 8 link type, all little-endian
const PKTAP_LINK_TYPE = 8;
const PKTAP_SHORTEST = 12;

/**
 * Decodes a Per-Packet Information header, which names the link type of the frame behind it.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the frame with `out.nextLayer` set, or -1
 * @see https://www.tcpdump.org/linktypes.html LINKTYPE_PPI
 */
export function decodePpi(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < PPI_SHORTEST) return fail(out, Fault.LinkHeaderTruncated, start);
  const length = readUint16LittleEndian(bytes, start + PPI_LENGTH);
  const linkType = readInt32LittleEndian(bytes, start + PPI_LINK_TYPE);
  return enterWrapped(start, end, length, PPI_SHORTEST, linkType, out);
}

/**
 * Decodes Apple's PKTAP header, which names the link type of the frame behind it.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the frame with `out.nextLayer` set, or -1
 * @see https://www.tcpdump.org/linktypes.html LINKTYPE_PKTAP
 */
export function decodePktap(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < PKTAP_SHORTEST) return fail(out, Fault.LinkHeaderTruncated, start);
  const length = readInt32LittleEndian(bytes, start);
  const linkType = readInt32LittleEndian(bytes, start + PKTAP_LINK_TYPE);
  return enterWrapped(start, end, length, PKTAP_SHORTEST, linkType, out);
}

function enterWrapped(
  start: number,
  end: number,
  length: number,
  shortest: number,
  linkType: number,
  out: DecodedHeaders,
): number {
  if (length < shortest) return fail(out, Fault.LinkHeaderInvalid, start);
  if (length > end - start) return fail(out, Fault.LinkHeaderTruncated, start);
  out.nextLayer = layerOfLinkType(linkType);
  if (out.nextLayer !== Layer.None) return start + length;
  out.outcome = Outcome.UnsupportedLink;
  return -1;
}
