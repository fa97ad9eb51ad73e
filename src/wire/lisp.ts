import type { DecodedHeaders } from "./decoded-headers.ts";
import { layerOfInnerIp } from "./inner-ip.ts";
import { Layer } from "./layer.ts";
import { readInt32 } from "./read.ts";
import { keepTunnel } from "./report.ts";
import { Tunnel } from "./tunnel.ts";

// RFC 9300 section 5.1: 0 flags N L E V I | 1 nonce | 4 instance id (24 bits, if I) and status bits
const HEADER_LENGTH = 8;
const HAS_INSTANCE = 0x08;

/**
 * Decodes a LISP data header.
 * @param start - octet offset of the UDP payload in `bytes`
 * @param end - first octet not readable
 */
export function findLisp(bytes: Uint8Array, start: number, end: number, out: DecodedHeaders): void {
  const position = start + HEADER_LENGTH;
  const layer = layerOfInnerIp(bytes, position, end, out);
  if (layer === Layer.None) return;
  const tagged = (bytes[start]! & HAS_INSTANCE) !== 0;
  const instance = tagged ? readInt32(bytes, start + 4) >>> 8 : -1;
  keepTunnel(out, Tunnel.Lisp, layer, position, instance);
}
