import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.ts";
import { inThreads } from "../support/in-threads.ts";
import { writeManyFlows } from "../support/many-flows.ts";
import { PROGRAM, portflow, startPortflow } from "../support/run-portflow.ts";

const scratch = mkdtempSync(join(tmpdir(), "portflow-aside-"));
const many = join(scratch, "many.pcap");
const noCapture = join(scratch, "text.pcap");
/** The first takes longest: the others have to wait for it. One is damaged, one is none, one comes twice. */
const captures = [
  many,
  ...["web.pcapng", "damaged.pcap"].map((name) => join(packageRoot(), "samples", name)),
  noCapture,
  ...["voip.pcap", "web.pcapng"].map((name) => join(packageRoot(), "samples", name)),
];
beforeAll(() => {
  writeManyFlows(many, 6000);
  writeFileSync(noCapture, "this is no capture");
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

type Written = { readonly octets: Buffer; readonly books: unknown; readonly words: string };

function write(format: string, workers: string): Written {
  const path = join(scratch, `${workers}.${format}`);
  const stats = join(scratch, "stats.json");
  const shared = ["read", ...captures, "-f", format, "--workers", workers, "-o", path];
  const run = portflow([
    ...shared,
    "--stats",
    stats,
    "--unknown-ports",
    "20",
    "--show-faults",
    "9",
  ]);
  expect(run.status).toBe(3);
  const read = JSON.parse(readFileSync(stats, "utf8")) as Record<string, unknown>;
  const { seconds: _, packets_per_second: __, ...books } = read;
  return {
    octets: readFileSync(path),
    books,
    words: run.stderr.replace(/ in [\d.]+ s \([^)]*packets\/s\)/, ""),
  };
}

describe("captures read side by side: output, books and words are those of one thread", () => {
  // With a header, with numbered records, with neither; and one that comes whole from one thread.
  it.each(["ndjson", "csv", "ecs", "zeek"])("%s", (format) => {
    const one = write(format, "1");
    expect(one.octets.length).toBeGreaterThan(1000);
    expect(one.words).toContain("text.pcap");
    const three = write(format, "3");
    expect(three.octets.equals(one.octets)).toBe(true);
    expect([three.books, three.words]).toEqual([one.books, one.words]);
  });
});

describe("captures read side by side", () => {
  const read = ["read", ...captures, "-f", "ndjson", "--workers", "2"];

  it("wait for the ones before them where hardly an octet may be on its way", () => {
    const body = "data.octetsUnderWay = 1;";
    const run = spawnSync(process.execPath, [PROGRAM, ...read, "-q"], {
      env: { ...process.env, ...inThreads(scratch, "little-room", body) },
      maxBuffer: 1 << 28,
      timeout: 100_000,
      killSignal: "SIGKILL",
    });
    expect(run.stdout.equals(write("ndjson", "1").octets)).toBe(true);
  });

  it.each([
    ["ends", "if (data.octetsUnderWay) setTimeout(() => process.exit(0), 1);", "before its time"],
    [
      "throws",
      'if (data.octetsUnderWay) setTimeout(() => { throw new Error("of mine"); }, 1);',
      "of mine",
    ],
  ])("a thread that %s ends the run", async (name, body, words) => {
    const { status, stderr } = await startPortflow(read, inThreads(scratch, name, body)).done;
    expect(stderr).toMatch(/portflow: a bug; please report it/);
    expect(stderr).toContain(words);
    expect(status).toBe(70);
  });

  it.each([
    ["stdout is a full device", "> /dev/full", 4, /can't be written: no space left/],
    ["the reader of a pipe goes away", "| head -c 10000 > /dev/null", 0, /^$/],
    ["the reader of a pipe was never there", "| true", 0, /^$/],
  ])("%s", (_name, rest, status, words) => {
    const paths = captures.filter((path) => path !== noCapture).map((path) => `'${path}'`);
    const command = `'${process.execPath}' '${PROGRAM}' read -q --workers 2 ${paths.join(" ")}`;
    const run = spawnSync("bash", ["-c", `${command} ${rest}; exit \${PIPESTATUS[0]}`], {
      cwd: packageRoot(),
      timeout: 100_000,
      killSignal: "SIGKILL",
    });
    expect(run.stderr.toString("utf8")).toMatch(words);
    expect(run.status).toBe(status);
  });

  it("an interrupt loses nothing of those that were begun", async () => {
    const big = join(scratch, "big.pcap");
    writeManyFlows(big, 200_000);
    const child = spawn(process.execPath, [PROGRAM, "read", big, big, big, "--workers", "2"]);
    let stderr = "";
    const chunks: Buffer[] = [];
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString("utf8");
      // Nothing was read so far: everyone waits for the pipe.
      if (stderr.includes("interrupted"))
        child.stdout.on("data", (one: Buffer) => chunks.push(one));
    });
    await new Promise((resolve) => child.stdout.once("readable", resolve));
    child.kill("SIGINT");
    expect(await new Promise((resolve) => child.on("close", resolve))).toBe(130);
    const lines = Buffer.concat(chunks).toString("utf8").trimEnd().split("\n");
    const flows = /([\d,]+) flows/.exec(stderr)?.[1]?.replaceAll(",", "");
    const packets = /([\d,]+) packets of/.exec(stderr)?.[1]?.replaceAll(",", "");
    expect([flows, packets]).toEqual([String(lines.length), String(lines.length)]);
    expect(lines.length).toBeLessThan(600_000);
  });
});
