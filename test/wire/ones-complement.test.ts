import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldSum, wordSum } from "../../src/wire/ones-complement.ts";
import { internetChecksum } from "../support/checksum.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { summableOctets } from "../support/summable-octets.ts";

const random = new SeededRandom(1071);
const FILLINGS: readonly (readonly [string, () => Uint8Array])[] = [
  ["octets of all sorts", () => random.bytes(MEMORY)],
  ["octets that are all ones", () => new Uint8Array(MEMORY).fill(0xff)],
  ["octets that are zero", () => new Uint8Array(MEMORY)],
];
/** A page of WebAssembly's and a part of the next. */
const MEMORY = 70_000;

/** What the octets should sum to, its carries added: 0 only for zeros. */
function plainSum(octets: Uint8Array): number {
  return ~internetChecksum(octets) & 0xffff;
}

describe("wordSum", () => {
  it("agrees with the sum of 16-bit words wherever octets begin and end", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.nat(7),
        fc.nat(7),
        fc.nat(3),
        (octets, before, after, shift) => {
          // An array that begins inside its buffer, whose length is no multiple of a word's.
          const buffer = new ArrayBuffer(shift + before + octets.length + after);
          const bytes = new Uint8Array(buffer, shift).fill(0xa5);
          bytes.set(octets, before);
          const sum = foldSum(wordSum(bytes, before, before + octets.length));
          expect(sum).toBe(~internetChecksum(octets) & 0xffff);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("has room for the largest IP datagram", () => {
    // 32,767 words of FFFF are 0 in one's complement, the last octet is FF00.
    expect(foldSum(wordSum(new Uint8Array(65_537).fill(0xff), 1, 65_536))).toBe(0xff00);
  });
});

describe("wordSum of summable octets", () => {
  const bytes = summableOctets(MEMORY);

  it.each(FILLINGS)("sums %s of every length, wherever they begin", (_, filling) => {
    bytes.set(filling());
    for (let start = 0; start < 32; start += 1) {
      for (let length = 0; length <= 200; length += 1) {
        const sum = wordSum(bytes, start, start + length);
        // Compared before it is expected: 6,432 expectations take a second.
        const right = plainSum(bytes.subarray(start, start + length));
        if (sum !== right) expect([start, length, sum]).toEqual([start, length, right]);
      }
    }
  });

  it.each(FILLINGS)("sums %s up to the last one", (_, filling) => {
    bytes.set(filling());
    for (let round = 0; round < 300; round += 1) {
      const end = round % 3 === 0 ? MEMORY : random.below(MEMORY + 1);
      const start = round % 5 === 0 ? Math.max(0, end - 40) : random.below(end + 1);
      expect(wordSum(bytes, start, end)).toBe(plainSum(bytes.subarray(start, end)));
    }
  });

  it("sums those at the end of a memory that is just as large", () => {
    for (let length = 65_536 - 100; length <= 65_536; length += 1) {
      const octets = summableOctets(length).fill(0x11);
      expect(wordSum(octets, length - 5, length)).toBe(0x3322);
    }
  });

  it("sums those of an array that begins inside", () => {
    bytes.set(random.bytes(MEMORY));
    const inside = bytes.subarray(333, 60_000);
    expect(wordSum(inside, 5, 1465)).toBe(plainSum(bytes.subarray(338, 1798)));
  });

  it("has room for jumbograms of any length", () => {
    // 2^18 + 32 words of FFFF are 0 in one's complement, which is written FFFF.
    const jumbo = summableOctets((1 << 19) + 65).fill(0xff);
    expect(foldSum(wordSum(jumbo, 0, 1 << 19))).toBe(0xffff);
    expect(foldSum(wordSum(jumbo, 0, (1 << 19) + 64))).toBe(0xffff);
    expect(foldSum(wordSum(jumbo, 0, (1 << 19) + 65))).toBe(0xff00);
  });
});

describe("foldSum", () => {
  it.each([
    [0, 0, 0],
    [0xffff, 0, 0xffff],
    [0x1_0000, 0, 1],
    [0x1_ffff, 0, 1],
    [-1, 0, 0xffff],
    [0, 1, 1],
    [-1, 0x7fff, 0x7fff],
  ])("%i and %i fold to %i", (low, high, folded) => {
    expect(foldSum(low, high)).toBe(folded);
  });
});
