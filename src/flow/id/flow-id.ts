import type { FlowExtra } from "../row/flow-extra.ts";
import { ipv6Offset, Kind, ordinalOffset, Row, startOffset } from "../row/flow-row.ts";
import type { FlowContexts } from "./context-table.ts";

/** Words of an id; the last one is used by half: 80 bits, 20 hexadecimal digits. */
export const ID_WORDS = 3;

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
  const isEarlier = extra !== undefined && extra.firstNanoseconds >= 0;
  const start = row + startOffset(words[row + Row.Kind]!);
  const seconds = isEarlier ? extra.firstSeconds : words[start]!;
  const nanoseconds = isEarlier ? extra.firstNanoseconds : words[start + 1]!;
  const number = words[row + Row.Context]!;
  const context = number === 0 ? undefined : contexts.get(number)?.words;
  // Three independent hashes. A factor above 2^31 would be a double.
  out[0] = hashOf(words, row, seconds, nanoseconds, context, 0x85ebca6b | 0, 0x3c6ef372);
  out[1] = hashOf(words, row, seconds, nanoseconds, context, 0xc2b2ae35 | 0, 0x510e527f);
  out[2] = hashOf(words, row, seconds, nanoseconds, context, 0x27d4eb2f, 0x1f83d9ab);
}

/**
 * @param factor - what a word is multiplied by
 * @param summand - what is added then; the hash begins with it, too
 */
function hashOf(
  words: Int32Array,
  row: number,
  seconds: number,
  nanoseconds: number,
  context: Int32Array | undefined,
  factor: number,
  summand: number,
): number {
  const kind = words[row + Row.Kind]!;
  // An index that stands in their place is left out, so that the id is that of other runs.
  const ports = (kind & Kind.HasPorts) === 0 ? 0 : words[row + Row.Ports]!;
  let hash = absorbed(summand, ports, factor, summand);
  hash = absorbed(hash, kind & ~Kind.LoneSyn, factor, summand);
  hash = absorbed(hash, words[row + Row.Source]!, factor, summand);
  hash = absorbed(hash, words[row + Row.Destination]!, factor, summand);
  hash = absorbed(hash, seconds, factor, summand);
  hash = absorbed(hash, nanoseconds, factor, summand);
  hash = absorbed(hash, words[row + ordinalOffset(kind)]!, factor, summand);
  if ((kind & Kind.Ipv6) !== 0) {
    const base = row + ipv6Offset(kind);
    for (let i = 0; i < 6; i += 1) hash = absorbed(hash, words[base + i]!, factor, summand);
  }
  if (context !== undefined) {
    for (let i = 0; i < context.length; i += 1) {
      hash = absorbed(hash, context[i]!, factor, summand);
    }
  }
  return finished(hash);
}

/** Takes a word into a hash. */
function absorbed(hash: number, word: number, factor: number, summand: number): number {
  const product = Math.imul(hash ^ word, factor);
  return (((product << 13) | (product >>> 19)) + summand) | 0;
}

function finished(hash: number): number {
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
