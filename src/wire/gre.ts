import type { DecodedHeaders } from "./decoded-headers.ts";
import { layerOfEtherType } from "./ether-type.ts";
import { Layer } from "./layer.ts";
import { readInt32, readUint16 } from "./read.ts";
import { keepTunnel } from "./report.ts";
import { Tunnel } from "./tunnel.ts";

// RFC 2784, 2890, 1701: 0 flags: checksum C, routing R, key K, sequence S ... version (low 3 bits)
// 2 protocol type | then, as flagged: checksum and offset (C or R) | key | sequence | routing
const PROTOCOL = 2;
const SHORTEST = 4;
const HAS_CHECKSUM_OR_ROUTING = 0xc000;
const HAS_ROUTING = 0x4000;
const HAS_KEY = 0x2000;
const HAS_SEQUENCE = 0x1000;
const VERSION = 0x0007;

// RFC 2637 section 4.1 (PPTP), version 1: 0 flags | 2 880B | 4 payload length | 6 call id
// | sequence (S) | acknowledgement (A)
const HAS_ACKNOWLEDGEMENT = 0x0080;
const PPTP_CALL_ID = 6;
const PPTP_SHORTEST = 8;

const PPP = 0x880b;
const ERSPAN_1_OR_2 = 0x88be;
const ERSPAN_3 = 0x22eb;
const WCCP = 0x883e;
const ETHERNET_OF_SOME_MAKERS = 0x6400;

/**
 * Decodes a GRE header. Nothing is kept when the version or the protocol is not known, or the header
 * is cut off.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet not readable
 * @param type - `Tunnel.Gre` or `Tunnel.GreInUdp`
 */
export function findGre(
  bytes: Uint8Array,
  start: number,
  end: number,
  type: number,
  out: DecodedHeaders,
): void {
  if (end - start < SHORTEST) return;
  const flags = readUint16(bytes, start);
  const protocol = readUint16(bytes, start + PROTOCOL);
  if ((flags & VERSION) === 1) {
    if (protocol === PPP) findPptp(bytes, start, end, flags, out);
    return;
  }
  if ((flags & VERSION) !== 0) return;
  let position = start + SHORTEST;
  let key = -1;
  if ((flags & HAS_CHECKSUM_OR_ROUTING) !== 0) position += 4;
  if ((flags & HAS_KEY) !== 0) {
    if (end - position < 4) return;
    key = readInt32(bytes, position);
    position += 4;
  }
  if ((flags & HAS_SEQUENCE) !== 0) position += 4;
  if ((flags & HAS_ROUTING) !== 0) position = skipRouting(bytes, position, end);
  if (position < 0 || position >= end) return;
  switch (protocol) {
    case ERSPAN_1_OR_2:
    case ERSPAN_3:
      findErspan(bytes, position, end, flags, protocol, out);
      return;
    case WCCP: {
      // Version 2 puts four octets before the packet; version 1 has none.
      const redirected = bytes[position]! >> 4 === 4 ? position : position + 4;
      keepTunnel(out, Tunnel.Wccp, Layer.Ip, redirected, key);
      return;
    }
    case ETHERNET_OF_SOME_MAKERS:
      keepTunnel(out, type, Layer.Ethernet, position, key);
      return;
  }
  const layer = isAruba(protocol) ? Layer.WifiSwapped : layerOfEtherType(protocol);
  if (layer !== Layer.None) keepTunnel(out, type, layer, position, key);
}

/** Aruba's access points send IEEE 802.11 frames, one protocol number per queue. */
function isAruba(protocol: number): boolean {
  return (protocol & 0x0f) === 0 && protocol >= 0x8200 && protocol <= 0x8370;
}

/** RFC 1701: entries of 0 address family | 2 offset | 3 length | data, up to one of length 0. */
function skipRouting(bytes: Uint8Array, start: number, end: number): number {
  let position = start;
  while (end - position >= 4) {
    const length = bytes[position + 3]!;
    const family = readUint16(bytes, position);
    position += 4 + length;
    if (length === 0 && family === 0) return position;
  }
  return -1;
}

function findPptp(
  bytes: Uint8Array,
  start: number,
  end: number,
  flags: number,
  out: DecodedHeaders,
): void {
  // Without a sequence number it is a bare acknowledgement.
  if ((flags & HAS_KEY) === 0 || (flags & HAS_SEQUENCE) === 0) return;
  if (end - start < PPTP_SHORTEST) return;
  const acknowledgement = (flags & HAS_ACKNOWLEDGEMENT) !== 0 ? 4 : 0;
  const position = start + PPTP_SHORTEST + 4 + acknowledgement;
  if (position >= end) return;
  keepTunnel(out, Tunnel.Pptp, Layer.Ppp, position, readUint16(bytes, start + PPTP_CALL_ID));
}

// ERSPAN type II (GRE with sequence numbers): 0 version 1 (4 bits), VLAN (12) | 2 class, flags, session
// (10) | 4 index; type I has no header. Type III: 0 version 2 ... | 4 time stamp | 8 group tag
// | 10 P, frame type (5 bits), hardware id, D, granularity, O: eight more octets follow
const ERSPAN_2_LENGTH = 8;
const ERSPAN_3_LENGTH = 12;
const ERSPAN_3_SUBHEADER_LENGTH = 8;

function findErspan(
  bytes: Uint8Array,
  start: number,
  end: number,
  greFlags: number,
  protocol: number,
  out: DecodedHeaders,
): void {
  if (protocol === ERSPAN_1_OR_2 && (greFlags & HAS_SEQUENCE) === 0) {
    keepTunnel(out, Tunnel.Erspan, Layer.Ethernet, start, -1);
    return;
  }
  if (end - start < ERSPAN_3_LENGTH) return;
  const version = bytes[start]! >> 4;
  const session = readUint16(bytes, start + 2) & 0x3ff;
  if (version === 1) {
    keepTunnel(out, Tunnel.Erspan, Layer.Ethernet, start + ERSPAN_2_LENGTH, session);
    return;
  }
  if (version !== 2) return;
  const frameType = (bytes[start + 10]! >> 2) & 0x1f;
  const subheader = (bytes[start + 11]! & 1) !== 0 ? ERSPAN_3_SUBHEADER_LENGTH : 0;
  const layer = frameType === 2 ? Layer.Ip : Layer.Ethernet;
  if (frameType !== 0 && frameType !== 2) return;
  keepTunnel(out, Tunnel.Erspan, layer, start + ERSPAN_3_LENGTH + subheader, session);
}
