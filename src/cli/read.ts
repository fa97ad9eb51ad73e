import { expandPaths } from "../capture/expand-paths.ts";
import { ExitCode, UsageError } from "../core/errors.ts";
import { ZEEK_TIMEOUTS } from "../flow/ending/timeouts.ts";
import { MOST_FLOWS } from "../flow/table/flow-limits.ts";
import type { AnnotateOptions } from "../pipeline/annotator.ts";
import { Books } from "../pipeline/books/books.ts";
import { FaultSamples, faultSampleLine } from "../pipeline/books/fault-samples.ts";
import type { CaptureToRead } from "../pipeline/capture-feed.ts";
import { captureAt, followedCapture } from "../pipeline/merged-capture.ts";
import { type ReadThreads, type RunWatch, readCaptures } from "../pipeline/read-captures.ts";
import { checkFilter } from "../pipeline/staging/packet-filter.ts";
import type { StageOptions } from "../pipeline/staging/stage-options.ts";
import { loadRegistry, type RegistryOptions } from "../service/registry.ts";
import { readUserRules } from "../service/user-rules.ts";
import { type Aside, asideWorth, capturesOnDisk, encodersWorth } from "./encoders-worth.ts";
import { keyOf } from "./options/key-options.ts";
import { likelyServersOf } from "./options/likely-servers.ts";
import { type FlowOptions, flowMemoryOf, timeoutsOf } from "./options/read-options.ts";
import { registryOptionsOf } from "./options/registry-options.ts";
import { checkPlaces } from "./outputs/check-places.ts";
import { reportClosing } from "./outputs/closing-report.ts";
import {
  EVE_FORMATS,
  openOutputs,
  plainOutput,
  writesFormat,
  ZEEK_FORMATS,
} from "./outputs/open-outputs.ts";
import { interruptible } from "./process/interrupt.ts";
import type { Io } from "./process/io.ts";
import { Progress } from "./process/progress.ts";

/** Options of `read` beyond the shared ones. */
export type ReadOptions = FlowOptions & {
  readonly merge?: boolean;
  readonly comments?: boolean;
  readonly follow?: boolean;
};

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
  const started = process.uptime();
  const follows = options.follow === true;
  if (follows) checkFollowed(paths);
  const expanded = follows ? paths : await expandPaths([...paths]);
  await checkPlaces(expanded, options);
  const onDisk = follows ? undefined : capturesOnDisk(expanded);
  const encoders = encodersWorth(onDisk, options.workers);
  const plain = plainOutput(options);
  const stage = stageOptionsOf(options);
  const prepared = {
    started,
    captures: expanded.map(follows ? followedCapture : captureAt),
    stage,
    memory: flowMemoryOf(options, encoders.most),
    registry: withRules(registryOptionsOf(options)),
  };
  // Each of several tables would have room for as many flows as one may have.
  const isBounded = options.maxFlows !== undefined || options.memory !== undefined;
  const standsAlone = options.merge !== true && !isBounded;
  const aside = standsAlone ? await asideWorth(onDisk, encoders, plain) : undefined;
  if (aside !== undefined) return await readPrepared(prepared, { aside }, options, io);
  if (encoders.most === 0) return await readPrepared(prepared, {}, options, io);
  const samples = options.showFaults ?? 0;
  const { closeThreads, startThreads } = await import("./read-threads.ts");
  // Before all else that takes time: they load while this thread does.
  const threads = startThreads(encoders, stage, samples, plain, prepared.registry);
  try {
    return await readPrepared(prepared, { threads }, options, io);
  } finally {
    await closeThreads(threads);
  }
}

/** What the kinds of outputs decide, too. */
type RunOptions = StageOptions & Pick<AnnotateOptions, "likelyServers">;

/** What was settled before threads were started. */
type Prepared = {
  /** When the run began, seconds of `process.uptime`: `performance` takes a millisecond to load. */
  readonly started: number;
  readonly captures: readonly CaptureToRead[];
  readonly stage: RunOptions;
  /** Octets for flows. */
  readonly memory: number;
  readonly registry: RegistryOptions;
};

