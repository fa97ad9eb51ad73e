import type { DecodedHeaders } from "./decoded-headers.ts";
import { layerOfInnerIp } from "./inner-ip.ts";
import { Layer } from "./layer.ts";
import { readUint16 } from "./read.ts";
import { keepTunnel } from "./report.ts";
import { Tunnel } from "./tunnel.ts";

// RFC 4380 section 5.1.1, both optional and in this order, then IPv6:
// authentication: 0 0001 | 2 length of client id | 3 length of value | both | nonce (8) | confirmation
// origin indication: 0 0000 | 2 port | 4 address
const AUTHENTICATION = 0x0001;
const AUTHENTICATION_SHORTEST = 13;
const ORIGIN = 0x0000;
const ORIGIN_LENGTH = 8;

/**
 * Decodes what Teredo puts before an IPv6 packet.
 * @param start - octet offset of the UDP payload in `bytes`
 * @param end - first octet not readable
 */
export function findTeredo(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): void {
  let position = start;
  if (end - position >= AUTHENTICATION_SHORTEST && readUint16(bytes, position) === AUTHENTICATION) {
    position += AUTHENTICATION_SHORTEST + bytes[position + 2]! + bytes[position + 3]!;
  }
  if (end - position >= ORIGIN_LENGTH && readUint16(bytes, position) === ORIGIN) {
    position += ORIGIN_LENGTH;
  }
  if (layerOfInnerIp(bytes, position, end, out) !== Layer.Ipv6) return;
  keepTunnel(out, Tunnel.Teredo, Layer.Ipv6, position, -1);
}
