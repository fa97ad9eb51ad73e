import { describe, expect, it } from "vitest";
import type { FlowView } from "../../../src/flow/flow-view.ts";
import { Certainty } from "../../../src/flow/row/direction.ts";
import { UnknownPorts } from "../../../src/pipeline/books/unknown-ports.ts";
import {
  type UnknownPort,
  unknownPortsLine,
  unknownPortsOf,
  unknownPortsReport,
} from "../../../src/pipeline/books/unknown-ports-report.ts";
import { loadRegistry } from "../../../src/service/registry.ts";
import { parseUserRules } from "../../../src/service/user-rules.ts";

const TCP = 6;
const UDP = 17;
const registry = loadRegistry();

type Flow = {
  protocol?: number;
  /** Address (its last word) and port of the initiator. */
  from: readonly [number, number];
  to: readonly [number, number];
  bytes?: number;
  bytesBack?: number;
  certainty?: number;
  part?: number;
  ipv6?: boolean;
};

/** What is read of a flow, without a flow table behind it. */
function view(flow: Flow): FlowView {
  const { from, to, bytes = 100, bytesBack = 1 } = flow;
  return {
    protocol: flow.protocol ?? TCP,
    hasPorts: true,
    isIpv6: flow.ipv6 === true,
    direction: { flipped: 0, certainty: flow.certainty ?? Certainty.Certain, reason: 0 },
    sourcePort: from[1],
    destinationPort: to[1],
    extra: flow.part === undefined ? undefined : { part: flow.part },
    bytes: (end: number) => (end === 0 ? bytes : bytesBack),
    // IPv6: the address is told apart by its first word.
    addressWord: (end: number, i: number) =>
      i === (flow.ipv6 === true ? 0 : 3) ? (end === 0 ? from[0] : to[0]) : 0,
  } as unknown as FlowView;
}

function counted(flows: readonly Flow[]): UnknownPorts {
  const ports = new UnknownPorts();
  for (const flow of flows) ports.add(view(flow));
  return ports;
}

function ranked(flows: readonly Flow[]): readonly UnknownPort[] {
  return unknownPortsOf(counted(flows), registry, 1000).ports;
}

function report(flows: readonly Flow[], most: number): string[] {
  return unknownPortsReport(unknownPortsOf(counted(flows), registry, most));
}

const clients = (count: number, port: number, more: Partial<Flow> = {}): Flow[] =>
  Array.from({ length: count }, (_, i) => ({
    from: [1000 + i, 33000 + i],
    to: [1, port],
    ...more,
  }));

/** Later parts of a flow, of packets that had no octets on the wire as the capture says, and another flow. */
const partsWithoutOctets: readonly Flow[] = [
  { from: [7, 33000], to: [1, 47321], bytes: 0, bytesBack: 0, part: 2 },
  { from: [7, 33000], to: [1, 47321], bytes: 0, bytesBack: 0, part: 3 },
  { from: [8, 33001], to: [1, 47321] },
];

describe("unknown ports", () => {
  it("count the responder's port where the direction is known", () => {
    expect(ranked(clients(8, 47321))).toEqual([
      {
        port: 47321,
        transport: "tcp",
        flows: 8,
        bytes: 8 * 101,
        peers: 8,
        judgement: "service",
      },
    ]);
  });

  it("count both ports of what was seen mid-stream, and tell the service by its fan-in", () => {
    const found = ranked(
      clients(6, 47321, { certainty: Certainty.Unknown, from: [5, 0] }).map(
        // One client, six connections; the record has the server first in half of them.
        (flow, i): Flow =>
          i % 2 === 0
            ? { ...flow, from: [5, 59000 + i] }
            : { ...flow, from: [1, 47321], to: [5, 59000 + i] },
      ),
    );
    expect(found[0]).toMatchObject({ port: 47321, flows: 6, peers: 1, judgement: "service" });
    expect(found.slice(1).map(({ judgement }) => judgement)).toEqual(Array(6).fill("ephemeral"));
  });

  it("take peers of one port for the users of a service", () => {
    const equal = Array.from(
      { length: 12 },
      (_, i): Flow => ({ from: [i, 47321], to: [99, 47321] }),
    );
    expect(ranked(equal)).toMatchObject([{ port: 47321, flows: 12, judgement: "service" }]);
  });

  it.each([
    [1, "ephemeral"],
    [2, "ephemeral"],
    [3, "service"],
  ])("of %i clients make it %s", (count, judgement) => {
    expect(ranked(clients(count, 47321))).toMatchObject([
      { flows: count, peers: count, judgement },
    ]);
  });

  it("count a flow in several parts once, its octets all", () => {
    const one: Flow = { from: [7, 33000], to: [1, 47321] };
    expect(
      ranked([
        { ...one, part: 1 },
        { ...one, part: 2 },
        { ...one, part: 3 },
      ]),
    ).toMatchObject([{ flows: 1, bytes: 303, peers: 1 }]);
    // Its first part may have been read in an earlier run.
    expect(ranked([{ ...one, part: 2 }])).toMatchObject([{ flows: 0, bytes: 101 }]);
  });

  it("list a port once, though the first that is seen there is neither flow nor octets", () => {
    const [empty, ...others] = partsWithoutOctets;
    expect(ranked([empty!])).toMatchObject([{ flows: 0, bytes: 0, peers: 1 }]);
    expect(ranked([empty!, ...others])).toMatchObject([{ flows: 1, bytes: 101, peers: 2 }]);
  });

  it("are exact to eight peers and off by less than three standard errors beyond", () => {
    for (const [count, ipv6] of [
      [8, false],
      [8, true],
    ] as const) {
      expect(
        ranked([...clients(count, 47321, { ipv6 }), ...clients(count, 47321, { ipv6 })]),
      ).toMatchObject([{ peers: count, flows: 2 * count }]);
    }
    for (const count of [9, 20, 100, 1000, 20_000]) {
      for (const ipv6 of [false, true]) {
        const [{ peers } = { peers: 0 }] = ranked(clients(count, 47321, { ipv6, protocol: UDP }));
        expect(Math.abs(peers - count) / count).toBeLessThan(3 * 0.13);
      }
    }
  });

  it("do not depend on the order of the flows", () => {
    const flows = [
      ...clients(40, 47321),
      ...clients(5, 47322),
      ...clients(1, 47323, { protocol: UDP }),
    ];
    expect(ranked([...flows].reverse())).toEqual(ranked(flows));
  });

  it("come services first, then by flows, octets and peers", () => {
    const found = ranked([
      ...clients(2, 47325, { bytes: 9000 }),
      ...clients(3, 47321),
      ...clients(4, 47322),
      ...clients(3, 47323, { bytes: 200 }),
      ...clients(1, 47324, { protocol: UDP }),
    ]);
    expect(found.map(({ port }) => port)).toEqual([47322, 47323, 47321, 47325, 47324]);
  });

  it("leave out what has a name after all, and protocols without ports", () => {
    expect(ranked([...clients(3, 443), ...clients(3, 47321, { protocol: 1 })])).toEqual([]);
  });

  it("hint at the number's name elsewhere", () => {
    const found = ranked([...clients(3, 51820), ...clients(1, 60005, { protocol: UDP })]);
    expect(found[0]?.hint).toBe("51820/udp is wireguard");
    expect(found[1]?.hint).toContain("mosh");
  });
});

