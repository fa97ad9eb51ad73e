import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { sha1Rounds } from "../../scripts/sha1/rounds.ts";
import { SHA1_SHORT_LIMIT, sha1Short } from "../../src/flow/sha1.ts";

it("sha1Short gives what node:crypto gives, for every length it takes", () => {
  const input = new Uint8Array(64);
  const out = new Int32Array(5);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: SHA1_SHORT_LIMIT }), (octets) => {
      input.set(octets);
      sha1Short(input, octets.length, out);
      const view = Buffer.alloc(20);
      for (let i = 0; i < 5; i += 1) view.writeInt32BE(out[i]!, i * 4);
      expect(view.toString("hex")).toBe(createHash("sha1").update(octets).digest("hex"));
    }),
  );
});

it("its rounds are those that the script makes", () => {
  const source = readFileSync(new URL("../../src/flow/sha1-rounds.ts", import.meta.url), "utf8");
  expect(source).toBe(sha1Rounds());
});
