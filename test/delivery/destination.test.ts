import { describe, expect, it } from "vitest";
import { parseDestination, parseDestinations } from "../../src/delivery/destination.ts";

const FORMATS = ["ndjson", "csv", "zeek-json"];

describe("parseDestination", () => {
  it.each([
    ["flows.ndjson", undefined, "flows.ndjson"],
    ["csv:flows.csv", "csv", "flows.csv"],
    ["zeek-json:-", "zeek-json", "-"],
    ["csv:C:\\flows.csv", "csv", "C:\\flows.csv"],
    ["C:\\flows.csv", undefined, "C:\\flows.csv"],
    ["./csv:flows", undefined, "./csv:flows"],
    ["xml:flows", undefined, "xml:flows"],
    ["https://host/x", undefined, "https://host/x"],
    ["ndjson:https://host/x", "ndjson", "https://host/x"],
  ])("%s", (text, format, destination) => {
    expect(parseDestination(text, FORMATS)).toEqual({ text: destination, format });
  });
  it("refuses a format without a destination", () => {
    expect(() => parseDestination("csv:", FORMATS)).toThrow("names no destination");
  });
  it("refuses the same place twice, whatever the format", () => {
    expect(() => parseDestinations(["csv:a", "a"], FORMATS)).toThrow("--output a: given twice");
  });
});
