import { randomOctets } from "../../core/random-octets.ts";

/** Two odd 32-bit secrets. Drawn for each run: who sends packets must not be able to choose slots. */
export type HashSecret = { readonly multiplier: number; readonly seed: number };

/** A secret for this run. The order of records never depends on it. */
export function newHashSecret(): HashSecret {
  const random = randomOctets(8);
  return { multiplier: random.readInt32LE(0) | 1, seed: random.readInt32LE(4) };
}

/** Mixes one word into a running hash: xor, keyed multiply, rotate. */
function mix(hash: number, word: number, multiplier: number): number {
  const product = Math.imul(hash ^ word, multiplier);
  return (product << 15) | (product >>> 17);
}

/** Hash of one endpoint: four address words and a port. @param multiplier - of the secret, as `seed` */
export function endpointHash(
  multiplier: number,
  seed: number,
  word0: number,
  word1: number,
  word2: number,
  word3: number,
  port: number,
): number {
  let hash = mix(seed, word3, multiplier);
  if ((word0 | word1 | word2) !== 0) {
    hash = mix(hash, word0, multiplier);
    hash = mix(hash, word1, multiplier);
    hash = mix(hash, word2, multiplier);
  }
  return mix(hash, port, multiplier);
}

/**
 * Hash of a flow key from its endpoints' hashes. The sum makes both directions equal; the final
 * shifts spread high bits into the low ones that choose the slot.
 * @param multiplier - of the secret
 * @param context - number of the surroundings; one below 0 is no part of the key
 */
export function flowHash(
  multiplier: number,
  endpoint0: number,
  endpoint1: number,
  kind: number,
  context: number,
): number {
  const sum = (endpoint0 + endpoint1) | 0;
  let hash = mix(sum, kind ^ Math.imul(Math.max(context, 0), 0x9e3779b1), multiplier);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
