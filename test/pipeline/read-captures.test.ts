import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { OutputError } from "../../src/core/errors.ts";
import type { Output } from "../../src/delivery/output.ts";
import { DEFAULT_TIMEOUTS } from "../../src/flow/ending/timeouts.ts";
import { Books } from "../../src/pipeline/books/books.ts";
import { FaultSamples } from "../../src/pipeline/books/fault-samples.ts";
import { everyShape } from "../sink/traffic.ts";
import type { Layer } from "../support/build.ts";
import { octets, payload } from "../support/build.ts";
import {
  authenticationHeader,
  ipv4,
  ipv4Fragments,
  ipv6,
  ipv6Fragments,
} from "../support/build-ip.ts";
import { ethernet, vlan } from "../support/build-link.ts";
import { icmp, tcp, udp } from "../support/build-transport.ts";
import { gre, gtpu, vxlan } from "../support/build-tunnel.ts";
import { tcpConversation } from "../support/conversation.ts";
import { hex, text } from "../support/octets.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { inOrder, type TimedPacket } from "../support/timed-packet.ts";
import { writePcap } from "../support/write-pcap.ts";
import { writePcapng } from "../support/write-pcapng.ts";
import { at, capture, datagram, inChunks, MORNING, type RunResult, run } from "./run.ts";

/** What tells records apart at a glance. */
function told({ records }: RunResult): string[] {
  return records.map(
    ({ src, dst, end_reason: reason }) =>
      `${src.ip}:${src.port} > ${dst.ip}:${dst.port} ${src.packets}/${dst.packets} ${reason}`,
  );
}

/** Many flows over several minutes, so that records leave while packets still come. */
function busyHour(count: number): TimedPacket[] {
  const random = new SeededRandom(12);
  const flows = Array.from({ length: count }, (_, i) =>
    tcpConversation({
      client: { ip: `192.0.2.${1 + random.below(200)}`, port: 40000 + i },
      server: { ip: "198.51.100.20", port: [443, 22, 8080][random.below(3)]! },
      start: MORNING + random.below(600_000) * 1000,
      exchange: [
        ["c", text("question")],
        ["s", text("answer")],
      ],
      close: (["fin", "client-reset", "server-reset", "open"] as const)[random.below(4)]!,
    }),
  );
  return inOrder(...flows);
}