describe("the report of unknown ports", () => {
  const flows = [
    ...clients(8, 47321),
    ...clients(5, 51820),
    ...clients(4, 47322, { protocol: UDP }),
    ...clients(3, 47323),
    ...clients(1, 47324),
  ];

  it("is one line in the summary, of services only", () => {
    expect(unknownPortsLine(counted(flows), registry)).toBe(
      "unnamed ports: 47321/tcp (8 flows, 8 clients), 51820/tcp (5 flows, 5 clients), 47322/udp (4 flows, 4 clients), 1 more; --unknown-ports shows more",
    );
    expect(unknownPortsLine(counted(clients(2, 47321)), registry)).toBeUndefined();
  });

  it("lists as many as are asked for, and rules for the services among them", () => {
    expect(report(flows, 2)).toEqual([
      "ports that no registry names (2 of 5):",
      "  47321/tcp   service   8 flows, 808 bytes, 8 peers",
      "  51820/tcp   service   5 flows, 505 bytes, 5 peers; 51820/udp is wireguard",
      "# rules to start from: give each its name, and the file with --services",
      "47321/tcp\tunnamed-47321\t# 8 flows of 8 peers",
      "51820/tcp\tunnamed-51820\t# 5 flows of 5 peers; 51820/udp is wireguard",
    ]);
    expect(report(clients(1, 47321), 9)).toEqual([
      "ports that no registry names (1 of 1):",
      "  47321/tcp   ephemeral 1 flow, 101 bytes, 1 peer",
    ]);
    expect(report(clients(40, 47321), 1)[1]).toMatch(/, about \d\d peers$/);
    expect(report([], 9)).toEqual(["every flow with ports has a named one"]);
  });

  it("has rules that can be used as they are", () => {
    const lines = report(flows, 10);
    const rules = lines.slice(lines.findIndex((line) => line.startsWith("#")));
    const { rules: parsed, problems } = parseUserRules(rules.join("\n"));
    expect(problems).toEqual([]);
    expect(parsed.map(({ claim }) => `${claim.from} ${claim.name} ${claim.transports}`)).toEqual([
      "47321 unnamed-47321 1",
      "51820 unnamed-51820 1",
      "47322 unnamed-47322 2",
      "47323 unnamed-47323 1",
    ]);
  });
});

describe("UnknownPorts.absorb", () => {
  const flows = (from: number, count: number): Flow[] =>
    Array.from({ length: count }, (_, i) => ({ from: [from + i, 40_000 + i], to: [1, 7777] }));
  const other: Flow = { protocol: UDP, from: [5, 40_000], to: [6, 8888], ipv6: true };

  it.each([
    ["a few and a few", flows(0, 3), flows(2, 3)],
    ["a few that become many", flows(0, 6), [...flows(4, 7), other]],
    ["a few and many", flows(0, 4), flows(0, 40)],
    ["many and a few", [...flows(0, 40), other], flows(38, 5)],
    ["many and many", flows(0, 300), flows(200, 300)],
    ["nothing and something", [], flows(0, 12)],
    ["something and nothing", flows(0, 12), []],
  ])("counts %s as one table would", (_what, mine, others) => {
    const ports = counted(mine);
    ports.absorb(structuredClone(counted(others).state()));
    const all = { servicesOnly: false };
    const bySlot = (one: UnknownPorts): object[] => one.counts(all).sort((a, b) => a.slot - b.slot);
    expect(bySlot(ports)).toEqual(bySlot(counted([...mine, ...others])));
  });

  it.each([
    ["in one thread", [partsWithoutOctets]],
    ["each in a thread of its own", partsWithoutOctets.map((flow) => [flow])],
  ])("counts flows once when parts without octets come first, %s", (_where, threads) => {
    const ports = new UnknownPorts();
    for (const flows of threads) ports.absorb(structuredClone(counted(flows).state()));
    expect(unknownPortsOf(ports, registry, 1000)).toMatchObject({
      ports: [{ port: 47321, flows: 1, bytes: 101, peers: 2 }],
      total: 1,
    });
  });
});
