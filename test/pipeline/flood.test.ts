import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FloodReport } from "../../bench/flood.ts";
import { generateFlood } from "../../bench/generate.ts";
import { PROGRAM } from "../support/run-portflow.ts";

const CONVERSATIONS = 200;
const MEGABYTE = 2 ** 20;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "portflow-flood-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

type FloodRun = {
  readonly report: FloodReport;
  readonly stats: {
    readonly balanced: boolean;
    readonly packets: { readonly read: number; readonly flowed: number };
    readonly flows: {
      readonly total: number;
      readonly by_end_reason: Readonly<Record<string, number>>;
      readonly peak: number;
      readonly evicted: number;
      readonly evicted_by_cause: Readonly<Record<string, number>>;
    };
  };
  /** Records of port 443 by state and end reason. */
  readonly conversations: Readonly<Record<string, number>>;
  readonly peakOctets: number;
};

/** Runs the built program over a flood; it says at its end how much memory it had. */
function runFlood(packets: number, args: readonly string[]): FloodRun {
  const path = join(folder, `${packets}.pcap`);
  const report = generateFlood(path, { packets, conversations: CONVERSATIONS });
  const [records, stats, peak, probe] = ["records", "stats", "peak", "probe.mjs"].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  writeFileSync(
    probe,
    `import { writeFileSync } from "node:fs";
    import { isMainThread } from "node:worker_threads";
    if (isMainThread) process.on("exit", () =>
      writeFileSync(${JSON.stringify(peak)}, String(process.resourceUsage().maxRSS)));`,
  );
  const run = spawnSync(
    process.execPath,
    [
      ...["--import", pathToFileURL(probe).href, PROGRAM, "read", path, "-f", "ndjson"],
      ...["-q", "-o", records, "--stats", stats, ...args],
    ],
    { encoding: "utf8", timeout: 300_000 },
  );
  expect([run.status, run.stderr]).toEqual([0, ""]);
  const conversations: Record<string, number> = {};
  for (const line of readFileSync(records, "utf8").split("\n")) {
    if (!line.includes('"port":443,')) continue;
    const { tcp, end_reason: reason } = JSON.parse(line);
    const key = `${tcp.state} ${reason}`;
    conversations[key] = (conversations[key] ?? 0) + 1;
  }
  return {
    ...{ report, conversations, stats: JSON.parse(readFileSync(stats, "utf8")) },
    peakOctets: Number(readFileSync(peak, "utf8")) * 1024,
  };
}

describe("a flood of SYNs", () => {
  it.each(["1", "2"])(
    "leaves conversations alone, with %s workers",
    { timeout: 300_000 },
    (workers) => {
      const { report, stats, conversations } = runFlood(150_000, [
        ...["--max-flows", "25000", "--workers", workers],
      ]);
      expect(conversations).toEqual({ "SF closed": CONVERSATIONS });
      expect(stats.balanced).toBe(true);
      expect(stats.packets).toMatchObject({ read: report.packets, flowed: report.packets });
      const { flows } = stats;
      expect(flows.total).toBe(report.floodFlows + CONVERSATIONS);
      expect(flows.peak).toBe(25_000);
      expect(flows.evicted).toBe(flows.by_end_reason["evicted"]);
      expect(flows.evicted).toBeGreaterThan(100_000);
      expect(flows.evicted_by_cause).toEqual({ half_open: flows.evicted });
    },
  );

  it("stays within --memory, the whole process", { timeout: 300_000 }, () => {
    const { report, stats, conversations, peakOctets } = runFlood(500_000, [
      ...["--memory", "160M", "--workers", "1"],
    ]);
    expect(conversations).toEqual({ "SF closed": CONVERSATIONS });
    expect(stats.flows.total).toBe(report.floodFlows + CONVERSATIONS);
    expect(stats.flows.evicted).toBeGreaterThan(100_000);
    expect(peakOctets).toBeLessThan(160 * MEGABYTE);
  });

  it("says how little memory is too little", () => {
    const run = spawnSync(process.execPath, [PROGRAM, "read", "none", "--memory", "90M"], {
      encoding: "utf8",
    });
    expect(run.status).toBe(2);
    expect(run.stderr).toContain("--memory 90M: too little; 144M is the least");
  });
});
