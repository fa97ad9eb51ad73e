import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { EndReason } from "../../src/flow/ending/end-reason.ts";
import { EvictionCause, EvictionCauseName } from "../../src/flow/ending/eviction-cause.ts";
import type { FlowTimeouts } from "../../src/flow/ending/timeouts.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import {
  type DriveOptions,
  Driver,
  drive,
  EPOCH,
  type TestPacket,
  type TestRecord,
} from "./drive.ts";
import { FlowModel } from "./model.ts";
import { randomTraffic, type TrafficOptions } from "./random-traffic.ts";

/** How long the tests against the model are; 60 takes millions of packets through them. */
const ROUNDS = Number(process.env["PORTFLOW_MODEL_ROUNDS"] ?? 3);

// Seconds of work where the machine has something else to do.
vi.setConfig({ testTimeout: 60_000 * ROUNDS });

const SECOND = 1e9;
const MILLISECOND = 1e6;

type Comparable = Omit<TestRecord, "id" | "previousId" | "certainty" | "directionReason" | "tcp">;

/** A record without ids, which the model does not know; the part before is told by its start and end. */
function plain(record: Comparable, before: Comparable | undefined): string {
  const { flow, part, packets, bytes, ipBytes, payloadBytes, start, end, closed } = record;
  const { fragments, reason } = record;
  const link = before === undefined ? "" : `${before.start}-${before.end} ${before.packets}`;
  return JSON.stringify({
    ...{ closed, start, flow, part, link, packets, bytes, ipBytes, payloadBytes, end },
    ...{ fragments, reason },
  });
}

function modelled(packets: readonly TestPacket[], timeouts?: Partial<FlowTimeouts>): string[] {
  const model = new FlowModel(timeouts);
  for (const packet of packets) model.add(packet);
  model.end();
  return model.records.map((record) => plain(record, model.records[record.previous])).sort();
}

function told(records: readonly TestRecord[]): string[] {
  const byId = new Map(records.map((record) => [record.id, record]));
  return records.map((record) => plain(record, byId.get(record.previousId))).sort();
}

function expectOrder(records: readonly TestRecord[]): void {
  for (let i = 1; i < records.length; i += 1) {
    const a = records[i - 1]!;
    const b = records[i]!;
    const isInOrder =
      a.closed < b.closed ||
      (a.closed === b.closed && (a.start < b.start || (a.start === b.start && a.id < b.id)));
    if (!isInOrder) expect.fail(`record ${i} is out of order: ${a.id} before ${b.id}`);
  }
}

/** The first difference says more than two lists of thousands. */
function expectSame(got: readonly string[], wanted: readonly string[]): void {
  const at = wanted.findIndex((line, i) => line !== got[i]);
  if (at >= 0) expect(got.slice(at, at + 3)).toEqual(wanted.slice(at, at + 3));
  expect(got.length).toBe(wanted.length);
}

function groups(seed: number): () => number {
  const random = new SeededRandom(seed);
  return () => 1 + random.below(random.below(2) === 0 ? 4 : 128);
}

function expectModel(
  packets: readonly TestPacket[],
  options: DriveOptions = {},
): readonly TestRecord[] {
  const records = drive(packets, options);
  expectSame(told(records), modelled(packets, options.timeouts));
  expectOrder(records);
  expect(new Set(records.map((record) => record.id)).size).toBe(records.length);
  return records;
}

type Arranged = TrafficOptions & { readonly seed: number };

const arrangement = {
  seed: fc.integer(),
  packets: fc.integer({ min: 1, max: 400 }),
  hosts: fc.integer({ min: 1, max: 3 }),
  pause: fc.constantFrom(1, 300 * MILLISECOND, 2 * SECOND, 20 * SECOND),
  leaps: fc.constantFrom(0, 5, 50),
};
const ordered: fc.Arbitrary<Arranged> = fc.record({
  ...arrangement,
  late: fc.constant(0),
  lag: fc.constant(1),
});
const disordered: fc.Arbitrary<Arranged> = fc.record({
  ...arrangement,
  late: fc.constantFrom(30, 300),
  lag: fc.constantFrom(500 * MILLISECOND, 8 * SECOND, 200 * SECOND),
});
const timeouts: fc.Arbitrary<Partial<FlowTimeouts>> = fc.constantFrom(
  {},
  { active: 7 * SECOND },
  { active: 1 },
  { tcp: 2 * SECOND, udp: 1.5 * SECOND, icmp: 0, other: 1, unanswered: 0.25 * SECOND, linger: 0 },
  { tcp: 3000 * SECOND, udp: 2000 * SECOND, active: 500 * SECOND },
);

