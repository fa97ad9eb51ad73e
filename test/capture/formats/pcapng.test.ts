import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openCaptureBytes } from "../../../src/capture/open.ts";
import { CaptureError } from "../../../src/core/errors.ts";
import { join, type Option, Pcapng, payload } from "../../support/capture-bytes.ts";
import { hex, inChunks, type Reading, readAll, readBytes } from "../../support/capture-rows.ts";

const little = new Pcapng("little");
const big = new Pcapng("big");
const ascii = (text: string) => new TextEncoder().encode(text);
const NAME = 2;
const TSRESOL = 9;
const TSOFFSET = 14;

/** A capture of one section and one Ethernet interface with these blocks. */
function capture(...blocks: Uint8Array[]): Uint8Array {
  return join(little.section(), little.interface(), ...blocks);
}

function read(...blocks: Uint8Array[]): Promise<Reading> {
  return readBytes(join(...blocks));
}

describe("openPcapng", () => {
  it("reads both byte orders alike", async () => {
    for (const order of [little, big]) {
      const { rows, error, source } = await read(
        order.section(),
        order.interface({ linkType: 113, snapLength: 96, options: [[NAME, ascii("eth0")]] }),
        order.packet({ ticks: 1_600_000_000_123_456n, data: payload(33), wireLength: 1500 }),
      );
      expect(error).toBeUndefined();
      expect(rows).toEqual([
        {
          time: "1600000000.123456000",
          wireLength: 1500,
          linkType: 113,
          interfaceIndex: 0,
          hex: hex(payload(33)),
        },
      ]);
      expect(source.interfaces).toEqual([{ linkType: 113, name: "eth0" }]);
      expect(source.counters.sections).toBe(1);
    }
  });

  it("reads interfaces of mixed link types, resolutions and offsets", async () => {
    const { rows, source } = await read(
      little.section(),
      little.interface({ linkType: 1, options: [[NAME, ascii("a")]] }),
      little.interface({ linkType: 101, options: [[TSRESOL, Uint8Array.of(9)]] }),
      little.interface({
        linkType: 113,
        options: [
          [TSRESOL, Uint8Array.of(0x80 + 10)],
          [TSOFFSET, little.u(-3600n, 8)],
        ],
      }),
      little.packet({ interface: 2, ticks: 1_600_000_000n * 1024n + 256n }),
      little.packet({ interface: 0 }),
      little.packet({ interface: 1, ticks: 1_600_000_000_000_000_001n }),
      little.packet({ interface: 2, ticks: 1_600_000_000n * 1024n }),
    );
    expect(rows.map((row) => [row.interfaceIndex, row.linkType, row.time])).toEqual([
      [2, 113, "1599996400.250000000"],
      [0, 1, "1600000000.000000000"],
      [1, 101, "1600000000.000000001"],
      [2, 113, "1599996400.000000000"],
    ]);
    expect(source.interfaces).toEqual([
      { linkType: 1, name: "a" },
      { linkType: 101 },
      { linkType: 113 },
    ]);
  });

  it("reads sections that change byte order, and counts interfaces on", async () => {
    const { rows, error, source } = await read(
      little.section(),
      little.interface({ linkType: 1 }),
      little.packet(),
      big.section({ length: 68n }),
      big.interface({ linkType: 101 }),
      big.interface({ linkType: 113 }),
      big.packet({ interface: 1 }),
      big.packet({ interface: 0 }),
      little.section({ minor: 2 }),
      little.interface({ linkType: 147 }),
      little.packet(),
    );
    expect(error).toBeUndefined();
    expect(rows.map((row) => [row.interfaceIndex, row.linkType])).toEqual([
      [0, 1],
      [2, 113],
      [1, 101],
      [3, 147],
    ]);
    expect(source.counters.sections).toBe(3);
    expect(source.interfaces).toHaveLength(4);
  });

  it("reads simple packets: length by the snaplen of interface 0, time of the packet before", async () => {
    const { rows, error, source } = await read(
      little.section(),
      little.interface({ snapLength: 24 }),
      little.simplePacket(3, payload(3)),
      little.packet({ ticks: 1_600_000_000_000_007n }),
      little.simplePacket(60, payload(24)),
      little.simplePacket(24, payload(24)),
      little.simplePacket(5, payload(5)),
    );
    expect(error).toBeUndefined();
    expect(rows.map((row) => [row.time, row.wireLength, row.hex])).toEqual([
      ["0.000000000", 3, hex(payload(3))],
      ["1600000000.000007000", 20, hex(payload(20))],
      ["1600000000.000007000", 60, hex(payload(24))],
      ["1600000000.000007000", 24, hex(payload(24))],
      ["1600000000.000007000", 5, hex(payload(5))],
    ]);
    expect(source.counters.packetsWithoutTime).toBe(4);
  });

  it("carries the time of simple packets over batches", async () => {
    const bytes = capture(little.packet({ ticks: 5_000_001n }), little.simplePacket(4, payload(4)));
    const { rows } = await readBytes(bytes, { capacity: 1 });
    expect(rows.map((row) => row.time)).toEqual(["5.000001000", "5.000001000"]);
  });

  it.each([little, big])("reads obsolete packet blocks and adds up their drops", async (order) => {
    const { rows, source } = await read(
      order.section(),
      order.interface(),
      order.interface({ linkType: 101 }),
      order.obsoletePacket({ interface: 1, drops: 3, data: payload(7), wireLength: 70 }),
      order.obsoletePacket({ interface: 1, drops: 0xffff }),
      order.obsoletePacket({ interface: 1, drops: 4 }),
    );
    expect(rows).toHaveLength(3);
    expect(rows[0]).toEqual({
      time: "1600000000.000000000",
      wireLength: 70,
      linkType: 101,
      interfaceIndex: 1,
      hex: hex(payload(7)),
    });
    expect(source.interfaces).toEqual([{ linkType: 1 }, { linkType: 101, droppedPackets: 7 }]);
  });

  it("keeps the latest drops of interface statistics", async () => {
    const statistics = (id: number, ...options: [number, bigint][]) =>
      big.statistics(
        id,
        options.map(([code, value]) => [code, big.u(value, 8)]),
      );
    const { source, error } = await read(
      big.section(),
      ...[1, 2, 3, 4].map((linkType) => big.interface({ linkType })),
      statistics(0, [4, 100n], [5, 1n], [7, 2n]),
      statistics(0, [4, 200n], [5, 5n], [7, 0x1_0000_0002n]),
      statistics(1, [4, 100n]),
      statistics(2, [5, 0n]),
      statistics(3, [5, 0xffff_ffff_ffff_ffffn]),
      statistics(9, [5, 1n]),
    );
    expect(error).toBeUndefined();
    expect(source.interfaces).toEqual([
      {
        linkType: 1,
        droppedPackets: 0x1_0000_0007,
        counts: { received: 200, interfaceDropped: 5, osDropped: 0x1_0000_0002 },
      },
      { linkType: 2, counts: { received: 100 } },
      { linkType: 3, droppedPackets: 0, counts: { interfaceDropped: 0 } },
      { linkType: 4 },
    ]);
  });

  it("keeps every count of interface statistics, filters, descriptions and comments", async () => {
    for (const order of [little, big]) {
      const counts = [4, 5, 6, 7, 8].map((code) => [code, order.u(code * 11, 8)] as const);
      const { source, error } = await read(
        order.section({ options: [[1, ascii("of the section")]] }),
        order.interface({
          options: [
            [1, ascii("one")],
            [1, ascii("two")],
            [NAME, ascii("eth0")],
            [3, ascii("the uplink")],
            [11, ascii("\0tcp port 443")],
          ],
        }),
        // A filter as instructions is no text.
        order.interface({ options: [[11, join(Uint8Array.of(1), payload(8, 65))]] }),
        order.statistics(0, counts),
      );
      expect(error).toBeUndefined();
      expect(source.comments).toEqual(["of the section"]);
      expect(source.interfaces).toEqual([
        {
          linkType: 1,
          name: "eth0",
          description: "the uplink",
          filter: "tcp port 443",
          comments: ["one", "two"],
          droppedPackets: 55 + 77,
          counts: {
            received: 44,
            interfaceDropped: 55,
            filterAccepted: 66,
            osDropped: 77,
            delivered: 88,
          },
        },
        { linkType: 1 },
      ]);
    }
  });

  it.each([little, big])("counts directions and drops that packets state", async (order) => {
    const flags = (value: number): Option => [2, order.u(value, 4)];
    const { rows, source, error } = await read(
      order.section(),
      order.interface(),
      order.packet({ options: [flags(1)], data: payload(7) }),
      order.packet({ options: [flags(0x1000_0002), [4, order.u(9, 8)]], data: payload(60) }),
      order.packet({ options: [flags(2)] }),
      order.packet({ options: [flags(0)] }),
      order.packet({
        options: [
          [1, ascii("no flags")],
          [4, order.u(-1n, 8)],
        ],
      }),
      order.packet(),
      // Flags of two octets, an option that does not fit, no end of options: passed over.
      order.packet({ rawOptions: join(order.u(2, 2), order.u(2, 2), order.u(1, 4)) }),
      order.packet({ rawOptions: join(order.u(2, 2), order.u(99, 2), order.u(1, 4)) }),
      order.packet({ rawOptions: join(order.u(2, 2), order.u(4, 2), order.u(1, 4)) }),
    );
    expect(error).toBeUndefined();
    expect(rows).toHaveLength(9);
    expect(source.counters).toMatchObject({ inbound: 2, outbound: 2, capturedOctets: 67 + 7 * 20 });
    expect(source.interfaces).toEqual([{ linkType: 1, droppedPackets: 9 }]);
  });

  it("cuts a long interface name, and one at its zero octet", async () => {
    const { source } = await read(
      little.section(),
      little.interface({ options: [[NAME, ascii("x".repeat(5000))]] }),
      little.interface({ options: [[NAME, ascii("wlan0\0\0\0")]] }),
      little.interface({ options: [[NAME, ascii("")]] }),
    );
    expect(source.interfaces.map((one) => one.name)).toEqual(["x".repeat(256), "wlan0", undefined]);
  });

  it("skips blocks it has no use for", async () => {
    const others = [4, 7, 9, 10, 11, 0x0bad, 0x4000_0bad, 0x8000_0001];
    const { rows, error } = await readBytes(
      capture(
        little.packet({ data: payload(1) }),
        ...others.map((type, index) => little.block(type, payload(index))),
        little.packet({ data: payload(2) }),
      ),
    );
    expect(error).toBeUndefined();
    expect(rows.map((row) => row.hex)).toEqual([hex(payload(1)), hex(payload(2))]);
  });

  it("skips a block of 300 MB in constant memory", async () => {
    const length = 300_000_000;
    const chunk = new Uint8Array(1_000_000);
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield capture(little.packet(), join(little.u(0x0bad, 4), little.u(length + 12, 4)));
      for (let sent = 0; sent < length; sent += chunk.length) yield chunk;
      yield join(little.u(length + 12, 4), little.packet());
    }
    const before = process.memoryUsage().arrayBuffers;
    const { rows, error } = await readAll(await openCaptureBytes(chunks(), "huge"));
    expect(error).toBeUndefined();
    expect(rows).toHaveLength(2);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32_000_000);
  });

  it("moves times outside 1970..2106 to the nearest end and counts them", async () => {
    const { rows, source } = await read(
      little.section(),
      little.interface({ options: [[TSOFFSET, little.u(-2_000_000_000n, 8)]] }),
      little.interface({ options: [[TSRESOL, Uint8Array.of(3)]] }),
      little.packet({ interface: 0 }),
      little.packet({ interface: 1 }),
      little.packet({ interface: 1, ticks: 5n }),
    );
    expect(rows.map((row) => row.time)).toEqual([
      "0.000000000",
      "4294967295.999999999",
      "0.005000000",
    ]);
    expect(source.counters.timesClamped).toBe(2);
  });

  it("takes a captured length above the wire length as it is", async () => {
    const { rows } = await readBytes(capture(little.packet({ data: payload(60), wireLength: 20 })));
    expect([rows[0]!.hex, rows[0]!.wireLength]).toEqual([hex(payload(60)), 20]);
  });

  it("reads packets with options, and total lengths that are no multiple of four", async () => {
    const odd = little.packet({ data: payload(61) }, { total: 32 + 61 });
    const { rows, error } = await readBytes(
      capture(
        little.packet({ data: payload(61), options: [[1, ascii("note")]] }),
        odd,
        little.packet(),
      ),
    );
    expect(error).toBeUndefined();
    expect(rows.map((row) => row.hex)).toEqual([
      hex(payload(61)),
      hex(payload(61)),
      hex(payload(20)),
    ]);
  });

  // What tshark 4.0 does with each: exit 2 after the packets before. Offsets by hand: section 28,
  // interface 20, packet 52.
  it.each([
    [
      "total lengths that differ",
      little.packet({}, { trailer: 99 }),
      "a packet block with total lengths of 52 and 99",
    ],
    [
      "an interface not described",
      little.packet({ interface: 3 }),
      "a packet block of interface 3, which the section does not describe,",
    ],
    [
      "a packet longer than its block",
      little.packet({ capturedLength: 100 }),
      "a packet block of 52 octets with 100 octets of packet",
    ],
    [
      "a packet that runs into the padding and the total length",
      little.packet({ capturedLength: 21 }),
      "a packet block of 52 octets with 21 octets of packet",
    ],
    [
      "a captured length near 2^32",
      little.packet({ capturedLength: 0xffff_fff0 }),
      "a packet block of 52 octets with 4294967280 octets of packet",
    ],
    [
      "a total length too small",
      little.packet({}, { total: 8 }),
      "a packet block with a total length of 8",
    ],
    [
      "a total length near 2^32",
      little.packet({}, { total: 0xffff_fffd }),
      "a packet block with a total length of 4294967293",
    ],
    [
      "a total length above 64 MiB",
      little.packet({}, { total: 0x400_0004 }),
      "a packet block with a total length of 67108868",
    ],
    ["zeros", new Uint8Array(64), "a block of type 0x0 with a total length of 0"],
    [
      "an unknown block whose total lengths differ",
      little.block(0xbad, payload(8), { trailer: 24 }),
      "a block of type 0xbad with total lengths of 20 and 24",
    ],
    [
      "a simple packet longer than its block",
      little.simplePacket(60, payload(20)),
      "a packet block of 36 octets with 60 octets of packet",
    ],
    [
      "an obsolete packet of no interface",
      little.obsoletePacket({ interface: 1 }),
      "a packet block of interface 1, which the section does not describe,",
    ],
    [
      "an option that does not fit",
      little.block(1, join(little.u(1, 8), little.u(9, 2), little.u(99, 2))),
      "an interface description with an option that does not fit",
    ],
    [
      "a section without byte order",
      little.block(0x0a0d0d0a, payload(16, 1)),
      "a section header block with byte-order magic 0x160f0801",
    ],
  ])("stops at %s, after the packets before it", async (_name, block, what) => {
    for (const chunk of [undefined, 1, 50]) {
      const bytes = capture(little.packet(), little.packet(), block, little.packet());
      const { rows, error } = await readBytes(bytes, chunk === undefined ? {} : { chunk });
      expect(rows).toHaveLength(2);
      expect(error).toBeInstanceOf(CaptureError);
      expect(error).toMatchObject({
        code: "PF_CAPTURE_DAMAGED",
        exitCode: 3,
        offset: 28 + 20 + 2 * 52,
        message: `test: damaged: ${what} at byte 152`,
      });
    }
  });

  it.each([
    [2, 0],
    [1, 1],
    [0, 9],
  ])("refuses version %i.%i", async (major, minor) => {
    const { error } = await read(little.section({ major, minor }));
    expect(error).toMatchObject({
      code: "PF_CAPTURE_VERSION",
      message: `test: pcapng version ${major}.${minor} is not known; convert it with "editcap -F pcapng"`,
    });
  });

  it("forgets the interfaces of the section before", async () => {
    const { rows, error } = await read(
      little.section(),
      little.interface(),
      little.packet(),
      little.section(),
      little.simplePacket(4, payload(4)),
    );
    expect(rows).toHaveLength(1);
    expect(error).toMatchObject({ code: "PF_CAPTURE_DAMAGED", offset: 28 + 20 + 52 + 28 });
  });

  it("stops at more than 65536 interfaces", async () => {
    const one = little.interface();
    const { error, source } = await readBytes(
      join(little.section(), ...Array.from({ length: 65_537 }, () => one)),
    );
    expect(error).toMatchObject({ code: "PF_CAPTURE_DAMAGED", offset: 28 + 65_536 * 20 });
    expect(source.interfaces).toHaveLength(65_536);
  });

  it("reads packets larger than its window", async () => {
    const lengths = [300_000, 20, 2_500_000, 0, 1_048_576];
    const { rows, error } = await readBytes(
      capture(...lengths.map((length) => little.packet({ data: payload(length, length) }))),
      { chunk: 65_536 },
    );
    expect(error).toBeUndefined();
    expect(
      rows.every((row, index) => row.hex === hex(payload(lengths[index]!, lengths[index]))),
    ).toBe(true);
    expect(rows).toHaveLength(5);
  });

  const mixed = [
    big.section(),
    big.interface({ snapLength: 30 }),
    big.packet({ data: payload(9) }),
    big.block(0xbad, payload(13)),
    big.simplePacket(40, payload(30)),
    big.statistics(0, [[5, big.u(1, 8)]]),
    big.obsoletePacket({ drops: 1, data: payload(3) }),
    little.section(),
    little.interface({ linkType: 113 }),
    little.packet({ data: payload(17) }),
  ];
  /** Which of `mixed` are packets. */
  const isPacket = [false, false, true, false, true, false, true, false, false, true];

  it("reads the same rows from chunks of every size", async () => {
    const bytes = join(...mixed);
    const whole = await readBytes(bytes);
    expect(whole.error).toBeUndefined();
    expect(whole.rows).toHaveLength(4);
    for (let chunk = 1; chunk <= bytes.length; chunk += 1) {
      const { rows, error, source } = await readBytes(bytes, { chunk });
      expect([chunk, error, rows]).toEqual([chunk, undefined, whole.rows]);
      expect(source.interfaces).toEqual([
        { linkType: 1, droppedPackets: 2, counts: { interfaceDropped: 1 } },
        { linkType: 113 },
      ]);
      expect(source.counters.bytes).toBe(bytes.length);
    }
  });

  it("hands over every packet before a cut, wherever it is", async () => {
    const bytes = join(...mixed);
    const starts = [0];
    for (const block of mixed) starts.push(starts.at(-1)! + block.length);
    for (let cut = 4; cut <= bytes.length; cut += 1) {
      const whole = starts.findLastIndex((start) => start <= cut);
      const packets = isPacket.slice(0, whole).filter(Boolean).length;
      const { rows, error } = await readBytes(bytes.subarray(0, cut), { chunk: 1 + (cut % 11) });
      expect([cut, rows.length]).toEqual([cut, packets]);
      if (starts[whole] === cut) expect(error).toBeUndefined();
      else {
        expect(error).toMatchObject({
          code: "PF_CAPTURE_TRUNCATED",
          offset: starts[whole],
          has: cut - starts[whole]!,
        });
      }
    }
  });

  it("says what a cut block needs and has", async () => {
    const bytes = capture(little.packet({ data: payload(132) }));
    const { error } = await readBytes(bytes.subarray(0, 48 + 57), { name: "office.pcapng" });
    expect(error).toMatchObject({
      needs: 164,
      has: 57,
      message: "office.pcapng: ends inside a packet block at byte 48 (needs 164, has 57)",
    });
  });

  it("never hangs, and never fails with anything but a CaptureError, whatever octets are changed", async () => {
    const bytes = join(...mixed);
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const damaged = bytes.slice();
        for (const [index, value] of changes) damaged[index] = value;
        const reading = await openCaptureBytes(inChunks(damaged, 100), "fuzz").then(
          readAll,
          (error) => ({
            error,
          }),
        );
        if (reading.error !== undefined) expect(reading.error).toBeInstanceOf(CaptureError);
      }),
      { numRuns: 500 },
    );
  });
});
