import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { usualRecordModuleSource } from "../../../scripts/usual-record/module-source.ts";
import { ByteWriter } from "../../../src/core/byte-writer.ts";
import { newWebAssemblyMemory } from "../../../src/core/web-assembly.ts";
import { EndReason } from "../../../src/flow/ending/end-reason.ts";
import { FlowView } from "../../../src/flow/flow-view.ts";
import { type FlowExtra, newFlowExtra } from "../../../src/flow/row/flow-extra.ts";
import { Flag, Row, TcpRow } from "../../../src/flow/row/flow-row.ts";
import { newTag } from "../../../src/service/tag.ts";
import { ServiceText } from "../../../src/sink/members/service-text.ts";
import { TcpText } from "../../../src/sink/members/tcp-text.ts";
import { newNdjsonSink } from "../../../src/sink/ndjson/ndjson.ts";
import { newUsualRecordMemory, roomsIn } from "../../../src/sink/ndjson/usual-record-memory.ts";
import { newUsualRecords, type UsualRecords } from "../../../src/sink/ndjson/usual-records.ts";
import type { FlowRecord, Sink } from "../../../src/sink/sink.ts";
import { PLAIN, written } from "../flow-records.ts";
import { AWKWARD_INTERFACE, AWKWARD_RULES, everyShape } from "../traffic.ts";
import {
  CONTEXTS,
  contexts,
  plainSink,
  putRow,
  rareFacts,
  SEED,
  TCP,
  type UsualFlow,
  usualFlow,
} from "./usual-flow.ts";

const ROW = 16;
/** A little more than a record may need. */
const ROOM = 140_000;

function usualRecords(seed = SEED, memory = newUsualRecordMemory(0)!): UsualRecords {
  return newUsualRecords(memory, seed, new ServiceText(), new TcpText())!;
}

function recordOf(one: UsualFlow, extra?: FlowExtra, context = 0): FlowRecord {
  const words = new Int32Array(ROW + TcpRow.SizeIpv6);
  putRow(one, words, ROW);
  if (extra !== undefined) words[ROW + Row.Flags]! |= Flag.Extra;
  const extras = new Map(extra === undefined ? [] : [[ROW, extra]]);
  words[ROW + Row.Context] = context;
  const view = new FlowView({ memory: { words }, extras }, contexts);
  view.load(ROW, one.endReason);
  const tag = { ...newTag(), port: one.port, side: one.port < 0 ? 0 : 2 };
  return { view, tag, entry: undefined, interfaceName: one.interfaceName };
}

const EXAMPLE: UsualFlow = {
  protocol: TCP,
  isIpv6: false,
  ports: [40_000, 443],
  low: [0x0a000001, 0x0a000002],
  high: [
    [0, 0, 0],
    [0, 0, 0],
  ],
  flags: Flag.SynBy0,
  isSecondFirst: false,
  hasMac: true,
  mac: [0x02000200, 1, 2],
  ordinal: 1,
  start: [1_772_438_400, 0],
  lasts: [1, 5],
  counters: [1, 1, 60, 60, 40, 40, 0, 0],
  letters: 0,
  moreLetters: [0, 0, 0],
  retransmits: [0, 0],
  handshake: 0,
  endReason: EndReason.Idle,
  port: 443,
  interfaceName: undefined,
};

const aContext = fc.constantFrom(0, ...CONTEXTS.keys());
const EXTRA = newFlowExtra();

