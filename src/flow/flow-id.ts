import type { ContextTable } from "./context-table.ts";
import { ipv6Offset, Kind, Row } from "./flow-row.ts";

/** Words of an id; the last one is used by half: 80 bits, 20 hexadecimal digits. */
export const ID_WORDS = 3;

const MULTIPLIERS = [0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f] as const;
const SEEDS = [0x3c6ef372, 0x510e527f, 0x1f83d9ab] as const;
const scratch = new Int32Array(ID_WORDS);

/**
 * The id of a flow: a hash of its key, its start and the number of its first packet, with fixed
 * constants, so that the same capture gives the same ids in every run and on any number of workers.
 * Addresses go in as the first packet had them; tunnels and VLANs by what they are, not by number.
 */
export function flowId(
  words: Int32Array,
  row: number,
  contexts: ContextTable,
  out: Int32Array,
): void {
  scratch.set(SEEDS);
  absorb(words[row + Row.Ports]!);
  absorb(words[row + Row.Kind]!);
  absorb(words[row + Row.Source]!);
  absorb(words[row + Row.Destination]!);
  absorb(words[row + Row.StartSeconds]!);
  absorb(words[row + Row.StartNanoseconds]!);
  absorb(words[row + Row.Ordinal]!);
  const kind = words[row + Row.Kind]!;
  if ((kind & Kind.Ipv6) !== 0) {
    const base = row + ipv6Offset(kind);
    for (let i = 0; i < 6; i += 1) absorb(words[base + i]!);
  }
  const context = contexts.get(words[row + Row.Context]!);
  if (context !== undefined) {
    for (let i = 0; i < context.words.length; i += 1) absorb(context.words[i]!);
  }
  for (let i = 0; i < ID_WORDS; i += 1) {
    let hash = scratch[i]!;
    hash ^= hash >>> 16;
    hash = Math.imul(hash, 0x7feb352d);
    hash ^= hash >>> 15;
    hash = Math.imul(hash, 0x846ca68b);
    out[i] = hash ^ (hash >>> 16);
  }
}

function absorb(word: number): void {
  for (let i = 0; i < ID_WORDS; i += 1) {
    const product = Math.imul(scratch[i]! ^ word, MULTIPLIERS[i]!);
    scratch[i] = ((product << 13) | (product >>> 19)) + SEEDS[i]!;
  }
}

/** The id as text. */
export function flowIdText(id: Int32Array): string {
  const hex = (word: number, digits: number): string =>
    (word >>> 0).toString(16).padStart(8, "0").slice(0, digits);
  return hex(id[0]!, 8) + hex(id[1]!, 8) + hex(id[2]!, 4);
}
