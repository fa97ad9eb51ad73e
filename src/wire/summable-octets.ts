import { WORD_SUM_MODULE } from "./word-sum-module.ts";

/**
 * The sum of octets as big-endian words of 16 bits with its carries added, see scripts/word-sum.
 * @param start - offset in the buffer, not in an array of its octets
 * @param end - first octet that does not count: behind `start`, by MOST_SUMMED at most
 */
export type WordSum = (start: number, end: number) => number;

/** Octets that a `WordSum` takes at most. */
export const MOST_SUMMED: number = 1 << 19;

const PAGE = 1 << 16;
/** What the module has for itself, before and behind the octets. */
const BEFORE = 64;
const BEHIND = 16;

/** As much of WebAssembly as is used; the types of Node have none of it. */
declare const WebAssembly: {
  readonly Memory: new (pages: { initial: number; maximum: number }) => { buffer: ArrayBuffer };
  readonly Module: new (octets: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { exports: { wordSum: WordSum } };
};

const sums = new WeakMap<ArrayBufferLike, WordSum>();

/**
 * Octets whose checksums are cheap to verify: they lie in the memory of a WebAssembly module that
 * sums sixteen of them a step, so that none is copied. Plain octets where WebAssembly has no vectors
 * or its memory (which takes 10 GiB of addresses) is refused.
 * @param length - octets wanted, all zero
 */
export function summableOctets(length: number): Uint8Array {
  try {
    const octets = Uint8Array.from(atob(WORD_SUM_MODULE), (one) => one.charCodeAt(0));
    const module = new WebAssembly.Module(octets);
    const pages = Math.ceil((BEFORE + length + BEHIND) / PAGE);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    sums.set(memory.buffer, new WebAssembly.Instance(module, { "": { memory } }).exports.wordSum);
    return new Uint8Array(memory.buffer, BEFORE, length);
  } catch {
    return new Uint8Array(length);
  }
}

/** What sums the octets of a buffer, where it is of `summableOctets`. */
export function wordSumOf(buffer: ArrayBufferLike): WordSum | undefined {
  return sums.get(buffer);
}
