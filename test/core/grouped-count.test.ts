import { describe, expect, it } from "vitest";
import { groupedCount } from "../../src/core/grouped-count.ts";

describe("groupedCount", () => {
  it.each([
    [0, "0"],
    [999, "999"],
    [1000, "1,000"],
    [1_234_567, "1,234,567"],
  ])("%d", (count, text) => {
    expect(groupedCount(count)).toBe(text);
  });
});
