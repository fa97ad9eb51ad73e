import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { openCaptureBytes } from "../../../src/capture/open.ts";
import { newPacketBatch } from "../../../src/core/packet-batch.ts";
import { linkTypeName } from "../../../src/wire/link-type.ts";
import { run } from "../../pipeline/run.ts";
import { payload as body, frame } from "../../support/build.ts";
import { ipv4 } from "../../support/build-ip.ts";
import { ethernet } from "../../support/build-link.ts";
import { udp } from "../../support/build-transport.ts";
import { payload } from "../../support/capture-bytes.ts";
import { hex, readBytes } from "../../support/capture-rows.ts";
import { writePcap } from "../../support/write-pcap.ts";
import { snoop } from "../../support/write-snoop.ts";

describe("openSnoop", () => {
  it("reads what RFC 1761 describes", async () => {
    const fields = [
      ["736e6f6f70000000", "snoop"],
      ["00000002", "version"],
      ["00000004", "Ethernet"],
      ["00000062", "original length, 98"],
      ["00000006", "included length"],
      ["00000020", "record length, 32"],
      ["00000007", "cumulative drops"],
      ["5f5e1000", "seconds, 1600000000"],
      ["0001e240", "microseconds, 123456"],
      ["010203040506", "packet"],
      ["0000", "padding"],
    ];
    const octets = Buffer.from(fields.map(([octet]) => octet).join(""), "hex");
    const { rows, error, source } = await readBytes(octets);
    expect(error).toBeUndefined();
    expect(rows).toEqual([
      {
        time: "1600000000.123456000",
        wireLength: 98,
        linkType: 1,
        interfaceIndex: 0,
        hex: "010203040506",
      },
    ]);
    expect(source.interfaces).toEqual([{ linkType: 1, droppedPackets: 7 }]);
    expect(source.counters).toMatchObject({ files: 1, sections: 1, bytes: 48, capturedOctets: 6 });
  });

  // RFC 1761 and IANA's snoop-datalink-types on the left, tcpdump.org's LINKTYPE_ on the right.
  it.each([
    [0, "ethernet"],
    [2, "ieee802-5"],
    [4, "ethernet"],
    [8, "fddi"],
    [14, "null"],
    [16, "ip-over-fc"],
    [18, "sunatm"],
    [25, "ethernet"],
    [0x8000_0005, "ipnet"],
    [5, "snoop-datalink-5"],
    [20, "snoop-datalink-20"],
    [254, "snoop-datalink-127"],
    [0x7fff_ffff, "snoop-datalink-127"],
    [0x8000_0001, "snoop-datalink-129"],
    [0xffff_ffff, "snoop-datalink-255"],
  ])("datalink type %i is %s", async (datalink, name) => {
    const { rows, source } = await readBytes(snoop([{}], { datalink }));
    expect(linkTypeName(rows[0]!.linkType)).toBe(name);
    expect(source.interfaces).toEqual([{ linkType: rows[0]!.linkType }]);
  });

  it("carries microseconds of a second and more, up to the last second", async () => {
    const { rows } = await readBytes(
      snoop([{ microseconds: 2_000_001 }, { seconds: 0xffff_ffff, microseconds: 4_000_000 }]),
    );
    expect(rows.map((row) => row.time)).toEqual(["1600000002.000001000", "4294967295.000000000"]);
  });

  // What room behind the first packet makes of a type: Shomiti's trailer has 16 octets.
  it.each([
    [4, 15, 1, 64],
    [4, 16, 1, 60],
    [12, 16, 1, 60],
    [13, 16, 6, 64],
    [12, 3, 0xfa0c, 64],
  ])(
    "datalink type %i with %i octets behind its packet",
    async (datalink, padding, type, length) => {
      const { rows, error } = await readBytes(
        snoop(
          [
            { data: payload(64), padding },
            { data: payload(64), padding },
          ],
          { datalink },
        ),
      );
      expect(error).toBeUndefined();
      expect(rows.map((row) => [row.linkType, row.hex.length / 2, row.wireLength])).toEqual([
        [type, length, length],
        [type, length, length],
      ]);
    },
  );

  it.each([3, 4, 5])("reads version %i, of Shomiti's hardware", async (version) => {
    expect((await readBytes(snoop([{}], { version }))).rows).toHaveLength(1);
  });

  it.each([0, 1, 6, 0x0200_0000])("refuses version %i by name", async (version) => {
    await expect(readBytes(snoop([], { version }))).rejects.toMatchObject({
      code: "PF_CAPTURE_VERSION",
      exitCode: 3,
      offset: 8,
      message: `test: snoop version ${version} is not known; convert it with "editcap -F pcapng"`,
    });
  });

  it.each([8, 15])("calls a file header of %i octets cut short", async (length) => {
    await expect(readBytes(snoop([]).subarray(0, length))).rejects.toThrow(
      `test: ends inside the file header at byte 0 (needs 16, has ${length})`,
    );
  });

  it("ends a header without packets cleanly", async () => {
    expect(await readBytes(snoop([]))).toMatchObject({ rows: [], error: undefined });
  });

  it("hands over every packet before a cut, wherever it is", async () => {
    const bytes = snoop([{ data: payload(0) }, { data: payload(31) }, { data: payload(5) }]);
    const boundaries = [16, 40, 96, 128];
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

  it.each([
    ["shorter than its header", { recordLength: 23 }, "of 23 octets with a packet of 20"],
    ["shorter than its packet", { recordLength: 43 }, "of 43 octets with a packet of 20"],
    ["empty", { recordLength: 0 }, "of 0 octets with a packet of 20"],
    [
      "with a wild packet",
      { includedLength: 0xffff_ffff },
      "of 44 octets with a packet of 4294967295",
    ],
    ["with a wild length", { recordLength: 0xffff_ffff }, "of 4294967295 octets"],
  ])("a record %s is damage, told by its offset", async (_name, lies, words) => {
    const { rows, error } = await readBytes(snoop([{}, {}, lies, {}]));
    expect(rows).toHaveLength(2);
    expect(error).toMatchObject({
      code: "PF_CAPTURE_DAMAGED",
      exitCode: 3,
      offset: 16 + 2 * 44,
      message: `test: damaged: a packet record ${words} at byte 104`,
    });
  });

  it("reads the same rows from chunks of every size, batches of every size, and compressed", async () => {
    const packets = [0, 1, 17, 60, 200].map((length, n) => ({
      microseconds: n,
      data: payload(length, n),
    }));
    const bytes = snoop(packets);
    const whole = await readBytes(bytes);
    expect(whole.rows.map((row) => row.hex)).toEqual(packets.map(({ data }) => hex(data)));
    for (let chunk = 1; chunk <= bytes.length; chunk += 1) {
      const { rows, error } = await readBytes(bytes, { chunk, capacity: 1 + (chunk % 6) });
      expect([chunk, error, rows]).toEqual([chunk, undefined, whole.rows]);
    }
    expect((await readBytes(gzipSync(bytes))).rows).toEqual(whole.rows);
  });

  it("ends quietly when closed in the middle", async () => {
    async function* never(): AsyncGenerator<Uint8Array> {
      yield snoop([]);
      await new Promise(() => undefined);
    }
    const source = await openCaptureBytes(never(), "live");
    const filling = source.fill(newPacketBatch());
    await source.close();
    expect(await filling).toBe(false);
  });

  it("gives the flows that the same packets give in pcap", async () => {
    const packets = [1, 2, 3].map((n) => ({
      microseconds: 1_600_000_000_000_000 + n * 1000,
      bytes: frame(
        ethernet(),
        ipv4({ source: "192.0.2.1", destination: "192.0.2.2" }),
        udp({ sourcePort: 40_000 + (n >> 1), destinationPort: 53 }),
        body(n * 10),
      ),
    }));
    const fromPcap = await run([writePcap(packets)]);
    const fromSnoop = await run([
      snoop(packets.map(({ bytes }, n) => ({ data: bytes, microseconds: (n + 1) * 1000 }))),
    ]);
    expect(fromPcap.records).toHaveLength(2);
    expect(fromSnoop.records).toEqual(fromPcap.records);
  });

  it("counts what has no link type of ours by the number it has here", async () => {
    const { books } = await run([snoop([{}, {}], { datalink: 20 })]);
    expect(books.unsupportedLink[0xfa14]).toBe(2);
  });
});
