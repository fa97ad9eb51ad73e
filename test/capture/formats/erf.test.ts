import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { expandPaths } from "../../../src/capture/expand-paths.ts";
import { openCaptureBytes } from "../../../src/capture/open.ts";
import { linkTypeName } from "../../../src/wire/link-type.ts";
import { at, run } from "../../pipeline/run.ts";
import { payload as body } from "../../support/build.ts";
import { ipv4 } from "../../support/build-ip.ts";
import { udp } from "../../support/build-transport.ts";
import { join, payload } from "../../support/capture-bytes.ts";
import { hex, readAll, readBytes } from "../../support/capture-rows.ts";
import { type ErfRecord, erf, erfRecord } from "../../support/write-erf.ts";
import { writePcap } from "../../support/write-pcap.ts";

describe("openErf", () => {
  it("reads what Endace's description says", async () => {
    const fields = [
      ["00000080", "half a second"],
      ["00105e5f", "1600000000 seconds"],
      ["82", "Ethernet, an extension header follows"],
      ["05", "port 1, varying length"],
      ["0028", "record length, 40"],
      ["0003", "3 lost"],
      ["0068", "wire length, 104"],
      ["0400000000000000", "extension header, the last"],
      ["0000", "offset and padding"],
      ["0102030405060708090a0b0c0d0e", "the first 14 octets of the packet"],
    ];
    const octets = Buffer.from(fields.map(([octet]) => octet).join(""), "hex");
    const { rows, error, source } = await readBytes(octets);
    expect(error).toBeUndefined();
    expect(rows).toEqual([
      {
        time: "1600000000.500000000",
        // Without the frame check sequence.
        wireLength: 100,
        linkType: 1,
        interfaceIndex: 0,
        hex: "0102030405060708090a0b0c0d0e",
      },
    ]);
    expect(source.interfaces).toEqual([{ linkType: 1, droppedPackets: 3 }]);
    expect(source.counters).toMatchObject({ files: 1, sections: 1, bytes: 40, capturedOctets: 14 });
  });

  // Octets of 64 that are the packet's, without the frame check sequence where there is one.
  it.each([
    ["HDLC over SONET", 1, "ppp-hdlc", 60],
    ["Ethernet", 2, "ethernet", 60],
    ["ATM", 3, "erf-type-3", 64],
    ["multichannel HDLC", 5, "ppp-hdlc", 60],
    ["coloured HDLC", 10, "ppp-hdlc", 60],
    ["coloured Ethernet", 11, "ethernet", 60],
    ["IP counters", 13, "erf-type-13", 64],
    ["HDLC, coloured by a module", 15, "ppp-hdlc", 60],
    ["Ethernet, coloured by a module", 16, "ethernet", 60],
    ["coloured multichannel HDLC", 17, "ppp-hdlc", 60],
    ["HDLC with colour and hash", 19, "ppp-hdlc", 60],
    ["Ethernet with colour and hash", 20, "ethernet", 60],
    ["InfiniBand", 21, "infiniband", 64],
    ["IPv4", 22, "ipv4", 64],
    ["IPv6", 23, "ipv6", 64],
    ["Omni-Path", 28, "erf-type-28", 64],
  ])("%s, type %i, is %s", async (_name, type, name, length) => {
    const { rows, error } = await readBytes(erf({ type }, { type }));
    expect(error).toBeUndefined();
    expect(rows).toHaveLength(2);
    expect(linkTypeName(rows[1]!.linkType)).toBe(name);
    expect(rows[1]!.wireLength).toBe(length);
    expect(rows[1]!.hex).toBe(hex(payload(64).subarray(0, length)));
  });

  it.each([
    [4, 4],
    [9, 8],
  ])("AAL5, type %i, is RFC 2684's behind %i octets", async (type, inFront) => {
    // The wire length counts the header of the cells, four octets, and no channel.
    const record = { type, inFront, wireLength: 68 };
    const { rows } = await readBytes(erf(record, record));
    expect(linkTypeName(rows[0]!.linkType)).toBe("atm-rfc1483");
    expect(rows[0]!.wireLength).toBe(64);
    expect(rows[0]!.hex).toBe(hex(payload(64)));
  });

  it("steps over extension headers, as many as there are", async () => {
    const records = [[], [4], [4, 5, 6], new Array(20).fill(17)].map((extensions, n) => ({
      extensions,
      flags: 0,
      data: payload(30, n),
    }));
    const { rows, error } = await readBytes(erf(...records));
    expect(error).toBeUndefined();
    expect(rows.map((row) => row.hex)).toEqual(
      records.map(({ data }) => hex(data.subarray(0, 26))),
    );
  });

  it("takes no octet of the next record for one whose headers leave no room", async () => {
    const cases: ErfRecord[] = [
      { extensions: [4, 4, 4], recordLength: 32, wireLength: 64, data: payload(0), padding: 0 },
      { recordLength: 16, inFront: 0, data: payload(0), wireLength: 64 },
      { recordLength: 17, inFront: 1, data: payload(0), padding: 0, wireLength: 64 },
    ];
    // The first says 32 octets and brings 42: its rest would be read as a record.
    const first = erfRecord(cases[0]).subarray(0, 32);
    for (const odd of [first, erfRecord(cases[1]).subarray(0, 16), erfRecord(cases[2])]) {
      const { rows, error, source } = await readBytes(join(erf({}, {}, {}), odd, erf({})));
      expect(error).toBeUndefined();
      expect(source.counters.capturedOctets).toBe(4 * 60);
      expect(rows.map((row) => row.hex.length)).toEqual([120, 120, 120, 0, 120]);
      expect(rows[3]!.wireLength).toBe(60);
    }
  });

  it("stops at the end of a record whose extension headers do not", async () => {
    const endless = erfRecord({ extensions: [4], data: payload(118) });
    endless[16]! |= 0x80;
    endless.fill(0xff, 24);
    const bytes = join(erf({}, {}), endless);
    // What is looked at first and a chunk: the window ends with the record.
    expect(bytes.length).toBe(64 + 256);
    const source = await openCaptureBytes(bytes, "test", { chunk: 256 });
    const { rows, error } = await readAll(source);
    expect(error).toBeUndefined();
    expect(rows.map((row) => row.hex.length)).toEqual([120, 120, 0]);
  });

  it.each([
    [0, "1600000000.000000000"],
    [1, "1600000000.000000000"],
    [3, "1600000000.000000001"],
    // 123456789 / 10^9 * 2^32 is 530242871.2; a fraction cut down is 0.05 ns less.
    [530_242_871, "1600000000.123456789"],
    [4_294_967_293, "1600000000.999999999"],
    [4_294_967_295, "1600000001.000000000"],
  ])("the fraction %i of 2^32 is the nearest nanosecond", async (fraction, time) => {
    const { rows } = await readBytes(erf({ fraction }, {}));
    expect(rows[0]!.time).toBe(time);
  });

  it("does not carry beyond the last second there is", async () => {
    const record = { seconds: 0xffff_ffff, fraction: 0xffff_ffff };
    const { rows } = await readBytes(erf(record, record));
    expect(rows[0]!.time).toBe("4294967295.999999999");
  });

  it("has an interface for each port and link type, with what was lost there", async () => {
    const { rows, source } = await readBytes(
      erf(
        { flags: 4 },
        { flags: 5, lost: 2 },
        { flags: 5, type: 22 },
        { flags: 5, lost: 3 },
        // A colour is no loss, and a variant of Ethernet no other interface.
        { flags: 4, type: 11, lost: 9 },
        { flags: 7, type: 22 },
      ),
    );
    expect(rows.map((row) => row.interfaceIndex)).toEqual([0, 1, 2, 1, 0, 3]);
    expect(source.interfaces).toEqual([
      { linkType: 1 },
      { linkType: 1, droppedPackets: 5 },
      { linkType: 228 },
      { linkType: 228 },
    ]);
  });

  it("passes over records of provenance and padding", async () => {
    const { rows, error, source } = await readBytes(
      erf(
        { type: 27, seconds: 0, data: payload(104) },
        { data: payload(64, 1) },
        { type: 48, data: payload(0), seconds: 0 },
        { data: payload(64, 2) },
        { type: 27, data: payload(8) },
      ),
    );
    expect(error).toBeUndefined();
    expect(rows.map((row) => row.hex.slice(0, 2))).toEqual(["01", "02"]);
    expect(source.counters.capturedOctets).toBe(120);
  });

  it.each([
    ["Ethernet", 2, {}],
    ["a snaplen", 2, { wireLength: 1500 }],
    ["a fixed length", 2, { flags: 0, wireLength: 20 }],
    ["provenance first", 27, {}],
  ])("knows a capture by its first records: %s", async (_name, type, facts) => {
    for (const records of [1, 2, 5]) {
      const bytes = erf(...Array.from({ length: records }, () => ({ type, ...facts })));
      expect((await readBytes(bytes)).error).toBeUndefined();
    }
  });

  const text = new TextEncoder().encode("2020-01-01 00 12:00:00 some log of events 0 0 0\n");
  // A line feed where the type would be; "qz" and "qa" for lengths.
  const cutText = new TextEncoder().encode("a text:\r\n qz  qa");
  it.each([
    ["a text", text],
    ["a long text", join(...Array.from({ length: 2000 }, () => text))],
    ["zeros", new Uint8Array(4096)],
    ["a type that there is not", erf({ type: 30 }, { type: 30 })],
    ["a second record of no type", erf({}, { type: 0 })],
    ["a second record a year and more later", erf({}, { seconds: 1_640_000_000 })],
    ["a second record a year and more before", erf({}, { seconds: 1_560_000_000 })],
    ["a third record of no length", erf({}, {}, { recordLength: 15 })],
    ["a record cut off whose lengths don't agree", erf({ wireLength: 300 }).subarray(0, 60)],
    ["a record cut off with the lengths of a text", cutText],
    ["a record much longer than its packet", erf({ wireLength: 4, data: payload(300) })],
  ])("takes %s for no capture", async (_name, bytes) => {
    await expect(readBytes(bytes)).rejects.toMatchObject({
      code: "PF_CAPTURE_FORMAT",
      message: expect.stringContaining("test: not a capture: starts with"),
    });
  });

  it("finds captures in directories by their first records", async () => {
    const folder = await mkdtemp(joinPath(tmpdir(), "portflow-erf-"));
    const file = (name: string, bytes: Uint8Array) => writeFile(joinPath(folder, name), bytes);
    await file("a", erf({}, {}));
    await file("b", gzipSync(erf({}, {}, {})));
    await file("c", erf({}, { type: 0 }));
    expect(await expandPaths([folder])).toEqual([joinPath(folder, "a"), joinPath(folder, "b")]);
    await rm(folder, { recursive: true });
  });

  it("hands over every packet before a cut, wherever it is", async () => {
    const bytes = erf({ data: payload(60) }, { data: payload(31) }, { data: payload(5) });
    const boundaries = [0, 80, 136, 160];
    expect(boundaries.at(-1)).toBe(bytes.length);
    for (let cut = 16; cut <= bytes.length; cut += 1) {
      const { rows, error } = await readBytes(bytes.subarray(0, cut), { chunk: 1 + (cut % 7) });
      const start = boundaries.findLast((boundary) => boundary <= cut)!;
      expect(rows).toHaveLength(boundaries.indexOf(start));
      if (cut === start) expect(error).toBeUndefined();
      else {
        expect(error).toMatchObject({
          code: "PF_CAPTURE_TRUNCATED",
          offset: start,
          message: expect.stringMatching(
            `^test: ends inside a packet record at byte ${start} \\(needs \\d+, has ${cut - start}\\)$`,
          ),
        });
      }
    }
  });

  it.each([0, 15])("a record of %i octets is damage, told by its offset", async (recordLength) => {
    const { rows, error } = await readBytes(erf({}, {}, {}, { recordLength }, {}));
    expect(rows).toHaveLength(3);
    expect(error).toMatchObject({
      code: "PF_CAPTURE_DAMAGED",
      exitCode: 3,
      offset: 3 * 88,
      message: `test: damaged: a packet record of ${recordLength} octets at byte 264`,
    });
  });

  it("reads the same rows from chunks of every size, batches of every size, and compressed", async () => {
    const records = [10, 17, 60, 200].map((length, n) => ({
      type: [2, 22, 27, 1][n]!,
      fraction: n << 8,
      data: payload(length, n),
    }));
    const bytes = erf(...records, ...records);
    const whole = await readBytes(bytes);
    expect(whole.rows).toHaveLength(6);
    for (let chunk = 1; chunk <= bytes.length; chunk += 1) {
      const { rows, error } = await readBytes(bytes, { chunk, capacity: 1 + (chunk % 6) });
      expect([chunk, error, rows]).toEqual([chunk, undefined, whole.rows]);
    }
    expect((await readBytes(gzipSync(bytes))).rows).toEqual(whole.rows);
  });

  it("gives the flows that the same packets give in pcap", async () => {
    const packets = [0, 0.5, 1].map((seconds, n) =>
      at(seconds, ipv4(), udp({ sourcePort: 40_000 + n, destinationPort: 53 }), body(n * 10)),
    );
    const fromPcap = await run([writePcap(packets)]);
    const fromErf = await run([
      erf(
        ...packets.map(({ bytes, microseconds }) => ({
          seconds: Math.floor(microseconds / 1e6),
          fraction: (microseconds % 1e6) * (2 ** 32 / 1e6),
          data: join(bytes, new Uint8Array(4)),
        })),
      ),
    ]);
    expect(fromPcap.records).toHaveLength(3);
    expect(fromErf.records).toEqual(fromPcap.records);
  });

  it("counts what has no link type of ours by the number it has here", async () => {
    const { books } = await run([erf({ type: 3 }, { type: 3 }, { type: 21 })]);
    expect(books.unsupportedLink[0xfb03]).toBe(2);
    expect(books.unsupportedLink[247]).toBe(1);
  });
});
