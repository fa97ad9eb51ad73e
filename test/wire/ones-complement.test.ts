import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldSum, wordSum } from "../../src/wire/ones-complement.ts";
import { internetChecksum } from "../support/checksum.ts";

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
