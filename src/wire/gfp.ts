import type { DecodedHeaders } from "./decoded-headers.ts";
import { PseudoEtherType } from "./ether-type.ts";
import { narrowTo } from "./ethernet.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { readUint16 } from "./read.ts";
import { fail, notIp } from "./report.ts";

// ITU-T G.7041 section 6.1: 0 length of what follows the core header | 2 its checksum
// 4 payload type (3 bits), checksum at the end (1), kind of extension (4) | 5 what the payload is
// 6 checksum of the type | [8 extension: channel, spare, checksum (2)] | payload | [checksum (4)]
const TYPE = 4;
const PAYLOAD_IDENTIFIER = 5;
const CORE_LENGTH = 4;
const SHORTEST_PAYLOAD = 4;
const HEADER_LENGTH = 8;
const CLIENT_DATA = 0;
const HAS_CHECKSUM = 0x10;
const CHECKSUM_LENGTH = 4;
const EXTENSION = 0x0f;
const LINEAR = 1;
const LINEAR_LENGTH = 4;

/**
 * Decodes the header of the generic framing procedure.
 * @param start - octet offset of the core header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the client's frame with `out.nextLayer` set, or -1
 * @see https://www.tcpdump.org/linktypes.html LINKTYPE_GPF_T, LINKTYPE_GPF_F
 */
export function decodeGfp(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < CORE_LENGTH) return fail(out, Fault.LinkHeaderTruncated, start);
  const length = readUint16(bytes, start);
  // Lengths 0 to 3 are idle and control frames, which have nothing but a core header.
  if (length < SHORTEST_PAYLOAD) return notIp(out, PseudoEtherType.MacFrame);
  if (end - start < HEADER_LENGTH) return fail(out, Fault.LinkHeaderTruncated, start);
  const type = bytes[start + TYPE]!;
  const extension = type & EXTENSION;
  if (type >> 5 !== CLIENT_DATA || extension > LINEAR) return notIp(out, PseudoEtherType.MacFrame);
  const checksum = (type & HAS_CHECKSUM) === 0 ? 0 : CHECKSUM_LENGTH;
  narrowTo(out, start + CORE_LENGTH + length - checksum);
  out.nextLayer = layerOfPayload(bytes[start + PAYLOAD_IDENTIFIER]!);
  if (out.nextLayer === Layer.None) return notIp(out, PseudoEtherType.EncapsulatedOther);
  return start + HEADER_LENGTH + (extension === LINEAR ? LINEAR_LENGTH : 0);
}

/** Table 6-3; those that map frames. */
function layerOfPayload(identifier: number): number {
  switch (identifier) {
    case 0x01:
      return Layer.Ethernet;
    case 0x02:
      return Layer.Ppp;
    case 0x0d:
      return Layer.Mpls;
    case 0x10:
      return Layer.Ipv4;
    case 0x11:
      return Layer.Ipv6;
    default:
      return Layer.None;
  }
}
