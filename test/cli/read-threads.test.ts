import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.ts";
import { formatNames } from "../../src/sink/formats.ts";
import { inThreads } from "../support/in-threads.ts";
import { writeManyFlows } from "../support/many-flows.ts";
import { PROGRAM, portflow, startPortflow } from "../support/run-portflow.ts";

const scratch = mkdtempSync(join(tmpdir(), "portflow-threads-"));
const capture = join(scratch, "many.pcap");
/** Some 2,000 rows fill a slot: every thread gets several, and all of them come round again. */
const FLOWS = 12_000;
beforeAll(() => writeManyFlows(capture, FLOWS));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

type Written = { readonly octets: Buffer; readonly unknownPorts: unknown };

const known = new Map<string, Written>();

function written(format: string, workers: string): Written {
  const found = known.get(format + workers) ?? write(format, workers);
  known.set(format + workers, found);
  return found;
}

function write(format: string, workers: string): Written {
  const path = join(scratch, `${workers}.${format}`);
  const stats = join(scratch, "stats.json");
  const shared = ["read", capture, "-q", "-f", format, "--workers", workers, "-o", path];
  const run = portflow([...shared, "--stats", stats, "--unknown-ports", "20"]);
  expect([run.status, run.stderr.replace(/^ {2}.*\n/gm, "")]).toEqual([0, expect.any(String)]);
  const books = JSON.parse(readFileSync(stats, "utf8")) as Record<string, unknown>;
  return { octets: readFileSync(path), unknownPorts: books["unknown_ports"] };
}

describe("threads that encode: the output is that of one thread", () => {
  it.each(formatNames)("%s", (format) => {
    const one = written(format, "1");
    expect(one.octets.length).toBeGreaterThan(1000);
    const three = written(format, "3");
    expect(three.octets.equals(one.octets)).toBe(true);
    expect(three.unknownPorts).toEqual(one.unknownPorts);
  });

  it.each(["2", "4", "auto"])("with %s of them", (workers) => {
    // Its records are numbered.
    expect(written("ecs", workers).octets.equals(written("ecs", "1").octets)).toBe(true);
  });

  it("whichever of them is slow", () => {
    const one = written("ocsf", "1").octets;
    for (const slow of ["true", "false"]) {
      const path = join(scratch, "slow.ocsf");
      const wait = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)";
      const run = spawnSync(
        process.execPath,
        [PROGRAM, "read", capture, "-q", "-f", "ocsf", "--workers", "3", "-o", path],
        {
          env: {
            ...process.env,
            ...inThreads(
              scratch,
              `slow-${slow}`,
              `if (data.isFirst === ${slow}) port.on("message", () => ${wait});`,
            ),
          },
        },
      );
      expect([run.status, run.stderr.toString("utf8")]).toEqual([0, ""]);
      expect(readFileSync(path).equals(one)).toBe(true);
    }
  });
});

describe("threads that encode: what goes wrong ends the run with one line", () => {
  const read = ["read", capture, "-q", "-f", "ndjson", "--workers", "3"];

  it.each([
    [
      "stdout is a full device",
      "> /dev/full",
      4,
      /^portflow: stdout: can't be written: no space left[^\n]+\n$/,
    ],
    ["the reader of a pipe goes away", "| head -c 100000 > /dev/null", 0, /^$/],
    ["the reader of a pipe was never there", "| true", 0, /^$/],
  ])("%s", (_name, rest, status, words) => {
    const command = `"${process.execPath}" "${PROGRAM}" ${read.map((word) => `'${word}'`).join(" ")}`;
    const run = spawnSync("bash", ["-c", `${command} ${rest}; exit \${PIPESTATUS[0]}`], {
      cwd: packageRoot(),
      timeout: 100_000,
    });
    expect(run.stderr.toString("utf8")).toMatch(words);
    expect(run.status).toBe(status);
  });

  it.each([
    [
      "encodes ends",
      "if (data.isFirst === false) setTimeout(() => process.exit(0), 1);",
      "encodes",
    ],
    [
      "encodes throws",
      'if (data.isFirst) setTimeout(() => { throw new Error("of mine"); }, 1);',
      "of mine",
    ],
    ["decodes ends", "if (data.secret) setTimeout(() => process.exit(0), 1);", "decodes"],
  ])("a thread that %s", async (name, body, words) => {
    const { done } = startPortflow(read, inThreads(scratch, name.replace(" ", "-"), body));
    const { status, stderr } = await done;
    expect(stderr).toMatch(/^portflow: a bug; please report it/);
    expect(stderr).toContain(words);
    expect(stderr).toMatch(/^portflow \d+\.\d+\.\d+, Node v\d+\.\d+\.\d+, \w+ \w+$/m);
    expect(status).toBe(70);
  });
});

it("threads that encode: a reader that is slow holds them up, and an interrupt loses nothing", async () => {
  const child = spawn(
    process.execPath,
    [PROGRAM, "read", capture, "-f", "ndjson", "--workers", "3"],
    {
      cwd: packageRoot(),
    },
  );
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString("utf8");
    // Nothing was read so far: everyone waits for the pipe.
    if (stderr.includes("interrupted"))
      child.stdout.on("data", (octets: Buffer) => chunks.push(octets));
  });
  const chunks: Buffer[] = [];
  await new Promise((resolve) => child.stdout.once("readable", resolve));
  child.kill("SIGINT");
  const status = await new Promise((resolve) => child.on("close", resolve));
  expect(status).toBe(130);
  const lines = Buffer.concat(chunks).toString("utf8").trimEnd().split("\n");
  const told = /([\d,]+) flows/.exec(stderr)?.[1]?.replaceAll(",", "");
  expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(
    lines.map(() => "flow"),
  );
  expect(lines.length).toBe(Number(told));
});
