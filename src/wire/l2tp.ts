import type { DecodedHeaders } from "./decoded-headers.ts";
import { Layer } from "./layer.ts";
import { readInt32, readUint16 } from "./read.ts";
import { keepTunnel } from "./report.ts";
import { Tunnel } from "./tunnel.ts";

// RFC 2661 section 3.1: 0 flags, version (low 4 bits) | [2 length] | tunnel id | session id
// | [Ns, Nr] | [offset size, that many octets] | PPP
const CONTROL = 0x8000;
const HAS_LENGTH = 0x4000;
const HAS_SEQUENCE = 0x0800;
const HAS_OFFSET = 0x0200;
const VERSION = 0x000f;
const VERSION_2 = 2;
// RFC 3931 section 4.1.2.1: 0 flags, version 3 | 2 reserved | 4 as over IP
const VERSION_3 = 3;
const VERSION_3_LENGTH = 4;
const SHORTEST = 6;

// RFC 3931 section 4.1.2 over IP: 0 session id, 0 for control | cookie, 0 to 8 octets | sublayer, 0 or
// 4 octets | frame. Only the control connection says which lengths were agreed.
const SESSION_ID_LENGTH = 4;
const LONGEST_COOKIE_AND_SUBLAYER = 12;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const ETHERNET_LENGTH = 14;

/**
 * Decodes the header of an L2TP data message (UDP port 1701), version 2 or 3.
 * @param start - octet offset of the UDP payload in `bytes`
 * @param end - first octet not readable
 */
export function findL2tp(bytes: Uint8Array, start: number, end: number, out: DecodedHeaders): void {
  if (end - start < SHORTEST) return;
  const flags = readUint16(bytes, start);
  if ((flags & CONTROL) !== 0) return;
  if (flags === VERSION_3) {
    findL2tpv3(bytes, start + VERSION_3_LENGTH, end, out);
    return;
  }
  if ((flags & VERSION) !== VERSION_2) return;
  const ids = (flags & HAS_LENGTH) !== 0 ? start + 4 : start + 2;
  let position = ids + 4;
  if ((flags & HAS_SEQUENCE) !== 0) position += 4;
  if ((flags & HAS_OFFSET) !== 0) {
    if (end - position < 2) return;
    position += 2 + readUint16(bytes, position);
  }
  if (position >= end) return;
  keepTunnel(out, Tunnel.L2tp, Layer.Ppp, position, readInt32(bytes, ids));
}

/**
 * Looks for an Ethernet frame with IP inside an L2TPv3 data message. Since the lengths of
 * cookie and sublayer are not in the message, a frame is believed only when its EtherType, IP
 * version and IP length all fit.
 * @param start - octet offset of the session id in `bytes`
 * @param end - first octet not readable
 */
export function findL2tpv3(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): void {
  if (end - start < SESSION_ID_LENGTH) return;
  const session = readInt32(bytes, start);
  if (session === 0) return;
  const payloadEnd = out.payloadStart + out.payloadLength;
  const first = start + SESSION_ID_LENGTH;
  for (let frame = first; frame <= first + LONGEST_COOKIE_AND_SUBLAYER; frame += 4) {
    if (!isEthernetWithIp(bytes, frame, end, payloadEnd)) continue;
    keepTunnel(out, Tunnel.L2tpv3, Layer.Ethernet, frame, session);
    return;
  }
}

function isEthernetWithIp(
  bytes: Uint8Array,
  start: number,
  end: number,
  payloadEnd: number,
): boolean {
  const ip = start + ETHERNET_LENGTH;
  if (end - ip < 20) return false;
  const type = readUint16(bytes, ip - 2);
  if (type === IPV4 && bytes[ip]! >> 4 === 4) {
    const length = readUint16(bytes, ip + 2);
    return length >= 20 && ip + length <= payloadEnd;
  }
  if (type !== IPV6 || bytes[ip]! >> 4 !== 6) return false;
  return ip + 40 + readUint16(bytes, ip + 4) <= payloadEnd;
}
