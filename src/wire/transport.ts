import { decodeDccp } from "./dccp.ts";
import type { DecodedHeaders } from "./decoded-headers.ts";
import { Fault } from "./fault.ts";
import { decodeIcmp } from "./icmp.ts";
import { IpProtocol } from "./ip-protocol.ts";
import { findIpTunnel } from "./ip-tunnel.ts";
import { readInt32 } from "./read.ts";
import { note } from "./report.ts";
import { decodeSctp } from "./sctp.ts";
import { decodeTcp } from "./tcp.ts";
import { decodeUdp, decodeUdpLite } from "./udp.ts";
import { findUdpTunnel } from "./udp-tunnel.ts";

/** Octets of a security parameter index. */
export const SPI_LENGTH = 4;
// RFC 3948 section 2: ESP in UDP begins with its index, IKE with four octets of 0; FF alone keeps alive.
/** UDP port of IPsec behind network address translation (RFC 3947, RFC 3948). */
export const NAT_TRAVERSAL_PORT = 4500;
/** What is shorter is no ESP: index and sequence number. */
export const ESP_SHORTEST = 8;

/**
 * Decodes what follows the IP headers by `out.protocol`, and looks for an encapsulation in it. The
 * caller has set `payloadStart` and `payloadLength` to the whole IP payload, which stands for
 * protocols that are not decoded further.
 * @param start - octet offset of the IP payload in `bytes`
 * @param end - first octet not readable: the smaller of captured and what IP claims
 * @param packetEnd - where IP says the payload ends, captured or not
 */
export function decodeTransport(
  bytes: Uint8Array,
  start: number,
  end: number,
  packetEnd: number,
  out: DecodedHeaders,
): void {
  out.transportStart = start;
  switch (out.protocol) {
    case IpProtocol.Tcp:
      decodeTcp(bytes, start, end, packetEnd, out);
      return;
    case IpProtocol.Udp:
      if (!decodeUdp(bytes, start, end, packetEnd, out)) return;
      findUdpTunnel(bytes, end, out);
      if (out.destinationPort === NAT_TRAVERSAL_PORT || out.sourcePort === NAT_TRAVERSAL_PORT) {
        keepSpiOfUdp(bytes, end, out);
      }
      return;
    case IpProtocol.Icmp:
    case IpProtocol.Icmpv6:
      decodeIcmp(bytes, start, end, packetEnd, out);
      return;
    case IpProtocol.Sctp:
      decodeSctp(bytes, start, end, packetEnd, out);
      return;
    case IpProtocol.Esp:
      if (end - start < SPI_LENGTH) note(out, Fault.EspTruncated, start);
      else out.spi = readInt32(bytes, start);
      return;
    case IpProtocol.UdpLite:
      decodeUdpLite(bytes, start, end, packetEnd, out);
      return;
    case IpProtocol.Dccp:
      decodeDccp(bytes, start, end, packetEnd, out);
      return;
    default:
      findIpTunnel(bytes, start, end, out);
  }
}

function keepSpiOfUdp(bytes: Uint8Array, end: number, out: DecodedHeaders): void {
  const start = out.payloadStart;
  if (out.payloadLength < ESP_SHORTEST) return;
  if (end - start >= SPI_LENGTH) out.spi = readInt32(bytes, start);
}
