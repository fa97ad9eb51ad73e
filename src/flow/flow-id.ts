import type { FlowContexts } from "./context-table.ts";
import type { FlowExtra } from "./flow-extra.ts";
import { ipv6Offset, Kind, ordinalOffset, Row, startOffset } from "./flow-row.ts";

/** Words of an id; the last one is used by half: 80 bits, 20 hexadecimal digits. */
export const ID_WORDS = 3;

let hash0 = 0;
let hash1 = 0;
let hash2 = 0;

/**
 * The id of a flow: a hash of its key, and of the time and the number of its first packet, with fixed
 * constants, so that the same capture gives the same ids in every run and on any number of workers.
 * Addresses go in as the first packet had them; tunnels and VLANs by what they are, not by number. It is known with the first packet and does not change.
 * @param extra - the flow's rare facts, where it has any
 */
export function flowId(
  words: Int32Array,
  row: number,
  contexts: FlowContexts,
  extra: FlowExtra | undefined,
  out: Int32Array,
): void {
  hash0 = 0x3c6ef372;
  hash1 = 0x510e527f;
  hash2 = 0x1f83d9ab;
  const kind = words[row + Row.Kind]!;
  const start = row + startOffset(kind);
  absorb(words[row + Row.Ports]!);
  absorb(kind & ~Kind.LoneSyn);
  absorb(words[row + Row.Source]!);
  absorb(words[row + Row.Destination]!);
  const isEarlier = extra !== undefined && extra.firstNanoseconds >= 0;
  absorb(isEarlier ? extra.firstSeconds : words[start]!);
  absorb(isEarlier ? extra.firstNanoseconds : words[start + 1]!);
  absorb(words[row + ordinalOffset(kind)]!);
  if ((kind & Kind.Ipv6) !== 0) {
    const base = row + ipv6Offset(kind);
    for (let i = 0; i < 6; i += 1) absorb(words[base + i]!);
  }
  const context = contexts.get(words[row + Row.Context]!);
  if (context !== undefined) {
    for (let i = 0; i < context.words.length; i += 1) absorb(context.words[i]!);
  }
  out[0] = finish(hash0);
  out[1] = finish(hash1);
  out[2] = finish(hash2);
}

/** Takes a word into three independent hashes. */
function absorb(word: number): void {
  const product0 = Math.imul(hash0 ^ word, 0x85ebca6b);
  const product1 = Math.imul(hash1 ^ word, 0xc2b2ae35);
  const product2 = Math.imul(hash2 ^ word, 0x27d4eb2f);
  hash0 = (((product0 << 13) | (product0 >>> 19)) + 0x3c6ef372) | 0;
  hash1 = (((product1 << 13) | (product1 >>> 19)) + 0x510e527f) | 0;
  hash2 = (((product2 << 13) | (product2 >>> 19)) + 0x1f83d9ab) | 0;
}

function finish(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x7feb352d);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x846ca68b);
  return mixed ^ (mixed >>> 16);
}

/** The id as text. */
export function flowIdText(id: Int32Array): string {
  const hex = (word: number, digits: number): string =>
    (word >>> 0).toString(16).padStart(8, "0").slice(0, digits);
  return hex(id[0]!, 8) + hex(id[1]!, 8) + hex(id[2]!, 4);
}

/** The words of an id's text. */
export function flowIdWords(text: string): Int32Array {
  const words = new Int32Array(ID_WORDS);
  words[0] = Number.parseInt(text.slice(0, 8), 16);
  words[1] = Number.parseInt(text.slice(8, 16), 16);
  words[2] = Number.parseInt(text.slice(16), 16) << 16;
  return words;
}
