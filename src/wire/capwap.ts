import type { DecodedHeaders } from "./decoded-headers.ts";
import { Layer } from "./layer.ts";
import { readInt32 } from "./read.ts";
import { keepTunnel } from "./report.ts";
import { Tunnel } from "./tunnel.ts";

// RFC 5415 section 4.3: 0 version (4 bits), 1 for DTLS (4 bits) | 1 header length (5 bits, words of 4
// octets), radio (5), wireless binding (5), T, F, L, W, M, K, reserved (3) | 4 fragment
const SHORTEST = 8;
const PREAMBLE_PLAIN = 0;
const NATIVE = 0x100;
const FRAGMENT = 0x80;
const KEEP_ALIVE = 0x08;
const BINDING_WIFI = 1;

/**
 * Decodes the header of a CAPWAP data packet that is neither encrypted nor a fragment. Some makers
 * swap the two octets of the IEEE 802.11 frame control.
 * @param start - octet offset of the UDP payload in `bytes`
 * @param end - first octet not readable
 */
export function findCapwap(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): void {
  if (end - start < SHORTEST || bytes[start] !== PREAMBLE_PLAIN) return;
  const word = readInt32(bytes, start);
  if ((word & (FRAGMENT | KEEP_ALIVE)) !== 0) return;
  const length = (bytes[start + 1]! >> 3) << 2;
  const position = start + length;
  if (length < SHORTEST || position >= end) return;
  if ((word & NATIVE) === 0) {
    keepTunnel(out, Tunnel.Capwap, Layer.Ethernet, position, -1);
    return;
  }
  const binding = (word >> 9) & 0x1f;
  if (binding <= BINDING_WIFI) keepTunnel(out, Tunnel.Capwap, Layer.WifiSwapped, position, -1);
}
