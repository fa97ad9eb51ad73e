import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteWriter } from "../../../src/core/byte-writer.ts";
import type { Output } from "../../../src/delivery/output.ts";
import { type FlowExtra, newFlowExtra } from "../../../src/flow/row/flow-extra.ts";
import {
  Flag,
  Kind,
  LARGEST_ROW,
  LoneSynRow,
  Row,
  rowSize,
} from "../../../src/flow/row/flow-row.ts";
import { UnknownPorts } from "../../../src/pipeline/books/unknown-ports.ts";
import { RecordEncoder } from "../../../src/pipeline/records/record-encoder.ts";
import { RecordMaker } from "../../../src/pipeline/records/record-maker.ts";
import { RowRecords } from "../../../src/pipeline/records/row-records.ts";
import { loadRegistry, type Registry } from "../../../src/service/registry.ts";
import { parseUserRules } from "../../../src/service/user-rules.ts";
import { newNdjsonSink } from "../../../src/sink/ndjson/ndjson.ts";
import type { Sink, SinkRows } from "../../../src/sink/sink.ts";
import { PLAIN } from "../../sink/flow-records.ts";
import {
  CONTEXTS,
  contexts,
  PORTS,
  plainSink,
  putRow,
  rareFacts,
  SEED,
  TCP,
  UDP,
  type UsualFlow,
  usualFlow,
} from "../../sink/ndjson/usual-flow.ts";
import { AWKWARD_RULES } from "../../sink/traffic.ts";

/** So many records come before many are written at once, see ndjson.ts. */
const FIRST_RECORDS = 64;
const ROOM = 1 << 19;

/** The ports of a name: of two of them the lower is believed. */
const RULES = `${AWKWARD_RULES}\n45000-45100/tcp acme`;
const registry = loadRegistry({ userRules: parseUserRules(RULES) });

/** A part of a flow is none of those that are written many at once. */
const PART: FlowExtra = { ...newFlowExtra(), part: 2, previousId: "0".repeat(20) };

type AnyRow = {
  readonly flow: UsualFlow;
  readonly isLone: boolean;
  readonly rare: FlowExtra | undefined;
  readonly context: number;
};

/** A row, maybe one of a lone SYN, maybe with rare facts. */
const anyRow: fc.Arbitrary<AnyRow> = fc.record({
  flow: usualFlow,
  isLone: fc.boolean(),
  rare: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, rareFacts, fc.constant(PART)),
  context: fc.constantFrom(0, 0, 0, ...CONTEXTS.keys()),
});

/** Rows in memory, each behind its end reason. */
class Rows {
  readonly words: Int32Array;
  readonly extras = new Map<number, FlowExtra>();
  readonly starts: number[] = [];
  length = 0;

  constructor(rows: readonly AnyRow[]) {
    this.words = new Int32Array(rows.length * (LARGEST_ROW + 1));
    for (const one of rows) this.add(one);
  }

  get memory(): { words: Int32Array } {
    return { words: this.words };
  }

  private add({ flow, isLone, rare, context }: AnyRow): void {
    const { words } = this;
    const row = this.length + 1;
    words[row - 1] = flow.endReason;
    const isLoneSyn = isLone && flow.protocol === TCP;
    if (isLoneSyn) putLoneSyn(flow, words, row);
    else putRow(flow, words, row);
    if (!isLoneSyn) words[row + Row.Context] = context;
    if (rare !== undefined && !isLoneSyn) {
      words[row + Row.Flags]! |= Flag.Extra;
      this.extras.set(row, rare);
    }
    this.starts.push(row);
    this.length = row + rowSize(words[row + Row.Kind]!);
  }
}

function putLoneSyn(flow: UsualFlow, words: Int32Array, row: number): void {
  putRow({ ...flow, isIpv6: false }, words, row);
  words.fill(0, row + LoneSynRow.Size, row + LARGEST_ROW);
  words[row + Row.Kind] = TCP | Kind.HasPorts | Kind.LoneSyn;
  words[row + Row.Flags]! &= Flag.HasMac | Flag.Multicast;
  words.set([flow.ordinal, (400 << 20) | (414 << 8) | 0xc2, 7, flow.mac[0]!], row + 8);
  words.set([...flow.start, flow.mac[1]!, flow.mac[2]!], row + LoneSynRow.StartSeconds);
}

