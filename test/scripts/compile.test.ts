import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { assemble } from "../../scripts/webassembly/assemble.ts";
import { compile } from "../../scripts/webassembly/compile.ts";
import type { Exceptions } from "../../scripts/webassembly/scope.ts";

declare const WebAssembly: {
  readonly Memory: new (pages: {
    initial: number;
    maximum: number;
    shared: true;
  }) => { readonly buffer: SharedArrayBuffer };
  readonly Module: new (octets: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: Record<string, (...numbers: readonly number[]) => number> };
};

const folder = mkdtempSync(join(tmpdir(), "portflow-compile-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

function write(source: string): string {
  files += 1;
  const path = join(folder, `source${files}.ts`);
  writeFileSync(path, source);
  return path;
}

/** Compiles `f` and gives it and the memory that its arrays are in. */
function compiled(source: string, exceptions: Exceptions = {}) {
  const text = compile([{ path: write(source), name: "f" }], exceptions);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const octets = assemble(`(module (import "" "memory" (memory 1 1 shared)) ${text})`);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(octets), { "": { memory } });
  return {
    f: exports["f"]!,
    words: new Int32Array(memory.buffer),
    view: new DataView(memory.buffer),
  };
}

describe("compile", () => {
  it("computes as 32-bit integers", () => {
    const { f } = compiled(
      "export function f(a: number, b: number): number { return ((a + b) ^ Math.imul(a, 3)) | ~b; }",
    );
    for (const [a, b] of [
      [1, 2],
      [-5, 7],
      [0x7fffffff, 1],
    ] as const) {
      expect(f(a, b)).toBe(((a + b) ^ Math.imul(a, 3)) | ~b);
    }
  });

  it("shifts with and without sign", () => {
    const { f } = compiled(
      "export function f(a: number): number { return (a >> 4) + (a >>> 28) + (a << 3); }",
    );
    expect(f(-1)).toBe(-1 + 15 - 8);
    expect(f(-1 << 30)).toBe((-1 << 26) + 12);
  });

  it("compares without sign what `>>> 0` says, and what a Uint32Array holds", () => {
    const { f, words } = compiled(`export function f(a: number, b: number, u: Uint32Array): number {
      return (a < b ? 1 : 0) | (a >>> 0 < b >>> 0 ? 2 : 0) | (u[0]! > 5 ? 4 : 0);
    }`);
    words[0] = -1;
    expect(f(-1, 1, 0)).toBe(1 | 4);
    words[0] = 5;
    expect(f(1, -1, 0)).toBe(2);
  });

  it("refuses to compare a number without sign with one that may be negative", () => {
    const path = write("export function f(a: number, b: number): boolean { return a >>> 0 < b; }");
    expect(() => compile([{ path, name: "f" }])).toThrow(`${path}:1: Identifier`);
  });

  it("reads and writes arrays where they begin, and numbers in network order", () => {
    const { f, words, view } = compiled(`
      const At = { First: 2, Second: 3 } as const;
      export function f(words: Int32Array, view: DataView, bytes: Uint8Array, i: number): number {
        words[i + At.First] = view.getInt32(i + 4) ^ view.getUint16(i);
        words[At.Second + i] += 5;
        bytes[i]! = bytes[i + 1]!;
        return words[i + At.First]!;
      }`);
    view.setInt32(1004, 0x12345678);
    view.setUint16(1000, 0xabcd);
    expect(f(64, 1000, 1000, 0)).toBe(0x12345678 ^ 0xabcd);
    expect([words[16 + 2], words[16 + 3]]).toEqual([0x12345678 ^ 0xabcd, 5]);
    expect(view.getUint16(1000)).toBe(0xcdcd);
  });

  it("inlines functions with names of their own, and returns from them early", () => {
    const { f } = compiled(`
      function sign(a: number): number { if (a < 0) return -1; const b = a; return b > 0 ? 1 : 0; }
      function isOdd(a: number): boolean { if (a === 3) { return true; } return (a & 1) !== 0; }
      export function f(a: number, b: number): number {
        let c = sign(b) * 100;
        if (isOdd(a) && !isOdd(b)) c += 10;
        else if (isOdd(b) || a === 8) c += 20;
        return c + sign(a);
      }`);
    expect([f(3, -2), f(2, 5), f(-8, 0), f(8, 0), f(2, 2)]).toEqual([-89, 121, -1, 21, 101]);
  });

  it("loops until the condition fails, or a break", () => {
    const { f, words } = compiled(`export function f(words: Int32Array, count: number): number {
      let sum = 0;
      for (let i = 0; i < count; i += 1) {
        if (words[i] === 7) break;
        let k = words[i]!;
        while (k > 0) { k -= 1; sum += 1; }
      }
      return sum;
    }`);
    words.set([1, 2, 3, 7, 100]);
    expect([f(0, 2), f(0, 5), f(0, 0)]).toEqual([3, 6, 0]);
  });

  it("goes on with a loop, and chooses among cases", () => {
    const { f } = compiled(`
      function weight(a: number): number {
        switch (a) {
          case 1:
          case 2:
            return 10;
          case 5: {
            const b = a * 3;
            return b;
          }
          default:
            return 1;
        }
      }
      export function f(from: number, to: number): number {
        let sum = 0;
        for (let i = from; i < to; i += 1) {
          if (i === 2) continue;
          sum += weight(i);
        }
        return sum;
      }`);
    expect([f(0, 3), f(4, 7), f(3, 3)]).toEqual([11, 17, 0]);
  });

  it("takes back what was written where objects would be made, and gives false", () => {
    const { f, words } = compiled(
      `type Extra = { many: number };
      type ExtraOf = (row: number) => Extra;
      function countOf(extra: Extra | undefined): Extra | undefined { return extra; }
      function add(words: Int32Array, row: number, value: number, extraOf: ExtraOf): boolean {
        words[row] += value;
        words[row + 3] = 9;
        const extra = value === 77 ? extraOf(row) : undefined;
        words[row + 1] += countOf(extra)?.many ?? 5;
        if (extra === undefined || extra.many > 1) words[row + 2] += 1;
        if (value > 100) extraOf(row).many += 1;
        return true;
      }
      export function f(words: Int32Array, value: number, extraOf: ExtraOf): number {
        if (!add(words, 4, value, extraOf)) return 0;
        return 1;
      }`,
      { undoes: { name: "add", words: 4 } },
    );
    words.set([1, 2, 3, 4], 4);
    expect(f(0, 101)).toBe(0);
    expect([...words.subarray(4, 8)]).toEqual([1, 2, 3, 4]);
    expect(f(0, 100)).toBe(1);
    expect([...words.subarray(4, 8)]).toEqual([101, 7, 4, 9]);
  });

  it("puts a function in the place of another", () => {
    const path = write(`
      function far(a: number): number { return a / 0.1; }
      export function near(a: number): number { return a + 1; }
      export function f(a: number): number { return far(a) * 2; }`);
    const text = compile([{ path, name: "f" }], {
      instead: new Map([["far", { path, name: "near" }]]),
    });
    expect(text).toContain("(i32.const 2)");
    expect(() => compile([{ path, name: "f" }])).toThrow("BinaryExpression");
  });

  it("takes constants of other modules, and the greater or lesser of two", () => {
    writeFileSync(
      join(folder, "other.ts"),
      "export const Bit = { A: 1 << 4 } as const;\nexport const B: number = Bit.A | 3;",
    );
    const { f } = compiled(`import { Bit, B } from "./other.ts";
      const MASK: number = ~Bit.A;
      export function f(a: number): number { return Math.max(Math.min(a, B) & MASK, -4); }`);
    expect([f(100), f(2), f(-9)]).toEqual([3, 2, -4]);
  });

  it.each([
    ["a call of what is no function of numbers", "return Number(a);", "CallExpression"],
    ["a product that may need more than 53 bits", "return a * a;", "BinaryExpression"],
    ["an object", "const o = { a }; return o.a;", "ObjectExpression"],
    ["a text", 'return "1".length;', "MemberExpression"],
    ["a name declared in a block", "if (a > 1) { const b = 1; } return b;", "b is no local"],
  ])("has an error for %s", (_, body, what) => {
    const path = write(`export function f(a: number): number { ${body} }`);
    expect(() => compile([{ path, name: "f" }])).toThrow(what);
  });
});
