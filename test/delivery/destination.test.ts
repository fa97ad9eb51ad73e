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
    ["flows-09:00.ndjson", undefined, "flows-09:00.ndjson"],
    ["host.example:eth0", undefined, "host.example:eth0"],
    ["https://host/x", undefined, "https://host/x"],
    ["ndjson:https://host/x", "ndjson", "https://host/x"],
    ["unix:/run/x", undefined, "unix:/run/x"],
    ["csv:syslog+tcp://host", "csv", "syslog+tcp://host"],
  ])("%s", (text, format, destination) => {
    const isNetwork = /:\/\/|unix/.test(text);
    expect(parseDestination(text, FORMATS)).toEqual({ text: destination, format, isNetwork });
  });
  it.each(["xml:flows", "cvs:flows.csv", "zeek-jsn:-"])("%s names no format", (text) => {
    const word = text.replace(/:.*/, "");
    expect(() => parseDestination(text, FORMATS)).toThrow(
      `--output "${text}": no format ${word}; give one of ndjson, csv, zeek-json, or ./${text} for a file of that name`,
    );
  });
  it("refuses a format without a destination", () => {
    expect(() => parseDestination("csv:", FORMATS)).toThrow("names no destination");
  });
  it("refuses the same place twice, whatever the format", () => {
    expect(() => parseDestinations(["csv:a", "a"], FORMATS)).toThrow("--output a: given twice");
  });
});
