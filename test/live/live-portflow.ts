import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageRoot } from "../../src/core/package-root.ts";
import { PROGRAM } from "../support/run-portflow.ts";
import { until } from "../support/until.ts";

const SENDER = join(dirname(fileURLToPath(import.meta.url)), "send-frames.mjs");

/** A portflow that listens in a network namespace. */
export type LivePortflow = {
  readonly process: ChildProcess;
  /** What it wrote to stderr so far. */
  readonly stderr: () => string;
  readonly stdout: () => Buffer;
  /** Settled when stderr has a text, from the beginning or from an offset. */
  hears(text: string, from?: number): Promise<void>;
  /** Sends a signal and waits for the end. @returns exit code */
  end(signal?: NodeJS.Signals): Promise<number | null>;
};

/** Starts `portflow ARGS` in a namespace. */
export function startPortflow(space: string, args: readonly string[]): LivePortflow {
  const child = spawn("ip", ["netns", "exec", space, process.execPath, PROGRAM, ...args], {
    cwd: packageRoot(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  const stdout: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString("utf8");
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  return {
    process: child,
    stderr: () => stderr,
    stdout: () => Buffer.concat(stdout),
    hears: async (text, from = 0) => {
      const isSaid = (): boolean => stderr.includes(text, from);
      let hasEnded = false;
      void ended.then(() => {
        hasEnded = true;
      });
      await until(
        () => isSaid() || hasEnded,
        `said "${text}"`,
        () => stderr,
      );
      if (!isSaid()) throw new Error(`portflow did not say "${text}" but: ${stderr}`);
    },
    end: (signal) => {
      if (signal !== undefined) child.kill(signal);
      return ended;
    },
  };
}

/** Frames in the form that the sender takes. */
export function writeFrames(path: string, frames: readonly Uint8Array[]): void {
  writeFileSync(
    path,
    Buffer.concat(frames.flatMap((one) => [Buffer.from(Uint32Array.of(one.length).buffer), one])),
  );
}

/** Sends the frames of a file. @returns how many the kernel took */
export function sendFrames(space: string, device: string, path: string, copies = 1): number {
  const args = ["netns", "exec", space, process.execPath, SENDER, device, path, String(copies)];
  const done = spawnSync("ip", args, { cwd: packageRoot(), timeout: 100_000 });
  if (done.status !== 0) throw new Error(`sender: ${done.stderr}`);
  const { sent, refused, lastError } = JSON.parse(done.stdout.toString("utf8"));
  if (refused !== 0) throw new Error(`the kernel refused ${refused} frames, errno ${lastError}`);
  return sent;
}
