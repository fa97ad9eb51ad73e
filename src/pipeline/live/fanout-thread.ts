import { parentPort, workerData } from "node:worker_threads";
import { openFanoutMember } from "../../capture/live/af-packet.ts";
import type { FanoutMember } from "../../capture/live/live-interface.ts";
import { PortflowError } from "../../core/errors.ts";
import { loadRegistry } from "../../service/registry.ts";
import { loadFormat } from "../../sink/formats.ts";
import { Books } from "../books/books.ts";
import { SeveralTaker } from "../records/several-taker.ts";
import type {
  FanoutReply,
  FanoutReport,
  FanoutRequest,
  FanoutThreadData,
} from "./fanout-messages.ts";
import { LiveRun } from "./live-run.ts";
import { PostedRecords } from "./posted-records.ts";

// Runs as a thread: one of several that share an interface's packets, with a pipeline of its own from
// the ring to encoded records.

/** The books are told this often, milliseconds. */
const REPORT_INTERVAL = 500;

const data = workerData as FanoutThreadData;
const port = parentPort!;
const books = new Books();
const interrupted = new AbortController();
const interfaceNames: (string | undefined)[] = [];
const outputs = await Promise.all(
  data.outputs.map(async ({ destination, format, sink }, output) => {
    const newSink = await loadFormat(format);
    return new PostedRecords(destination, format, newSink(sink), (octets, records) =>
      port.postMessage({ type: "records", output, octets, records } satisfies FanoutReply, [
        octets.buffer,
      ]),
    );
  }),
);
let timer: NodeJS.Timeout | undefined;

try {
  start();
} catch (error: unknown) {
  fail(error);
}

function tell(reply: FanoutReply): void {
  port.postMessage(reply);
}

/** A bug is thrown, and ends the thread. */
function fail(error: unknown): void {
  if (!(error instanceof PortflowError)) throw error;
  const { exitCode, code, message } = error;
  tell({ type: "failed", exitCode, code, message });
  process.exit();
}

function end(): void {
  clearInterval(timer);
  port.close();
}

function start(): void {
  const registry = loadRegistry(data.registry);
  const member = openFanoutMember(data.interfaceName, data.live, data.group);
  // However the thread ends: a descriptor that is still watched then makes Node crash.
  process.on("exit", () => member.close());
  const taker = new SeveralTaker(registry, outputs, books.unknownPorts, interfaceNames);
  const run = new LiveRun(
    {
      ...data.run,
      interfaces: [member],
      books,
      signal: interrupted.signal,
      onNotice: (text) => tell({ type: "notice", text }),
    },
    taker,
    interfaceNames,
  );
  port.on("message", (request: FanoutRequest) => {
    if (request.type === "admit") admit(member, run);
    else if (request.type === "taken") outputs[request.output]!.taken(request.isClosed);
    else if (request.type === "close") process.exit();
    else if (request.type === "stop") {
      if (request.isInterrupted) interrupted.abort();
      else run.stop();
    } else {
      run.between(async () => reload(taker));
    }
  });
  tell({ type: "opened" });
}

/** Rules that have become wrong since they were looked at leave those before in place. */
function reload(taker: SeveralTaker): void {
  try {
    taker.registry = loadRegistry(data.registry);
  } catch (error: unknown) {
    if (!(error instanceof PortflowError)) throw error;
    tell({ type: "notice", text: `${error.message}; the rules before hold` });
  }
}

function admit(member: FanoutMember, run: LiveRun): void {
  member.admit();
  timer = setInterval(
    () => tell({ type: "report", report: reportOf(member, run) }),
    REPORT_INTERVAL,
  );
  tell({ type: "admitted" });
  run.run().then(() => {
    tell({
      type: "ended",
      report: reportOf(member, run),
      unknownPorts: books.unknownPorts.state(),
    });
    end();
  }, fail);
}

function reportOf(member: FanoutMember, run: LiveRun): FanoutReport {
  run.refreshBooks();
  return {
    counts: books.runCounts(),
    openFlows: run.flows,
    flowOctets: run.flowOctets,
    taken: member.taken,
    octets: member.octets,
    linkState: member.linkState,
    trouble: member.trouble,
    kernel: member.counts(),
  };
}