/** An NDJSON sink, and how many records it was given one by one. */
function countingSink(): { sink: Sink; one: { count: number } } {
  const sink = newNdjsonSink({ ...PLAIN, communityIdSeed: SEED });
  const one = { count: 0 };
  const write: Sink["write"] = (record, out) => {
    one.count += 1;
    sink.write(record, out);
  };
  return { sink: { ...sink, write }, one };
}

/** The same records member by member, and what they make of unknown ports. */
function plainly(rows: Rows, names: readonly (string | undefined)[], ports: UnknownPorts): string {
  const out = new ByteWriter();
  const sink = plainSink();
  const maker = new RecordMaker(registry, ports, rows, contexts);
  for (const row of rows.starts) sink.write(maker.make(row, rows.words[row - 1]!, names), out);
  return out.toString();
}

/** Takes whatever is written, as text. */
function collected(): { output: Output; texts: string[] } {
  const texts: string[] = [];
  const write = async (octets: Uint8Array): Promise<void> => {
    texts.push(new TextDecoder().decode(octets));
  };
  return {
    output: { isClosed: false, write, close: async () => undefined, abandon: () => undefined },
    texts,
  };
}

function sortedCounts(ports: UnknownPorts): unknown[] {
  return ports.counts({ servicesOnly: false }).sort((a, b) => a.slot - b.slot);
}

const EXAMPLE = fc.sample(usualFlow, { seed: 1, numRuns: 1 })[0]!;
const example: AnyRow = { flow: EXAMPLE, isLone: false, rare: undefined, context: 0 };
const LOSSES: FlowExtra = { ...newFlowExtra(), outOfOrder0: 2, missedBytes: 1460 };
const many = (row: AnyRow, count: number): AnyRow[] => Array<AnyRow>(count).fill(row);

describe("RowRecords", () => {
  it("writes rows of any kind as the records that they are one by one", () => {
    const { sink } = countingSink();
    const room = sink.rooms?.(1, ROOM)?.[0];
    let names: readonly (string | undefined)[] = [];
    let ours = new UnknownPorts();
    const counting = { add: (view) => ours.add(view) } as Pick<UnknownPorts, "add"> as UnknownPorts;
    const extras = new Map<number, FlowExtra>();
    const records = new RowRecords(registry, counting, sink, contexts, extras, () => names);
    const first = new Rows(many(example, FIRST_RECORDS));
    records.write(first.words, first.length, new ByteWriter(room));
    const property = fc.property(
      fc.array(anyRow, { minLength: 1, maxLength: 40 }),
      fc.constantFrom<readonly (string | undefined)[]>([], ["eth0"], ["wlan0"]),
      (rows, itsNames) => {
        names = itsNames;
        const block = new Rows(rows);
        extras.clear();
        for (const [row, extra] of block.extras) extras.set(row, extra);
        const out = new ByteWriter(room);
        // What is learned stays from block to block; the counts begin anew, so a failure is of its block.
        ours = new UnknownPorts();
        const theirs = new UnknownPorts();
        records.write(block.words, block.length, out);
        expect(out.toString()).toBe(plainly(block, names, theirs));
        expect(sortedCounts(ours)).toEqual(sortedCounts(theirs));
      },
    );
    // Parts are counted before the flows that the module writes; here one of packets without octets.
    const nameless: UsualFlow = { ...EXAMPLE, protocol: UDP, ports: [53_211, 47_321] };
    const empty: UsualFlow = { ...nameless, counters: Array<number>(8).fill(0) };
    const partLast: AnyRow[] = [
      { ...example, flow: nameless },
      { ...example, flow: empty, rare: PART },
    ];
    fc.assert(property, { numRuns: 150, examples: [[partLast, []]] });
  });

  it.each([
    ["TCP", TCP],
    ["UDP", UDP],
  ] as const)("takes no two ports of %s for the same where a rule does not", (_, protocol) => {
    const { sink } = countingSink();
    const rows = new Rows(
      PORTS.flatMap((first) =>
        PORTS.map((second) => ({
          ...example,
          flow: { ...EXAMPLE, protocol, ports: [first, second], flags: 0, isSecondFirst: false },
        })),
      ),
    );
    const out = new ByteWriter(sink.rooms?.(1, 1 << 20)?.[0]);
    recordsFor(sink, registry).write(rows.words, rows.length, out);
    expect(out.toString()).toBe(plainly(rows, [], new UnknownPorts()));
  });

  it("remembers how flows of several hundred kinds are tagged, all at the same time", () => {
    const { sink } = countingSink();
    const rows = new Rows(
      [TCP, UDP].flatMap((protocol) =>
        PORTS.flatMap((first) =>
          PORTS.map((second) => ({
            ...example,
            flow: { ...EXAMPLE, protocol, ports: [first, second], flags: 0, isSecondFirst: false },
          })),
        ),
      ),
    );
    let learned = 0;
    const counting: Sink = {
      ...sink,
      rows(names) {
        const all = sink.rows?.(names);
        return all && spied(all, () => (learned += 1));
      },
    };
    const records = recordsFor(counting, registry);
    const room = sink.rooms?.(1, 1 << 21)?.[0];
    const write = (): number => {
      learned = 0;
      records.write(rows.words, rows.length, new ByteWriter(room));
      return learned;
    };
    // The first time some are written before anything is learned.
    expect([write() > 400, write() <= FIRST_RECORDS, write()]).toEqual([true, true, 0]);
  });

  it.each([
    ["TCP", { ...example, flow: { ...EXAMPLE, protocol: TCP } }],
    ["UDP over IPv6", { ...example, flow: { ...EXAMPLE, protocol: UDP, isIpv6: true } }],
    ["lone SYNs", { ...example, flow: { ...EXAMPLE, protocol: TCP }, isLone: true }],
    ["TCP with losses", { ...example, flow: { ...EXAMPLE, protocol: TCP }, rare: LOSSES }],
    ["UDP in a VLAN", { ...example, flow: { ...EXAMPLE, protocol: UDP }, context: 1 }],
  ])("writes records of %s many at once, where they lie in the sink's memory", (_, row) => {
    const { sink, one } = countingSink();
    const room = sink.rooms?.(1, ROOM)?.[0];
    const rows = new Rows(many(row, 300));
    const records = recordsFor(sink, registry, rows.extras);
    records.write(rows.words, rows.length, new ByteWriter(room));
    expect(one.count).toBe(FIRST_RECORDS);
  });

  it.each([
    ["for want of room", registry, 1 << 17],
    [
      "where rules are for some servers only",
      loadRegistry({ userRules: parseUserRules("8000/tcp acme 10.0.0.1") }),
      ROOM,
    ],
  ])("writes them one by one %s", (_, names, octets) => {
    const { sink, one } = countingSink();
    const room = sink.rooms?.(1, octets)?.[0];
    const rows = new Rows(many(example, 300));
    const out = new ByteWriter(room);
    recordsFor(sink, names).write(rows.words, rows.length, out);
    expect(one.count).toBe(300);
    expect(out.toString().match(/\n/g)?.length).toBe(300);
  });
});

