import type { DecodedHeaders } from "./decoded-headers.ts";
import { IpProtocol } from "./ip-protocol.ts";
import { Layer } from "./layer.ts";
import { keepTunnel } from "./report.ts";
import { Tunnel } from "./tunnel.ts";

// draft-massar-v6ops-ayiya-02 section 3: 0 identity length (power of two), type | 1 signature length
// (words of 4 octets), hash | 2 authentication, operation (low 4 bits) | 3 next header | 4 time
// 8 identity | signature
const OPERATION = 2;
const NEXT_HEADER = 3;
const SHORTEST = 8;
const FORWARD = 1;

/**
 * Decodes an AYIYA header that forwards a packet.
 * @param start - octet offset of the UDP payload in `bytes`
 * @param end - first octet not readable
 */
export function findAyiya(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): void {
  if (end - start < SHORTEST || (bytes[start + OPERATION]! & 0x0f) !== FORWARD) return;
  const identityLength = 1 << (bytes[start]! >> 4);
  const signatureLength = (bytes[start + 1]! >> 4) << 2;
  const position = start + SHORTEST + identityLength + signatureLength;
  if (position >= end) return;
  const version = bytes[position]! >> 4;
  const nextHeader = bytes[start + NEXT_HEADER]!;
  if (nextHeader === IpProtocol.Ipv6 && version === 6) {
    keepTunnel(out, Tunnel.Ayiya, Layer.Ipv6, position, -1);
  } else if (nextHeader === IpProtocol.Ipv4 && version === 4) {
    keepTunnel(out, Tunnel.Ayiya, Layer.Ipv4, position, -1);
  }
}
