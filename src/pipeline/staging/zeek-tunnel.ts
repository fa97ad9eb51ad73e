import type { DecodedHeaders } from "../../wire/decoded-headers.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { readUint16 } from "../../wire/read.ts";
import { Tunnel } from "../../wire/tunnel.ts";
import { lengthInZeek } from "./zeek-fate.ts";

// RFC 1701: the second highest flag of GRE is that of a route; the lower ones are not defined, but for
// the acknowledgement's of RFC 2637.
const GRE_ROUTE_OR_UNDEFINED = 0x4078;
// RFC 8200 section 4.7: nothing follows.
const NO_NEXT_HEADER = 59;
const IPV6_HEADER = 40;

/**
 * Whether Zeek does not look into a tunnel that it knows: GTP right inside of GTP is none to it, nor is
 * GRE with a route or with flags that nobody defined.
 * @param around - kind of the tunnel that holds `outer`
 * @see Zeek, gtpv1-analyzer.pac and GREAnalyzer::AnalyzePacket
 */
export function isClosedToZeek(bytes: Uint8Array, outer: DecodedHeaders, around: number): boolean {
  switch (outer.tunnelType) {
    case Tunnel.GtpU:
      return around === Tunnel.GtpU;
    case Tunnel.Gre:
    case Tunnel.GreInUdp:
    case Tunnel.Pptp:
    case Tunnel.Erspan: {
      const isOnIp = outer.protocol === IpProtocol.Gre;
      const start = isOnIp ? outer.transportStart : outer.payloadStart;
      return (readUint16(bytes, start) & GRE_ROUTE_OR_UNDEFINED) !== 0;
    }
    default:
      return false;
  }
}

/**
 * Whether IP does not fill the IP packet around it to the octet, or was cut by the snaplen, where Zeek
 * goes no further then: right inside of IP, in GTP, PPTP and Teredo.
 * @param capturedEnd - first octet that was not captured
 * @see Zeek, IP::ParsePacket and IPTunnelAnalyzer, GTPv1_Analyzer, TeredoAnalyzer::AnalyzePacket
 */
export function isMisfit(
  bytes: Uint8Array,
  outer: DecodedHeaders,
  inner: DecodedHeaders,
  capturedEnd: number,
): boolean {
  const end = outer.ipStart + outer.ipLength;
  const innerEnd = inner.ipStart + lengthInZeek(bytes, inner);
  switch (outer.tunnelType) {
    case Tunnel.Ipv4InIpv4:
    case Tunnel.Ipv4InIpv6:
    case Tunnel.Ipv6InIpv4:
    case Tunnel.Ipv6InIpv6:
    case Tunnel.GtpU:
    case Tunnel.Pptp:
      return innerEnd !== end || end > capturedEnd;
    case Tunnel.Teredo:
      // RFC 4380 section 2.8, a bubble: an IPv6 header and nothing else, but Zeek lets something follow.
      if (innerEnd === inner.ipStart + IPV6_HEADER && inner.protocol === NO_NEXT_HEADER) {
        return end > capturedEnd;
      }
      return innerEnd !== end || end > capturedEnd;
    default:
      return false;
  }
}
