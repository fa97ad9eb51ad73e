import type { DecodedHeaders } from "./decoded-headers.ts";
import { Layer } from "./layer.ts";
import { layerOfNextProtocol } from "./nsh.ts";
import { readInt32 } from "./read.ts";
import { keepTunnel } from "./report.ts";
import { Tunnel } from "./tunnel.ts";

// RFC 7348 section 5: 0 flags | 4 network identifier (24 bits) | 7 reserved | 8 Ethernet
// draft-ietf-nvo3-vxlan-gpe section 3: 0 flags, version in bits 2 and 3 | 3 next protocol, if P is set
const NETWORK_IDENTIFIER = 4;
const NEXT_PROTOCOL = 3;
const HEADER_LENGTH = 8;
const HAS_IDENTIFIER = 0x08;
const ETHERNET_LENGTH = 14;
const HAS_NEXT_PROTOCOL = 0x04;
const GPE_VERSION = 0x30;

/** The registered UDP port. */
export const VXLAN_PORT = 4789;

/**
 * Whether UDP payload may be VXLAN around a frame.
 * @param start - octet offset of the payload in `bytes`
 * @param length - of the payload, all of it readable
 */
export function holdsVxlanFrame(bytes: Uint8Array, start: number, length: number): boolean {
  return length > HEADER_LENGTH + ETHERNET_LENGTH && (bytes[start]! & HAS_IDENTIFIER) !== 0;
}

/**
 * Decodes a VXLAN header.
 * @param start - octet offset of the UDP payload in `bytes`
 * @param end - first octet not readable
 */
export function findVxlan(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): void {
  if (end - start <= HEADER_LENGTH || (bytes[start]! & HAS_IDENTIFIER) === 0) return;
  const identifier = readInt32(bytes, start + NETWORK_IDENTIFIER) >>> 8;
  keepTunnel(out, Tunnel.Vxlan, Layer.Ethernet, start + HEADER_LENGTH, identifier);
}

/**
 * Decodes a VXLAN header with the generic protocol extension.
 * @param start - octet offset of the UDP payload in `bytes`
 * @param end - first octet not readable
 */
export function findVxlanGpe(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): void {
  if (end - start <= HEADER_LENGTH) return;
  const flags = bytes[start]!;
  if ((flags & HAS_IDENTIFIER) === 0 || (flags & GPE_VERSION) !== 0) return;
  const named = (flags & HAS_NEXT_PROTOCOL) !== 0;
  const layer = named ? layerOfNextProtocol(bytes[start + NEXT_PROTOCOL]!) : Layer.Ethernet;
  if (layer === Layer.None) return;
  const identifier = readInt32(bytes, start + NETWORK_IDENTIFIER) >>> 8;
  keepTunnel(out, Tunnel.VxlanGpe, layer, start + HEADER_LENGTH, identifier);
}
