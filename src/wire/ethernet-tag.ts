import type { DecodedHeaders } from "./decoded-headers.ts";
import { EtherType } from "./ether-type.ts";
import { enterEtherType, enterProtocol } from "./ethernet.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { readUint16 } from "./read.ts";
import { fail, notIp } from "./report.ts";

// Behind the tag's own EtherType come so many octets, the last two of which are an EtherType again:
const VN_TAG_LENGTH = 6; // Cisco VN-tag: four octets of interface ids
const E_TAG_LENGTH = 8; // IEEE 802.1BR clause 7.5: six octets of channel ids
const REDUNDANCY_TAG_LENGTH = 6; // IEC 62439-3 HSR and IEEE 802.1CB R-tag: four octets
const CISCO_METADATA_LENGTH = 8; // version, length, option, security group tag

// IEEE 802.1ah clause 9.7: 0 priority, flags (8 bits), service id (24 bits) | 4 customer's Ethernet
const SERVICE_TAG_LENGTH = 4;

// IEEE 802.1AE clause 9.3: 0 V ES SC SCB E C AN(2) | 1 short length | 2 packet number | 6 SCI if SC
const MACSEC_SHORT_LENGTH = 6;
const MACSEC_IDENTIFIER_LENGTH = 8;
const MACSEC_HAS_IDENTIFIER = 0x20;
const MACSEC_CHANGED = 0x0c;

// RFC 6325 section 3.2: 0 version (2), reserved (2), M (1), options (5, words), hop count (6)
// 2 egress | 4 ingress
const TRILL_LENGTH = 6;

// Cisco FabricPath: 0 forwarding tag (10 bits), time to live (6 bits)
const FABRIC_PATH_LENGTH = 2;

// batman-adv 15: 0 packet type | 1 version ... unicast: 4 destination; unicast 4addr: 10 source;
// broadcast: 4 sequence, 8 originator
const BATMAN_VERSION = 15;
const BATMAN_UNICAST = 0x40;
const BATMAN_UNICAST_4ADDR = 0x42;
const BATMAN_BROADCAST = 0x01;
const BATMAN_ETHER_TYPE = 0x4305;

/**
 * Steps over a tag of fixed size that ends in an EtherType; `out.nextLayer` tells which tag.
 * @param start - octet offset behind the tag's own EtherType
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 */
export function decodeEthernetTag(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  const next = start + tagLength(out.nextLayer);
  if (end < next) return fail(out, Fault.LinkHeaderTruncated, start);
  return enterEtherType(bytes, next, end, readUint16(bytes, next - 2), out);
}

function tagLength(layer: number): number {
  switch (layer) {
    case Layer.VnTag:
      return VN_TAG_LENGTH;
    case Layer.ETag:
      return E_TAG_LENGTH;
    case Layer.RedundancyTag:
      return REDUNDANCY_TAG_LENGTH;
    default:
      return CISCO_METADATA_LENGTH;
  }
}

/**
 * Steps over a header that has a whole Ethernet frame behind it: IEEE 802.1ah service tag, TRILL,
 * FabricPath or batman-adv, as `out.nextLayer` tells.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the frame with `out.nextLayer` set, or -1
 */
export function decodeBackbone(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < 2) return fail(out, Fault.LinkHeaderTruncated, start);
  const length = backboneLength(bytes, start, out.nextLayer);
  if (length === 0) return notIp(out, BATMAN_ETHER_TYPE);
  if (end - start < length) return fail(out, Fault.LinkHeaderTruncated, start);
  out.nextLayer = Layer.Ethernet;
  return start + length;
}

function backboneLength(bytes: Uint8Array, start: number, layer: number): number {
  switch (layer) {
    case Layer.ProviderBackbone:
      return SERVICE_TAG_LENGTH;
    case Layer.FabricPath:
      return FABRIC_PATH_LENGTH;
    case Layer.Trill:
      return TRILL_LENGTH + (((readUint16(bytes, start) >> 6) & 0x1f) << 2);
    default:
      return batmanLength(bytes, start);
  }
}

function batmanLength(bytes: Uint8Array, start: number): number {
  if (bytes[start + 1] !== BATMAN_VERSION) return 0;
  switch (bytes[start]) {
    case BATMAN_UNICAST:
      return 10;
    case BATMAN_UNICAST_4ADDR:
      return 18;
    case BATMAN_BROADCAST:
      return 14;
    default:
      return 0;
  }
}

/**
 * Decodes a MACsec tag. What it protects is readable only when it was neither encrypted nor changed.
 * @param start - octet offset behind the EtherType
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 */
export function decodeMacSec(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < MACSEC_SHORT_LENGTH) return fail(out, Fault.LinkHeaderTruncated, start);
  const control = bytes[start]!;
  if ((control & MACSEC_CHANGED) !== 0) return notIp(out, EtherType.MacSec);
  const identifier = (control & MACSEC_HAS_IDENTIFIER) !== 0 ? MACSEC_IDENTIFIER_LENGTH : 0;
  const position = start + MACSEC_SHORT_LENGTH + identifier;
  if (end - position < 2) return fail(out, Fault.LinkHeaderTruncated, start);
  return enterProtocol(position + 2, readUint16(bytes, position), out);
}
