import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.ts";
import { portflow } from "../support/run-portflow.ts";

const scratch = mkdtempSync(join(tmpdir(), "portflow-annotate-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function file(name: string, octets: Uint8Array | string): string {
  const path = join(scratch, name);
  writeFileSync(path, octets);
  return path;
}

const samples = readdirSync(join(packageRoot(), "samples")).filter((name) => /pcap/.test(name));
const paths = samples.map((name) => `samples/${name}`);
const read = (...options: readonly string[]): string =>
  portflow(["read", ...paths, "-f", "ndjson", "-q", ...options]).stdout.toString("utf8");
const annotate = (log: string, ...options: readonly string[]): string =>
  portflow(["annotate", log, "-q", ...options]).stdout.toString("utf8");

const flows = read();
const log = file("flows.ndjson", flows);

describe("portflow annotate: records that read wrote", () => {
  it("come out octet by octet with the same registry", () => {
    expect(flows.split("\n").length).toBeGreaterThan(80);
    expect(annotate(log)).toBe(flows);
  });

  it.each([
    [
      "rules",
      "47321/tcp house\n41234/udp sensors 192.168.10.0/24\n443/any web\n53/udp ours 10.0.0.0/8\n",
    ],
    ["a rule for every port", "0-65535/any anything\n"],
  ])("come out as read writes them with %s", (_name, text) => {
    const rules = file("rules.tsv", text);
    const expected = read("--services", rules);
    expect(expected).not.toBe(flows);
    expect(annotate(log, "--services", rules)).toBe(expected);
    // And back again.
    expect(annotate(file("own.ndjson", expected))).toBe(flows);
  });

  it.each([["--official-only"], ["--no-curated"], ["--min-confidence=high"]])(
    "come out as read writes them with %s",
    (option) => {
      const expected = read(option);
      expect(expected).not.toBe(flows);
      expect(annotate(log, option)).toBe(expected);
    },
  );

  it("come from standard input and from a compressed copy with a misleading name", () => {
    const piped = portflow(["annotate", "-", "-q"], Buffer.from(flows));
    expect(piped.stdout.toString("utf8")).toBe(flows);
    expect(annotate(file("copy.json", gzipSync(flows)))).toBe(flows);
  });
});

describe("portflow annotate", () => {
  it("replaces a log by itself when all of it was read", () => {
    const rules = file("in-place.tsv", "47321/tcp house\n");
    const path = file("in-place.ndjson", flows);
    expect(portflow(["annotate", path, "-o", path, "--services", rules]).status).toBe(0);
    expect(readFileSync(path, "utf8")).toBe(read("--services", rules));
  });

  it("leaves a log as it was when it could not be read to its end", () => {
    const octets = gzipSync(flows).subarray(0, 2000);
    const path = file("cut.ndjson.gz", octets);
    const run = portflow(["annotate", path, "-o", path]);
    expect(run.status).toBe(3);
    expect(run.stderr).toContain("left as it was");
    expect(readFileSync(path)).toEqual(octets);
    expect(readdirSync(scratch).filter((name) => name.includes("partial"))).toEqual([]);
  });

  it("writes what was read of a damaged log, and goes on with the next", () => {
    const path = file("cut2.ndjson.gz", gzipSync(flows).subarray(0, 3000));
    const run = portflow(["annotate", path, log, "-q"]);
    expect(run.status).toBe(3);
    expect(run.stderr).toMatch(/^portflow: .*cut2.ndjson.gz: .*\n$/);
    expect(run.stdout.toString("utf8").endsWith(flows)).toBe(true);
  });

  it("reports the first malformed lines, and fails for them with --strict only", () => {
    const text = `${"x\n".repeat(7)}${flows}`;
    const path = file("some.ndjson", text);
    const run = portflow(["annotate", path]);
    expect(run.status).toBe(0);
    expect(run.stdout.toString("utf8")).toBe(text);
    const lines = run.stderr.trimEnd().split("\n");
    expect(lines).toHaveLength(6);
    expect(lines[4]).toMatch(/^portflow: .*some.ndjson: line 5: .*; passed on as it is$/);
    expect(lines[5]).toContain("7 malformed lines");
    const strict = portflow(["annotate", path, "--strict", "--quiet"]);
    expect(strict).toMatchObject({ status: 3, stderr: "" });
    expect(portflow(["annotate", log, "--strict"]).status).toBe(0);
  });

  it("writes its books", () => {
    const books = join(scratch, "books.json");
    const run = portflow(["annotate", log, "--stats", books, "-q", "-o", "/dev/null"]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    const count = flows.split("\n").length - 1;
    expect(JSON.parse(readFileSync(books, "utf8"))).toMatchObject({
      schema: "portflow.annotate-stats/1",
      lines: { read: count, flows: count, malformed: 0 },
      flows: { by_format: { portflow: count }, tags: { kept: count, changed: 0, added: 0 } },
      bytes: Buffer.byteLength(flows),
      balanced: true,
    });
  });

  it.each([
    ["no such log", ["annotate", join(scratch, "missing")], 3, "no such file"],
    ["no log", ["annotate"], 2, "missing required argument"],
    ["stdin twice", ["annotate", "-", "-"], 2, "name it once"],
    ["an unknown level", ["annotate", log, "--min-confidence", "some"], 2, "low, medium, high"],
    ["wrong rules", ["annotate", log, "--services", file("bad.tsv", "x\n")], 2, "line 1"],
    ["a bad output", ["annotate", log, "-o", join(scratch, "none", "x")], 4, "no such folder"],
  ])("explains %s", (_name, args, status, message) => {
    const run = portflow(args, Buffer.alloc(0));
    expect(run.status).toBe(status);
    expect(run.stderr).toContain(message);
    expect(run.stderr).not.toContain("    at ");
  });
});
