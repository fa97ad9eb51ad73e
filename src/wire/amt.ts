import type { DecodedHeaders } from "./decoded-headers.ts";
import { layerOfInnerIp } from "./inner-ip.ts";
import { Layer } from "./layer.ts";
import { keepTunnel } from "./report.ts";
import { Tunnel } from "./tunnel.ts";

// RFC 7450 section 5.1: 0 version (4 bits), type (4 bits); three types carry an IP packet, at:
const QUERY = 4;
const QUERY_PACKET = 12;
const UPDATE = 5;
const UPDATE_PACKET = 12;
const DATA = 6;
const DATA_PACKET = 2;

/**
 * Decodes an Automatic Multicast Tunneling message that carries a packet.
 * @param start - octet offset of the UDP payload in `bytes`
 * @param end - first octet not readable
 */
export function findAmt(bytes: Uint8Array, start: number, end: number, out: DecodedHeaders): void {
  const offset = packetOffset(bytes[start]!);
  const position = start + offset;
  if (offset === 0) return;
  const layer = layerOfInnerIp(bytes, position, end, out);
  if (layer !== Layer.None) keepTunnel(out, Tunnel.Amt, layer, position, -1);
}

/** Version 0 leaves the type alone in the first octet. */
function packetOffset(versionAndType: number): number {
  switch (versionAndType) {
    case QUERY:
      return QUERY_PACKET;
    case UPDATE:
      return UPDATE_PACKET;
    case DATA:
      return DATA_PACKET;
    default:
      return 0;
  }
}
