import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assemble } from "../../scripts/webassembly/assemble.ts";
import { packageRoot } from "../../src/core/package-root.ts";
import { noteWordSum, type WordSum } from "../../src/wire/summable-octets.ts";

declare const WebAssembly: {
  readonly Memory: new (pages: { initial: number; maximum: number }) => { buffer: ArrayBuffer };
  readonly Module: new (octets: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { exports: { wordSum: WordSum } };
};

const PAGE = 1 << 16;
/** What the module has for itself, before and behind the octets. */
const BEFORE = 128;
const BEHIND = 64;

/** Zeros in a memory of their own that is as large as it must be, with what sums them there. */
export function summableOctets(length: number): Uint8Array {
  const text = readFileSync(join(packageRoot(), "scripts/packet-loops/word-sum.wat"), "utf8");
  const pages = Math.ceil((BEFORE + length + BEHIND) / PAGE);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const module = new WebAssembly.Module(assemble(text));
  noteWordSum(memory.buffer, new WebAssembly.Instance(module, { "": { memory } }).exports.wordSum);
  return new Uint8Array(memory.buffer, BEFORE, length);
}