/** Who does the work: this thread, unless one of these is there. */
type Work = {
  readonly threads?: ReadThreads;
  readonly aside?: Aside;
};

async function readPrepared(
  { started, captures, stage, memory, registry: registryOptions }: Prepared,
  { threads, aside }: Work,
  options: ReadOptions,
  io: Io,
): Promise<ExitCode> {
  // Where other threads encode, this one needs it at the end only. Wrong rules are told before.
  const isEncodedElsewhere = threads?.encoders !== undefined || aside !== undefined;
  const needsNames = !isEncodedElsewhere || options.services !== undefined;
  let registry = needsNames ? loadRegistry(registryOptions) : undefined;
  const books = new Books();
  const faultSamples = new FaultSamples(options.showFaults ?? 0);
  let exitCode: ExitCode = ExitCode.Ok;
  const outputs = await openOutputs(options, io);
  books.outputs = outputs.books;
  const progress = progressFor(options, books, io);
  const interrupt = interruptible(io, "interrupted; writing open flows");
  try {
    const flows = {
      timeouts: timeoutsOf(options, stage.zeekRules === true ? ZEEK_TIMEOUTS : undefined),
      maxFlows: options.maxFlows ?? MOST_FLOWS,
      memory,
      ...stage,
    };
    const run: RunWatch = {
      books,
      ...(options.showFaults === undefined ? {} : { faultSamples }),
      signal: interrupt.signal,
      onOpen: (source) => progress?.follow(source),
      onCaptureError: (error) => {
        progress?.clear();
        io.complain(error.message);
        exitCode = ExitCode.Capture;
      },
    };
    if (aside === undefined || outputs.records.outputs !== undefined) {
      await readCaptures(captures, {
        ...flows,
        ...run,
        ...outputs.records,
        merge: options.merge === true,
        ...(threads === undefined ? {} : { threads }),
        registry,
      });
    } else {
      const { format, sink } = aside.plain;
      const { output } = outputs.records;
      const how = { flows, registry: registryOptions, format, sink, output };
      const { readSideBySide } = await import("../pipeline/side-by-side.ts");
      await readSideBySide(aside.captures, aside.threads, { ...run, ...how });
    }
    if (!(await outputs.close())) exitCode = ExitCode.Output;
  } catch (error: unknown) {
    outputs.abandon();
    throw error;
  } finally {
    interrupt.end();
    progress?.stop();
  }
  const wallSeconds = process.uptime() - started;
  for (const sample of faultSamples.chosen()) io.complain(faultSampleLine(sample));
  registry ??= loadRegistry(registryOptions);
  await reportClosing(books, registry, options, wallSeconds, !outputs.isClosed, io);
  if (interrupt.signal.aborted) return ExitCode.Interrupted;
  const isImperfect = books.hasFaults || !books.balanced;
  if (options.strict === true && exitCode === ExitCode.Ok && isImperfect) return ExitCode.Capture;
  return exitCode;
}

function stageOptionsOf(options: ReadOptions): RunOptions {
  const zeekRules = writesFormat(options, ZEEK_FORMATS);
  return {
    ...keyOf(options, zeekRules),
    ...likelyServersOf(options, zeekRules),
    tunnels: options.tunnels,
    fragments: options.fragments,
    checksums: options.checksums,
    comments: options.comments === true,
    zeekRules,
    spiKey: writesFormat(options, EVE_FORMATS),
    ...(options.filter === undefined ? {} : { filter: options.filter }),
  };
}

/** With the rules file read: it may be a pipe, which can be read only once. */
function withRules(options: RegistryOptions): RegistryOptions {
  const { servicesFile } = options;
  if (servicesFile === undefined) return options;
  return { ...options, userRules: readUserRules(servicesFile) };
}

function checkFollowed(paths: readonly string[]): void {
  if (paths.length === 1) return;
  throw new UsageError(
    "PF_FOLLOW_ONE",
    `--follow: ${paths.length} captures; name the one that is being written`,
  );
}

function progressFor(options: ReadOptions, books: Books, io: Io): Progress | undefined {
  if (options.quiet === true && options.progress !== true) return undefined;
  if (!io.isErrorTerminal && options.progress !== true) return undefined;
  return new Progress(books, io);
}
