import { describe, expect, it } from "vitest";
import { randomOctets } from "../../src/core/random-octets.ts";

describe("randomOctets", () => {
  it("are as many as asked for, and others each time", () => {
    const drawn = Array.from({ length: 64 }, () => randomOctets(8));
    for (const octets of drawn) expect(octets).toHaveLength(8);
    expect(new Set(drawn.map((octets) => octets.toString("hex"))).size).toBe(64);
  });
});
