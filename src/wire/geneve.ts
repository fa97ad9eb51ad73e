import type { DecodedHeaders } from "./decoded-headers.ts";
import { layerOfEtherType } from "./ether-type.ts";
import { Layer } from "./layer.ts";
import { readInt32, readUint16 } from "./read.ts";
import { keepTunnel } from "./report.ts";
import { Tunnel } from "./tunnel.ts";

// RFC 8926 section 3.4: 0 version (2 bits), options length (6 bits, words of 4 octets) | 1 flags
// 2 protocol type | 4 network identifier (24 bits) | 7 reserved | 8 options
const PROTOCOL = 2;
const NETWORK_IDENTIFIER = 4;
const SHORTEST = 8;

/**
 * Decodes a Geneve header and steps over its options.
 * @param start - octet offset of the UDP payload in `bytes`
 * @param end - first octet not readable
 */
export function findGeneve(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): void {
  if (end - start < SHORTEST || bytes[start]! >> 6 !== 0) return;
  const position = start + SHORTEST + ((bytes[start]! & 0x3f) << 2);
  if (position >= end) return;
  const layer = layerOfEtherType(readUint16(bytes, start + PROTOCOL));
  if (layer === Layer.None) return;
  const identifier = readInt32(bytes, start + NETWORK_IDENTIFIER) >>> 8;
  keepTunnel(out, Tunnel.Geneve, layer, position, identifier);
}
