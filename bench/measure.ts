import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";

/** A program and its arguments. */
export type Command = { readonly program: string; readonly args: readonly string[] };

/** Where the program's output goes; absent is /dev/null. */
export type Destinations = { readonly stdout?: string; readonly stderr?: string };

/** What one run cost. */
export type Measurement = {
  readonly wallSeconds: number;
  /** User and system time of the program and the children it waited for. */
  readonly cpuSeconds: number;
  /** Highest resident set in octets, of all its processes together; 0 where there is no /proc. */
  readonly peakBytes: number;
  /** Exit code; 128 + n when signal n ended it. */
  readonly exitCode: number;
};

/** How often the peak is read: the kernel keeps it, only growth in the last moments is missed. */
const POLL_MILLISECONDS = 20;

/**
 * Bash's own `time` gives the CPU time everywhere, GNU time being absent from many systems. Its
 * report goes to descriptor 3, apart from what the program says.
 */
const TIMED = 'TIMEFORMAT="%R %U %S"; { time "$@" 2>&4; } 4>&2 2>&3';

/**
 * Runs a command to its end.
 * @param timeoutSeconds - after which it is ended with all its children
 * @throws Error when bash can't be started or the time is up
 */
export async function measure(
  command: Command,
  destinations: Destinations,
  timeoutSeconds: number,
): Promise<Measurement> {
  const stdout = openSync(destinations.stdout ?? "/dev/null", "w");
  const stderr = openSync(destinations.stderr ?? "/dev/null", "w");
  const child = spawn("bash", ["-c", TIMED, "bench", command.program, ...command.args], {
    stdio: ["ignore", stdout, stderr, "pipe"],
    detached: true,
    env: { ...process.env, LC_ALL: "C" },
  });
  let report = "";
  child.stdio[3]?.on("data", (chunk: Buffer) => {
    report += chunk.toString("latin1");
  });
  const peaks = new Map<string, number>();
  const poll = setInterval(() => readPeaks(String(child.pid), peaks), POLL_MILLISECONDS);
  let timedOut = false;
  const timeout = setTimeout(() => {
    timedOut = true;
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  }, timeoutSeconds * 1000);
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve(code ?? 137));
    });
    if (timedOut) throw new Error(`${command.program}: not done after ${timeoutSeconds} s`);
    const [wall, user, system] = report.trim().split(/\s+/).map(Number);
    let peakBytes = 0;
    for (const peak of peaks.values()) peakBytes += peak;
    return {
      wallSeconds: wall ?? Number.NaN,
      cpuSeconds: (user ?? Number.NaN) + (system ?? Number.NaN),
      peakBytes,
      exitCode,
    };
  } finally {
    clearInterval(poll);
    clearTimeout(timeout);
    closeSync(stdout);
    closeSync(stderr);
  }
}

/** Notes the peak of every descendant of `parent`, by process id. */
function readPeaks(parent: string, peaks: Map<string, number>): void {
  for (const child of read(`/proc/${parent}/task/${parent}/children`).split(" ")) {
    if (child === "") continue;
    const peak = /VmHWM:\s+(\d+) kB/.exec(read(`/proc/${child}/status`));
    if (peak !== null) peaks.set(child, Number(peak[1]) * 1024);
    readPeaks(child, peaks);
  }
}

/** A file of /proc, empty when its process has just ended. */
function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
