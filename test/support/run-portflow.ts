import { type ChildProcess, type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/core/package-root.ts";

/** What a run of the built program said and did. */
export type Run = {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
};

/** The built program; `npm test` builds it first. */
export const PROGRAM: string = join(packageRoot(), "dist", "cli", "main.js");

/** Runs the built program in the package's folder. */
export function portflow(args: readonly string[], input?: Uint8Array): Run {
  if (!existsSync(PROGRAM)) throw new Error("dist/ is missing; run: npm run build");
  const run = spawnSync(process.execPath, [PROGRAM, ...args], {
    cwd: packageRoot(),
    ...(input === undefined ? {} : { input }),
    maxBuffer: 1 << 28,
    timeout: 100_000,
  });
  return { status: run.status, stdout: run.stdout, stderr: run.stderr.toString("utf8") };
}

/** Runs a line of bash in a folder; `portflow` in it is the built program. */
export function shell(line: string, folder: string): SpawnSyncReturns<string> {
  const text = `portflow() { "${process.execPath}" "${PROGRAM}" "$@"; }; ${line}`;
  return spawnSync("bash", ["-c", text], { cwd: folder, timeout: 100_000, encoding: "utf8" });
}

/** A run that is under way. */
export type RunUnderWay = {
  readonly child: ChildProcess;
  /** Settled when it has ended. */
  readonly done: Promise<{ readonly status: number | null; readonly stderr: string }>;
};

/** Starts the built program in the package's folder and lets the test go on: its servers have to answer. */
export function startPortflow(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): RunUnderWay {
  if (!existsSync(PROGRAM)) throw new Error("dist/ is missing; run: npm run build");
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: packageRoot(),
    env: { ...process.env, ...environment },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString("utf8");
  });
  const done = new Promise<{ status: number | null; stderr: string }>((resolve) => {
    child.on("close", (status) => resolve({ status, stderr }));
  });
  return { child, done };
}