/** The same rows, of which `learns` is told when they learn. */
function spied(rows: SinkRows, learns: () => void): SinkRows {
  return {
    words: rows.words,
    begin: (from, to, names) => rows.begin(from, to, names),
    write: (from, to, out) => rows.write(from, to, out),
    tell: (view, at) => rows.tell(view, at),
    learn(record) {
      learns();
      return rows.learn(record);
    },
    get namelessCount() {
      return rows.namelessCount;
    },
    namelessRow: (index) => rows.namelessRow(index),
  };
}

function recordsFor(
  sink: Sink,
  names: Registry,
  extras: ReadonlyMap<number, FlowExtra> = new Map(),
): RowRecords {
  const noNames: readonly string[] = [];
  return new RowRecords(names, new UnknownPorts(), sink, contexts, extras, () => noNames);
}

describe("RecordEncoder", () => {
  it("keeps the order of rows that wait and of those that can't", async () => {
    const rows = new Rows([
      ...many(example, FIRST_RECORDS),
      ...fc.sample(anyRow, { seed: 2, numRuns: 600 }),
    ]);
    const { sink, one } = countingSink();
    const { output, texts } = collected();
    const [ours, theirs] = [new UnknownPorts(), new UnknownPorts()];
    const names = ["eth0"];
    const encoder = new RecordEncoder(registry, sink, output, ours, rows, contexts, names);
    for (const row of rows.starts) {
      encoder.encode(row, rows.words[row - 1]!);
      if (encoder.isFull) await encoder.flush();
    }
    await encoder.finish();
    expect(texts.join("")).toBe(plainly(rows, names, theirs));
    expect(sortedCounts(ours)).toEqual(sortedCounts(theirs));
    expect(rows.extras.size).toBeGreaterThan(50);
    const isRare = (row: number): boolean =>
      (rows.words[row + Row.Flags]! & Flag.Extra) !== 0 || rows.words[row + Row.Context] !== 0;
    expect(one.count).toBe(FIRST_RECORDS + rows.starts.filter(isRare).length);
  });
});
