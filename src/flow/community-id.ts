import { IPV6_DESTINATION_OFFSET, ipv6Offset, Kind, Row } from "./flow-row.ts";
import { sha1Short } from "./sha1.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/** Both characters of every 12 bits, the first one low. */
const PAIRS = Uint16Array.from(
  { length: 4096 },
  (_, bits) => ALPHABET.charCodeAt(bits >>> 6) | (ALPHABET.charCodeAt(bits & 63) << 8),
);
const PAIRS_OF_DIGEST = 13;

const input = new Uint8Array(64);
const digest = new Int32Array(5);

/** Characters of a Community ID: version, colon, 20 octets in base64. */
export const COMMUNITY_ID_LENGTH = 30;

// Protocols whose ports are part of the id: ICMP, TCP, UDP, ICMPv6, SCTP.
const PORTED = new Set([1, 6, 17, 58, 132]);

/**
 * Community ID version 1 of a flow, as ASCII octets. One-way ICMP messages keep their direction;
 * everything else is ordered by address, then port. Flows whose ports are unknown hash without.
 * @param seed - 0 to 65535
 * @param out - at least `COMMUNITY_ID_LENGTH` octets
 * @see the Community ID specification, version 1
 */
export function communityId(words: Int32Array, row: number, seed: number, out: Uint8Array): void {
  const kind = words[row + Row.Kind]!;
  const protocol = kind & Kind.ProtocolMask;
  const swap = (kind & Kind.OneWay) === 0 && isSecondFirst(words, row, kind);
  const addressLength = (kind & Kind.Ipv6) === 0 ? 4 : 16;
  input[0] = seed >>> 8;
  input[1] = seed & 255;
  putAddress(words, row, kind, swap ? 1 : 0, 2);
  putAddress(words, row, kind, swap ? 0 : 1, 2 + addressLength);
  let length = 2 + addressLength * 2;
  input[length] = protocol;
  input[length + 1] = 0;
  length += 2;
  if ((kind & Kind.HasPorts) !== 0 && PORTED.has(protocol)) {
    const ports = words[row + Row.Ports]!;
    const ordered = swap ? (ports << 16) | (ports >>> 16) : ports;
    input[length] = ordered >>> 24;
    input[length + 1] = ordered >>> 16;
    input[length + 2] = ordered >>> 8;
    input[length + 3] = ordered;
    length += 4;
  }
  sha1Short(input, length, digest);
  out[0] = 49;
  out[1] = 58;
  putBase64(out);
}

function isSecondFirst(words: Int32Array, row: number, kind: number): boolean {
  let difference = 0;
  if ((kind & Kind.Ipv6) !== 0) {
    const base = row + ipv6Offset(kind);
    for (let i = 0; i < 3 && difference === 0; i += 1) {
      difference = (words[base + i]! >>> 0) - (words[base + IPV6_DESTINATION_OFFSET + i]! >>> 0);
    }
  }
  if (difference === 0) {
    difference = (words[row + Row.Source]! >>> 0) - (words[row + Row.Destination]! >>> 0);
  }
  if (difference === 0) {
    const ports = words[row + Row.Ports]!;
    difference = (ports >>> 16) - (ports & 0xffff);
  }
  return difference > 0;
}

function putAddress(words: Int32Array, row: number, kind: number, side: number, at: number): void {
  let to = at;
  if ((kind & Kind.Ipv6) !== 0) {
    const base = row + ipv6Offset(kind) + side * IPV6_DESTINATION_OFFSET;
    for (let i = 0; i < 3; i += 1) {
      putWord(words[base + i]!, to);
      to += 4;
    }
  }
  putWord(words[row + Row.Source + side]!, to);
}

function putWord(word: number, at: number): void {
  input[at] = word >>> 24;
  input[at + 1] = word >>> 16;
  input[at + 2] = word >>> 8;
  input[at + 3] = word;
}

/** 20 octets make 27 characters and a pad: 13 pairs, the last four bits, the pad. */
function putBase64(out: Uint8Array): void {
  let at = 2;
  for (let i = 0; i < PAIRS_OF_DIGEST; i += 1) {
    const bit = i * 12;
    const word = digest[bit >> 5]!;
    const offset = bit & 31;
    const bits =
      offset <= 20
        ? word >>> (20 - offset)
        : (word << (offset - 20)) | (digest[(bit >> 5) + 1]! >>> (52 - offset));
    const pair = PAIRS[bits & 4095]!;
    out[at] = pair & 255;
    out[at + 1] = pair >>> 8;
    at += 2;
  }
  out[28] = PAIRS[(digest[4]! & 15) << 8]! & 255;
  out[29] = 61;
}
