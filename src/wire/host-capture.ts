import type { DecodedHeaders } from "./decoded-headers.ts";
import { PseudoEtherType } from "./ether-type.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { ipVersionOfFamily } from "./loopback.ts";
import { readInt32, readUint16, readUint16LittleEndian } from "./read.ts";
import { fail, notIp } from "./report.ts";

// LINKTYPE_ENC: 0 address family in the host's order | 4 SPI | 8 flags
const ENC_LENGTH = 12;
// LINKTYPE_PFLOG: 0 length of header without padding to 4 octets | 1 address family
const PFLOG_FAMILY = 1;
const PFLOG_SHORTEST = 4;
// LINKTYPE_IPNET: 0 version | 1 address family | 2 hook type | 4 length | 8 interfaces and zones
const IPNET_FAMILY = 1;
const IPNET_LENGTH = 24;
// LINKTYPE_NFLOG: 0 address family | 1 version | 2 resource id | 4 attributes: 0 length | 2 type,
// both in the host's order, padded to 4 octets
const NFLOG_LENGTH = 4;
const NFLOG_ATTRIBUTE_LENGTH = 4;
const NFLOG_PAYLOAD = 9;

/**
 * Decodes the header of OpenBSD's IPsec interface.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the IP header with `out.nextLayer` set, or -1
 */
export function decodeEnc(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < ENC_LENGTH) return fail(out, Fault.LinkHeaderTruncated, start);
  const family = readInt32(bytes, start);
  return enterFamily(start + ENC_LENGTH, (family & 0xff) | (family >>> 24), out);
}

/**
 * Decodes the header of the BSD packet filter's log.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the IP header with `out.nextLayer` set, or -1
 */
export function decodePflog(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < PFLOG_SHORTEST) return fail(out, Fault.LinkHeaderTruncated, start);
  const length = (bytes[start]! + 3) & ~3;
  if (length < PFLOG_SHORTEST) return fail(out, Fault.LinkHeaderInvalid, start);
  if (end - start < length) return fail(out, Fault.LinkHeaderTruncated, start);
  return enterFamily(start + length, bytes[start + PFLOG_FAMILY]!, out);
}

/**
 * Decodes the header of Solaris' IP observability.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the IP header with `out.nextLayer` set, or -1
 */
export function decodeIpnet(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < IPNET_LENGTH) return fail(out, Fault.LinkHeaderTruncated, start);
  return enterFamily(start + IPNET_LENGTH, bytes[start + IPNET_FAMILY]!, out);
}

/**
 * Finds the packet among the attributes of a Linux netfilter log message.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the IP header with `out.nextLayer` set, or -1
 * @see https://www.tcpdump.org/linktypes/LINKTYPE_NFLOG.html
 */
export function decodeNflog(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < NFLOG_LENGTH) return fail(out, Fault.LinkHeaderTruncated, start);
  let position = start + NFLOG_LENGTH;
  while (end - position >= NFLOG_ATTRIBUTE_LENGTH) {
    // Types are small: the octet that is 0 or the flag bits' home tells the order.
    const littleEndian = (bytes[position + 3]! & 0x7f) === 0;
    const length = littleEndian
      ? readUint16LittleEndian(bytes, position)
      : readUint16(bytes, position);
    const type = littleEndian ? bytes[position + 2]! : bytes[position + 3]!;
    if (length < NFLOG_ATTRIBUTE_LENGTH) return fail(out, Fault.LinkHeaderInvalid, position);
    if (type === NFLOG_PAYLOAD) {
      return enterFamily(position + NFLOG_ATTRIBUTE_LENGTH, bytes[start]!, out);
    }
    position += (length + 3) & ~3;
  }
  return fail(out, Fault.LinkHeaderTruncated, position);
}

function enterFamily(start: number, family: number, out: DecodedHeaders): number {
  const version = ipVersionOfFamily(family);
  if (version === 0) return notIp(out, PseudoEtherType.AddressFamilyOther);
  out.nextLayer = version === 4 ? Layer.Ipv4 : Layer.Ipv6;
  return start;
}
