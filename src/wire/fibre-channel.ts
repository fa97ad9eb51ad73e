import type { DecodedHeaders } from "./decoded-headers.ts";
import { PseudoEtherType } from "./ether-type.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { readUint16 } from "./read.ts";
import { fail, notIp } from "./report.ts";

// FC-FS: 0 routing (4 bits), information (4 bits) | 1 destination | 5 source | 8 type | 9 frame control
// 12 sequence id | 13 which optional headers follow | 14 count within the sequence | 16 exchange ids
// 20 parameter | 24 payload
const TYPE = 8;
const OPTIONAL_HEADERS = 13;
const SEQUENCE_COUNT = 14;
const HEADER_LENGTH = 24;
const DEVICE_DATA = 0;
const TYPE_IP = 5;
const NETWORK_HEADER = 0x20;
const START_OF_FRAME_LENGTH = 4;

/**
 * Decodes the header of a Fibre Channel frame. Of a sequence with IP only the first frame has the
 * packet's header.
 * @param start - octet offset of the header, or of the start-of-frame delimiter, in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 * @see RFC 4338 section 4; https://www.tcpdump.org/linktypes.html LINKTYPE_FC_2 and
 *   LINKTYPE_FC_2_WITH_FRAME_DELIMS
 */
export function decodeFibreChannelFrame(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  const delimited = out.nextLayer === Layer.FibreChannelDelimited;
  const header = delimited ? start + START_OF_FRAME_LENGTH : start;
  if (end - header < HEADER_LENGTH) return fail(out, Fault.LinkHeaderTruncated, start);
  const isIp = bytes[header]! >> 4 === DEVICE_DATA && bytes[header + TYPE] === TYPE_IP;
  const optional = bytes[header + OPTIONAL_HEADERS]!;
  // Only the first frame has a network header; the count may go on from the sequence before.
  const hasNetworkHeader = optional === NETWORK_HEADER;
  const isFirst = hasNetworkHeader || readUint16(bytes, header + SEQUENCE_COUNT) === 0;
  if (!isIp || !isFirst || (optional & ~NETWORK_HEADER) !== 0) {
    return notIp(out, PseudoEtherType.EncapsulatedOther);
  }
  out.nextLayer = hasNetworkHeader ? Layer.FibreChannel : Layer.Llc;
  return header + HEADER_LENGTH;
}
