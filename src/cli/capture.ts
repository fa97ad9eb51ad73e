import type { Command } from "commander";
import type { LiveInterface } from "../capture/live/live-interface.ts";
import { defaultBackend } from "../capture/live/open-live.ts";
import { ExitCode } from "../core/errors.ts";
import { FileSeries } from "../delivery/file-series.ts";
import { Books } from "../pipeline/books/books.ts";
import { FaultSamples, faultSampleLine } from "../pipeline/books/fault-samples.ts";
import { LiveRun } from "../pipeline/live/live-run.ts";
import { PacketFiles } from "../pipeline/live/packet-files.ts";
import { SeveralTaker } from "../pipeline/records/several-taker.ts";
import { TrafficTally } from "../pipeline/records/traffic-tally.ts";
import { addCaptureOptions, type CaptureOptions, runOptionsOf } from "./live/capture-options.ts";
import { DropWatch } from "./live/drop-watch.ts";
import { startHeartbeat } from "./live/heartbeat.ts";
import { newFanoutSession, startFanout } from "./live/live-fanout.ts";
import { LiveLine } from "./live/live-line.ts";
import { openLiveOutputs } from "./live/live-outputs.ts";
import type { LiveSession } from "./live/live-session.ts";
import { listenToSignals } from "./live/live-signals.ts";
import { serveMetrics } from "./live/metrics-server.ts";
import { namedInterfaces } from "./live/named-interfaces.ts";
import { openInterfaces } from "./live/open-interfaces.ts";
import { prometheusText } from "./live/prometheus-text.ts";
import { runAs } from "./live/run-as.ts";
import { checkTopTerminal, TopView } from "./live/top.ts";
import { COMMAND_WORDS } from "./options/command-words.ts";
import { registryFor } from "./options/registry-for.ts";
import { checkPlaces } from "./outputs/check-places.ts";
import { reportClosing } from "./outputs/closing-report.ts";
import type { Io } from "./process/io.ts";
import { type StopSignals, stopSignals } from "./process/stop-signals.ts";

const NANOSECONDS_IN_MILLISECOND = 1_000_000;
/** How often drops are looked for, milliseconds. */
const WATCH_INTERVAL = 1000;
const CAP_WARNING =
  "--backend cap: times are those at which JavaScript saw a packet, and lost packets are not known";

/**
 * `portflow capture`: live packets into records, books and summary.
 * @returns the exit code; what the user has to know was written to stderr
 * @throws CaptureError when an interface can't be listened to; OutputError when output can't be written
 */
async function runCapture(
  given: readonly string[],
  options: CaptureOptions,
  io: Io,
): Promise<ExitCode> {
  if (options.top === true) checkTopTerminal();
  const names = namedInterfaces(given);
  await checkPlaces([], options);
  const backend = options.backend === "auto" ? defaultBackend() : options.backend;
  if (backend === "cap") io.complain(CAP_WARNING);
  const faultSamples = new FaultSamples(options.showFaults ?? 0);
  const line = new LiveLine(io);
  const fanout =
    options.fanout === undefined ? undefined : await startFanout(names, backend, options);
  const interfaces = fanout === undefined ? await openInterfaces(names, backend, options) : [];
  const stopped = stopSignals({ ...io, complain: line.complain });
  let isDelivered = false;
  let session: LiveSession | undefined;
  try {
    // Outputs belong to whoever the program runs as from now on.
    if (options.user !== undefined) runAs(options.user);
    session =
      fanout === undefined
        ? await newSession(interfaces, options, faultSamples, stopped, line.complain)
        : await newFanoutSession(fanout, options, stopped.signal, line.complain);
    isDelivered = await runSession(session, stopped.signal, line, io);
  } catch (error: unknown) {
    session?.outputs.abandon();
    session?.packetFiles?.abandon();
    throw error;
  } finally {
    stopped.end();
    for (const one of interfaces) one.close();
    await fanout?.close();
  }
  for (const sample of faultSamples.chosen()) io.complain(faultSampleLine(sample));
  const { books, outputs, taker, started } = session;
  const wallSeconds = (performance.now() - started) / 1000;
  await reportClosing(books, taker.registry, options, wallSeconds, !outputs.isClosed, io);
  if (!isDelivered) return ExitCode.Output;
  if (stopped.signal.aborted) return stopped.exitCode;
  const isImperfect = options.strict === true && (books.hasFaults || !books.balanced);
  const isCutShort = session.interfaces.some(({ linkState }) => linkState === "gone");
  return isImperfect || isCutShort ? ExitCode.Capture : ExitCode.Ok;
}

async function newSession(
  interfaces: readonly LiveInterface[],
  options: CaptureOptions,
  faultSamples: FaultSamples,
  stopped: StopSignals,
  complain: (message: string) => void,
): Promise<LiveSession> {
  const registry = registryFor(options);
  const books = new Books();
  const packetFiles = packetFilesFor(options, complain);
  const outputs = await openLiveOutputs(options, complain).catch((error: unknown) => {
    packetFiles?.abandon();
    throw error;
  });
  books.outputs = outputs.books;
  const interfaceNames: (string | undefined)[] = [];
  const taker = new SeveralTaker(registry, outputs.records, books.unknownPorts, interfaceNames);
  const tally =
    options.top === true
      ? new TrafficTally(registry, outputs.records.length === 0 ? undefined : taker)
      : undefined;
  const run = new LiveRun(
    {
      ...runOptionsOf(options),
      watchesRows: options.top === true,
      interfaces,
      books,
      ...(options.showFaults === undefined ? {} : { faultSamples }),
      ...(options.packets === undefined ? {} : { packets: options.packets }),
      ...(packetFiles === undefined
        ? {}
        : { onBatch: (batch, from) => packetFiles.write(batch, from) }),
      signal: stopped.signal,
      onNotice: complain,
    },
    tally ?? taker,
    interfaceNames,
  );
  const started = performance.now();
  return { interfaces, options, books, run, taker, tally, outputs, packetFiles, started };
}

