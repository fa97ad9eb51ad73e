import type { DecodedHeaders } from "./decoded-headers.ts";
import { findGre } from "./gre.ts";
import { IpProtocol } from "./ip-protocol.ts";
import { findL2tpv3 } from "./l2tp.ts";
import { Layer } from "./layer.ts";
import { readUint16 } from "./read.ts";
import { keepTunnel } from "./report.ts";
import { Tunnel } from "./tunnel.ts";

// RFC 3378: 0 version 3 (4 bits), reserved (12 bits, zero) | 2 Ethernet
const ETHER_IP_HEADER = 0x3000;
const ETHER_IP_LENGTH = 2;

/**
 * Looks for an encapsulation that has an IP protocol number of its own, and checks its first octets.
 * @param start - octet offset of the IP payload in `bytes`
 * @param end - first octet not readable
 * @param out - `protocol`, `payloadStart` and `payloadLength` are set; the `tunnel` fields are written
 */
export function findIpTunnel(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): void {
  if (start >= end) return;
  const version = bytes[start]! >> 4;
  switch (out.protocol) {
    case IpProtocol.Ipv4:
    case IpProtocol.Ipv6:
      findIpInIp(start, version, out);
      return;
    case IpProtocol.Gre:
      findGre(bytes, start, end, Tunnel.Gre, out);
      return;
    case IpProtocol.EtherIp:
      if (end - start < ETHER_IP_LENGTH || readUint16(bytes, start) !== ETHER_IP_HEADER) return;
      keepTunnel(out, Tunnel.EtherIp, Layer.Ethernet, start + ETHER_IP_LENGTH, -1);
      return;
    case IpProtocol.MplsInIp:
      keepTunnel(out, Tunnel.MplsInIp, Layer.Mpls, start, -1);
      return;
    case IpProtocol.Ethernet:
      keepTunnel(out, Tunnel.EthernetInIp, Layer.Ethernet, start, -1);
      return;
    case IpProtocol.L2tpv3:
      findL2tpv3(bytes, start, end, out);
  }
}

/** Number 4 is found in front of IPv6 too; 41 in front of IPv4 is not believed, as by tshark. */
function findIpInIp(start: number, version: number, out: DecodedHeaders): void {
  if (version === 4 && out.protocol === IpProtocol.Ipv4) {
    const type = out.ipVersion === 4 ? Tunnel.Ipv4InIpv4 : Tunnel.Ipv4InIpv6;
    keepTunnel(out, type, Layer.Ipv4, start, -1);
  } else if (version === 6) {
    const type = out.ipVersion === 4 ? Tunnel.Ipv6InIpv4 : Tunnel.Ipv6InIpv6;
    keepTunnel(out, type, Layer.Ipv6, start, -1);
  }
}
