import type { Command } from "commander";
import type { LiveInterface } from "../capture/live-interface.ts";
import { defaultBackend, openLive } from "../capture/open-live.ts";
import { ExitCode } from "../core/errors.ts";
import { MOST_FLOWS } from "../flow/flow-limits.ts";
import { Books } from "../pipeline/books.ts";
import { FaultSamples, faultSampleLine } from "../pipeline/fault-samples.ts";
import { LiveRun } from "../pipeline/live-run.ts";
import { SeveralTaker } from "../pipeline/several-taker.ts";
import { addCaptureOptions, type CaptureOptions } from "./capture-options.ts";
import { reportClosing } from "./closing-report.ts";
import { DropWatch } from "./drop-watch.ts";
import type { Io } from "./io.ts";
import { openLiveOutputs } from "./live-outputs.ts";
import { flowMemoryOf, timeoutsOf } from "./read-options.ts";
import { registryFor } from "./registry-options.ts";
import { stopSignals } from "./stop-signals.ts";

const NANOSECONDS_IN_MILLISECOND = 1_000_000;
const WATCH_INTERVAL = 1000;
const CAP_WARNING =
  "--backend cap: times are those at which JavaScript saw a packet, and lost packets are not known";

/**
 * `portflow capture`: live packets into records, books and summary.
 * @returns the exit code; what the user has to know was written to stderr
 * @throws CaptureError when an interface can't be listened to; OutputError when output can't be written
 */
async function runCapture(
  names: readonly string[],
  options: CaptureOptions,
  io: Io,
): Promise<ExitCode> {
  const started = performance.now();
  const registry = registryFor(options);
  const books = new Books();
  const faultSamples = new FaultSamples(options.showFaults ?? 0);
  const interfaces = await openAll(names, options, io);
  const outputs = await openLiveOutputs(options, io);
  books.outputs = outputs.books;
  const stopped = stopSignals(io);
  const run = new LiveRun(
    {
      timeouts: timeoutsOf(options),
      maxFlows: options.maxFlows ?? MOST_FLOWS,
      memory: flowMemoryOf(options, false),
      useVlanKey: options.vlanKey,
      tunnels: options.tunnels,
      fragments: options.fragments,
      checksums: options.checksums,
      interfaces,
      books,
      ...(options.showFaults === undefined ? {} : { faultSamples }),
      ...(options.packets === undefined ? {} : { packets: options.packets }),
      signal: stopped.signal,
      onNotice: io.complain,
    },
    ({ interfaceNames }) =>
      new SeveralTaker(registry, outputs.records, books.unknownPorts, interfaceNames),
  );
  const drops = new DropWatch(io.complain);
  const watch = setInterval(() => drops.look(interfaces, performance.now()), WATCH_INTERVAL);
  const end =
    options.duration === undefined
      ? undefined
      : setTimeout(() => run.stop(), options.duration / NANOSECONDS_IN_MILLISECOND);
  let isDelivered = false;
  try {
    if (options.quiet !== true) io.complain(`listening on ${names.join(", ")}; Ctrl-C ends it`);
    await run.run();
    isDelivered = await outputs.close();
  } catch (error: unknown) {
    outputs.abandon();
    throw error;
  } finally {
    clearInterval(watch);
    clearTimeout(end);
    stopped.end();
  }
  drops.look(interfaces, Number.POSITIVE_INFINITY);
  const wallSeconds = (performance.now() - started) / 1000;
  for (const sample of faultSamples.chosen()) io.complain(faultSampleLine(sample));
  await reportClosing(books, registry, options, wallSeconds, !outputs.isClosed, io);
  if (!isDelivered) return ExitCode.Output;
  if (stopped.signal.aborted) return stopped.exitCode;
  const isImperfect = options.strict === true && (books.hasFaults || !books.balanced);
  const isCutShort = interfaces.some(({ linkState }) => linkState === "gone");
  return isImperfect || isCutShort ? ExitCode.Capture : ExitCode.Ok;
}

async function openAll(
  names: readonly string[],
  options: CaptureOptions,
  io: Io,
): Promise<readonly LiveInterface[]> {
  const backend = options.backend === "auto" ? defaultBackend() : options.backend;
  const opened: LiveInterface[] = [];
  try {
    if (backend === "cap") io.complain(CAP_WARNING);
    for (const name of new Set(names)) {
      opened.push(
        await openLive(name, backend, {
          snaplen: options.snaplen,
          promiscuous: options.promiscuous,
          ringOctets: options.ringSize,
          direction: options.direction,
          ...(options.filter === undefined ? {} : { filter: options.filter }),
        }),
      );
    }
    return opened;
  } catch (error: unknown) {
    for (const one of opened) one.close();
    throw error;
  }
}

const HELP = `
Examples:
  portflow capture eth0                              until Ctrl-C, then a table
  portflow capture eth0 wg0 -f ndjson -o flows.json  two interfaces, one stream of records
  portflow capture any --filter "udp port 53" --duration 5m

Exit: 0 ended by --duration, --packets or SIGTERM; 130 by Ctrl-C (open flows are written); 2 usage;
3 an interface can't be listened to, or was deleted; 4 output failed; 70 a bug.`;

/** Adds `capture` to the program. @param finish - gets the exit code */
export function registerCapture(
  program: Command,
  io: Io,
  finish: (exitCode: ExitCode) => void,
): void {
  const command = program
    .command("capture")
    .description("listen to interfaces and write flows as they end")
    .argument("[interface...]", 'devices, or "any" for all; portflow devices lists them');
  addCaptureOptions(command)
    .addHelpText("after", HELP)
    .action(async (names: string[], options: CaptureOptions) =>
      finish(await runCapture(names, options, io)),
    );
}
