import type { DecodedHeaders } from "./decoded-headers.ts";
import { EtherType } from "./ether-type.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { fail, notIp } from "./report.ts";

// RFC 8300 section 2.2: 0 version (2 bits), O, TTL | 1 TTL, length (low 6 bits, words of 4 octets)
// 2 metadata type | 3 next protocol | 4 service path
const LENGTH = 1;
const NEXT_PROTOCOL = 3;
const SHORTEST = 8;

/**
 * Decodes a network service header.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 */
export function decodeNsh(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < SHORTEST) return fail(out, Fault.LinkHeaderTruncated, start);
  const length = (bytes[start + LENGTH]! & 0x3f) << 2;
  if (bytes[start]! >> 6 !== 0 || length < SHORTEST) {
    return fail(out, Fault.LinkHeaderInvalid, start);
  }
  if (end - start < length) return fail(out, Fault.LinkHeaderTruncated, start);
  out.nextLayer = layerOfNextProtocol(bytes[start + NEXT_PROTOCOL]!);
  return out.nextLayer === Layer.None ? notIp(out, EtherType.Nsh) : start + length;
}

/**
 * The layer a "next protocol" number of NSH or VXLAN-GPE announces; the two registries agree.
 * @returns `Layer.None` for other numbers
 * @see RFC 8300 section 9.1.2
 */
export function layerOfNextProtocol(nextProtocol: number): number {
  switch (nextProtocol) {
    case 1:
      return Layer.Ipv4;
    case 2:
      return Layer.Ipv6;
    case 3:
      return Layer.Ethernet;
    case 4:
      return Layer.Nsh;
    case 5:
      return Layer.Mpls;
    default:
      return Layer.None;
  }
}
