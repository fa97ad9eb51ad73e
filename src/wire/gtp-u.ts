import type { DecodedHeaders } from "./decoded-headers.ts";
import { looksLikeEthernet } from "./ethernet.ts";
import { Layer } from "./layer.ts";
import { readInt32, readUint16 } from "./read.ts";
import { keepTunnel, narrowTunnel } from "./report.ts";
import { Tunnel } from "./tunnel.ts";

// 3GPP TS 29.281 section 5.1: 0 version (3 bits), protocol type, reserved, E, S, PN | 1 message type
// 2 length without the first 8 octets | 4 tunnel endpoint id
// if any of E, S, PN: 8 sequence | 10 N-PDU number | 11 next extension header
const MESSAGE_TYPE = 1;
const LENGTH = 2;
const TUNNEL_ENDPOINT = 4;
const SHORT_LENGTH = 8;
const LONG_LENGTH = 12;
const VERSION_1_AND_GTP = 0x30;
const VERSION_AND_PROTOCOL_TYPE = 0xf0;
const HAS_OPTIONAL_FIELDS = 0x07;
const HAS_EXTENSION = 0x04;
const USER_DATA = 255;

/**
 * Decodes a GTP-U header that carries user data, with its extension headers. The user's packet is
 * IP, Ethernet or PPP.
 * @param start - octet offset of the UDP payload in `bytes`
 * @param end - first octet not readable
 */
export function findGtpU(bytes: Uint8Array, start: number, end: number, out: DecodedHeaders): void {
  if (end - start < SHORT_LENGTH || bytes[start + MESSAGE_TYPE] !== USER_DATA) return;
  const flags = bytes[start]!;
  // Bit 4 of the first octet is reserved: its value is not looked at by receivers.
  if ((flags & VERSION_AND_PROTOCOL_TYPE) !== VERSION_1_AND_GTP) return;
  const dataEnd = start + SHORT_LENGTH + readUint16(bytes, start + LENGTH);
  const position =
    (flags & HAS_OPTIONAL_FIELDS) === 0
      ? start + SHORT_LENGTH
      : skipExtensions(bytes, start, end, (flags & HAS_EXTENSION) !== 0);
  if (position < 0 || position >= end || position >= dataEnd) return;
  const endpoint = readInt32(bytes, start + TUNNEL_ENDPOINT);
  keepTunnel(out, Tunnel.GtpU, layerOfUserData(bytes, position, end), position, endpoint);
  narrowTunnel(out, dataEnd);
}

/** Only the control plane knows the kind of bearer: IP, Ethernet (5G) or PPP. */
function layerOfUserData(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start]!;
  if (first >> 4 === 6 || (first >> 4 === 4 && (first & 0x0f) >= 5)) return Layer.Ip;
  return looksLikeEthernet(bytes, start, end) ? Layer.Ethernet : Layer.Ppp;
}

/** Section 5.2: 0 length in units of 4 octets | content | last octet: type of the next, 0 for none. */
function skipExtensions(bytes: Uint8Array, start: number, end: number, extended: boolean): number {
  let position = start + LONG_LENGTH;
  if (!extended || position > end) return position > end ? -1 : position;
  while (bytes[position - 1] !== 0) {
    if (position >= end || bytes[position] === 0) return -1;
    position += bytes[position]! << 2;
    if (position > end) return -1;
  }
  return position;
}
