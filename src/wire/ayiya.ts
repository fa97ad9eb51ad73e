import type { DecodedHeaders } from "./decoded-headers.ts";
import { layerOfInnerIp } from "./inner-ip.ts";
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
  const layer = layerOfInnerIp(bytes, position, end, out);
  const announced = bytes[start + NEXT_HEADER] === IpProtocol.Ipv6 ? Layer.Ipv6 : Layer.Ipv4;
  const isIp = bytes[start + NEXT_HEADER] === IpProtocol.Ipv4 || announced === Layer.Ipv6;
  if (isIp && layer === announced) keepTunnel(out, Tunnel.Ayiya, layer, position, -1);
}
