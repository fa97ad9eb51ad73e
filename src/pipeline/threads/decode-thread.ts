import { parentPort, workerData } from "node:worker_threads";
import type { CaptureSource } from "../../capture/source.ts";
import { CaptureError } from "../../core/errors.ts";
import { nextTurn } from "../../core/next-turn.ts";
import { ContextTable } from "../../flow/id/context-table.ts";
import { Books } from "../books/books.ts";
import { FaultSamples } from "../books/fault-samples.ts";
import { BATCHES_PER_TURN } from "../capture-feed.ts";
import { captureAt, mergedCapture } from "../merged-capture.ts";
import { compiledPlainRows } from "../staging/compiled-plain-rows.ts";
import { PacketRooms } from "../staging/packet-rooms.ts";
import { Stager } from "../staging/stager.ts";
import { type CaptureFailure, failureOf } from "./capture-failure.ts";
import {
  type DecodeReply,
  type DecodeRequest,
  type DecodeThreadData,
  type DecodeWake,
  type PlacedReply,
  SLOT_PACKETS,
  SLOTS_WORDS,
  slotsIn,
} from "./decode-messages.ts";
import { GROUPS_TO_WAKE, GroupRing } from "./group-ring.ts";

// Runs as a thread: reads captures, decodes and stages their packets into slots of shared memory.

/** Milliseconds for which requests may have to wait. */
const LONGEST_WAIT = 50;
const WAKE: DecodeWake = { type: "wake" };
/** Every capture's interfaces are numbered anew. */
const FIRST_INTERFACE = 0;

const { place, ring: sharedRing, secret, options, faultSamples } = workerData as DecodeThreadData;
const port = parentPort!;
const rooms = new PacketRooms(place, SLOTS_WORDS);
const contexts = new ContextTable({ remembersCreated: true, vlans: rooms.vlans });
const { batch } = rooms;
const openOptions = {
  comments: options.comments === true,
  blocks: true,
  // One capture after the other, each closed before the next is opened.
  allocate: rooms.allocate,
};
const slots = slotsIn(rooms.staged);
const ring = new GroupRing(sharedRing);
/** Replies so far, modulo 2^32. */
let told = 0;
let wakes: NodeJS.Immediate | undefined;
let books = new Books();
let isStopped = false;
/** What was asked for, one after the other. */
let turn: Promise<void> = Promise.resolve();
const stager = new Stager(options, books, contexts, secret, rooms);
stager.useCompiled(compiledPlainRows(rooms));

port.on("message", (request: DecodeRequest) => {
  if (request.type === "unused") {
    for (const number of request.contexts) contexts.forgetUnused(number, request.epoch);
  } else if (request.type === "stop") isStopped = true;
  else turn = turn.then(() => take(request));
});

async function take(request: Extract<DecodeRequest, { type: "read" | "restart" }>): Promise<void> {
  if (request.type === "restart") stager.restart();
  else await readCapture(request.paths);
}

function reply(message: DecodeReply): void {
  const placed: PlacedReply = { reply: message, groups: ring.groups };
  told = (told + 1) | 0;
  port.postMessage(placed);
}

/** Hands the slot over that the ring is at. */
function put(count: number, octetsRead: number): void {
  ring.put({
    count,
    told,
    epoch: contexts.epoch,
    packetsRead: books.read,
    octetsRead,
  });
  if (ring.isAwaited(GROUPS_TO_WAKE)) port.postMessage(WAKE);
  else if (wakes === undefined) wakes = setImmediate(wake);
}

/** Whoever waits gets what there is as soon as this thread has nothing to do, or lets messages in. */
function wake(): void {
  wakes = undefined;
  if (ring.isAwaited(1)) port.postMessage(WAKE);
}

async function readCapture(paths: readonly string[]): Promise<void> {
  books = new Books();
  stager.countInto(books);
  // Of each capture as many as of all: which are shown is for the one who has them all to say.
  const samples = new FaultSamples(faultSamples);
  stager.faultSamples = faultSamples > 0 ? samples : undefined;
  let failure: CaptureFailure | undefined;
  try {
    const source = await mergedCapture(paths.map(captureAt)).open(openOptions, (error) => {
      reply({ type: "failed", failure: failureOf(error) });
    });
    reply({ type: "opened", name: source.name, octetsTotal: source.progress.octetsTotal });
    stager.beginCapture(source.name, source);
    try {
      await stageAll(source);
    } finally {
      stager.endCapture(source);
      await source.close();
    }
  } catch (error: unknown) {
    if (!(error instanceof CaptureError)) throw error;
    failure = failureOf(error);
  }
  reply({ type: "end", books: books.counts(), faultSamples: samples.kept, failure });
}

async function stageAll(source: CaptureSource): Promise<void> {
  await roomInRing();
  let named = 0;
  stager.stagedCount = 0;
  const handOver = async (): Promise<void> => {
    const created = contexts.takeCreated();
    const { interfaces, progress } = source;
    if (created.length > 0 || stager.comments.size > 0 || interfaces.length > named) {
      reply({
        type: "beside",
        contexts: created.map((number) => ({ number, words: contexts.get(number)!.words })),
        comments: [...stager.comments],
        interfaces: interfaces.slice(named).map(({ name }) => name),
      });
      stager.comments.clear();
      named = interfaces.length;
    }
    put(stager.stagedCount, progress.octetsRead);
    contexts.epoch += 1;
    // Those that are out of use are to be forgotten before many more come.
    if (created.length > 0) await nextTurn();
    await roomInRing();
    stager.stagedCount = 0;
  };
  try {
    for (let batches = 1; !isStopped && (await source.fill(batch)); batches += 1) {
      for (let row = 0; row < batch.count; ) {
        row = stager.stageRows(batch, row, FIRST_INTERFACE, slots[ring.slot]!, SLOT_PACKETS);
        if (stager.stagedCount >= SLOT_PACKETS) await handOver();
      }
      stager.endBatch(batch);
      if (batches % BATCHES_PER_TURN === 0) await nextTurn();
    }
  } finally {
    await handOver();
  }
}

/** Waits until the slot that the ring is at may be filled; requests are heard meanwhile. */
async function roomInRing(): Promise<void> {
  while (!ring.hasRoom) {
    ring.waitForRoom(LONGEST_WAIT);
    await nextTurn();
  }
}