describe("several captures", () => {
  it("flows do not cross them, unless they are merged", async () => {
    const captures = [capture(datagram(0), datagram(1)), capture(datagram(2), datagram(3, 40002))];
    expect(told(await run(captures))).toEqual([
      "192.0.2.1:40000 > 198.51.100.1:40001 2/0 capture_end",
      "192.0.2.1:40000 > 198.51.100.1:40001 1/0 capture_end",
      "192.0.2.1:40002 > 198.51.100.1:40001 1/0 capture_end",
    ]);
    expect(told(await run(captures, { merge: true }))).toEqual([
      "192.0.2.1:40000 > 198.51.100.1:40001 3/0 capture_end",
      "192.0.2.1:40002 > 198.51.100.1:40001 1/0 capture_end",
    ]);
  });

  it("the same capture gives the same records wherever it stands, also before an earlier one", async () => {
    const one = capture(...everyShape());
    const other = capture(...busyHour(20), datagram(5000));
    const alone = await run([one]);
    const both = await run([other, one]);
    const before = (await run([other])).text;
    expect(alone.records.length).toBeGreaterThan(20);
    expect(both.text).toBe(before + alone.text);
    expect((await run([one, other, one])).text).toBe(alone.text + before + alone.text);
  });

  it("merged captures may overlap in time, and be named in any order", async () => {
    const captures = [capture(datagram(10)), capture(datagram(0), datagram(20))];
    const result = await run(captures, { merge: true });
    expect(result.records).toHaveLength(1);
    expect(result.records[0]).toMatchObject({
      start: "2026-03-02T09:00:00.000000000Z",
      end: "2026-03-02T09:00:20.000000000Z",
      src: { packets: 3 },
    });
    expect(result.books).toMatchObject({ files: 2, timeWentBackwards: 0, balanced: true });
    // One after the other, each of its own, what is named first comes first.
    expect((await run(captures)).records.map(({ src }) => src.packets)).toEqual([1, 2]);
  });

  it("merged captures of one network give the records of one capture that saw it all", async () => {
    const packets = busyHour(40);
    const alone = await run([capture(...packets)]);
    const split = [0, 1, 2].map((part) => capture(...packets.filter((_, i) => i % 3 === part)));
    const merged = await run(split, { merge: true });
    expect(alone.records.length).toBeGreaterThan(5);
    // Each capture has an interface of its own, so the index differs, and nothing else.
    expect(merged.text).toBe(alone.text);
  });

  it("merging tells of each capture that is damaged, and of which packets are faulty where", async () => {
    const whole = capture(datagram(0), datagram(2, 40002));
    const faulty = at(1, ipv4(), udp({ sourcePort: 1, destinationPort: 2, length: 4 }));
    const faultSamples = new FaultSamples(5);
    const result = await run([whole.subarray(0, -5), text("nothing"), capture(faulty, faulty)], {
      merge: true,
      faultSamples,
    });
    expect(result.errors.map(({ code }) => code)).toEqual([
      "PF_CAPTURE_FORMAT",
      "PF_CAPTURE_TRUNCATED",
    ]);
    expect(result.books).toMatchObject({ files: 2, read: 3, flowed: 3, balanced: true });
    expect(faultSamples.chosen().map(({ capture: name, packet }) => [name, packet])).toEqual([
      ["capture 3", 1],
      ["capture 3", 2],
    ]);
  });

  it("fragments do not cross them, unless they are merged", async () => {
    const udpLayer = udp({ sourcePort: 40000, destinationPort: 40001 });
    const [first, second] = ipv4Fragments({ identification: 9 }, 16, udpLayer, payload(20));
    const captures = [capture(at(0, first!)), capture(at(1, second!))];
    expect((await run(captures)).books.orphanFragments).toBe(1);
    expect((await run(captures, { merge: true })).books.orphanFragments).toBe(0);
  });

  it("interfaces keep their names in each capture", async () => {
    const named = (name: string): Uint8Array =>
      writePcapng([datagram(0)], { interfaces: [{ name }] });
    const captures = [named("eth0"), named("wlan0"), capture(datagram(0))];
    const names = ({ records }: RunResult): unknown[] => records.map((record) => record.interface);
    expect(names(await run(captures))).toEqual(["eth0", "wlan0", undefined]);
    const merged = captures.map((bytes, i) => [bytes, i] as const);
    expect(names(await run([merged[1]![0]], { merge: true }))).toEqual(["wlan0"]);
    const different = [
      named("eth0"),
      writePcapng([datagram(1, 7)], { interfaces: [{ name: "b" }] }),
    ];
    expect(names(await run(different, { merge: true }))).toEqual(["eth0", "b"]);
  });

  it("a damaged one loses nothing that came before the damage, and the next is read", async () => {
    const whole = capture(datagram(0), datagram(1, 40002), datagram(2, 40003));
    const result = await run([datagramOf(1), whole.subarray(0, whole.length - 5), datagramOf(2)]);
    expect(told(result)).toEqual([
      "192.0.2.1:1 > 198.51.100.1:40001 1/0 capture_end",
      "192.0.2.1:40000 > 198.51.100.1:40001 1/0 capture_end",
      "192.0.2.1:40002 > 198.51.100.1:40001 1/0 capture_end",
      "192.0.2.1:2 > 198.51.100.1:40001 1/0 capture_end",
    ]);
    expect(result.errors.map(({ path }) => path)).toEqual(["capture 2"]);
    expect(result.books).toMatchObject({ files: 3, read: 4, flowed: 4, balanced: true });
  });

  it("one that is no capture is reported, and the next is read", async () => {
    const result = await run([text("this is no capture at all"), datagramOf(2)]);
    expect(result.errors).toHaveLength(1);
    expect(result.records).toHaveLength(1);
    expect(result.books.files).toBe(1);
  });
});

function datagramOf(port: number): Uint8Array {
  return capture(datagram(0, port));
}

