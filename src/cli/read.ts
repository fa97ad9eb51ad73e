import { isatty } from "node:tty";
import { expandPaths } from "../capture/expand-paths.ts";
import { openCapture } from "../capture/open.ts";
import { ExitCode, UsageError } from "../core/errors.ts";
import { Books } from "../pipeline/books.ts";
import { readCaptures } from "../pipeline/read-captures.ts";
import { summaryLines } from "../pipeline/summary.ts";
import { formats } from "../sink/formats.ts";
import { openOutput } from "../sink/output.ts";
import { interruptible } from "./interrupt.ts";
import { type Io, wantsColor } from "./io.ts";
import { Progress } from "./progress.ts";
import { type FlowOptions, maxFlowsOf, timeoutsOf } from "./read-options.ts";
import { registryFor } from "./registry-options.ts";
import { cpuSeconds, writeStats } from "./write-stats.ts";

/** Options of `read` beyond the shared ones. */
export type ReadOptions = FlowOptions & { readonly merge?: boolean };

const STANDARD_OUTPUT = 1;

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
  if (options.filter !== undefined) {
    throw new UsageError(
      "PF_NO_FILTER",
      "--filter: not in this version; filter first: tcpdump -r FILE -w - EXPRESSION | portflow read -",
    );
  }
  const started = performance.now();
  const registry = registryFor(options);
  const books = new Books();
  let exitCode: ExitCode = ExitCode.Ok;
  const expanded = await expandPaths([...paths]);
  const output = openOutput(options.output);
  const progress = progressFor(options, books, io);
  const interrupt = interruptible(io, "interrupted; writing open flows");
  try {
    await readCaptures(
      expanded.map((path) => () => openCapture(path)),
      {
        timeouts: timeoutsOf(options),
        maxFlows: maxFlowsOf(options),
        useVlanKey: options.vlanKey,
        tunnels: options.tunnels,
        merge: options.merge === true,
        registry,
        sink: sinkFor(options),
        output,
        books,
        signal: interrupt.signal,
        onOpen: (source) => progress?.follow(source),
        onCaptureError: (error) => {
          progress?.clear();
          io.complain(error.message);
          exitCode = ExitCode.Capture;
        },
      },
    );
    await output.close();
  } catch (error: unknown) {
    output.abandon();
    throw error;
  } finally {
    interrupt.end();
    progress?.stop();
  }
  const wallSeconds = (performance.now() - started) / 1000;
  if (options.stats !== undefined) {
    await writeStats(options.stats, books.toJson(wallSeconds, cpuSeconds()));
  }
  if (options.quiet !== true && !output.isClosed && books.files > 0) {
    for (const line of summaryLines(books, wallSeconds)) io.complain(line);
  }
  if (interrupt.signal.aborted) return ExitCode.Interrupted;
  const isImperfect = books.hasFaults || !books.balanced;
  if (options.strict === true && exitCode === ExitCode.Ok && isImperfect) return ExitCode.Capture;
  return exitCode;
}

function sinkFor(options: ReadOptions): ReturnType<(typeof formats)[string]> {
  const isTerminal = options.output === "-" && isatty(STANDARD_OUTPUT);
  const name = options.format ?? (isTerminal ? "table" : "ndjson");
  const make = formats[name];
  if (make === undefined) throw new Error(`no format ${name}`);
  return make({
    communityIdSeed: options.communityIdSeed,
    color: options.color === "always" || (options.color === "auto" && isTerminal && wantsColor()),
    columns: (isTerminal ? process.stdout.columns : undefined) ?? 100,
  });
}

function progressFor(options: ReadOptions, books: Books, io: Io): Progress | undefined {
  if (options.quiet === true && options.progress !== true) return undefined;
  if (!io.isErrorTerminal && options.progress !== true) return undefined;
  return new Progress(books, io.write);
}
