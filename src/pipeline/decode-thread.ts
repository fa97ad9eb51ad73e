import { parentPort, workerData } from "node:worker_threads";
import type { CaptureSource } from "../capture/source.ts";
import { CaptureError } from "../core/errors.ts";
import { nextTurn } from "../core/next-turn.ts";
import { ContextTable } from "../flow/context-table.ts";
import { Books } from "./books.ts";
import { type CaptureFailure, failureOf } from "./capture-failure.ts";
import { BATCHES_PER_TURN } from "./capture-feed.ts";
import { compiledPlainRows } from "./compiled-plain-rows.ts";
import {
  type DecodeReply,
  type DecodeRequest,
  type DecodeThreadData,
  SLOT_PACKETS,
  SLOTS_WORDS,
  slotsIn,
} from "./decode-messages.ts";
import { FaultSamples } from "./fault-samples.ts";
import { captureAt, mergedCapture } from "./merged-capture.ts";
import { PacketRooms } from "./packet-rooms.ts";
import { Stager } from "./stager.ts";

// Runs as a thread: reads captures, decodes and stages their packets into slots of shared memory.

/** Every capture's interfaces are numbered anew. */
const FIRST_INTERFACE = 0;

const { place, secret, options, faultSamples } = workerData as DecodeThreadData;
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
const freeSlots = slots.map((_, i) => i);
let slotFreed: (() => void) | undefined;
let books = new Books();
let isStopped = false;
/** What was asked for, one after the other. */
let turn: Promise<void> = Promise.resolve();
const stager = new Stager(options, books, contexts, secret, rooms);
stager.useCompiled(compiledPlainRows(rooms));

port.on("message", (request: DecodeRequest) => {
  if (request.type === "free") {
    freeSlots.push(request.slot);
    for (const number of request.unused) contexts.forgetUnused(number, request.epoch);
    slotFreed?.();
  } else if (request.type === "stop") isStopped = true;
  else turn = turn.then(() => take(request));
});

async function take(request: Extract<DecodeRequest, { type: "read" | "restart" }>): Promise<void> {
  if (request.type === "restart") stager.restart();
  else await readCapture(request.paths);
}

function reply(message: DecodeReply): void {
  port.postMessage(message);
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
  let slot = await takeSlot();
  let named = 0;
  stager.stagedCount = 0;
  const handOver = async (): Promise<void> => {
    const created = contexts.takeCreated();
    reply({
      type: "group",
      slot,
      count: stager.stagedCount,
      epoch: contexts.epoch,
      contexts: created.map((number) => ({ number, words: contexts.get(number)!.words })),
      comments: [...stager.comments],
      interfaces: source.interfaces.slice(named).map(({ name }) => name),
      packetsRead: books.read,
      octetsRead: source.progress.octetsRead,
    });
    stager.comments.clear();
    named = source.interfaces.length;
    contexts.epoch += 1;
    slot = await takeSlot();
    stager.stagedCount = 0;
  };
  try {
    for (let batches = 1; !isStopped && (await source.fill(batch)); batches += 1) {
      for (let row = 0; row < batch.count; ) {
        row = stager.stageRows(batch, row, FIRST_INTERFACE, slots[slot]!, SLOT_PACKETS);
        if (stager.stagedCount >= SLOT_PACKETS) await handOver();
      }
      stager.endBatch(batch);
      if (batches % BATCHES_PER_TURN === 0) await nextTurn();
    }
  } finally {
    await handOver();
    freeSlots.push(slot);
  }
}

async function takeSlot(): Promise<number> {
  while (freeSlots.length === 0) {
    await new Promise<void>((resolve) => {
      slotFreed = resolve;
    });
  }
  return freeSlots.pop()!;
}