describe("FlowTable: against the model", () => {
  it.each([
    ["in order", ordered],
    ["with late packets", disordered],
  ])("random traffic of few ends, %s", (_name, traffic) => {
    fc.assert(
      fc.property(traffic, timeouts, ({ seed, ...options }, limits) => {
        expectModel(randomTraffic(seed, options), { timeouts: limits, group: groups(seed) });
      }),
      { numRuns: 40 * ROUNDS, seed: 20260302 },
    );
  });

  it.each([
    ["in order", { late: 0, lag: 1 }, {}],
    ["late packets and an active timeout", { late: 50, lag: 20 * SECOND }, { active: 40 * SECOND }],
  ])("a long run, %s", (_name, disorder, limits) => {
    const packets = randomTraffic(4711, {
      packets: 50_000 * ROUNDS,
      hosts: 2,
      pause: 30 * MILLISECOND,
      leaps: 0.1,
      ...disorder,
    });
    const records = expectModel(packets, { timeouts: limits, group: groups(1) });
    const reasons = new Set(records.map((record) => record.reason));
    expect([...reasons].sort()).toEqual(
      ["active", "capture_end", "closed", "idle", "reset", "reuse"].slice(
        "active" in limits ? 0 : 1,
      ),
    );
  });

  it("times after 2038, when seconds no longer fit 31 bits", () => {
    const packets = randomTraffic(5, {
      ...{ packets: 2000, hosts: 2, pause: SECOND, leaps: 5, late: 50, lag: SECOND },
    });
    expectModel(packets, { epoch: 2 ** 32 - 200_000 });
  });
});

describe("FlowTable: against the model, with less room than there are flows", () => {
  it.each([
    ["in order", { late: 0, lag: 1 }, {}],
    ["late packets and an active timeout", { late: 50, lag: 2 * SECOND }, { active: 4 * SECOND }],
    ["long timeouts", { late: 0, lag: 1 }, { tcp: 3000 * SECOND, udp: 2000 * SECOND }],
  ])("%s", (_name, disorder, limits) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const packets = randomTraffic(815 + round, {
        ...{ packets: 1500, hosts: 3, pause: 40 * MILLISECOND, leaps: 0.5 },
        ...disorder,
      });
      const maxFlows = [1, 7, 60][round % 3]!;
      const driver = new Driver({ maxFlows, timeouts: limits });
      const model = new FlowModel(limits);
      for (const packet of packets) {
        const before = driver.records.length;
        driver.add([packet]);
        const ended = [...driver.records.slice(before), ...driver.waiting()];
        model.add(packet, (flow, start, part) =>
          ended.some((one) => one.flow === flow && one.start === start && one.part === part),
        );
        if (model.flows > maxFlows) expect.fail(`${model.flows} flows are open`);
      }
      model.end();
      const wanted = model.records.map((record) => plain(record, model.records[record.previous]));
      expectSame(told(driver.end()), wanted.sort());
      expectOrder(driver.records);
      expect(model.evicted).toBeGreaterThan(50);
      expect(driver.table.evictions.reduce((sum, count) => sum + count)).toBe(
        model.records.filter(({ reason }) => reason === "evicted").length,
      );
    }
  });
});

