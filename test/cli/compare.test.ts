import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { portflow } from "../support/run-portflow.ts";

const scratch = mkdtempSync(join(tmpdir(), "portflow-compare-cli-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const log = join(scratch, "web.ndjson");
const flows = portflow(["read", "samples/web.pcapng", "-f", "ndjson", "-q"]).stdout.toString();
writeFileSync(log, flows);

describe("portflow compare", () => {
  it("finds a capture and the log made of it alike, and exits 0", () => {
    const run = portflow(["compare", "samples/web.pcapng", log]);
    expect(run.stdout.toString()).toContain("9 flows of ours, 9 of portflow: every difference");
    expect(run.stderr).toBe("");
    expect(run.status).toBe(0);
  });

  it("says which log comes first where they are the wrong way round", () => {
    const zeek = join(scratch, "conn.log");
    portflow(["read", "samples/web.pcapng", "-f", "zeek", "-q", "-o", zeek]);
    const order = "; our flows or the capture come first, the other log second\n";
    for (const logs of [
      [zeek, log],
      [log, "samples/web.pcapng"],
    ]) {
      const run = portflow(["compare", ...logs]);
      expect(run.stderr.endsWith(order)).toBe(true);
      expect(run.status).toBe(3);
    }
    const readme = portflow(["compare", log, "README.md"]);
    expect(readme.stderr).not.toContain(order.trim());
  });

  it("advises to compare the capture where rules may be what differs", () => {
    const zeek = join(scratch, "other.log");
    portflow(["read", "samples/web.pcapng", "-f", "zeek-json", "-q", "-o", zeek]);
    const advice = "compare the capture, and it is read by Zeek's";
    expect(portflow(["compare", log, zeek]).stderr).toBe("");
    writeFileSync(zeek, readFileSync(zeek, "utf8").replace('"orig_pkts":', '"orig_pkts":9'));
    const ours = portflow(["compare", log, zeek]);
    expect(ours.status).toBe(1);
    expect(ours.stderr).toContain(advice);
    const capture = portflow(["compare", "samples/web.pcapng", zeek]);
    expect(capture.status).toBe(1);
    expect(capture.stderr).not.toContain(advice);
  });

  it("exits 1 when a difference has no known cause", () => {
    const changed = join(scratch, "changed.ndjson");
    writeFileSync(changed, flows.replace('"packets":', '"packets":9'));
    const output = join(scratch, "out.json");
    const run = portflow(["compare", log, changed, "-f", "json", "-o", output]);
    expect(run.status).toBe(1);
    expect(run.stdout.toString()).toBe("");
    const json = JSON.parse(readFileSync(output, "utf8"));
    expect(json.matched).toEqual({ total: 9, agree: 8, explained: 0, unexplained: 1, split: 0 });
    expect(json.unexplained[0].differences[0].field).toBe("src.packets");
  });

  it("leaves records that lack something out, of either log, and says which", () => {
    const damaged = join(scratch, "damaged.ndjson");
    writeFileSync(damaged, `${flows.replace('"packets":', '"pickets":')}{"type":"fl`);
    for (const logs of [
      [log, damaged],
      [damaged, log],
    ]) {
      const run = portflow(["compare", ...logs]);
      expect(run.stderr).toBe(
        `portflow: ${damaged}: line 1: a flow record whose src.packets is missing; left out, and 1 more such line\n`,
      );
      expect(run.status).toBe(1);
    }
  });

  it("of a capture or a log that is cut short compares what is there, says so, and exits 3", () => {
    const own = join(scratch, "damaged-own.ndjson");
    portflow(["read", "samples/damaged.pcap", "-q", "-f", "ndjson", "-o", own]);
    const count = readFileSync(own, "utf8").split("\n").length - 1;
    const capture = portflow(["compare", "samples/damaged.pcap", own, "-f", "json"]);
    expect(JSON.parse(capture.stdout.toString()).matched).toMatchObject({
      total: count,
      agree: count,
    });
    expect(capture.stderr).toContain("ends inside a packet record");
    expect(capture.status).toBe(3);

    const cut = join(scratch, "cut.ndjson.gz");
    const line = flows.split("\n")[0]!;
    // Without compression every octet of the log stands where it is, behind those of the header.
    writeFileSync(cut, gzipSync(`${line}\n${line}\n`, { level: 0 }).subarray(0, line.length + 100));
    const other = portflow(["compare", log, cut, "-f", "json"]);
    expect(JSON.parse(other.stdout.toString()).other).toMatchObject({ flows: 1 });
    expect(other.stderr).toContain("gzip data damaged or cut short");
    expect(other.status).toBe(3);
  });

  it("explains what other timeouts make of a capture", () => {
    const split = join(scratch, "split.ndjson");
    const parts = portflow([
      "read",
      "samples/web.pcapng",
      "-f",
      "ndjson",
      "-q",
      "--idle-timeout",
      "20ms",
    ]);
    writeFileSync(split, parts.stdout);
    const run = portflow(["compare", log, split, "-f", "json"]);
    const json = JSON.parse(run.stdout.toString());
    expect(json.other.flows).toBeGreaterThan(9);
    expect(json.matched.split).toBeGreaterThan(0);
    expect(json.is_explained).toBe(true);
    expect(run.status).toBe(0);
  });

  it.each([
    [["compare", "-", "-"], 2, "standard input can be read once only"],
    [["compare", "samples/web.pcapng", "none.log"], 3, "none.log"],
    [["compare", "samples/web.pcapng", "samples/web.pcapng"], 3, "is a capture and no flow log"],
  ])("%j exits %i", (args, status, text) => {
    const run = portflow(args);
    expect(run.status).toBe(status);
    expect(run.stderr).toContain(text);
  });
});
