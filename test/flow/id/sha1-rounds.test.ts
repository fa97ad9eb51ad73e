import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { sha1Rounds } from "../../../scripts/sha1/rounds.ts";
import { sha1Block, sha1FourWords } from "../../../src/flow/id/sha1-rounds.ts";

const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

function octetsOf(words: Iterable<number>): Buffer {
  const all = [...words];
  const octets = Buffer.alloc(all.length * 4);
  all.forEach((value, i) => {
    octets.writeInt32BE(value, i * 4);
  });
  return octets;
}

function expected(message: Buffer): string {
  return createHash("sha1").update(message).digest("hex");
}

it("sha1Block gives what node:crypto gives, for every number of words that fit a block", () => {
  const out = new Int32Array(5);
  fc.assert(
    fc.property(fc.array(word, { maxLength: 13 }), (words) => {
      const block = new Int32Array(16);
      block.set(words);
      // FIPS 180-4 section 5.1.1: a one, zeros, and the length in bits.
      block[words.length] = 0x80000000;
      block[15] = words.length * 32;
      sha1Block(block, out);
      expect(octetsOf(out).toString("hex")).toBe(expected(octetsOf(words)));
    }),
  );
});

it("sha1FourWords gives what node:crypto gives", () => {
  const out = new Int32Array(5);
  fc.assert(
    fc.property(word, word, word, word, (a, b, c, d) => {
      sha1FourWords(a, b, c, d, out);
      expect(octetsOf(out).toString("hex")).toBe(expected(octetsOf([a, b, c, d])));
    }),
  );
});

it("the rounds are those that the script makes", () => {
  const source = readFileSync(
    new URL("../../../src/flow/id/sha1-rounds.ts", import.meta.url),
    "utf8",
  );
  expect(source).toBe(sha1Rounds());
});
