import { internetChecksum } from "../../../test/support/checksum.ts";
import { hex, ip, join, text, u16, u32 } from "../../../test/support/octets.ts";
import type { SeededRandom } from "../../../test/support/seeded-random.ts";

/** SIP message (RFC 3261 section 7): start line, headers, and an SDP body where there is one. */
export function sip(lines: readonly string[], body = ""): Uint8Array {
  const type = body === "" ? [] : ["Content-Type: application/sdp"];
  return text([...lines, ...type, `Content-Length: ${body.length}`, "", body].join("\r\n"));
}

/** SDP for one G.711 stream (RFC 8866). */
export function sdp(address: string, port: number): string {
  return [
    "v=0",
    `o=- 20518 20518 IN IP4 ${address}`,
    "s=call",
    `c=IN IP4 ${address}`,
    "t=0 0",
    `m=audio ${port} RTP/AVP 0`,
    "a=rtpmap:0 PCMU/8000",
    "a=sendrecv",
    "",
  ].join("\r\n");
}

/** RTP packet with 20 ms of G.711 (RFC 3550 section 5.1, RFC 3551). */
export function rtp(sequence: number, source: number, random: SeededRandom): Uint8Array {
  return join([0x80, 0], u16(sequence), u32(sequence * 160), u32(source), random.bytes(160));
}

/** RTCP sender report followed by a source description (RFC 3550 section 6.4). */
export function rtcp(source: number, packets: number, name: string): Uint8Array {
  const report = join(
    [0x80, 200],
    u16(6),
    u32(source),
    hex("ed4f9a20 40000000"),
    u32(packets * 160),
    u32(packets),
    u32(packets * 160),
  );
  const item = join(1, name.length, text(name), 0);
  const padding = new Uint8Array((4 - (item.length % 4)) % 4);
  const description = join(u32(source), item, padding);
  return join(report, [0x81, 202], u16(description.length / 4), description);
}

const STUN_COOKIE = 0x2112a442;

/** STUN binding request (RFC 8489 section 5). */
export function stunRequest(transaction: Uint8Array): Uint8Array {
  return join(u16(1), u16(0), u32(STUN_COOKIE), transaction);
}

/** Its success response with the mapped address. */
export function stunResponse(transaction: Uint8Array, address: string, port: number): Uint8Array {
  const cookie = u32(STUN_COOKIE);
  const mapped = ip(address).map((octet, at) => octet ^ cookie[at]!);
  const attribute = join(u16(0x0020), u16(8), [0, 1], u16(port ^ (STUN_COOKIE >>> 16)), mapped);
  return join(u16(0x0101), u16(attribute.length), cookie, transaction, attribute);
}

/** VRRP version 2 advertisement (RFC 3768), IP protocol 112. */
export function vrrp(router: number, address: string): Uint8Array {
  const message = join([0x21, router, 100, 1, 0, 1, 0, 0], ip(address), new Uint8Array(8));
  message.set(u16(internetChecksum(message)), 6);
  return message;
}
