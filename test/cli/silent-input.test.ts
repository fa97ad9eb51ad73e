import { spawn, spawnSync } from "node:child_process";
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.ts";
import { type SignalWatch, watchForSignals } from "../support/interruptible.ts";
import { PROGRAM, portflow } from "../support/run-portflow.ts";

// Inputs of which nobody knows when they have more. A run that does not end at Ctrl-C is killed here.

const SAMPLE = join(packageRoot(), "samples", "web.pcapng");
const KILLED_AFTER = 60_000;

let folder: string;
let pipe: string;
let flows: string;
let watch: SignalWatch;
beforeAll(() => {
  watch = watchForSignals();
  folder = mkdtempSync(join(tmpdir(), "portflow-silent-"));
  pipe = join(folder, "pipe");
  flows = join(folder, "flows.ndjson");
  spawnSync("mkfifo", [pipe]);
  portflow(["read", SAMPLE, "-q", "-o", flows]);
});
afterAll(() => {
  watch.remove();
  rmSync(folder, { recursive: true });
});

function start(args: readonly string[]) {
  return spawn(process.execPath, [...watch.options, PROGRAM, ...args], {
    timeout: KILLED_AFTER,
    killSignal: "SIGKILL",
  });
}

it.skipIf(process.platform !== "linux").each([
  ["annotate", (input: string) => ["annotate", input]],
  ["report", (input: string) => ["report", input, "-o", join(folder, "page.html")]],
  ["compare, as ours", (input: string) => ["compare", input, flows]],
  ["compare, as the other", (input: string) => ["compare", flows, input]],
  ["read", (input: string) => ["read", input, "-o", join(folder, "read.ndjson")]],
])(
  "Ctrl-C ends a run whose input says nothing, or is a pipe without a writer: %s",
  async (_name, argsFor) => {
    for (const input of ["-", pipe]) {
      const child = start(argsFor(input));
      let stderr = "";
      child.stderr.on("data", (chunk: Buffer) => {
        stderr += chunk.toString("utf8");
      });
      const ended = new Promise((resolve) => child.on("close", resolve));
      await watch.listens();
      // Until it waits for its input.
      await new Promise((resolve) => setTimeout(resolve, 300));
      child.kill("SIGINT");
      const status = await ended;
      expect([input, status, stderr]).toEqual([
        input,
        130,
        expect.stringMatching(/^portflow: interrupted/),
      ]);
    }
  },
  3 * KILLED_AFTER,
);

it.skipIf(process.platform === "win32")(
  "a named pipe is waited for until somebody writes",
  async () => {
    const child = start(["read", pipe, "-q", "-f", "ndjson"]);
    let stdout = "";
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString("utf8");
    });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    createWriteStream(pipe).end(readFileSync(SAMPLE));
    expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
    expect(stdout).toBe(readFileSync(flows, "utf8"));
  },
  2 * KILLED_AFTER,
);
