import type { DecodedHeaders } from "./decoded-headers.ts";
import { layerOfInnerIp } from "./inner-ip.ts";
import { IpProtocol } from "./ip-protocol.ts";
import { Layer } from "./layer.ts";
import { keepTunnel } from "./report.ts";
import { Tunnel } from "./tunnel.ts";

// RFC 3519 section 4.3 (UDP port 434): 0 type 4 | 1 next header | 2 reserved | 4 packet
const NEXT_HEADER = 1;
const TUNNEL_DATA = 4;
const HEADER_LENGTH = 4;

/**
 * Decodes the header that Mobile IP puts before packets that cross an address translator.
 * @param start - octet offset of the UDP payload in `bytes`
 * @param end - first octet not readable
 */
export function findMobileIp(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): void {
  const position = start + HEADER_LENGTH;
  if (position >= end || bytes[start] !== TUNNEL_DATA) return;
  if (bytes[start + NEXT_HEADER] !== IpProtocol.Ipv4) return;
  const layer = layerOfInnerIp(bytes, position, end, out);
  if (layer === Layer.Ipv4) keepTunnel(out, Tunnel.MobileIp, layer, position, -1);
}
