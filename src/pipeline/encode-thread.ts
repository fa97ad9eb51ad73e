import { parentPort, workerData } from "node:worker_threads";
import { OutputError } from "../core/errors.ts";
import { outputTo } from "../delivery/output.ts";
import type { FlowContext, FlowContexts } from "../flow/context-table.ts";
import type { FlowExtra } from "../flow/flow-extra.ts";
import { Row, rowSize } from "../flow/flow-row.ts";
import type { ViewedRows } from "../flow/flow-view.ts";
import { loadRegistry } from "../service/registry.ts";
import { formats } from "../sink/formats.ts";
import {
  ENCODE_SLOT_WORDS,
  ENCODE_SLOTS,
  type EncodeReply,
  type EncodeRequest,
  type EncodeThreadData,
} from "./encode-messages.ts";
import { RecordEncoder } from "./record-encoder.ts";
import { UnknownPorts } from "./unknown-ports.ts";

// Runs as a thread: encodes the records of rows that lie in slots of shared memory, and writes them.

const data = workerData as EncodeThreadData;
const port = parentPort!;
const slots = Array.from(
  { length: ENCODE_SLOTS },
  (_, i) => new Int32Array(data.memory, i * ENCODE_SLOT_WORDS * 4, ENCODE_SLOT_WORDS),
);
const rows: { memory: { words: Int32Array }; extras: Map<number, FlowExtra> } & ViewedRows = {
  memory: { words: slots[0]! },
  extras: new Map(),
};
const named = new Map<number, FlowContext>();
const contexts: FlowContexts = {
  get: (number) => named.get(number),
  count: 0,
  acquire() {},
  release() {},
};
let interfaceNames: readonly (string | undefined)[] = [];
const output = outputTo(data.descriptor, data.path);
const unknownPorts = new UnknownPorts();
const encoder = new RecordEncoder(
  loadRegistry(data.registry),
  formats[data.format]!(data.sink),
  output,
  unknownPorts,
  rows,
  contexts,
);
let turn: Promise<void> = Promise.resolve();
let hasFailed = false;

port.on("message", (request: EncodeRequest) => {
  turn = turn.then(() => handle(request)).catch(fail);
});

function reply(message: EncodeReply): void {
  port.postMessage(message);
}

/** A failed output is told once; after that slots are only given back. */
function fail(error: unknown): void {
  if (!(error instanceof OutputError)) throw error;
  hasFailed = true;
  reply({ type: "failed", code: error.code, message: error.message });
}

async function handle(request: EncodeRequest): Promise<void> {
  if (request.type === "finish") {
    if (!hasFailed) await encoder.finish();
    reply({ type: "finished", isClosed: output.isClosed, unknownPorts: unknownPorts.state() });
    return;
  }
  if (!hasFailed && !output.isClosed) await encodeRows(request);
  reply({ type: "free", slot: request.slot, isClosed: output.isClosed });
}

async function encodeRows(request: Extract<EncodeRequest, { type: "rows" }>): Promise<void> {
  const words = slots[request.slot]!;
  rows.memory.words = words;
  rows.extras.clear();
  for (const [row, extra] of request.extras) rows.extras.set(row, extra);
  for (const [number, context] of request.contexts) named.set(number, { words: context });
  if (request.interfaceNames !== undefined) interfaceNames = request.interfaceNames;
  for (let at = 0, i = 0; i < request.count; i += 1) {
    const row = at + 1;
    encoder.encode(row, words[at]!, interfaceNames);
    at = row + rowSize(words[row + Row.Kind]!);
    if (encoder.isFull) await encoder.flush();
  }
}
