import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { writeManyFlows } from "../support/many-flows.ts";
import { PROGRAM } from "../support/run-portflow.ts";

const folder = mkdtempSync(join(tmpdir(), "portflow-maglev-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each([[[]], [["--workers", "1"]]])("no thread compiles with Maglev: %j", (options) => {
  const capture = join(folder, "many.pcap");
  writeManyFlows(capture, 60_000);
  const output = join(folder, "many.ndjson");
  const { status, stdout } = spawnSync(
    process.execPath,
    ["--trace-opt", PROGRAM, "read", capture, "-q", "-f", "ndjson", "-o", output, ...options],
    { maxBuffer: 1 << 28, timeout: 100_000 },
  );
  expect(status).toBe(0);
  const trace = stdout.toString("latin1");
  // Node 24 names the compiler at each function, and without the program's doing Maglev is among them.
  expect(trace).toMatch(/target TURBOFAN/);
  expect(trace).not.toMatch(/target MAGLEV/);
});
