import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { wordSumModuleSource } from "../../scripts/word-sum/module-source.ts";
import { wordSum } from "../../src/wire/ones-complement.ts";
import { summableOctets, wordSumOf } from "../../src/wire/summable-octets.ts";

describe("summableOctets", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("gives zeros with a sum of their own", () => {
    const one = summableOctets(100_000);
    const other = summableOctets(10);
    expect(one.length).toBe(100_000);
    expect(one.every((octet) => octet === 0)).toBe(true);
    one.set([1, 2]);
    expect(wordSumOf(one.buffer)!(one.byteOffset, one.byteOffset + 3)).toBe(0x0102);
    expect(wordSumOf(other.buffer)!(other.byteOffset, other.byteOffset + 3)).toBe(0);
  });

  it.each([
    ["memory is refused", { Memory: refuse }],
    ["vectors are unknown", { Module: refuse }],
  ])("gives plain octets where %s", (_, refused) => {
    vi.stubGlobal("WebAssembly", { ...wasm, ...refused });
    const octets = summableOctets(6).fill(0x11);
    expect(octets.length).toBe(6);
    expect(wordSumOf(octets.buffer)).toBeUndefined();
    expect(wordSum(octets, 1, 5)).toBe(0x2222);
  });
});

it("its module is the one that the script makes", () => {
  const source = readFileSync(
    new URL("../../src/wire/word-sum-module.ts", import.meta.url),
    "utf8",
  );
  expect(source).toBe(wordSumModuleSource());
});

const { WebAssembly: wasm } = globalThis as unknown as { WebAssembly: Record<string, unknown> };

/** A constructor that fails, as V8's does. */
function refuse(): never {
  throw new RangeError("could not allocate memory");
}