describe("the same octets in any pieces", () => {
  const packets = inOrder(everyShape(), busyHour(60));
  it.each([
    ["pcap", writePcap(packets)],
    ["pcap of nanoseconds, big-endian", writePcap(packets, { nano: true, bigEndian: true })],
    ["pcapng", writePcapng(packets)],
  ])("%s", async (_name, bytes) => {
    const whole = await run([bytes], { tunnels: "both" });
    expect(whole.records.length).toBeGreaterThan(80);
    for (const size of [7, 1000, 65536]) {
      expect((await run([inChunks(bytes, size)], { tunnels: "both" })).text).toBe(whole.text);
    }
    const few = bytes.subarray(0, 20_000);
    const cut = await run([few]);
    expect((await run([inChunks(few, 1)])).text).toBe(cut.text);
  });

  it("from a file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "portflow-"));
    try {
      const bytes = writePcap(packets);
      writeFileSync(join(folder, "a.pcap"), bytes);
      expect((await run([join(folder, "a.pcap")])).text).toBe((await run([bytes])).text);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("a deadline that shows late in its second still comes before what closed behind it", async () => {
    const syn = (seconds: number, sequence: number): TimedPacket =>
      at(seconds, ipv4(), tcp({ sourcePort: 1, destinationPort: 2, flags: "S", sequence }));
    const filler = Array.from({ length: 500 }, () => datagram(60.6, 7));
    const result = await run([
      capture(datagram(0.2), syn(60, 1), syn(60.5, 2), ...filler, datagram(60.9)),
    ]);
    expect(
      result.records.slice(0, 2).map((record) => [record.transport, record.end_reason]),
    ).toEqual([
      ["udp", "idle"],
      ["tcp", "reuse"],
    ]);
  });

  it("records come in the order of the packet clock", async () => {
    const { records } = await run([writePcap(busyHour(300))]);
    const captureEnd = Math.max(...records.map((record) => Date.parse(record.end)));
    const closed = records.map((record) => {
      const wait = { closed: 5, reset: 5, idle: record.tcp?.state === "S0" ? 5 : 300 }[
        record.end_reason as string
      ];
      const deadline = Date.parse(record.end) + (wait ?? 3600) * 1000;
      return Math.min(deadline, captureEnd);
    });
    expect(new Set(records.map((record) => record.end_reason))).toEqual(
      new Set(["closed", "reset", "idle", "capture_end"]),
    );
    // The last acknowledgement of a close is later than the packet that closed it, by less than 0.1 s.
    for (const [i, time] of closed.entries()) {
      if (i > 0) expect(time).toBeGreaterThanOrEqual(closed[i - 1]! - 100);
    }
  });
});

describe("tunnels", () => {
  const outerAddresses = { source: "203.0.113.1", destination: "203.0.113.2" };
  const packet = at(
    0,
    ipv4(outerAddresses),
    gre(),
    ipv4({ source: "10.0.0.1", destination: "10.0.0.2" }),
    udp({ sourcePort: 50000, destinationPort: 2152 }),
    gtpu(7),
    ipv6(),
    tcp({ sourcePort: 40000, destinationPort: 443, flags: "S" }),
  );
  const shown = ({ records }: RunResult): string[] =>
    records
      .map(
        ({ transport, src, dst, tunnel }) =>
          `${transport} ${src.ip} > ${dst.ip} in ${(tunnel ?? []).map(({ type }) => type).join(" ") || "nothing"}`,
      )
      .sort();

  it.each([
    ["outer", ["gre 203.0.113.1 > 203.0.113.2 in nothing"]],
    ["inner", ["tcp 2001:db8::1 > 2001:db8::2 in gre gtp-u"]],
    [
      "both",
      [
        "gre 203.0.113.1 > 203.0.113.2 in nothing",
        "tcp 2001:db8::1 > 2001:db8::2 in gre gtp-u",
        "udp 10.0.0.1 > 10.0.0.2 in gre",
      ],
    ],
  ] as const)("%s", async (tunnels, wanted) => {
    const result = await run([capture(packet)], { tunnels });
    expect(shown(result)).toEqual(wanted);
    expect(result.books).toMatchObject({ read: 1, flowed: 1, extraLayers: wanted.length - 1 });
  });

  it("both directions of what is inside are one flow, though the tunnel turns round", async () => {
    const inside = (layers: readonly Layer[], turned: boolean): TimedPacket =>
      at(
        turned ? 1 : 0,
        ipv4(
          turned
            ? { source: outerAddresses.destination, destination: outerAddresses.source }
            : outerAddresses,
        ),
        gre(),
        ...layers,
      );
    const there = [ipv4(), udp({ sourcePort: 40000, destinationPort: 40001 })];
    const back = [
      ipv4({ source: "198.51.100.1", destination: "192.0.2.1" }),
      udp({ sourcePort: 40001, destinationPort: 40000 }),
    ];
    const result = await run([capture(inside(there, false), inside(back, true))], {
      tunnels: "inner",
    });
    expect(told(result)).toEqual(["192.0.2.1:40000 > 198.51.100.1:40001 1/1 capture_end"]);
  });

  it("deeper than eight layers the packet stays in the eighth", async () => {
    const deep = at(
      0,
      ...Array.from({ length: 12 }, () => ipv4({ source: "10.1.1.1", destination: "10.1.1.2" })),
      udp({ sourcePort: 1, destinationPort: 2 }),
    );
    const result = await run([capture(deep)], { tunnels: "both" });
    expect(result.books.read).toBe(1);
    expect(result.books.balanced).toBe(true);
    expect(result.records).toHaveLength(9);
  });
});

describe("flow keys of the capture", () => {
  const udpLayer = udp({ sourcePort: 40000, destinationPort: 40001 });
  const tagged = [
    at(0, vlan(5), ipv4(), udpLayer),
    at(1, vlan(6), ipv4(), udpLayer),
    at(2, ipv4(), udpLayer),
  ];

  it("VLANs are told apart", async () => {
    const { records } = await run([capture(...tagged)]);
    expect(records.map((record) => record.vlan)).toEqual([[5], [6], undefined]);
  });

  it("unless they are not wanted in the key", async () => {
    expect(told(await run([capture(...tagged)], { useVlanKey: false }))).toEqual([
      "192.0.2.1:40000 > 198.51.100.1:40001 3/0 capture_end",
    ]);
  });

  it.each([
    ["IPv4", ipv4Fragments({ identification: 9 }, 16, udpLayer, payload(60))],
    ["IPv6", ipv6Fragments({ identification: 9 }, 16, udpLayer, payload(60))],
  ])("fragments of %s join the flow of their first", async (_name, layers) => {
    const result = await run([capture(...layers.map((layer, i) => at(i, layer)))]);
    expect(result.records).toHaveLength(1);
    expect(result.records[0]).toMatchObject({
      src: { port: 40000, packets: layers.length },
      dst: { port: 40001 },
      fragments: layers.length,
    });
  });

  it.each([
    ["join", [[40000, 2]]],
    [
      "apart",
      [
        [40000, 1],
        [undefined, 1],
      ],
    ],
  ] as const)("fragments %s", async (fragments, wanted) => {
    const layers = ipv4Fragments({ identification: 9 }, 16, udpLayer, payload(16));
    const packets = layers.map((layer, i) => at(i, vlan(5), layer));
    const { records, books } = await run([capture(...packets)], { fragments });
    expect(records.map(({ src }) => [src.port, src.packets])).toEqual(wanted);
    expect(books).toMatchObject({ fragments: 2, orphanFragments: 0 });
  });

  it("fragments of a ping belong to it", async () => {
    const layers = ipv4Fragments({ identification: 9 }, 16, icmp({ type: 8 }), payload(60));
    const { records } = await run([capture(...layers.map((layer, i) => at(i, layer)))]);
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({ icmp: { type: 8, code: 0 }, fragments: layers.length });
  });

  it("fragments of a tunnel packet: what has no inner header is in the tunnel's own flow", async () => {
    const inside = [
      vxlan(7),
      ethernet(),
      ipv4({ source: "10.0.0.1" }),
      tcp({ sourcePort: 1025, destinationPort: 80 }),
      payload(60),
    ];
    const outside = udp({ sourcePort: 50000, destinationPort: 4789 });
    const layers = ipv4Fragments({ identification: 9 }, 104, outside, ...inside);
    const { records, books } = await run([capture(...layers.map((layer, i) => at(i, layer)))]);
    expect(
      records.map(({ transport, src, tunnel }) => [
        transport,
        src.port,
        src.packets,
        tunnel?.length,
      ]),
    ).toEqual([
      ["tcp", 1025, 1, 1],
      ["udp", 50000, layers.length - 1, undefined],
    ]);
    expect(books).toMatchObject({ fragments: layers.length, orphanFragments: 0 });
  });

  describe("IPsec", () => {
    const there = { source: "192.0.2.1", destination: "198.51.100.1" };
    const back = { source: "198.51.100.1", destination: "192.0.2.1" };
    const esp = (index: string): Layer => octets(hex(`${index} 00000001 ${"ab".repeat(32)}`));
    const inUdp = (sourcePort: number, destinationPort: number, text: string): Layer[] => [
      udp({ sourcePort, destinationPort }),
      octets(hex(text)),
    ];
    it.each<readonly [string, readonly Layer[][], object]>([
      [
        "ESP, with new keys later",
        [
          [ipv4({ ...there, protocol: 50 }), esp("80000001")],
          [ipv4({ ...back, protocol: 50 }), esp("00000002")],
          [ipv4({ ...there, protocol: 50 }), esp("00000003")],
        ],
        { transport: "esp", spi: { src: 0x80000001, dst: 2 } },
      ],
      [
        "ESP in UDP",
        [
          [ipv4(there), ...inUdp(4500, 4500, "00000000 0102030405060708 0000000000000000")],
          [ipv4(there), ...inUdp(4500, 4500, "ff")],
          [ipv4(there), ...inUdp(4500, 4500, `12345678 00000001 ${"ab".repeat(16)}`)],
        ],
        { transport: "udp", spi: { src: 0x12345678 } },
      ],
      [
        "AH",
        [
          [ipv4(there), authenticationHeader(9), tcp({ sourcePort: 1, destinationPort: 2 })],
          [ipv4(back), authenticationHeader(8), tcp({ sourcePort: 2, destinationPort: 1 })],
        ],
        { transport: "tcp", spi: { src: 9, dst: 8 } },
      ],
    ])("%s: the first index of each end", async (_name, packets, wanted) => {
      const { records } = await run([capture(...packets.map((layers, i) => at(i, ...layers)))]);
      expect(records).toHaveLength(1);
      expect(records[0]).toMatchObject(wanted);
    });

    // As Suricata's flow-hash.c has it: the index is where other protocols have ports.
    it("ESP has a flow for each index where that is asked for", async () => {
      const packets = ["80000001", "00000002", "80000001", "80010001"].map((index, i) =>
        at(i, ipv4({ ...(i === 1 ? back : there), protocol: 50 }), esp(index)),
      );
      const { records } = await run([capture(...packets)], { spiKey: true });
      const told = records.map(({ spi, src }) => [spi!.src, src.packets, "port" in src]);
      expect(told.sort((a, b) => Number(a[0]) - Number(b[0]))).toEqual([
        [2, 1, false],
        [0x80000001, 2, false],
        [0x80010001, 1, false],
      ]);
      expect(new Set(records.map(({ id }) => id)).size).toBe(3);
      const [whole] = (await run([capture(...packets)])).records;
      expect(records.map(({ id }) => id)).toContain(whole!.id);
      expect(new Set(records.map((one) => one.community_id)).size).toBe(1);
    });

    it("IKE alone has none", async () => {
      const ike = inUdp(4500, 4500, "00000000 0102030405060708 0000000000000000");
      const { records } = await run([capture(at(0, ipv4(there), ...ike))]);
      expect(records[0]!.spi).toBeUndefined();
    });
  });

  it("fragments that come before their first have no ports", async () => {
    const layers = ipv4Fragments({ identification: 9 }, 16, udpLayer, payload(60)).reverse();
    const result = await run([capture(...layers.map((layer, i) => at(i, layer)))]);
    expect(result.records.map(({ src, fragments }) => [src.port, fragments])).toEqual([
      [undefined, layers.length - 1],
      [40000, 1],
    ]);
    expect(result.books.orphanFragments).toBe(layers.length - 1);
  });
});

describe("limits and timeouts", () => {
  it("evicts beyond the most flows, says so, and the books balance", async () => {
    const packets = Array.from({ length: 50 }, (_, i) => datagram(i, 1 + i));
    const { books, records } = await run([capture(...packets)], { maxFlows: 10 });
    expect(books).toMatchObject({
      evicted: 40,
      evictions: new Float64Array([0, 40, 0, 0]),
      peakFlows: 10,
      flowed: 50,
      flows: 50,
      balanced: true,
    });
    const evicted = records.filter((record) => record.end_reason === "evicted");
    expect(evicted).toHaveLength(40);
    expect(evicted.every((record) => record.flow_end_reason === 5)).toBe(true);
    expect(evicted[0]!.src.port).toBe(1);
  });

  it("parts of a long flow name each other", async () => {
    const packets = Array.from({ length: 30 }, (_, i) => datagram(i));
    const { records } = await run([capture(...packets)], {
      timeouts: { ...DEFAULT_TIMEOUTS, active: 10e9 },
    });
    expect(records.map(({ part, more, src }) => [part, more, src.packets])).toEqual([
      [1, true, 10],
      [2, true, 10],
      [3, undefined, 10],
    ]);
    expect(records.map((record) => record.previous_id)).toEqual([
      undefined,
      records[0]!.id,
      records[1]!.id,
    ]);
  });
});

describe("ends that come early", () => {
  it("an interrupt writes what is open as interrupted", async () => {
    const stop = new AbortController();
    const bytes = capture(datagram(0), datagram(1, 40002));
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield bytes;
      // Nothing more comes until the run is over.
      setTimeout(() => stop.abort(), 20);
      await new Promise(() => undefined);
    }
    const result = await run([endless(), datagramOf(7)], { signal: stop.signal });
    expect(told(result)).toEqual([
      "192.0.2.1:40000 > 198.51.100.1:40001 1/0 interrupted",
      "192.0.2.1:40002 > 198.51.100.1:40001 1/0 interrupted",
    ]);
    expect(result.records[0]!.flow_end_reason).toBe(4);
    expect(result.books.balanced).toBe(true);
  });

  it("an output nobody reads any more ends the run", async () => {
    const { output, state } = slowOutput(0);
    const bytes = writePcap(manyFlows(20_000));
    const books = new Books();
    state.closeAfter = 1;
    await run([bytes, bytes], { output, books });
    // The batch it was at is the last one.
    expect(books).toMatchObject({ read: 4096, files: 1, balanced: true });
  });

  it("an output that fails is told at once", async () => {
    const { output, state } = slowOutput(0);
    state.failAfter = 2;
    const books = new Books();
    await expect(run([writePcap(manyFlows(20_000))], { output, books })).rejects.toThrow(
      OutputError,
    );
    expect(books.read).toBeLessThan(20_000);
  });

  it("an output that fails with the last octets", async () => {
    const { output, state } = slowOutput(0);
    state.failAfter = 1;
    await expect(run([datagramOf(1)], { output })).rejects.toThrow("disk full");
  });

  it("a slow output holds reading up: never more than one chunk under way", async () => {
    const { output, state } = slowOutput(3);
    const { books } = await run([writePcap(manyFlows(12_000))], { output });
    expect(state.mostUnderWay).toBe(1);
    expect(state.written).toBeGreaterThan(10);
    expect(books.flows).toBe(12_000);
    expect(state.largest).toBeLessThan(300_000);
  });
});

/** One datagram each for so many flows, a new flow every 50 ms, so that they time out on the way. */
function manyFlows(count: number): TimedPacket[] {
  const bytes = datagram(0).bytes;
  const port = 14 + 20;
  return Array.from({ length: count }, (_, i) => {
    const own = bytes.slice();
    own[port] = (i >> 8) & 0xff;
    own[port + 1] = i & 0xff;
    own[14 + 15] = 1 + (i >> 16);
    return { microseconds: MORNING + i * 50_000, bytes: own };
  });
}

function slowOutput(milliseconds: number): {
  output: Output;
  state: {
    written: number;
    writtenOctets: number;
    mostUnderWay: number;
    largest: number;
    closeAfter: number;
    failAfter: number;
  };
} {
  const state = {
    ...{ written: 0, writtenOctets: 0, mostUnderWay: 0, largest: 0 },
    ...{ closeAfter: Number.POSITIVE_INFINITY, failAfter: Number.POSITIVE_INFINITY },
  };
  let underWay = 0;
  const output: Output = {
    get isClosed() {
      return state.written >= state.closeAfter;
    },
    async write(octets) {
      underWay += 1;
      state.mostUnderWay = Math.max(state.mostUnderWay, underWay);
      state.largest = Math.max(state.largest, octets.length);
      const sum = octets.reduce((a, b) => a + b, 0);
      if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
      // What is being written may not change underneath.
      if (octets.reduce((a, b) => a + b, 0) !== sum)
        throw new Error("octets changed while written");
      underWay -= 1;
      state.written += 1;
      state.writtenOctets += octets.length;
      if (state.written >= state.failAfter) throw new OutputError("PF_OUTPUT_FAILED", "disk full");
    },
    async close() {},
    abandon() {},
  };
  return { output, state };
}