describe("FlowTable: what must not matter", () => {
  it("whether WebAssembly adds usual packets, or JavaScript", () => {
    fc.assert(
      fc.property(disordered, timeouts, ({ seed, ...options }, limits) => {
        const packets = randomTraffic(seed, options);
        const compiled = drive(packets, { timeouts: limits });
        expect(drive(packets, { timeouts: limits, isApart: true })).toEqual(compiled);
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  it("whether WebAssembly has flows give way, or JavaScript", () => {
    const seen = EvictionCauseName.map(() => 0);
    const shared = fc.record({
      timeouts,
      maxFlows: fc.integer({ min: 1, max: 60 }),
      loneSynsFrom: fc.constantFrom(0, 40),
    });
    const flooding = fc.constantFrom(0, 500);
    fc.assert(
      fc.property(disordered, flooding, shared, ({ seed, ...options }, syns, limits) => {
        const packets = randomTraffic(seed, options);
        // All within a second: of those proven by then only the rank says so.
        const first = 2000 * SECOND;
        for (let i = 0; i < 60; i += 1) packets.push(datagram(2000 + Math.floor(i / 4), first + i));
        for (let i = 0; i < syns; i += 1) packets.push(syn(100 + i, first + i * MILLISECOND));
        for (let i = 0; i < 40; i += 1) packets.push(datagram(3000 + i, first + SECOND / 2 + i));
        const compiled = new Driver(limits);
        const plainly = new Driver({ ...limits, isApart: true });
        compiled.add(packets);
        plainly.add(packets);
        expect(compiled.end()).toEqual(plainly.end());
        const { evictions } = compiled.table;
        expect(evictions).toEqual(plainly.table.evictions);
        expect(compiled.table.peakFlows).toBe(plainly.table.peakFlows);
        for (const [cause, count] of evictions.entries()) seen[cause]! += count;
      }),
      { numRuns: 60, seed: 5 },
    );
    expect(seen[EvictionCause.HalfOpen]).toBeGreaterThan(1000);
    expect(seen[EvictionCause.Brief]).toBeGreaterThan(1000);
  });

  it("group size and hash secret change no record and no place", () => {
    fc.assert(
      fc.property(disordered, timeouts, fc.integer(), ({ seed, ...options }, limits, word) => {
        const packets = randomTraffic(seed, options);
        const one = drive(packets, { timeouts: limits, group: () => 1 });
        const secret = { multiplier: word | 1, seed: ~word };
        const other = drive(packets, { timeouts: limits, group: groups(word), secret });
        expect(other).toEqual(one);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it("the order of packets of other flows at the same time", () => {
    fc.assert(
      fc.property(ordered, ({ seed, ...options }) => {
        const packets = randomTraffic(seed, { ...options, pause: 2 }).map((packet) => ({
          ...packet,
          time: Math.floor(packet.time / 10) * 10,
        }));
        const bare = (records: readonly TestRecord[]): string[] =>
          records.map(({ id: _id, previousId: _previous, ...rest }) => JSON.stringify(rest)).sort();
        expect(bare(drive(shuffledAmongFlows(packets, seed)))).toEqual(bare(drive(packets)));
      }),
      { numRuns: 60, seed: 2 },
    );
  });

  it("which end is called the source: records flip as a whole, where ports decide nothing", () => {
    fc.assert(
      fc.property(disordered, timeouts, ({ seed, ...options }, limits) => {
        const packets = randomTraffic(seed, options).map(withoutServerPorts);
        const straight = drive(packets, { timeouts: limits });
        const turned = drive(packets.map(turn), { timeouts: limits });
        const bare = (records: readonly TestRecord[], flow: (text: string) => string): string[] =>
          records
            .map(({ id: _id, previousId: _previous, ...rest }) =>
              JSON.stringify({ ...rest, flow: flow(rest.flow) }),
            )
            .sort();
        expectSame(bare(turned, turnFlow), bare(straight, String));
      }),
      { numRuns: 60, seed: 3 },
    );
  });
});

describe("FlowTable: parts of a flow", () => {
  it("add up to the flow that no active timeout splits", () => {
    fc.assert(
      fc.property(ordered, fc.constantFrom(1, 0.4 * SECOND, 7 * SECOND), (traffic, active) => {
        const packets = randomTraffic(traffic.seed, traffic);
        const whole = drive(packets).map((record) => summary([record]));
        const parts = chains(drive(packets, { timeouts: { active } })).map(summary);
        expectSame(parts.sort(), whole.sort());
      }),
      { numRuns: 100, seed: 4 },
    );
  });

  it("are numbered from 1, each naming the part before, with the same key and direction", () => {
    const packets = [0, 4, 9, 10, 21, 22].map((seconds, i) => ({
      ...{ time: seconds * SECOND, protocol: 17, payload: 10 },
      ...(i % 2 === 0
        ? { source: 1, destination: 2, sourcePort: 40000, destinationPort: 40001 }
        : { source: 2, destination: 1, sourcePort: 40001, destinationPort: 40000 }),
    }));
    const records = drive(packets, { timeouts: { active: 10 * SECOND } });
    expect(
      records.map(({ part, reason, flow, packets: count, start, end, closed }) =>
        [part, reason, flow, count, start / SECOND, end / SECOND, closed / SECOND].join(" | "),
      ),
    ).toEqual([
      "1 | active | 17 1:40000 2:40001 0 | 2,1 | 0 | 9 | 10",
      "2 | active | 17 1:40000 2:40001 0 | 0,1 | 10 | 10 | 21",
      "3 | capture_end | 17 1:40000 2:40001 0 | 1,1 | 21 | 22 | 22",
    ]);
    expect(records.map((record) => record.previousId)).toEqual([
      "",
      records[0]!.id,
      records[1]!.id,
    ]);
  });
});

describe("FlowTable: limits", () => {
  const packets = randomTraffic(9, {
    ...{ packets: 20_000, hosts: 3, pause: 20 * MILLISECOND, leaps: 0, late: 0, lag: 1 },
  });

  it("evicts beyond the largest number of flows, and loses no packet", () => {
    const driver = new Driver({ maxFlows: 20 });
    driver.add(packets);
    expect(driver.table.flows).toBeLessThanOrEqual(20);
    expect(driver.table.peakFlows).toBe(20);
    const records = driver.end();
    const total = records.reduce((sum, { packets: [a, b] }) => sum + a + b, 0);
    expect(total).toBe(packets.length);
    const evicted = records.filter((record) => record.reason === "evicted").length;
    expect(evicted).toBeGreaterThan(100);
    expect(driver.table.evictions.reduce((sum, count) => sum + count)).toBe(evicted);
    expectOrder(records);
  });

  it("evicts the flow that is due first", () => {
    const syn: TestPacket = { ...datagram(7, 5 * SECOND), protocol: 6, flags: 2, sequence: 1 };
    const later = [datagram(3, 6 * SECOND), datagram(4, 7 * SECOND)];
    const records = drive([datagram(1, 0), datagram(2, 3 * SECOND), syn, ...later], {
      maxFlows: 3,
    });
    expect(records.map(({ flow, reason }) => [flow.slice(0, 4), reason])).toEqual([
      ["6 7:", "evicted"],
      ["17 1", "evicted"],
      ["17 2", "capture_end"],
      ["17 3", "capture_end"],
      ["17 4", "capture_end"],
    ]);
  });

  it("evicts first what is over by now, though what is due later was looked for before", () => {
    const talk = conversation(50, 0);
    const reset: TestPacket = { ...talk[0]!, time: 2 * SECOND, flags: 4, sequence: 2 };
    const filling = [datagram(1, SECOND), datagram(2, SECOND), datagram(3, SECOND)];
    const driver = new Driver({ maxFlows: 3 });
    // Groups of their own: what is looked for is remembered between them.
    const last = datagram(4, 3 * SECOND);
    for (const packet of [...talk, ...filling, reset, last]) driver.add([packet]);
    expect(driver.end().map(({ flow, reason }) => [flow.slice(0, 4), reason])).toEqual([
      ["17 1", "evicted"],
      ["6 50", "reset"],
      ["17 2", "capture_end"],
      ["17 3", "capture_end"],
      ["17 4", "capture_end"],
    ]);
  });

  it("lets a flood of SYNs give way before conversations, however old their places in the wheel", () => {
    const conversations = Array.from({ length: 20 }, (_, i) => conversation(100 + i, i * 10));
    const flood = Array.from({ length: 5000 }, (_, i) =>
      syn(1000 + i, SECOND + i * 2 * MILLISECOND),
    );
    // Begun in the middle of the flood; 20 packets of it come between SYN and answer.
    const late = conversation(200, 2 * SECOND, 20 * 2 * MILLISECOND);
    const packets = [...conversations.flat(), ...flood, ...late].sort((a, b) => a.time - b.time);
    const driver = new Driver({ maxFlows: 50 });
    driver.add(packets);
    const records = driver.end();
    const reasons = new Map<string, number>();
    for (const { flow, reason, tcp } of records) {
      const key = `${flow.endsWith(":443 0") ? "conversation" : "flood"} ${reason} ${tcp!.state}`;
      reasons.set(key, (reasons.get(key) ?? 0) + 1);
    }
    expect(Object.fromEntries(reasons)).toEqual({
      "conversation capture_end S1": 21,
      "flood evicted S0": 5000 - 29,
      "flood capture_end S0": 29,
    });
    expect([...driver.table.evictions]).toEqual([5000 - 29, 0, 0, 0]);
    expectOrder(records);
  });

  it("evicts what is over without calling it evicted", () => {
    const over: TestPacket = { ...syn(1, 0), flags: 4 };
    const driver = new Driver({ maxFlows: 1 });
    driver.add([over, syn(2, 1), syn(3, 2)]);
    expect(driver.end().map(({ reason }) => reason)).toEqual(["reset", "evicted", "capture_end"]);
    expect([...driver.table.evictions]).toEqual([1, 0, 0, 0]);
  });

  it.each([
    ["flows", (i: number): TestPacket[] => [{ ...syn(i, i), payload: 1 }]],
    ["lone SYNs", (i: number): TestPacket[] => [0, 1, 2].map((k) => syn(3 * i + k, 3 * i + k))],
    [
      "flows of another kind, when those before are gone",
      (i: number): TestPacket[] => [
        i < 8000 ? { ...syn(i, i), protocol: 17, flags: 0 } : { ...syn(i, i), isIpv6: true },
      ],
    ],
    ["holes", (i: number): TestPacket[] => hole(i, i * 10)],
    ["VLANs", (i: number): TestPacket[] => [{ ...syn(1, i), vlan: 1 + (i % 4000) }]],
  ])("stays within its memory, with a flood of %s", (_name, packetsOf) => {
    const memory = 3_000_000;
    const driver = new Driver({ memory });
    let packets = 0;
    let most = 0;
    for (let i = 0; i < 16_000; i += 100) {
      const some = Array.from({ length: 100 }, (_, k) => packetsOf(i + k)).flat();
      driver.add(some);
      packets += some.length;
      most = Math.max(most, driver.table.octets);
    }
    expect(most).toBeLessThanOrEqual(memory);
    expect(most).toBeGreaterThan(memory / 16);
    const records = driver.end();
    expect(records.reduce((sum, { packets: [a, b] }) => sum + a + b, 0)).toBe(packets);
    const evicted = records.filter((record) => record.reason === "evicted").length;
    expect(evicted).toBeGreaterThan(1000);
    expect(driver.table.evictions.reduce((sum, count) => sum + count)).toBe(evicted);
  });

  it("where it stops for rows to be released depends on the packets alone", () => {
    const flood = Array.from({ length: 20_000 }, (_, i) => syn(i, Math.floor(i / 7)));
    const one = drive(flood, { maxFlows: 500, group: () => 1 });
    expect(drive(flood, { maxFlows: 500, group: groups(3) })).toEqual(one);
    expect(drive(flood, { maxFlows: 500, group: groups(3), isApart: true })).toEqual(one);
  });

  it("counts what is open, and gives rows and contexts back", () => {
    const driver = new Driver();
    driver.add(packets);
    driver.end();
    expect(driver.table.flows).toBe(0);
    expect(driver.table.extras.size).toBe(0);
    expect([1, 2, 3, 4].map((number) => driver.contexts.get(number))).toEqual(
      Array(4).fill(undefined),
    );
    const { octets } = driver.table;
    const { length } = driver.table.memory.words;
    driver.restart();
    driver.add(packets);
    expect(driver.table.octets).toBeGreaterThan(octets);
    driver.end();
    expect(driver.table.octets).toBe(octets);
    expect(driver.table.memory.words.length).toBe(length);
  });

  it("a capture of its own may begin before the last one ended", () => {
    const driver = new Driver();
    driver.add(packets);
    const first = [...driver.end()];
    driver.records.length = 0;
    driver.restart();
    driver.add(packets);
    expect(driver.end()).toEqual(first);
  });

  it("the clock of a live capture ends idle flows without a packet", () => {
    const driver = new Driver({ timeouts: { udp: 10.5 * SECOND } });
    driver.add([
      { time: 0, source: 1, destination: 2, protocol: 17, sourcePort: 40000, destinationPort: 53 },
    ]);
    driver.table.advance(EPOCH + 10, 0.5 * SECOND - 1);
    expect(driver.table.ended.count).toBe(0);
    driver.table.advance(EPOCH + 10, 0.5 * SECOND);
    expect(driver.table.ended.count).toBe(1);
    // Going back changes nothing.
    driver.table.advance(EPOCH + 1, 0);
    expect(driver.end()[0]).toMatchObject({ reason: "idle", closed: 10.5 * SECOND });
  });

  it("packets from before the time that a live clock was moved to are late ones", () => {
    const driver = new Driver({ timeouts: { udp: 10 * SECOND } });
    const packet = { source: 1, destination: 2, protocol: 17, sourcePort: 40000 };
    driver.add([{ ...packet, time: 0, destinationPort: 53 }]);
    driver.table.advance(EPOCH + 8, 0.25 * SECOND);
    driver.add([{ ...packet, time: 8 * SECOND, destinationPort: 54 }]);
    expect(driver.table.clockNanoseconds).toBe(0.25 * SECOND);
    driver.table.advance(EPOCH + 18, 0.25 * SECOND - 1);
    expect(driver.end().map(({ reason, closed }) => [reason, closed / SECOND])).toEqual([
      ["idle", 10],
      ["capture_end", 18.249999999],
    ]);
  });

  it.each([
    ["a nanosecond before the last packet", 20_999_999_998, "idle", 80_999_999_998],
    ["with the last packet", 20_999_999_999, "idle", 80_999_999_999],
    ["a nanosecond after the last packet", 21_000_000_000, "capture_end", 80_999_999_999],
  ])("a deadline %s", (_name, time, reason, closed) => {
    const packet = { source: 1, destination: 2, protocol: 17, sourcePort: 40000 };
    const records = drive([
      { ...packet, time, destinationPort: 53 },
      { ...packet, time: 80_999_999_999, destinationPort: 54 },
    ]);
    expect(records[0]).toMatchObject({ reason, closed, start: time });
  });

  it("a late packet comes too late for a flow whose deadline the clock has passed", () => {
    const packet = { source: 1, destination: 2, protocol: 17, sourcePort: 40000 };
    const records = drive([
      { ...packet, time: 100, destinationPort: 53 },
      { ...packet, time: 60 * SECOND + 100, destinationPort: 54 },
      { ...packet, time: 60 * SECOND + 99, destinationPort: 53 },
    ]);
    expect(records.map((record) => [record.reason, record.start])).toEqual([
      ["idle", 100],
      ["capture_end", 60 * SECOND + 99],
      ["capture_end", 60 * SECOND + 100],
    ]);
  });

  it.each([
    ["interrupted", EndReason.Interrupted],
    ["capture_end", EndReason.CaptureEnd],
  ])("ends what is open as %s, but for flows that are over", (name, endReason) => {
    const packet = { time: 0, source: 1, destination: 2, sourcePort: 40000, destinationPort: 80 };
    const records = drive(
      [
        { ...packet, protocol: 17 },
        { ...packet, protocol: 6, flags: 4 },
        { ...packet, protocol: 132, message: 14 },
      ],
      { endReason },
    );
    expect(records.map(({ reason }) => reason).sort()).toEqual(["closed", name, "reset"].sort());
  });
});

function syn(source: number, time: number): TestPacket {
  return {
    ...{ time, protocol: 6, source: 256 + (source >> 14), destination: 9 },
    ...{ sourcePort: 1024 + (source & 16383), destinationPort: 8, flags: 2, sequence: source },
  };
}

function datagram(source: number, time: number): TestPacket {
  return { time, protocol: 17, source, destination: 9, sourcePort: 40000, destinationPort: 40001 };
}

/** A handshake and a segment from the client, `gap` between packets. */
function conversation(client: number, time: number, gap = 1): TestPacket[] {
  const there = {
    protocol: 6,
    source: client,
    destination: 9,
    sourcePort: 40_000,
    destinationPort: 443,
  };
  const back = {
    protocol: 6,
    source: 9,
    destination: client,
    sourcePort: 443,
    destinationPort: 40_000,
  };
  return [
    { ...there, time, flags: 2, sequence: 0 },
    { ...back, time: time + gap, flags: 0x12, sequence: 0, acknowledgement: 1 },
    { ...there, time: time + 2 * gap, flags: 0x10, sequence: 1, acknowledgement: 1 },
    { ...there, time: time + 3 * gap, flags: 0x18, sequence: 1, acknowledgement: 1, payload: 9 },
  ];
}

/** A handshake, and data beyond what was never sent. */
function hole(client: number, time: number): TestPacket[] {
  const packets = conversation(1, time).map((packet) => ({
    ...packet,
    ...(packet.source === 9 ? { destinationPort: 1024 + client } : { sourcePort: 1024 + client }),
  }));
  return [...packets, { ...packets[3]!, time: time + 4, sequence: 1000 }];
}

/** Packets at one time in another order, but each flow's own in theirs. */
function shuffledAmongFlows(packets: readonly TestPacket[], seed: number): TestPacket[] {
  const random = new SeededRandom(seed);
  const ends = ({ source, destination, ...rest }: TestPacket): string =>
    [
      [source, destination].sort(),
      [rest.sourcePort, rest.destinationPort].sort(),
      [rest.protocol, rest.vlan, rest.isIpv6],
    ].join();
  const result: TestPacket[] = [];
  for (let from = 0; from < packets.length; ) {
    let to = from;
    const queues = new Map<string, TestPacket[]>();
    for (; to < packets.length && packets[to]!.time === packets[from]!.time; to += 1) {
      const key = ends(packets[to]!);
      queues.set(key, [...(queues.get(key) ?? []), packets[to]!]);
    }
    const waiting = [...queues.values()];
    while (waiting.length > 0) {
      const at = random.below(waiting.length);
      result.push(waiting[at]!.shift()!);
      if (waiting[at]!.length === 0) waiting.splice(at, 1);
    }
    from = to;
  }
  return result;
}

function withoutServerPorts(packet: TestPacket): TestPacket {
  const { sourcePort, destinationPort } = packet;
  if (sourcePort === undefined || destinationPort === undefined) return packet;
  return {
    ...packet,
    sourcePort: 40000 + (sourcePort % 3),
    destinationPort: 40000 + (destinationPort % 3),
  };
}

function turn(packet: TestPacket): TestPacket {
  const { source, destination, sourcePort, destinationPort } = packet;
  return {
    ...packet,
    source: destination,
    destination: source,
    ...(sourcePort === undefined || destinationPort === undefined
      ? {}
      : { sourcePort: destinationPort, destinationPort: sourcePort }),
  };
}

/** ICMP's types stay where they are: they are no ports. */
function turnFlow(flow: string): string {
  const [protocol, from = "", to = "", vlan] = flow.split(" ");
  if (protocol !== "1" && protocol !== "58") return [protocol, to, from, vlan].join(" ");
  const [fromAddress, type] = from.split(":");
  const [toAddress, counterpart] = to.split(":");
  return `${protocol} ${toAddress}:${type} ${fromAddress}:${counterpart} ${vlan}`;
}

/** The parts of each flow, in order. */
function chains(records: readonly TestRecord[]): TestRecord[][] {
  const next = new Map(records.map((record) => [record.previousId, record]));
  return records
    .filter((record) => record.part === 1)
    .map((first) => {
      const chain = [first];
      for (let part = next.get(first.id); part !== undefined; part = next.get(part.id)) {
        expect(part.part).toBe(chain.length + 1);
        expect(chain.at(-1)!.reason).toBe("active");
        chain.push(part);
      }
      return chain;
    });
}

/** What the parts of one flow come to. */
function summary(parts: readonly TestRecord[]): string {
  const first = parts[0]!;
  const last = parts.at(-1)!;
  const sum = (of: (record: TestRecord) => readonly number[]): number[] =>
    parts.map(of).reduce((a: number[], b) => a.map((value, i) => value + b[i]!), [0, 0]);
  return JSON.stringify([
    first.start,
    first.flow,
    sum((record) => record.packets),
    sum((record) => record.bytes),
    sum((record) => record.ipBytes),
    sum((record) => record.payloadBytes),
    sum((record) => [record.fragments, record.tcp?.missedBytes ?? 0]),
    sum((record) => record.tcp?.retransmits ?? [0, 0]),
    sum((record) => record.tcp?.outOfOrder ?? [0, 0]),
    Math.max(...parts.map((record) => record.end)),
    last.closed,
    last.reason,
    last.tcp?.state,
    // T and G stand for counts, which begin anew in each part.
    last.tcp?.history.replace(/[tg]/gi, ""),
    [...new Set(parts.map((record) => record.tcp?.handshake ?? 0))].filter((value) => value > 0),
  ]);
}
