import { parentPort, workerData } from "node:worker_threads";
import type { Output } from "../delivery/output.ts";
import { loadRegistry } from "../service/registry.ts";
import { loadFormat } from "../sink/formats.ts";
import { Books } from "./books/books.ts";
import { FaultSamples } from "./books/fault-samples.ts";
import type { CaptureProgressView } from "./capture-feed.ts";
import { Emitter } from "./emitter.ts";
import { LocalFeed } from "./local-feed.ts";
import { captureAt } from "./merged-capture.ts";
import { readCapture } from "./read-captures.ts";
import { LocalTaker } from "./records/local-taker.ts";
import type { SideFinish, SideReply, SideRequest, SideThreadData } from "./side-messages.ts";
import { type CaptureFailure, failureOf } from "./threads/capture-failure.ts";

// Runs as a thread, one of several: takes whole captures, from their octets to encoded records. One
// pipeline takes all of them, for another one would have to be compiled anew.

/** How often it tells how far it is, milliseconds. */
const PROGRESS_INTERVAL = 200;
/** What stands before the first record stands before those of this capture. */
const FIRST_CAPTURE = 0;

const data = workerData as SideThreadData;
const port = parentPort!;
const stopped = new AbortController();
/** Flows are counted here, packets for each capture. */
const books = new Books();
const output = postedOutput();
const newSink = await loadFormat(data.format);
const sink = newSink(data.sink);
const interfaceNames: (string | undefined)[] = [];
const taker = new LocalTaker(
  loadRegistry(data.registry),
  { ...sink, begin: (out) => capture === FIRST_CAPTURE && sink.begin(out) },
  output,
  books.unknownPorts,
  interfaceNames,
);
const emitter = new Emitter(taker, books, interfaceNames);
const flows = { ...data.flows, readsAtOnce: true };
const feed = new LocalFeed(flows, books, emitter, (opened) => {
  view = opened;
});
stopped.signal.addEventListener("abort", () => feed.stop());

/** Number of the capture that is read, and what is known of it. */
let capture = FIRST_CAPTURE;
let view: CaptureProgressView | undefined;
let octetsUnderWay = 0;
let octetsTaken: (() => void) | undefined;
/** What was asked for, one after the other. */
let turn: Promise<void> = Promise.resolve();

port.on("message", (request: SideRequest) => {
  if (request.type === "taken") {
    octetsUnderWay -= request.octets;
    octetsTaken?.();
  } else if (request.type === "stop") stopped.abort();
  else turn = turn.then(() => (request.type === "finish" ? finish() : read(request)));
});

function tell(reply: SideReply | SideFinish, transfer: ArrayBuffer[] = []): void {
  port.postMessage(reply, transfer);
}

async function read(request: Extract<SideRequest, { type: "read" }>): Promise<void> {
  capture = request.capture;
  view = undefined;
  const ofCapture = new Books();
  const samples = data.faultSamples === undefined ? undefined : new FaultSamples(data.faultSamples);
  let failure: CaptureFailure | undefined;
  feed.countInto(ofCapture, samples);
  const timer = setInterval(() => {
    const octetsRead = view?.progress.octetsRead ?? 0;
    tell({ type: "progress", capture, packetsRead: ofCapture.read, octetsRead });
  }, PROGRESS_INTERVAL);
  try {
    await readCapture(feed, captureAt(request.path), {
      signal: stopped.signal,
      onCaptureError: (error) => {
        failure = failureOf(error);
      },
    });
    await emitter.settle();
  } finally {
    clearInterval(timer);
  }
  const faultSamples = samples?.kept ?? [];
  tell({ type: "end", capture, counts: ofCapture.counts(), faultSamples, failure });
}

async function finish(): Promise<void> {
  await emitter.finish();
  const { flows, peakFlows, endReasons, evictions } = books;
  const counts = { flows, peakFlows, endReasons, evictions };
  tell({ type: "finished", counts, unknownPorts: books.unknownPorts.state() });
}

/** Sends octets to the thread that writes them. */
function postedOutput(): Output {
  return {
    isClosed: false,
    async write(octets) {
      const copy = octets.slice();
      octetsUnderWay += copy.length;
      tell({ type: "records", capture, octets: copy }, [copy.buffer]);
      while (octetsUnderWay > data.octetsUnderWay) {
        await new Promise<void>((resolve) => {
          octetsTaken = resolve;
        });
      }
    },
    async close() {},
    abandon: () => undefined,
  };
}
