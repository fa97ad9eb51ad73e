import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { humanCount, humanDuration, humanShare } from "../../../src/sink/table/human-units.ts";

describe("humanCount", () => {
  it.each([
    [0, "0"],
    [999, "999"],
    [1000, "1.00k"],
    [1234, "1.23k"],
    [9994, "9.99k"],
    [9995, "10.0k"],
    [99_949, "99.9k"],
    [99_960, "100k"],
    [999_499, "999k"],
    [999_500, "1.00M"],
    [45_600_000, "45.6M"],
    [2 ** 32, "4.29G"],
    [Number.MAX_SAFE_INTEGER, "9.01P"],
  ])("%d is %s", (count, text) => {
    expect(humanCount(count)).toBe(text);
  });

  it("is never longer than five characters, and right to three digits", () => {
    const factor: Record<string, number> = { k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15 };
    fc.assert(
      fc.property(fc.maxSafeNat(), (count) => {
        const text = humanCount(count);
        expect(text.length).toBeLessThanOrEqual(5);
        const value = Number.parseFloat(text) * (factor[text.at(-1)!] ?? 1);
        expect(Math.abs(value - count)).toBeLessThanOrEqual(count * 0.00501);
      }),
    );
  });
});

describe("humanDuration", () => {
  it.each([
    [0, 0, "0s"],
    [0, 1, "1ns"],
    [0, 999, "999ns"],
    [0, 1_500, "1.50us"],
    [0, 999_600, "1.00ms"],
    [0, 62_240_000, "62.2ms"],
    [0, 999_400_000, "999ms"],
    [0, 999_600_000, "1.00s"],
    [59, 900_000_000, "59.9s"],
    [59, 960_000_000, "1m00s"],
    [303, 0, "5m03s"],
    [3599, 600_000_000, "1h00m"],
    [7500, 0, "2h05m"],
    [86_400, 0, "1d00h"],
    [273_600, 0, "3d04h"],
  ])("%d s and %d ns are %s", (seconds, nanoseconds, text) => {
    expect(humanDuration(seconds, nanoseconds)).toBe(text);
  });
});

describe("humanShare", () => {
  it.each([
    [1, 3, "33.3%"],
    [3, 3, "100.0%"],
    [0, 0, "-"],
  ])("%d of %d", (part, whole, text) => {
    expect(humanShare(part, whole)).toBe(text);
  });
});
