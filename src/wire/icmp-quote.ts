import { clearHeaders } from "./decode.ts";
import { type DecodedHeaders, Outcome } from "./decoded-headers.ts";
import { IpProtocol } from "./ip-protocol.ts";
import { Layer } from "./layer.ts";
import { decodeLayers } from "./layers.ts";

// Error messages quote the packet they are about, from its IP header on, behind their own 8 octets:
// RFC 792 (8 octets above the IP header at least), RFC 1122 section 3.2.2, RFC 4443 section 3.

/**
 * Whether a message of this type is an error, which quotes a packet: destination unreachable, source
 * quench, redirect, time exceeded, parameter problem; of ICMPv6 packet too big as well.
 * @param protocol - 1 or 58
 * @see IANA "ICMP Parameters" and "ICMPv6 Parameters"
 */
export function quotesPacket(protocol: number, type: number): boolean {
  if (protocol !== IpProtocol.Icmp) return type >= 1 && type <= 4;
  return (type >= 3 && type <= 5) || type === 11 || type === 12;
}

/**
 * Decodes the packet that an ICMP or ICMPv6 error quotes. Most quotes end after 8 octets of transport,
 * which hold the ports; the faults that this makes are no faults.
 * @param headers - the error, as decoded; only read
 * @param capturedEnd - first octet past what the capture holds of the frame
 * @param out - another record, overwritten
 * @returns whether addresses and protocol were read
 */
export function decodeIcmpQuote(
  bytes: Uint8Array,
  headers: DecodedHeaders,
  capturedEnd: number,
  out: DecodedHeaders,
): boolean {
  const start = headers.payloadStart;
  const claimedEnd = start + headers.payloadLength;
  const end = Math.min(capturedEnd, claimedEnd, bytes.length);
  if (end <= start) return false;
  clearHeaders(out, start, end, claimedEnd);
  out.nextLayer = headers.protocol === IpProtocol.Icmp ? Layer.Ipv4 : Layer.Ipv6;
  return decodeLayers(bytes, start, out) === Outcome.Flow;
}
