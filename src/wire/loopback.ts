import type { DecodedHeaders } from "./decoded-headers.ts";
import { PseudoEtherType, SMALLEST_ETHER_TYPE } from "./ether-type.ts";
import { enterProtocol } from "./ethernet.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { readInt32 } from "./read.ts";
import { fail, notIp } from "./report.ts";

// LINKTYPE_NULL: 0 address family in the capturing host's byte order (LINKTYPE_LOOP: network order)
const HEADER_LENGTH = 4;

/** PF_INET is 2 everywhere; PF_INET6 differs by system. */
const INTERNET = 2;

/**
 * Decodes the four octets in front of a BSD loopback packet, in whichever byte order.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 * @see https://www.tcpdump.org/linktypes.html LINKTYPE_NULL, LINKTYPE_LOOP
 */
export function decodeLoopback(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < HEADER_LENGTH) return fail(out, Fault.LinkHeaderTruncated, start);
  let family = readInt32(bytes, start);
  if ((family & 0xffff0000) !== 0) family = swapped(family);
  // Some tools write an EtherType in place of the family.
  if (family >= SMALLEST_ETHER_TYPE && family <= 0xffff) {
    return enterProtocol(start + HEADER_LENGTH, family, out);
  }
  const version = ipVersionOfFamily(family);
  if (version === 0) return notIp(out, PseudoEtherType.AddressFamilyOther);
  out.nextLayer = version === 4 ? Layer.Ipv4 : Layer.Ipv6;
  return start + HEADER_LENGTH;
}

/**
 * The IP version an address family stands for.
 * @param family - PF_* of any BSD, macOS, Linux or Solaris
 * @returns 4, 6, or 0 when it is neither
 */
export function ipVersionOfFamily(family: number): number {
  switch (family) {
    case INTERNET:
      return 4;
    case 10: // Linux
    case 24: // NetBSD, OpenBSD, BSD/OS
    case 26: // Solaris
    case 28: // FreeBSD, DragonFly
    case 30: // macOS
      return 6;
    default:
      return 0;
  }
}

function swapped(word: number): number {
  return (
    ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >> 8) & 0xff00) | ((word >> 24) & 0xff)
  );
}