describe("UsualRecords", () => {
  it("writes what is written member by member, in its own memory or another", () => {
    const memory = newUsualRecordMemory(ROOM)!;
    const [room] = roomsIn(memory, 1, ROOM);
    const records = usualRecords(SEED, memory);
    const plain = plainSink();
    const here = new ByteWriter(room);
    fc.assert(
      fc.property(usualFlow, fc.option(rareFacts), aContext, (one, extra, context) => {
        const record = recordOf(one, extra ?? undefined, context);
        const [ours, theirs] = [new ByteWriter(64), new ByteWriter()];
        // One behind the other, until the last of the room is too small for any record.
        if (here.length > ROOM - 2000) here.length = 0;
        const before = here.length;
        expect(records.write(record, here)).toBe(true);
        expect(records.write(record, ours)).toBe(true);
        plain.write(record, theirs);
        expect(ours.toString()).toBe(theirs.toString());
        expect(here.toString().slice(before)).toBe(theirs.toString());
      }),
      { numRuns: 2000 },
    );
    expect(here.bytes).toBe(room);
  });

  it("knows its rooms after another memory of the thread has grown", () => {
    const memory = newUsualRecordMemory(ROOM)!;
    const [room] = roomsIn(memory, 1, ROOM);
    const before = memory.webAssembly.buffer;
    newWebAssemblyMemory(1, 2)!.grow(1);
    // What this is about: V8 has replaced the buffer of a memory that did not grow.
    expect(memory.webAssembly.buffer === before).toBe(false);
    expect(usualRecords(SEED, memory).placeFor(new ByteWriter(room))).toBe(room!.byteOffset);
  });

  it.each([
    ["a part before", recordOf(EXAMPLE, { ...EXTRA, part: 2 })],
    ["a comment", recordOf(EXAMPLE, { ...EXTRA, comments: [{ packet: 1, text: "" }] })],
    ["more octets than 2^32", recordOf(EXAMPLE, { ...EXTRA, carries: [0, 0, 1] })],
    ["more missed octets", recordOf(EXAMPLE, { ...EXTRA, missedBytes: 2 ** 32 })],
    ["a history beyond its row", recordOf(EXAMPLE, { ...EXTRA, history: [1] })],
    ["an id of an earlier time", recordOf(EXAMPLE, { ...EXTRA, firstNanoseconds: 0 })],
    ["VLANs that are no part of the key", recordOf(EXAMPLE, { ...EXTRA, vlan: [1] })],
    ["another part behind", recordOf({ ...EXAMPLE, endReason: EndReason.Active })],
    ["another transport", recordOf({ ...EXAMPLE, protocol: 132 })],
    ["the name of an interface that is too long", named("x".repeat(40_000))],
  ])("leaves a record with %s to others", (_, record) => {
    const out = new ByteWriter();
    expect(usualRecords().write(record, out)).toBe(false);
    expect(out.length).toBe(0);
  });

  it("leaves records to others when its memory is full of texts", () => {
    const records = usualRecords();
    const out = new ByteWriter();
    let written = 0;
    for (; written < 1000; written += 1) {
      out.length = 0;
      if (!records.write(named(`${written}${"x".repeat(30_000)}`), out)) break;
    }
    expect(written).toBeGreaterThan(100);
    expect(written).toBeLessThan(1000);
    expect(records.write(recordOf(EXAMPLE), out)).toBe(true);
  });
});

function named(interfaceName: string): FlowRecord {
  return { ...recordOf(EXAMPLE), interfaceName };
}

it.each([
  ["plain", {}],
  ["awkward texts", { rules: AWKWARD_RULES, interfaces: [AWKWARD_INTERFACE] }],
])("every shape of record is the same with and without WebAssembly: %s", (_, options) => {
  const withModule = (): Sink => {
    const records = usualRecords();
    const others = plainSink();
    return {
      ...others,
      write(record, out) {
        if (!records.write(record, out)) others.write(record, out);
      },
    };
  };
  const ours = written(withModule, everyShape(), options);
  expect(ours).toBe(written(plainSink, everyShape(), options));
});

it("newNdjsonSink writes the same record from the first to the last of many", () => {
  const sink = newNdjsonSink({ ...PLAIN, communityIdSeed: SEED });
  const out = new ByteWriter();
  const record = recordOf(EXAMPLE);
  for (let i = 0; i < 200; i += 1) sink.write(record, out);
  const lines = out.toString().split("\n");
  expect(lines.length).toBe(201);
  expect(new Set(lines.slice(0, -1)).size).toBe(1);
});

it("its module is the one that the script makes", () => {
  const source = readFileSync(
    new URL("../../../src/sink/ndjson/usual-record-module.ts", import.meta.url),
    "utf8",
  );
  expect(source).toBe(usualRecordModuleSource());
});
