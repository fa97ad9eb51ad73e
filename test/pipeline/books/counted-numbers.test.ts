import { describe, expect, it } from "vitest";
import { visitCounted } from "../../../src/pipeline/books/counted-numbers.ts";

describe("visitCounted", () => {
  it.each([
    [65_536, [0, 1, 1023, 1024, 2047, 2048, 34_525, 65_535]],
    [256, [0, 255]],
    [1500, [1023, 1499]],
    [1024, []],
  ])("of %i numbers visits those that were counted: %j", (size, numbers) => {
    const counts = new Float64Array(size);
    for (const number of numbers) counts[number] = number + 1;
    const visited: [number, number][] = [];
    visitCounted(counts, (number, count) => visited.push([number, count]));
    expect(visited).toEqual(numbers.map((number) => [number, number + 1]));
  });

  it("looks at its own part of the memory only", () => {
    const all = new Float64Array(3000).fill(7);
    const counts = all.subarray(500, 2000);
    counts.fill(0);
    counts[3] = 2;
    const visited: number[] = [];
    visitCounted(counts, (number) => visited.push(number));
    expect(visited).toEqual([3]);
  });
});
