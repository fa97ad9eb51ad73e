import { statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { expandPaths } from "../capture/expand-paths.ts";
import { ExitCode, UsageError } from "../core/errors.ts";
import { MOST_FLOWS } from "../flow/flow-limits.ts";
import { Books } from "../pipeline/books.ts";
import { FaultSamples, faultSampleLine } from "../pipeline/fault-samples.ts";
import { captureAt, followedCapture } from "../pipeline/merged-capture.ts";
import { checkFilter } from "../pipeline/packet-filter.ts";
import { readCaptures } from "../pipeline/read-captures.ts";
import { reportClosing } from "./closing-report.ts";
import { interruptible } from "./interrupt.ts";
import type { Io } from "./io.ts";
import { openOutputs, writesFormat, ZEEK_FORMATS } from "./open-outputs.ts";
import { Progress } from "./progress.ts";
import { type FlowOptions, flowMemoryOf, timeoutsOf } from "./read-options.ts";
import { registryFor } from "./registry-options.ts";

/** Options of `read` beyond the shared ones. */
export type ReadOptions = FlowOptions & {
  readonly merge?: boolean;
  readonly comments?: boolean;
  readonly follow?: boolean;
};

/** Octets of captures from which on a thread of its own reads and decodes them. */
const WORTH_A_THREAD = 1 << 24;

/**
 * `portflow read`: saved captures into records, books and summary.
 * @returns the exit code; what the user has to know was written to stderr
 * @throws UsageError for options that contradict each other; OutputError when output can't be written
 */
export async function runRead(
  paths: readonly string[],
  options: ReadOptions,
  io: Io,
): Promise<ExitCode> {
  if (options.filter !== undefined) checkFilter(options.filter);
  const started = performance.now();
  // Wrong rules are told before anything is opened; otherwise whoever needs the registry loads it.
  let registry = options.services === undefined ? undefined : registryFor(options);
  const books = new Books();
  const faultSamples = new FaultSamples(options.showFaults ?? 0);
  let exitCode: ExitCode = ExitCode.Ok;
  const follows = options.follow === true;
  if (follows) checkFollowed(paths);
  const expanded = follows ? paths : await expandPaths([...paths]);
  const usesThreads =
    !follows && options.workers !== 1 && isWorthThread(expanded, options.workers > 1);
  const outputs = await openOutputs(options, { usesThread: usesThreads }, io);
  books.outputs = outputs.books;
  if (outputs.records.encodeThread === undefined) registry ??= registryFor(options);
  const progress = progressFor(options, books, io);
  const interrupt = interruptible(io, "interrupted; writing open flows");
  try {
    await readCaptures(expanded.map(follows ? followedCapture : captureAt), {
      timeouts: timeoutsOf(options),
      maxFlows: options.maxFlows ?? MOST_FLOWS,
      memory: flowMemoryOf(options, usesThreads),
      useVlanKey: options.vlanKey,
      tunnels: options.tunnels,
      fragments: options.fragments,
      checksums: options.checksums,
      comments: options.comments === true,
      missesCutPayload: writesFormat(options, ZEEK_FORMATS),
      ...(options.filter === undefined ? {} : { filter: options.filter }),
      merge: options.merge === true,
      decodeThread: usesThreads,
      ...outputs.records,
      registry,
      books,
      ...(options.showFaults === undefined ? {} : { faultSamples }),
      signal: interrupt.signal,
      onOpen: (source) => progress?.follow(source),
      onCaptureError: (error) => {
        progress?.clear();
        io.complain(error.message);
        exitCode = ExitCode.Capture;
      },
    });
    if (!(await outputs.close())) exitCode = ExitCode.Output;
  } catch (error: unknown) {
    outputs.abandon();
    throw error;
  } finally {
    interrupt.end();
    progress?.stop();
  }
  const wallSeconds = (performance.now() - started) / 1000;
  for (const sample of faultSamples.chosen()) io.complain(faultSampleLine(sample));
  registry ??= registryFor(options);
  await reportClosing(books, registry, options, wallSeconds, !outputs.isClosed, io);
  if (interrupt.signal.aborted) return ExitCode.Interrupted;
  const isImperfect = books.hasFaults || !books.balanced;
  if (options.strict === true && exitCode === ExitCode.Ok && isImperfect) return ExitCode.Capture;
  return exitCode;
}

function checkFollowed(paths: readonly string[]): void {
  if (paths.length === 1) return;
  throw new UsageError(
    "PF_FOLLOW_ONE",
    `--follow: ${paths.length} captures; name the one that is being written`,
  );
}

/** Regular files, and, unless asked for, so large that a second thread pays for its start (some 40 ms). */
function isWorthThread(paths: readonly string[], isAskedFor: boolean): boolean {
  let octets = 0;
  for (const path of paths) {
    const found = path === "-" ? undefined : statSync(path, { throwIfNoEntry: false });
    if (found?.isFile() !== true) return false;
    octets += found.size;
  }
  return isAskedFor || (octets >= WORTH_A_THREAD && availableParallelism() > 1);
}

function progressFor(options: ReadOptions, books: Books, io: Io): Progress | undefined {
  if (options.quiet === true && options.progress !== true) return undefined;
  if (!io.isErrorTerminal && options.progress !== true) return undefined;
  return new Progress(books, io.write);
}
