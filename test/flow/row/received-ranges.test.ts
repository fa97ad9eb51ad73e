import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ReceivedRanges } from "../../../src/flow/row/received-ranges.ts";

const LIMIT = 300;

describe("ReceivedRanges", () => {
  it("agrees with a set of positions", () => {
    const step = fc.record({
      isAcknowledgement: fc.boolean(),
      start: fc.integer({ min: 0, max: LIMIT }),
      length: fc.integer({ min: 1, max: 25 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const ranges = new ReceivedRanges(10, 1);
        const has = new Set(Array.from({ length: 10 }, (_, i) => i));
        const next = (): number => {
          let position = 0;
          while (has.has(position)) position += 1;
          return position;
        };
        for (const { isAcknowledgement, start, length } of steps) {
          const before = has.size;
          if (isAcknowledgement) {
            for (let i = 0; i < start; i += 1) has.add(i);
            expect(ranges.acknowledge(start)).toBe(has.size - before);
          } else {
            for (let i = start; i < start + length; i += 1) has.add(i);
            expect(ranges.add(start, start + length)).toBe(has.size > before);
          }
          expect(ranges.next).toBe(next());
          expect(ranges.isWhole).toBe(has.size === next());
        }
      }),
      { numRuns: 300, seed: 6 },
    );
  });

  it("segments that touch are one range: a long run beyond a hole does not give it up", () => {
    const ranges = new ReceivedRanges(0, 0);
    for (let i = 1; i <= 1000; i += 1) ranges.add(i * 10, i * 10 + 10);
    expect(ranges.next).toBe(0);
    expect(ranges.acknowledge(10_010)).toBe(10);
  });

  it("gives up the oldest hole when there are too many, so memory stays bounded", () => {
    const ranges = new ReceivedRanges(0, 0);
    for (let i = 1; i <= 1000; i += 1) ranges.add(i * 10, i * 10 + 1);
    expect(ranges.next).toBeGreaterThan(9000);
    expect(ranges.isWhole).toBe(false);
    // 9 octets of each hole that is left, at most 64 of them.
    const missing = ranges.acknowledge(10_001);
    expect(missing % 9).toBe(0);
    expect(missing / 9).toBeGreaterThan(50);
    expect(missing / 9).toBeLessThanOrEqual(64);
  });
});
