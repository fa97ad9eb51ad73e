import { parentPort, workerData } from "node:worker_threads";
import { ByteWriter } from "../../core/byte-writer.ts";
import type { FlowContext, FlowContexts } from "../../flow/id/context-table.ts";
import type { FlowExtra } from "../../flow/row/flow-extra.ts";
import { loadRegistry } from "../../service/registry.ts";
import { loadFormat } from "../../sink/formats.ts";
import { UnknownPorts } from "../books/unknown-ports.ts";
import { RowRecords } from "../records/row-records.ts";
import {
  type EncodeReply,
  type EncodeRequest,
  type EncodeThreadData,
  RECORDS_OCTETS,
  ROWS_WORDS,
} from "./encode-messages.ts";
import { extraFrom } from "./told-extra.ts";

// Runs as a thread, one of several: encodes the records of rows that lie in slots of shared memory.

type Rows = Extract<EncodeRequest, { type: "rows" }>;

const data = workerData as EncodeThreadData;
const port = parentPort!;
const slots = Array.from(
  { length: data.rows.byteLength / (ROWS_WORDS * 4) },
  (_, i) => new Int32Array(data.rows, i * ROWS_WORDS * 4, ROWS_WORDS),
);
const extras = new Map<number, FlowExtra>();
const named = new Map<number, FlowContext>();
const contexts: FlowContexts = {
  get: (number) => named.get(number),
  count: 0,
  acquire() {},
  release() {},
};
const unknownPorts = new UnknownPorts();
const registry = { ...loadRegistry(data.registry), facts: new Int32Array(data.facts) };
const newSink = await loadFormat(data.format);
const sink = newSink(data.sink);
const records = sink.rooms?.(slots.length, RECORDS_OCTETS) ?? otherRooms();
const writers = records.map((room) => new ByteWriter(room));
let interfaceNames: readonly (string | undefined)[] = [];
const rowRecords = new RowRecords(
  registry,
  unknownPorts,
  sink,
  contexts,
  extras,
  () => interfaceNames,
);
/** Records of the run that the sink knows of. */
let position = 0;
/** What stands before the first record, until it has been handed over. */
let preface = prefaceOf();

port.on("message", (request: EncodeRequest) => {
  if (request.type === "finish") finish();
  else encode(request);
});
reply({ type: "ready", records });

function reply(message: EncodeReply, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

function otherRooms(): readonly Uint8Array[] {
  const octets = new SharedArrayBuffer(slots.length * RECORDS_OCTETS);
  return slots.map((_, slot) => new Uint8Array(octets, slot * RECORDS_OCTETS, RECORDS_OCTETS));
}

function prefaceOf(): Uint8Array {
  const out = new ByteWriter();
  sink.begin(out);
  return out.bytes.subarray(0, data.isFirst ? out.length : 0);
}

function encode(request: Rows): void {
  const { slot, recordsBefore, count, length } = request;
  learn(request);
  sink.skip?.(recordsBefore - position);
  position = recordsBefore + count;
  const out = writers[slot]!;
  out.length = 0;
  out.raw(preface);
  preface = preface.subarray(0, 0);
  rowRecords.write(slots[slot]!, length, out);
  if (out.bytes === records[slot]) {
    reply({ type: "encoded", slot, length: out.length, moved: undefined });
    return;
  }
  const moved = out.bytes.slice(0, out.length);
  writers[slot] = new ByteWriter(records[slot]!);
  reply({ type: "encoded", slot, length: 0, moved }, [moved.buffer]);
}

function learn(request: Rows): void {
  extras.clear();
  for (const [row, extra] of request.extras) extras.set(row, extraFrom(extra));
  for (const [number, context] of request.contexts) named.set(number, { words: context });
  if (request.interfaceNames !== undefined) interfaceNames = request.interfaceNames;
}

function finish(): void {
  const out = new ByteWriter();
  out.raw(preface);
  if (data.isFirst) sink.end(out);
  const octets = out.bytes.slice(0, out.length);
  reply({ type: "finished", octets, unknownPorts: unknownPorts.state() });
}
