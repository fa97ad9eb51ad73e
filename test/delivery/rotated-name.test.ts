import { describe, expect, it } from "vitest";
import { outdatedNames, rotatedName } from "../../src/delivery/rotated-name.ts";

// 2026-03-02T09:00:00Z, by date(1): 1772442000.
const NINE = 1_772_442_000_000_000;
const HOUR = 3_600_000_000;

describe("rotatedName", () => {
  it.each([
    ["flows.ndjson", "flows-20260302T090000Z-0001.ndjson"],
    ["out/flows.csv.gz", "out/flows-20260302T090000Z-0001.csv.gz"],
    ["my.site.csv", "my.site-20260302T090000Z-0001.csv"],
    ["flows", "flows-20260302T090000Z-0001"],
  ])("%s becomes %s", (path, name) => {
    expect(rotatedName(path, NINE, [])).toBe(name);
  });
  it("leaves names alone that are there", () => {
    const existing = ["a-20260302T090000Z-0001.csv", "a-20260302T090000Z-0007.csv", "b.csv"];
    expect(rotatedName("a.csv", NINE, existing)).toBe("a-20260302T090000Z-0008.csv");
    expect(rotatedName("a.csv", NINE + HOUR, existing)).toBe("a-20260302T100000Z-0001.csv");
  });
});

describe("outdatedNames", () => {
  const names = [
    "a-20260302T110000Z-0001.csv",
    "a-20260302T090000Z-0002.csv",
    "a-20260302T090000Z-0001.csv",
    "a-20260302T090000Z-0010.csv",
    "a.csv",
    "a-notes.csv",
    "ab-20200302T090000Z-0001.csv",
    "a-20200302T090000Z-0001.ndjson",
  ];
  it("is the oldest beyond a number", () => {
    expect(outdatedNames("a.csv", names, { files: 2 })).toEqual([
      "a-20260302T090000Z-0001.csv",
      "a-20260302T090000Z-0002.csv",
    ]);
    expect(outdatedNames("a.csv", names, { files: 9 })).toEqual([]);
  });
  it("is what is older than a span before the newest", () => {
    expect(outdatedNames("a.csv", names, { microseconds: HOUR })).toHaveLength(3);
    expect(outdatedNames("a.csv", names, { microseconds: 2 * HOUR })).toEqual([]);
  });
});
