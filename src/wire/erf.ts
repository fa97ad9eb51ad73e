import type { DecodedHeaders } from "./decoded-headers.ts";
import { PseudoEtherType } from "./ether-type.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { fail, notIp } from "./report.ts";

// Endace ERF: 0 time stamp | 8 type (7 bits), extension headers follow (1 bit) | 9 flags
// 10 record length | 12 loss counter | 14 wire length | 16 extension headers of 8 octets each, the
// first bit of which says whether another follows; then 2 octets of padding in Ethernet records, 4 octets
// about the channel in multi-channel records, and, in AAL5 records, 4 octets of the cells' headers
const TYPE = 8;
const HEADER_LENGTH = 16;
const EXTENSION_LENGTH = 8;
const MORE = 0x80;
const ETHERNET_PADDING = 2;
/** Multichannel records have a word in front of the frame that tells the channel. */
const CHANNEL_LENGTH = 4;
/** AAL5 records have the header of their cells in front of the frame. */
const CELL_HEADER_LENGTH = 4;

/**
 * Decodes an ERF record header.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the frame with `out.nextLayer` set, or -1
 * @see https://www.tcpdump.org/linktypes.html LINKTYPE_ERF
 */
export function decodeErf(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < HEADER_LENGTH) return fail(out, Fault.LinkHeaderTruncated, start);
  let more = bytes[start + TYPE]! & MORE;
  let position = start + HEADER_LENGTH;
  while (more !== 0) {
    if (end - position < EXTENSION_LENGTH) return fail(out, Fault.LinkHeaderTruncated, position);
    more = bytes[position]! & MORE;
    position += EXTENSION_LENGTH;
  }
  switch (bytes[start + TYPE]! & 0x7f) {
    case 1: // HDLC over SONET, and its variants with colours and hashes
    case 10:
    case 15:
    case 19:
      out.nextLayer = Layer.Ppp;
      return position;
    case 5: // The same, multichannel
    case 17:
      out.nextLayer = Layer.Ppp;
      return position + CHANNEL_LENGTH;
    case 2: // Ethernet, and its variants
    case 11:
    case 16:
    case 20:
      out.nextLayer = Layer.Ethernet;
      return position + ETHERNET_PADDING;
    case 4:
      out.nextLayer = Layer.AtmAdaptation;
      return position + CELL_HEADER_LENGTH;
    case 9:
      out.nextLayer = Layer.AtmAdaptation;
      return position + CHANNEL_LENGTH + CELL_HEADER_LENGTH;
    case 22:
      out.nextLayer = Layer.Ipv4;
      return position;
    case 23:
      out.nextLayer = Layer.Ipv6;
      return position;
    default:
      return notIp(out, PseudoEtherType.EncapsulatedOther);
  }
}
