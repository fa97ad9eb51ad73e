import { statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { isatty } from "node:tty";
import { expandPaths } from "../capture/expand-paths.ts";
import { openCapture } from "../capture/open.ts";
import { ExitCode, UsageError } from "../core/errors.ts";
import { openOutput } from "../delivery/output.ts";
import { Books } from "../pipeline/books.ts";
import { FaultSamples, faultSampleLine } from "../pipeline/fault-samples.ts";
import { readCaptures } from "../pipeline/read-captures.ts";
import { formats } from "../sink/formats.ts";
import type { Sink, SinkOptions } from "../sink/sink.ts";
import { reportClosing } from "./closing-report.ts";
import { interruptible } from "./interrupt.ts";
import { type Io, wantsColor } from "./io.ts";
import { Progress } from "./progress.ts";
import { type FlowOptions, maxFlowsOf, timeoutsOf } from "./read-options.ts";
import { registryFor, registryOptionsOf } from "./registry-options.ts";

/** Options of `read` beyond the shared ones. */
export type ReadOptions = FlowOptions & { readonly merge?: boolean };

const STANDARD_OUTPUT = 1;
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
  if (options.filter !== undefined) {
    throw new UsageError(
      "PF_NO_FILTER",
      "--filter: not in this version; filter first: tcpdump -r FILE -w - EXPRESSION | portflow read -",
    );
  }
  const started = performance.now();
  const registry = registryFor(options);
  const books = new Books();
  const faultSamples = new FaultSamples(options.showFaults ?? 0);
  let exitCode: ExitCode = ExitCode.Ok;
  const expanded = await expandPaths([...paths]);
  const usesThreads = options.workers !== 1 && isWorthThread(expanded, options.workers > 1);
  const output = openOutput(options.output);
  const progress = progressFor(options, books, io);
  const interrupt = interruptible(io, "interrupted; writing open flows");
  try {
    await readCaptures(
      expanded.map((path) => ({ path, open: () => openCapture(path) })),
      {
        timeouts: timeoutsOf(options),
        maxFlows: maxFlowsOf(options),
        useVlanKey: options.vlanKey,
        tunnels: options.tunnels,
        checksums: options.checksums,
        merge: options.merge === true,
        decodeThread: usesThreads,
        ...(usesThreads
          ? {
              encodeThread: {
                recipe: {
                  format: formatOf(options),
                  sink: sinkOptionsOf(options),
                  registry: registryOptionsOf(options),
                },
                output,
              },
            }
          : {}),
        registry,
        sink: sinkFor(options),
        output,
        books,
        ...(options.showFaults === undefined ? {} : { faultSamples }),
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
  for (const sample of faultSamples.chosen()) io.complain(faultSampleLine(sample));
  await reportClosing(books, registry, options, wallSeconds, !output.isClosed, io);
  if (interrupt.signal.aborted) return ExitCode.Interrupted;
  const isImperfect = books.hasFaults || !books.balanced;
  if (options.strict === true && exitCode === ExitCode.Ok && isImperfect) return ExitCode.Capture;
  return exitCode;
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

function formatOf(options: ReadOptions): string {
  return options.format ?? (isTerminalOutput(options) ? "table" : "ndjson");
}

function isTerminalOutput(options: ReadOptions): boolean {
  return options.output === "-" && isatty(STANDARD_OUTPUT);
}

function sinkOptionsOf(options: ReadOptions): SinkOptions {
  const isTerminal = isTerminalOutput(options);
  return {
    communityIdSeed: options.communityIdSeed,
    color: options.color === "always" || (options.color === "auto" && isTerminal && wantsColor()),
    columns: (isTerminal ? process.stdout.columns : undefined) ?? 100,
  };
}

function sinkFor(options: ReadOptions): Sink {
  const make = formats[formatOf(options)];
  if (make === undefined) throw new Error(`no format ${formatOf(options)}`);
  return make(sinkOptionsOf(options));
}

function progressFor(options: ReadOptions, books: Books, io: Io): Progress | undefined {
  if (options.quiet === true && options.progress !== true) return undefined;
  if (!io.isErrorTerminal && options.progress !== true) return undefined;
  return new Progress(books, io.write);
}