function packetFilesFor(
  options: CaptureOptions,
  report: (message: string) => void,
): PacketFiles | undefined {
  const { write, writeSize, writeKeep } = options;
  if (write === undefined) return undefined;
  const files = new FileSeries({
    path: write,
    isNumbered: writeSize !== undefined,
    ...(writeKeep === undefined ? {} : { keep: { files: writeKeep } }),
    waitsForRoom: options.onFull !== "fail",
    patience: options.flushTimeout / NANOSECONDS_IN_MILLISECOND,
    report,
  });
  return new PacketFiles(files, options.snaplen, writeSize ?? Number.POSITIVE_INFINITY, report);
}

/** @returns whether every output has its records */
async function runSession(
  session: LiveSession,
  signal: AbortSignal,
  line: LiveLine,
  io: Io,
): Promise<boolean> {
  const { options, interfaces, run, outputs, packetFiles } = session;
  const hasten = (): void => {
    outputs.hasten();
    packetFiles?.hasten();
  };
  const stop = (): void => {
    hasten();
    run.stop();
  };
  signal.addEventListener("abort", hasten);
  if (signal.aborted) hasten();
  const drops = new DropWatch(line.complain);
  const endHeartbeat = startHeartbeat(session, line.complain);
  const endSignals = listenToSignals(session, { ...io, complain: line.complain });
  const metrics =
    options.metrics === undefined
      ? undefined
      : await serveMetrics(options.metrics, () => prometheusText(session));
  const watch = setInterval(() => drops.look(interfaces, performance.now()), WATCH_INTERVAL);
  const end =
    options.duration === undefined
      ? undefined
      : setTimeout(stop, options.duration / NANOSECONDS_IN_MILLISECOND);
  const endShow = startShow(session, stop, line, io);
  try {
    await run.run();
    await packetFiles?.close(interfaces);
    const isDelivered = await outputs.close();
    return isDelivered && packetFiles?.failure === undefined;
  } finally {
    endShow();
    endHeartbeat();
    endSignals();
    metrics?.close();
    metrics?.closeAllConnections();
    clearInterval(watch);
    clearTimeout(end);
    drops.look(interfaces, Number.POSITIVE_INFINITY);
  }
}

/** What a person sees meanwhile. @returns ends it */
function startShow(session: LiveSession, stop: () => void, line: LiveLine, io: Io): () => void {
  const { options, tally, interfaces } = session;
  if (tally !== undefined) {
    const top = new TopView(session, tally, stop);
    line.hold();
    top.start();
    return () => {
      top.stop();
      line.stop();
    };
  }
  const names = interfaces.map(({ name }) => name).join(", ");
  if (options.quiet !== true) io.complain(`listening on ${names}; Ctrl-C ends it`);
  const isSeen = io.isErrorTerminal && options.quiet !== true;
  if (options.progress === true || isSeen) line.start(session);
  return () => line.stop();
}

const HELP = `
Examples:
  portflow capture eth0                              until Ctrl-C, then a table
  portflow capture eth0 wg0 -f ndjson -o flows.json  two interfaces, one stream of records
  portflow capture any --filter "udp port 53" --duration 5m
  portflow capture eth0 --write kept.pcapng --write-size 100M --write-keep 20

SIGHUP reopens outputs and reads the port rules again, SIGUSR1 tells the state.
Exit: 0 ended by --duration, --packets or SIGTERM; 130 by Ctrl-C (open flows are written); 2 usage;
3 an interface can't be listened to, or was deleted; 4 output failed; 70 a bug.`;

const TOP_HELP = `
Keys: s, h, f show services, hosts or flows; r, b, p, o, n order by rate, bytes, packets, flows or
name; / filters, space pauses, q ends. Options are those of capture; records are written only where
-o says.

Exit: 0 ended; 2 usage; 3 an interface can't be listened to; 4 output failed; 70 a bug.`;

/** Adds `capture` and `top` to the program. @param finish - gets the exit code */
export function registerCapture(
  program: Command,
  io: Io,
  finish: (exitCode: ExitCode) => void,
): void {
  const add = (name: "capture" | "top", help: string): void => {
    const isTop = name === "top";
    const command = program
      .command(name)
      .description(COMMAND_WORDS[name].description)
      .argument("[interface...]", 'devices, or "any" for all; portflow devices lists them');
    addCaptureOptions(command)
      .addHelpText("after", help)
      .action(async (names: string[], options: CaptureOptions) =>
        finish(await runCapture(names, isTop ? { ...options, top: true } : options, io)),
      );
  };
  add("capture", HELP);
  add("top", TOP_HELP);
}
