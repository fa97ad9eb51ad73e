import { IPV6_DESTINATION_OFFSET, ipv6Offset, Kind, Row } from "../row/flow-row.ts";
import { sha1Block, sha1FourWords } from "./sha1-rounds.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/** Both characters of every 12 bits, the first one low. */
const PAIRS = allPairs();
const VERSION = 0x3a31;
const PAD = 0x3d00;
const END_MARK = 0x80000000 | 0;
/** Word of a block that tells the bits of the message. */
const BITS = 15;

const block = new Int32Array(16);
const digest = new Int32Array(5);

/** With a function for each it would take 1 to 5 ms of every start, and 0.2 ms so. */
function allPairs(): Int32Array {
  const pairs = new Int32Array(4096);
  for (let first = 0; first < 64; first += 1) {
    const low = ALPHABET.charCodeAt(first);
    for (let second = 0; second < 64; second += 1) {
      pairs[first * 64 + second] = low | (ALPHABET.charCodeAt(second) << 8);
    }
  }
  return pairs;
}

/** Characters of a Community ID: version, colon, 20 octets in base64. */
export const COMMUNITY_ID_LENGTH = 30;

/**
 * Writes the Community ID version 1 of a flow, ASCII. One-way ICMP messages keep their direction;
 * everything else is ordered by address, then port. Flows whose ports are unknown hash without.
 * @param seed - 0 to 65535
 * @param to - with room for `COMMUNITY_ID_LENGTH` octets at `at`
 * @see the Community ID specification, version 1
 */
export function communityId(
  words: Int32Array,
  row: number,
  seed: number,
  to: DataView,
  at: number,
): void {
  const kind = words[row + Row.Kind]!;
  const swap = (kind & Kind.OneWay) === 0 && isSecondFirst(words, row, kind);
  const hasPorts = (kind & Kind.HasPorts) !== 0 && isPorted(kind & Kind.ProtocolMask);
  if ((kind & Kind.Ipv6) === 0) hashIpv4(words, row, kind, seed, swap, hasPorts);
  else hashIpv6(words, row, kind, seed, swap, hasPorts);
  to.setInt16(at, VERSION, true);
  base64At(to, at + 2);
}

/** Whether a protocol's ports are part of the id: ICMP, TCP, UDP, ICMPv6, SCTP. */
function isPorted(protocol: number): boolean {
  return protocol === 6 || protocol === 17 || protocol === 1 || protocol === 58 || protocol === 132;
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

// What is hashed: seed (16 bits), lower address, higher address, protocol (8 bits), zero (8 bits),
// ports (32 bits). The seed moves the addresses by half a word; the protocol moves the ports back.

function hashIpv4(
  words: Int32Array,
  row: number,
  kind: number,
  seed: number,
  swap: boolean,
  hasPorts: boolean,
): void {
  const source = words[row + Row.Source]!;
  const destination = words[row + Row.Destination]!;
  const lower = swap ? destination : source;
  const higher = swap ? source : destination;
  const word0 = (seed << 16) | (lower >>> 16);
  const word1 = (lower << 16) | (higher >>> 16);
  const word2 = (higher << 16) | ((kind & Kind.ProtocolMask) << 8);
  if (hasPorts) {
    sha1FourWords(word0, word1, word2, orderedPorts(words[row + Row.Ports]!, swap), digest);
    return;
  }
  block[0] = word0;
  block[1] = word1;
  block[2] = word2;
  hashBlock(3);
}

function hashIpv6(
  words: Int32Array,
  row: number,
  kind: number,
  seed: number,
  swap: boolean,
  hasPorts: boolean,
): void {
  let before = seed;
  for (let i = 0; i < 8; i += 1) {
    const side = i < 4 === swap ? 1 : 0;
    const word = addressWord(words, row, kind, side, i & 3);
    block[i] = (before << 16) | (word >>> 16);
    before = word;
  }
  block[8] = (before << 16) | ((kind & Kind.ProtocolMask) << 8);
  if (hasPorts) block[9] = orderedPorts(words[row + Row.Ports]!, swap);
  hashBlock(hasPorts ? 10 : 9);
}

function orderedPorts(ports: number, swap: boolean): number {
  return swap ? (ports << 16) | (ports >>> 16) : ports;
}

/** Word `i` of the IPv6 address of a side. */
function addressWord(
  words: Int32Array,
  row: number,
  kind: number,
  side: number,
  i: number,
): number {
  if (i === 3) return words[row + Row.Source + side]!;
  return words[row + ipv6Offset(kind) + side * IPV6_DESTINATION_OFFSET + i]!;
}

/** Hashes so many words of the block. */
function hashBlock(length: number): void {
  block[length] = END_MARK;
  block.fill(0, length + 1, BITS);
  block[BITS] = length * 32;
  sha1Block(block, digest);
}

/** 20 octets make 27 characters and a pad: 13 pairs, the last four bits, the pad. */
function base64At(to: DataView, at: number): void {
  const word0 = digest[0]!;
  const word1 = digest[1]!;
  const word2 = digest[2]!;
  const word3 = digest[3]!;
  const word4 = digest[4]!;
  to.setInt32(at, fourCharacters(word0 >>> 20, word0 >>> 8), true);
  to.setInt32(at + 4, fourCharacters((word0 << 4) | (word1 >>> 28), word1 >>> 16), true);
  to.setInt32(at + 8, fourCharacters(word1 >>> 4, (word1 << 8) | (word2 >>> 24)), true);
  to.setInt32(at + 12, fourCharacters(word2 >>> 12, word2), true);
  to.setInt32(at + 16, fourCharacters(word3 >>> 20, word3 >>> 8), true);
  to.setInt32(at + 20, fourCharacters((word3 << 4) | (word4 >>> 28), word4 >>> 16), true);
  const last = (PAIRS[(word4 & 15) << 8]! & 255) | PAD;
  to.setInt32(at + 24, PAIRS[(word4 >>> 4) & 4095]! | (last << 16), true);
}

/** Four characters, of the low 12 bits of each. */
function fourCharacters(first: number, second: number): number {
  return PAIRS[first & 4095]! | (PAIRS[second & 4095]! << 16);
}
