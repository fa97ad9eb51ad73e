import type { DecodedHeaders } from "./decoded-headers.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { readInt32, readInt32LittleEndian, readUint16LittleEndian } from "./read.ts";
import { fail } from "./report.ts";

// Radiotap: 0 version | 2 length (little-endian) | 4 words of present flags, bit 31 = another follows
const RADIOTAP_LENGTH = 2;
const RADIOTAP_PRESENT = 4;
const RADIOTAP_SHORTEST = 8;
const PRESENT_TSFT = 1;
const PRESENT_FLAGS = 2;
const DATA_PADDED = 0x20;

// Prism: 0 message code | 4 length of header in the capturing host's order
// AVS: 0 magic 80211001 or 80211002 | 4 length, both in network order
const LENGTH = 4;
const SHORTEST = 8;
const AVS_MAGIC = 0x80211000 | 0;

/**
 * Decodes a radiotap header, as far as finding the frame behind it needs.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the IEEE 802.11 frame with `out.nextLayer` set, or -1
 * @see https://www.radiotap.org
 */
export function decodeRadiotap(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < RADIOTAP_SHORTEST) return fail(out, Fault.LinkHeaderTruncated, start);
  const length = readUint16LittleEndian(bytes, start + RADIOTAP_LENGTH);
  if (bytes[start] !== 0 || length < RADIOTAP_SHORTEST) {
    return fail(out, Fault.LinkHeaderInvalid, start);
  }
  if (end - start < length) return fail(out, Fault.LinkHeaderTruncated, start);
  const padded = (radiotapFlags(bytes, start, start + length) & DATA_PADDED) !== 0;
  out.nextLayer = padded ? Layer.WifiPadded : Layer.Wifi;
  return start + length;
}

/** The flags field, second of radiotap's fields and behind all words of present flags; 0 without. */
function radiotapFlags(bytes: Uint8Array, start: number, end: number): number {
  const present = bytes[start + RADIOTAP_PRESENT]!;
  if ((present & PRESENT_FLAGS) === 0) return 0;
  let position = start + RADIOTAP_PRESENT;
  while (position + 4 <= end && (bytes[position + 3]! & 0x80) !== 0) position += 4;
  position += 4;
  // The time stamp is aligned to eight octets from the start of the header.
  if ((present & PRESENT_TSFT) !== 0) position = start + ((position - start + 7) & ~7) + 8;
  return position < end ? bytes[position]! : 0;
}

/**
 * Decodes a Prism or AVS header in front of an IEEE 802.11 frame; either may be found under both
 * link types.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the frame with `out.nextLayer` set, or -1
 * @see https://www.tcpdump.org/linktypes.html LINKTYPE_IEEE802_11_PRISM, LINKTYPE_IEEE802_11_AVS
 */
export function decodePrism(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < SHORTEST) return fail(out, Fault.LinkHeaderTruncated, start);
  let length = readInt32(bytes, start + LENGTH);
  const avs = (readInt32(bytes, start) & 0xfffff000) === AVS_MAGIC;
  if (!avs && (length & 0xffff0000) !== 0) length = readInt32LittleEndian(bytes, start + LENGTH);
  if (length < SHORTEST) return fail(out, Fault.LinkHeaderInvalid, start + LENGTH);
  if (length > end - start) return fail(out, Fault.LinkHeaderTruncated, start);
  out.nextLayer = Layer.Wifi;
  return start + length;
}
