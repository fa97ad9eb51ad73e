import type { DecodedHeaders } from "./decoded-headers.ts";
import { layerOfInnerIp } from "./inner-ip.ts";
import { Layer } from "./layer.ts";
import { readInt32, readUint16 } from "./read.ts";
import { keepTunnel } from "./report.ts";
import { Tunnel } from "./tunnel.ts";

// RFC 4380 section 5.1.1, both optional and in this order, then IPv6:
// authentication: 0 0001 | 2 length of client id | 3 length of value | both | nonce (8) | confirmation
// origin indication: 0 0000 | 2 port | 4 address
const AUTHENTICATION = 0x0001;
const AUTHENTICATION_SHORTEST = 13;
const ORIGIN = 0x0000;
const ORIGIN_LENGTH = 8;

// RFC 8200 section 3, from the IPv6 header on.
const PAYLOAD_LENGTH = 4;
const SOURCE = 8;
const DESTINATION = 24;
const IPV6_LENGTH = 40;
/** 2001::/32 (RFC 4380 section 2.6). */
const PREFIX = 0x20010000;

/**
 * Whether a UDP payload is an IPv6 packet from or to a Teredo address, as relays and other clients send
 * them: from and to any port.
 * @param start - octet offset of the UDP payload in `bytes`
 * @param end - first octet not readable
 * @param length - octets of UDP payload, readable or not
 */
export function isTeredo(bytes: Uint8Array, start: number, end: number, length: number): boolean {
  if (end - start < IPV6_LENGTH || bytes[start]! >> 4 !== 6) return false;
  const hasPrefix =
    readInt32(bytes, start + SOURCE) === PREFIX || readInt32(bytes, start + DESTINATION) === PREFIX;
  return hasPrefix && readUint16(bytes, start + PAYLOAD_LENGTH) + IPV6_LENGTH === length;
}

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
