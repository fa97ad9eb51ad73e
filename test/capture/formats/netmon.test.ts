import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCapture, openCaptureBytes } from "../../../src/capture/open.ts";
import { newPacketBatch } from "../../../src/core/packet-batch.ts";
import { linkTypeName } from "../../../src/wire/link-type.ts";
import { at, run } from "../../pipeline/run.ts";
import { payload as body } from "../../support/build.ts";
import { ipv4 } from "../../support/build-ip.ts";
import { udp } from "../../support/build-transport.ts";
import { payload } from "../../support/capture-bytes.ts";
import { hex, type Reading, readAll, readBytes } from "../../support/capture-rows.ts";
import { netmon } from "../../support/write-netmon.ts";
import { writePcap } from "../../support/write-pcap.ts";

let folder = "";
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(joinPath(tmpdir(), "portflow-netmon-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** From a plain file, where the table can be looked up. */
async function readFile(bytes: Uint8Array, capacity?: number): Promise<Reading> {
  files += 1;
  const path = joinPath(folder, `${files}`);
  await writeFile(path, bytes);
  return readAll(await openCapture(path), capacity);
}

const WAYS: readonly (readonly [string, (bytes: Uint8Array) => Promise<Reading>])[] = [
  ["a file", readFile],
  ["a stream", (bytes) => readBytes(bytes)],
];

const FILETIME = (1_600_000_000n + 11_644_473_600n) * 10_000_000n;
const times = ({ rows }: Reading): string[] => rows.map((row) => row.time);
const messageOf = ({ error }: Reading): string => (error as Error).message.replace(/^.*?: /, "");

describe.each(WAYS)("openNetmon, from %s", (_way, read) => {
  it("reads what the help of Network Monitor describes", async () => {
    const fields = [
      ["474d4255", "GMBU"],
      ["0002", "version 2.0"],
      ["0100", "Ethernet"],
      ["e407 0900 0000 0d00 0c00 1a00 2800 fa00", "2020-09-13, a Sunday, 12:26:40.250"],
      ["96000000", "frame table at 150"],
      ["04000000", "of 4 octets"],
      ["00".repeat(96), "up to 128"],
      ["40420f0000000000", "1000000 microseconds"],
      ["62000000", "wire length, 98"],
      ["06000000", "captured length"],
      ["010203040506", "packet"],
      ["80000000", "the frame is at 128"],
    ];
    const octets = Buffer.from(fields.map(([octet]) => octet!.replaceAll(" ", "")).join(""), "hex");
    const { rows, error, source } = await read(octets);
    expect(error).toBeUndefined();
    expect(rows).toEqual([
      {
        time: "1600000001.250000000",
        wireLength: 98,
        linkType: 1,
        interfaceIndex: 0,
        hex: "010203040506",
      },
    ]);
    expect(source.interfaces).toEqual([{ linkType: 1 }]);
    expect(source.counters).toMatchObject({ files: 1, sections: 1, capturedOctets: 6 });
  });

  it.each([
    [1, 0, "1600000000.999000000", "1600000001.000000000"],
    [1, 1, "1600000000.999000000", "1600000001.000000000"],
    [2, 0, "1600000000.000999000", "1600000000.001000000"],
    [2, 1, "1600000000.000999000", "1600000000.001000000"],
    [2, 2, "1600000000.000999000", "1600000000.001000000"],
    // Each frame has its own time.
    [2, 3, "1600000000.123456700", "1600000001.000000000"],
    [2, 4, "1600000000.123456700", "1600000001.000000000"],
  ])("reads version %i.%i", async (major, minor, first, second) => {
    const frames = [
      { delta: 999, data: payload(60), wireLength: 1500, time: FILETIME + 1_234_567n },
      { delta: 1000, data: payload(0), time: FILETIME + 10_000_000n },
    ];
    const reading = await read(netmon(frames, { major, minor }));
    expect(reading.error).toBeUndefined();
    expect(times(reading)).toEqual([first, second]);
    expect(reading.rows.map((row) => [row.hex, row.wireLength])).toEqual([
      [hex(payload(60)), 1500],
      ["", 0],
    ]);
  });

  // Network Monitor's numbers on the left, tcpdump.org's LINKTYPE_ on the right.
  it.each([
    [0, "ethernet"],
    [1, "ethernet"],
    [2, "ieee802-5"],
    [3, "fddi"],
    [4, "netmon-media-4"],
    [6, "netmon-media-6"],
    [7, "raw"],
    [8, "raw"],
    [9, "raw"],
    [0x3000, "netmon-media-255"],
    [0xe000, "null"],
    [0xe071, "linux-sll"],
    [0xe114, "linux-sll2"],
    [0xe080, "ieee802-11"],
    [0xe083, "netmon-media-131"],
    [0xe08a, "netmon-media-138"],
    [0xe08b, "mtp2-with-phdr"],
    [0xffe0, "netmon-media-224"],
  ])("media type %i of a frame is %s", async (media, name) => {
    const { rows, source } = await read(netmon([{ media }], { minor: 1, media: 2 }));
    expect(linkTypeName(rows[0]!.linkType)).toBe(name);
    expect(source.interfaces).toEqual([{ linkType: rows[0]!.linkType }]);
  });

  it.each([
    [1, 0],
    [2, 0],
  ])("takes the media type of version %i.%i from the file header", async (major, minor) => {
    const { rows } = await read(netmon([{}], { major, minor, media: 3 }));
    expect(rows[0]!.linkType).toBe(10);
  });

  it("has an interface for each link type, and none for notes on the capture", async () => {
    const media = [1, 7, 0xfffb, 0xfffc, 0xfffd, 0, 0xfffe, 8, 0xffff, 1];
    const { rows, source } = await read(
      netmon(
        media.map((one) => ({ media: one })),
        { minor: 2 },
      ),
    );
    expect(rows.map((row) => row.interfaceIndex)).toEqual([0, 1, 0, 1, 0]);
    expect(source.interfaces).toEqual([{ linkType: 1 }, { linkType: 101 }]);
    expect(source.counters.capturedOctets).toBe(100);
  });

  it.each([
    ["half an hour", 1_800_000_000n, "1600001800.000000000", 0],
    ["thirteen years", 410_000_000_000_001n, "2010000000.000001000", 0],
    ["a microsecond before the start", -1n, "1599999999.999999000", 0],
    // Ten times this is just below 2^64, which is a small negative number.
    [
      "a second before it, by the product",
      1_844_674_407_370_955_161n - 1_000_000n,
      "1599999998.999999400",
      0,
    ],
    ["after 2106", 2_700_000_000_000_000n, "4294967295.999999999", 1],
    ["before 1970", -1_600_000_001_000_000n, "0.000000000", 1],
  ])("a frame from %s has its time", async (_name, delta, time, timesClamped) => {
    const reading = await read(netmon([{ delta }]));
    expect(times(reading)).toEqual([time]);
    expect(reading.source.counters.timesClamped).toBe(timesClamped);
  });

  it("carries what the start and the frame have of a second", async () => {
    const start = [2020, 9, 0, 13, 12, 26, 40, 250];
    const deltas = [749_999, 750_000, 750_001].map((delta) => ({ delta }));
    expect(times(await read(netmon(deltas, { start })))).toEqual([
      "1600000000.999999000",
      "1600000001.000000000",
      "1600000001.000001000",
    ]);
  });

  it("reads a capture without frames", async () => {
    expect(await read(netmon([]))).toMatchObject({ rows: [], error: undefined });
  });

  it("reads frames of a capture whose table was never written", async () => {
    const unfinished = netmon([{}, {}], { tableOffset: 0, tableLength: 0 }).subarray(0, 200);
    expect((await read(unfinished)).error).toBeUndefined();
    const cut = await read(unfinished.subarray(0, 199));
    expect(cut.rows).toHaveLength(1);
    expect(messageOf(cut)).toBe("ends inside a frame at byte 164 (needs 36, has 35)");
  });

  it.each([0, 3, 5, 71])("refuses version %i by name", async (major) => {
    const bytes = netmon([], { major });
    await expect(read(bytes)).rejects.toMatchObject({ code: "PF_CAPTURE_VERSION", exitCode: 3 });
    await expect(read(bytes)).rejects.toThrow(
      `Network Monitor version ${major}.0 is not known; convert it with "editcap -F pcapng"`,
    );
  });

  it.each([16, 127])("calls a file header of %i octets cut short", async (length) => {
    await expect(read(netmon([]).subarray(0, length))).rejects.toThrow(
      `ends inside the file header at byte 0 (needs 128, has ${length})`,
    );
  });

  it("hands over every packet before a cut, wherever it is", async () => {
    const bytes = netmon([{ data: payload(0) }, { data: payload(31) }, { data: payload(5) }]);
    const boundaries = [128, 144, 191, 212];
    for (let cut = 128; cut < 224; cut += 1) {
      const reading = await read(bytes.subarray(0, cut));
      const start = boundaries.findLast((boundary) => boundary <= cut)!;
      expect(reading.rows).toHaveLength(boundaries.indexOf(start));
      const isFrame = cut < 212 && cut > start;
      expect(reading.error).toMatchObject({
        code: "PF_CAPTURE_TRUNCATED",
        exitCode: 3,
        offset: isFrame ? start : 212,
      });
      const has = isFrame ? cut - start : Math.max(0, cut - 212);
      const what = isFrame ? "a frame" : "the table of frames";
      expect(messageOf(reading)).toMatch(
        new RegExp(
          `^ends inside ${what} at byte ${isFrame ? start : 212} \\(needs \\d+, has ${has}\\)$`,
        ),
      );
    }
    expect((await read(bytes.subarray(0, 224))).error).toBeUndefined();
  });

  it.each([
    ["in the header", { tableOffset: 127 }, 0, "a table of frames in the header at byte 127"],
    [
      "of no whole entries",
      { tableLength: 7 },
      2,
      "a table of frames of 7 octets behind 2 frames at byte 200",
    ],
    [
      "that lists nothing",
      { tableLength: 0 },
      2,
      "a table of frames of 0 octets behind 2 frames at byte 200",
    ],
  ])("a table %s is damage", async (_name, lies, packets, words) => {
    const reading = await read(netmon([{}, {}], lies));
    expect(reading.rows).toHaveLength(packets);
    expect(reading.error).toMatchObject({ code: "PF_CAPTURE_DAMAGED", exitCode: 3 });
    expect(messageOf(reading).replace(/; \d+ octets.*/, "")).toBe(`damaged: ${words}`);
  });

  it("gives the flows that the same packets give in pcap", async () => {
    const packets = [0, 0.5, 1].map((seconds, n) =>
      at(seconds, ipv4(), udp({ sourcePort: 40_000 + n, destinationPort: 53 }), body(n * 10)),
    );
    const fromPcap = await run([writePcap(packets)]);
    // 2026-03-02 is a Monday.
    const fromNetmon = await run([
      netmon(
        packets.map(({ bytes }, n) => ({ delta: n * 500_000, data: bytes })),
        { minor: 1, start: [2026, 3, 1, 2, 9, 0, 0, 0] },
      ),
    ]);
    expect(fromPcap.records).toHaveLength(3);
    expect(fromNetmon.records).toEqual(fromPcap.records);
  });
});

describe("openNetmon, from a plain file", () => {
  const frames = Array.from({ length: 6 }, (_, n) => ({ delta: n, data: payload(20, n) }));
  const firsts = ({ rows }: Reading): string[] => rows.map((row) => row.hex.slice(0, 2));

  it("goes by the table: over holes, back, and to a frame again", async () => {
    const listed = [1, 2, 5, 3, 3, 0];
    const reading = await readFile(netmon(frames, { hole: 7, listed }), 2);
    expect(reading.error).toBeUndefined();
    expect(firsts(reading)).toEqual(["01", "02", "05", "03", "03", "00"]);
  });

  it("reads frames that are larger and farther apart than what is read at a time", async () => {
    const large = [1 << 21, 100, 1 << 20, 0].map((length, n) => ({ data: payload(length, n) }));
    const listed = [1, 0, 2, 3, 1];
    const reading = await readFile(netmon(large, { hole: 1 << 20, listed }));
    expect(reading.error).toBeUndefined();
    expect(reading.rows.map((row) => row.hex)).toEqual(
      listed.map((index) => hex(large[index]!.data)),
    );
  });

  it("reads a table of more than a page", async () => {
    const many = Array.from({ length: 20_000 }, (_, n) => ({ delta: n, data: payload(1, n) }));
    const reading = await readFile(netmon(many));
    expect(reading.error).toBeUndefined();
    expect(reading.rows.map((row) => row.hex)).toEqual(many.map(({ data }) => hex(data)));
    expect(reading.rows[19_999]!.time).toBe("1600000000.019999000");
  });

  it.each([
    ["in the file header", 127, "damaged: a frame in the file header at byte 127"],
    ["behind the end", 100_000, "ends inside a frame at byte 100000 (needs 16, has 0)"],
    ["so far that its header is cut", 220, "ends inside a frame at byte 220 (needs 16, has 9)"],
  ])("a frame listed %s is told by its offset", async (_name, offset, words) => {
    // 128 octets, two frames of 36, five entries of 4 and 9 octets: 229.
    const reading = await readFile(netmon([{}, {}], { listed: [0, 1, offset, 0, 1] }));
    expect(reading.rows).toHaveLength(2);
    expect(messageOf(reading)).toBe(words);
  });

  it.each([
    [0xffff_ffff, "damaged: a frame of 4294967311 octets at byte 164"],
    [1 << 20, "ends inside a frame at byte 164 (needs 1048592, has 53)"],
  ])("a frame of %i octets is told by its offset", async (capturedLength, words) => {
    const reading = await readFile(netmon([{}, { capturedLength }]));
    expect(reading.rows).toHaveLength(1);
    expect(messageOf(reading)).toBe(words);
  });

  it("gives up a table that leads to and fro without end", async () => {
    const far = [{}, { data: payload(3 << 20) }, {}];
    const listed = Array.from({ length: 2000 }, (_, n) => (n % 2) * 2);
    const reading = await readFile(netmon(far, { listed }));
    // The first is behind nothing; each of 64 more is one way back.
    expect(reading.rows).toHaveLength(130);
    expect(messageOf(reading)).toBe("damaged: a table of frames in no order at byte 128");
  });
});

describe("openNetmon, from a stream", () => {
  it("reads the same rows from chunks of every size, batches of every size, and compressed", async () => {
    const bytes = netmon(
      [0, 1, 17, 60, 200].map((length, n) => ({ data: payload(length, n), time: FILETIME })),
      { minor: 3 },
    );
    const whole = await readFile(bytes);
    expect(whole.rows).toHaveLength(5);
    for (let chunk = 1; chunk <= bytes.length; chunk += 1) {
      const { rows, error } = await readBytes(bytes, { chunk, capacity: 1 + (chunk % 6) });
      expect([chunk, error, rows]).toEqual([chunk, undefined, whole.rows]);
    }
    expect((await readBytes(gzipSync(bytes))).rows).toEqual(whole.rows);
  });

  it.each([
    ["lists a frame again", { listed: [0, 0] }, "a table of frames that lie elsewhere at byte 200"],
    ["lists fewer", { listed: [1] }, "a table of frames of 4 octets behind 2 frames at byte 200"],
    [
      "lists more",
      { listed: [0, 1, 1] },
      "a table of frames of 12 octets behind 2 frames at byte 200",
    ],
    [
      "stands in a frame",
      { tableOffset: 190 },
      "a frame that reaches 10 octets into the table of frames at byte 164",
    ],
    [
      "stands in a frame's header",
      { tableOffset: 170 },
      "a frame that reaches 30 octets into the table of frames at byte 164",
    ],
  ])("a table that %s is damage", async (_name, lies, words) => {
    const { error } = await readBytes(netmon([{}, {}], lies));
    expect(error).toMatchObject({ code: "PF_CAPTURE_DAMAGED", message: `test: damaged: ${words}` });
  });

  it("is over when the table was read, however often it is asked", async () => {
    const source = await openCaptureBytes(netmon([{}]), "test");
    const batch = newPacketBatch();
    const more = [];
    for (let ask = 0; ask < 3; ask += 1) more.push(await source.fill(batch));
    expect(more).toEqual([true, false, false]);
    await source.close();
    expect(await source.fill(batch)).toBe(false);
  });

  it("lets the table list the frames in another order", async () => {
    expect((await readBytes(netmon([{}, {}], { listed: [1, 0] }))).error).toBeUndefined();
  });

  it("a wild frame is damage, told by its offset", async () => {
    const { rows, error } = await readBytes(netmon([{}, { capturedLength: 0xffff_ffff }]));
    expect(rows).toHaveLength(1);
    expect((error as Error).message).toBe(
      "test: damaged: a frame of 4294967311 octets at byte 164",
    );
  });
});
