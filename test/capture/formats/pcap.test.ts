import { describe, expect, it } from "vitest";
import { openCaptureBytes } from "../../../src/capture/open.ts";
import { CaptureError } from "../../../src/core/errors.ts";
import { newPacketBatch } from "../../../src/core/packet-batch.ts";
import {
  join,
  payload,
  pcap,
  pcapHeader,
  pcapRecord,
  unsigned,
} from "../../support/capture-bytes.ts";
import { hex, inChunks, readBytes } from "../../support/capture-rows.ts";

const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;
const PATCHED = 0xa1b2cd34;

describe("openPcap", () => {
  it.each([
    ["microseconds", MICROSECONDS, 123_456, "1600000000.123456000"],
    ["nanoseconds", NANOSECONDS, 123_456_789, "1600000000.123456789"],
    ["largest fraction of microseconds", MICROSECONDS, 999_999, "1600000000.999999000"],
    ["largest fraction of nanoseconds", NANOSECONDS, 999_999_999, "1600000000.999999999"],
  ])("reads %s in both byte orders alike", async (_name, magic, fraction, time) => {
    for (const order of ["little", "big"] as const) {
      const data = payload(60);
      const { rows, error, source } = await readBytes(
        pcap({ magic, order, linkType: 113 }, [{ fraction, data, wireLength: 1500 }]),
      );
      expect(error).toBeUndefined();
      expect(rows).toEqual([
        { time, wireLength: 1500, linkType: 113, interfaceIndex: 0, hex: hex(data) },
      ]);
      expect(source.interfaces).toEqual([{ linkType: 113 }]);
      expect(source.counters).toEqual({
        files: 1,
        bytes: 24 + 16 + 60,
        sections: 1,
        packetsWithoutTime: 0,
        timesClamped: 0,
        capturedOctets: 60,
        inbound: 0,
        outbound: 0,
      });
    }
  });

  it.each(["little", "big"] as const)(
    "reads patched records of 24 octets, %s-endian",
    async (order) => {
      const extra = join(unsigned(3, 4, order), unsigned(0x800, 2, order), unsigned(4, 2, order));
      const records = [1, 2, 3].map((n) =>
        pcapRecord({ fraction: n, data: payload(n * 9) }, order, extra),
      );
      const { rows, error } = await readBytes(
        join(pcapHeader({ magic: PATCHED, order }), ...records),
      );
      expect(error).toBeUndefined();
      expect(rows.map((row) => row.hex)).toEqual([1, 2, 3].map((n) => hex(payload(n * 9))));
      expect(rows[2]!.time).toBe("1600000000.000003000");
    },
  );

  it.each([
    ["IXIA hardware", 0x1c0001ac, 4, 123_456_789, "1600000000.123456789"],
    ["IXIA software", 0x1c0001ab, 4, 123_456, "1600000000.123456000"],
    ["Navtel", 0xa12b3c4d, 0, 123_456_789, "1600000000.123456789"],
  ])("reads the variant of %s in both byte orders", async (_name, magic, extra, fraction, time) => {
    for (const order of ["little", "big"] as const) {
      const records = [{ fraction }, { fraction: 1 }].map((one) => pcapRecord(one, order));
      const octets = join(pcapHeader({ magic, order }), unsigned(72, extra, order), ...records);
      const { rows, error, source } = await readBytes(octets);
      expect(error).toBeUndefined();
      expect(rows.map((row) => row.hex)).toEqual([hex(payload(20)), hex(payload(20))]);
      expect(rows[0]!.time).toBe(time);
      expect(source.counters.bytes).toBe(octets.length);
    }
  });

  it("calls a file header of IXIA without its last word cut short", async () => {
    const cut = join(pcapHeader({ magic: 0x1c0001ac }), new Uint8Array(3));
    await expect(readBytes(cut)).rejects.toMatchObject({
      message: "test: ends inside the file header at byte 0 (needs 28, has 27)",
    });
  });

  // 0x30000084 is in a capture of tcpdump's own tests: FCS length above, link type 132 below.
  it.each([
    [0x3000_0084, 132],
    [0x0401_0001, 1],
    [0xffff, 0xffff],
  ])("takes the low 16 bits of link type %i", async (linkType, expected) => {
    const { rows } = await readBytes(pcap({ linkType }, [{}]));
    expect(rows[0]!.linkType).toBe(expected);
  });

  it.each([
    ["2.4 keeps the order", 2, 4, 20, 1500, 1500],
    ["2.5 is read as 2.4", 2, 5, 20, 1500, 1500],
    ["2.4 hands over a captured length above the wire length", 2, 4, 20, 7, 7],
    ["2.3 in the new order", 2, 3, 20, 1500, 1500],
    ["2.3 in the old order", 2, 3, 1500, 20, 1500],
    ["2.2 has the wire length first", 2, 2, 1500, 20, 1500],
    ["543.0 has the wire length first", 543, 0, 1500, 20, 1500],
  ])("version %s", async (_name, major, minor, first, second, wireLength) => {
    const record = { data: payload(20), capturedLength: first, wireLength: second };
    const { rows, error } = await readBytes(pcap({ major, minor }, [record, record]));
    expect(error).toBeUndefined();
    expect(rows.map((row) => [row.hex, row.wireLength])).toEqual([
      [hex(payload(20)), wireLength],
      [hex(payload(20)), wireLength],
    ]);
  });

  it.each([
    [1, 4],
    [3, 0],
    [543, 1],
  ])("refuses version %i.%i by name", async (major, minor) => {
    await expect(readBytes(pcap({ major, minor }, []))).rejects.toMatchObject({
      code: "PF_CAPTURE_VERSION",
      message: `test: pcap version ${major}.${minor} is not known; convert it with "editcap -F pcapng"`,
    });
  });

  it.each([
    ["microseconds", MICROSECONDS, 10, 1_000_000, "11.000000000", 0],
    ["microseconds at their largest", MICROSECONDS, 10, 0xffff_ffff, "4304.967295000", 0],
    ["nanoseconds", NANOSECONDS, 10, 2_147_483_648, "12.147483648", 0],
    [
      "the last second of the range",
      NANOSECONDS,
      0xffff_fffe,
      1_000_000_001,
      "4294967295.000000001",
      0,
    ],
    ["beyond the range", NANOSECONDS, 0xffff_ffff, 1_000_000_000, "4294967295.999999999", 1],
  ])(
    "carries a fraction of a second and more: %s",
    async (_name, magic, seconds, fraction, time, clamped) => {
      const { rows, source } = await readBytes(pcap({ magic }, [{ seconds, fraction }, {}]));
      expect(rows[0]!.time).toBe(time);
      expect(source.counters.timesClamped).toBe(clamped);
      expect(rows).toHaveLength(2);
    },
  );

  it("reads seconds as unsigned", async () => {
    const { rows } = await readBytes(pcap({}, [{ seconds: 0xffff_ffff, fraction: 5 }]));
    expect(rows[0]!.time).toBe("4294967295.000005000");
  });

  it("reads packets longer than the snaplen, longer than a chunk of the window, and empty", async () => {
    const lengths = [0, 70_000, 300_000, 1, 3_000_000, 0, 262_144, 1_048_576, 42];
    const records = lengths.map((length, index) => ({ data: payload(length, index) }));
    const { rows, error } = await readBytes(pcap({ snapLength: 96 }, records), { chunk: 65_536 });
    expect(error).toBeUndefined();
    expect(rows.map((row) => row.hex.length / 2)).toEqual(lengths);
    expect(rows.every((row, index) => row.hex === hex(records[index]!.data))).toBe(true);
  });

  it("reads packets longer than the head-room of the window from a source that gives whole chunks", async () => {
    const records = [700_000, 700_001, 5, 900_000].map((length, n) => ({
      data: payload(length, n),
    }));
    const { rows, error } = await readBytes(pcap({}, records));
    expect(error).toBeUndefined();
    expect(rows.map((row) => row.hex === hex(records[rows.indexOf(row)]!.data))).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  it("calls a captured length above 64 MiB damage, after the packets before it", async () => {
    const length = 64 * 1024 * 1024 + 1;
    const bytes = join(pcap({}, [{}, {}]), pcapRecord({ capturedLength: length }));
    const { rows, error } = await readBytes(bytes);
    expect(rows).toHaveLength(2);
    expect(error).toBeInstanceOf(CaptureError);
    expect(error).toMatchObject({
      code: "PF_CAPTURE_DAMAGED",
      offset: 24 + 2 * 36,
      message: `test: damaged: a packet record of ${length} octets at byte 96`,
    });
  });

  it("ends a header without packets cleanly", async () => {
    expect(await readBytes(pcapHeader())).toMatchObject({ rows: [], error: undefined });
  });

  it("fills a batch to its capacity and goes on with the next", async () => {
    const records = Array.from({ length: 10 }, (_, n) => ({ data: payload(n) }));
    const { rows } = await readBytes(pcap({}, records), { capacity: 3 });
    expect(rows.map((row) => row.hex)).toEqual(records.map((record) => hex(record.data)));
  });

  it("ends quietly when closed in the middle, pending read or not", async () => {
    async function* never(): AsyncGenerator<Uint8Array> {
      yield pcapHeader();
      await new Promise(() => undefined);
    }
    const source = await openCaptureBytes(never(), "live");
    const filling = source.fill(newPacketBatch());
    await source.close();
    await source.close();
    expect(await filling).toBe(false);
    expect(await source.fill(newPacketBatch())).toBe(false);
  });

  it("hands over what a slow producer has sent, without waiting for a full batch", async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield pcap({}, [{}, {}]);
      await gate;
      yield pcapRecord({});
    }
    const source = await openCaptureBytes(slow(), "live");
    const batch = newPacketBatch();
    let before = 0;
    while (before < 2 && (await source.fill(batch))) before += batch.count;
    expect(before).toBe(2);
    release();
    expect(await source.fill(batch)).toBe(true);
    expect(batch.count).toBe(1);
    expect(await source.fill(batch)).toBe(false);
    await source.close();
  });

  it("shows its progress", async () => {
    const bytes = pcap({}, [{}, {}]);
    const { source } = await readBytes(bytes, { chunk: 10 });
    expect(source.progress).toEqual({ octetsRead: bytes.length, octetsTotal: undefined });
  });

  it("reads the same rows from chunks of every size", async () => {
    const records = [0, 1, 17, 60, 200].map((length, n) => ({
      fraction: n,
      data: payload(length, n),
    }));
    const bytes = pcap({ order: "big" }, records);
    const whole = await readBytes(bytes);
    expect(whole.rows).toHaveLength(records.length);
    for (let chunk = 1; chunk <= bytes.length; chunk += 1) {
      const { rows, error } = await readBytes(bytes, { chunk });
      expect([chunk, error, rows]).toEqual([chunk, undefined, whole.rows]);
    }
  });

  it("hands over every packet before a cut, wherever it is", async () => {
    const records = [{ data: payload(0) }, { data: payload(31) }, { data: payload(5) }];
    const bytes = pcap({}, records);
    const boundaries = [24, 40, 87, 108];
    expect(boundaries.at(-1)).toBe(bytes.length);
    for (let cut = 4; cut <= bytes.length; cut += 1) {
      const piece = bytes.subarray(0, cut);
      const start = boundaries.findLast((boundary) => boundary <= cut) ?? 0;
      const packets = boundaries.filter((boundary) => boundary <= cut).length - 1;
      const reading = await readBytes(piece, { chunk: 1 + (cut % 7) }).catch((error: unknown) => ({
        rows: [],
        error,
      }));
      expect([cut, reading.rows.length]).toEqual([cut, Math.max(packets, 0)]);
      if (start === cut) expect(reading.error).toBeUndefined();
      else
        expect(reading.error).toMatchObject({
          code: "PF_CAPTURE_TRUNCATED",
          offset: start,
          has: cut - start,
        });
    }
  });

  it("says what a cut record needs and has", async () => {
    const bytes = pcap({}, [{ data: payload(31) }]);
    const { error } = await readBytes(bytes.subarray(0, 60), { name: "office.pcap" });
    expect(error).toMatchObject({
      name: "TruncatedCaptureError",
      exitCode: 3,
      path: "office.pcap",
      needs: 47,
      has: 36,
      message: "office.pcap: ends inside a packet record at byte 24 (needs 47, has 36)",
    });
  });

  it("leaves the chunks it is given as they are", async () => {
    const bytes = pcap({}, [{ data: payload(300) }]);
    const before = hex(bytes);
    await readBytes(bytes);
    for await (const chunk of inChunks(bytes, 50)) expect(chunk.length).toBeGreaterThan(0);
    expect(hex(bytes)).toBe(before);
  });
});
