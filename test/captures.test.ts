import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CAPTURES } from "../scripts/captures/all.ts";
import { PCAP_VARIANTS } from "../scripts/captures/pcap-variants.ts";
import { openCapture, openCaptureBytes } from "../src/capture/open.ts";
import { CaptureError } from "../src/core/errors.ts";
import { packageRoot } from "../src/core/package-root.ts";
import { named } from "../src/pipeline/books/books.ts";
import { faultName } from "../src/wire/fault.ts";
import { linkTypeName } from "../src/wire/link-type.ts";
import { type RunResult, run } from "./pipeline/run.ts";
import { readAll } from "./support/capture-rows.ts";

const folder = join(packageRoot(), "test", "captures");
const DAY = "2026-03-02T";

function read(name: string): Promise<RunResult> {
  return run([new Uint8Array(readFileSync(join(folder, name)))]);
}

/** Start, source, interface, packets and octets of each record, in the order of their ports. */
function flowsOf({ records }: RunResult): readonly (readonly (string | number | undefined)[])[] {
  return records
    .map(({ start, src, interface: name }) => {
      const time = start.replace(DAY, "");
      return [src.port ?? 0, time, src.ip, name, src.packets, src.bytes] as const;
    })
    .sort((one, other) => one[0] - other[0]);
}

describe("test/captures", () => {
  const names = Object.keys(CAPTURES);

  it.each(names)("%s: the builder gives exactly the committed octets", (name) => {
    const committed = readFileSync(join(folder, name));
    expect(Buffer.from(CAPTURES[name]!()).equals(committed), "run scripts/captures/make.ts").toBe(
      true,
    );
  });

  it("holds nothing else", () => {
    expect(readdirSync(folder).sort()).toEqual([...names].sort());
  });
});

describe("pcapng with twelve interfaces of eleven link types", () => {
  it("gives each packet the link type and the name of its interface", async () => {
    const result = await read("pcapng-link-types.pcapng");
    // IPv4 20 + UDP 8 + 4 octets; IPv6 is 20 longer; and the link-layer header of each.
    expect(flowsOf(result)).toEqual([
      [40001, "09:00:00.000000000Z", "192.0.2.1", "ethernet", 1, 14 + 32],
      [40002, "09:00:00.000001000Z", "192.0.2.2", "null", 1, 4 + 32],
      [40003, "09:00:00.000002000Z", "192.0.2.3", "loop", 1, 4 + 32],
      [40004, "09:00:00.000003000Z", "192.0.2.4", "raw4", 1, 32],
      [40005, "09:00:00.000004000Z", "2001:db8::5", "raw6", 1, 52],
      [40006, "09:00:00.000005000Z", "192.0.2.6", "ipv4", 1, 32],
      [40007, "09:00:00.000006000Z", "2001:db8::7", "ipv6", 1, 52],
      [40008, "09:00:00.000007000Z", "192.0.2.8", "ppp", 1, 4 + 32],
      [40009, "09:00:00.000008000Z", "192.0.2.9", "cooked", 1, 16 + 32],
      [40010, "09:00:00.000009000Z", "192.0.2.10", "cooked2", 1, 20 + 32],
      [40011, "09:00:00.000010000Z", "192.0.2.11", "radiotap", 1, 8 + 24 + 8 + 32],
    ]);
    const { books, errors } = result;
    expect(errors).toEqual([]);
    expect([books.read, books.flowed, books.interfaces, books.balanced]).toEqual([
      12,
      11,
      12,
      true,
    ]);
    expect(named(books.unsupportedLink, linkTypeName)).toEqual({ "bluetooth-hci-h4": 1 });
  });
});

describe("pcapng with big- and little-endian sections", () => {
  it("begins interfaces anew in each, and lets flows go on", async () => {
    const result = await read("pcapng-byte-orders.pcapng");
    expect(flowsOf(result)).toEqual([
      // Twice behind Ethernet, once raw.
      [40001, "09:00:00.000001000Z", "192.0.2.1", "first", 3, 46 + 32 + 46],
      [40002, "09:00:02.000003000Z", "192.0.2.2", "third", 1, 46],
      [40003, "09:00:04.000000000Z", "192.0.2.3", "fourth", 1, 46],
    ]);
    expect(result.records[0]!.end).toBe(`${DAY}09:00:03.999999000Z`);
    const { books, errors } = result;
    expect(errors).toEqual([]);
    expect([books.read, books.sections, books.interfaces]).toEqual([5, 3, 4]);
  });
});

describe.each(["little", "big"])("pcapng with fourteen units of time, %s-endian", (order) => {
  it("gives times to the nanosecond, rounded down", async () => {
    const result = await read(`pcapng-resolutions-${order}.pcapng`);
    expect(flowsOf(result).map(([, time, , name]) => [name, time])).toEqual([
      ["2^-0", "09:00:00.000000000Z"],
      ["2^-1", "09:00:00.500000000Z"],
      // 1 / 1024 s = 976,562.5 ns
      ["2^-10", "09:00:00.000976562Z"],
      // 1 / 2^20 s = 953.67 ns
      ["2^-20", "09:00:00.000000953Z"],
      // 1 s - 0.93 ns
      ["2^-30", "09:00:00.999999999Z"],
      ["2^-32", "09:00:00.750000000Z"],
      // 0.12 ns
      ["2^-33", "09:00:00.000000000Z"],
      // 3 * 2^58 / 2^60 s
      ["2^-60", "09:00:00.750000000Z"],
      // 1 s - 2^-64 s
      ["2^-64", "09:00:00.999999999Z"],
      ["2^-10, an hour ahead", "09:00:00.500000000Z"],
      ["10^-0", "09:00:01.000000000Z"],
      ["10^-3", "09:00:01.234000000Z"],
      ["10^-9", "09:00:01.234567891Z"],
      ["10^-12", "09:00:01.999999999Z"],
    ]);
    expect(result.books.timesClamped).toBe(0);
    expect(result.books.balanced).toBe(true);
  });
});

describe("pcapng in which everything changes", () => {
  it("is read to its end", async () => {
    const result = await read("pcapng-everything.pcapng");
    expect(flowsOf(result)).toEqual([
      [40001, "09:00:00.500000953Z", "192.0.2.1", "raw", 1, 32],
      [40002, "09:00:00.600000000Z", "192.0.2.2", "ethernet", 1, 46],
      [40003, "09:00:01.000000001Z", "192.0.2.3", "ppp", 1, 4 + 32],
      // A simple packet block has no time: that of the packet before.
      [40004, "09:00:01.000000001Z", "2001:db8::4", "ppp", 1, 56],
      // 2 s and 0.23 ns after the morning, then almost 3 s.
      [40005, "09:00:02.000000000Z", "192.0.2.5", "cooked", 1, 16 + 32],
      [40006, "09:00:02.999999999Z", "2001:db8::6", "cooked", 1, 16 + 52],
    ]);
    const { books, errors } = result;
    expect(errors).toEqual([]);
    expect([books.read, books.flowed, books.sections, books.interfaces]).toEqual([6, 6, 3, 4]);
    expect([books.truncated, books.packetsWithoutTime]).toEqual([1, 1]);
    // Three by interface statistics, four by the obsolete packet block.
    expect(books.dropped).toBe(7);
    expect(named(books.malformed, faultName)).toEqual({});
  });
});

const hasTshark = spawnSync("tshark", ["--version"]).status === 0;
if (!hasTshark) process.stderr.write("skipped: tshark is not installed, test/captures\n");

/** What tshark 4.0 can't read, or takes for something else. */
const BEYOND_TSHARK: Readonly<Record<string, (row: number) => boolean>> = {
  // No reader but ours knows Navtel's magic number.
  "pcap-navtel-little.pcap": () => true,
  "pcap-navtel-big.pcap": () => true,
  // IXIA's nanoseconds are microseconds to this version; they are right in later ones.
  "pcap-ixia-hardware-little.pcap": (row) => row > 0,
  "pcap-ixia-hardware-big.pcap": (row) => row > 0,
  // A fraction of more than a second is a negative time.
  "pcap-lengths.pcap": (row) => row === 5,
  // Seconds overflow where `if_tsoffset` carries them beside the fraction.
  "pcapng-resolutions-little.pcapng": (row) => [7, 8, 13].includes(row),
  "pcapng-resolutions-big.pcapng": (row) => [7, 8, 13].includes(row),
  "pcapng-every-resolution-little.pcapng": (row) => row % 128 > (row < 128 ? 9 : 33),
  "pcapng-every-resolution-big.pcapng": (row) => row % 128 > (row < 128 ? 9 : 33),
};

type Frame = readonly [time: string, wireLength: number, capturedLength: number];

/** Packets as tshark reads them; other blocks that it shows as frames are left out. */
function framesOfTshark(name: string): Frame[] {
  const fields = ["frame.time_epoch", "frame.len", "frame.cap_len", "frame.interface_id"];
  const { stdout } = spawnSync("tshark", [
    ...["-n", "-r", join(folder, name), "-T", "fields"],
    ...fields.flatMap((field) => ["-e", field]),
  ]);
  return stdout
    .toString("utf8")
    .split("\n")
    .map((line) => line.split("\t"))
    .filter((cells) => cells.length > 1 && (cells[3] !== "" || !name.endsWith("ng")))
    .map(([time = "", wireLength, capturedLength]) => [
      time,
      Number(wireLength),
      Number(capturedLength),
    ]);
}

describe.skipIf(!hasTshark)("test/captures and tshark", () => {
  const names = Object.keys(CAPTURES).filter((name) => !BEYOND_TSHARK[name]?.(0));
  it.each(names)("%s: the same packets, times and lengths", async (name) => {
    const theirs = framesOfTshark(name);
    const { rows, error } = await readAll(await openCapture(join(folder, name)));
    expect(error).toBeUndefined();
    expect(rows).toHaveLength(theirs.length);
    rows.forEach((row, index) => {
      const [time, ...lengths] = theirs[index]!;
      expect([row.wireLength, row.hex.length / 2], `packet ${index + 1}`).toEqual(lengths);
      // A simple packet block has no time of its own, and tshark gives it none.
      if (time !== "" && !BEYOND_TSHARK[name]?.(index)) {
        expect(row.time, `packet ${index + 1}`).toBe(time);
      }
    });
  });
});

describe("pcap variants", () => {
  it.each(PCAP_VARIANTS)("%s: the same flow in both byte orders", async (name) => {
    for (const order of ["little", "big"]) {
      const result = await read(`pcap-${name}-${order}.pcap`);
      expect(flowsOf(result)).toEqual([
        [40001, "09:00:00.000000000Z", "192.0.2.1", undefined, 3, 3 * 46],
      ]);
      const isNano = ["nano", "navtel", "ixia-hardware"].includes(name);
      expect(result.records[0]!.end).toBe(`${DAY}09:00:00.002${isNano ? "000002" : "002000"}Z`);
      const { books, errors } = result;
      expect(errors).toEqual([]);
      expect([books.read, books.truncated, books.capturedOctets]).toEqual([3, 1, 46 + 44 + 46]);
    }
  });
});

describe("pcap whose records contradict themselves", () => {
  it("loses nothing, and says what was odd", async () => {
    const { rows } = await readAll(await openCapture(join(folder, "pcap-lengths.pcap")));
    expect(rows.map((row) => row.time)[5]).toBe("1772442002.500000000");
    const { books, records, errors } = await read("pcap-lengths.pcap");
    expect(errors).toEqual([]);
    expect(records).toHaveLength(6);
    // The empty ones have no Ethernet header.
    expect(named(books.malformed, faultName)).toEqual({ ethernet_truncated: 2 });
    expect(books).toMatchObject({ read: 8, flowed: 6, balanced: true, timeWentBackwards: 2 });
    expect(books.capturedOctets).toBe(6 * 46);
  });
});

describe.each(["little", "big"] as const)("pcapng in all units of time, %s-endian", (order) => {
  it("gives the times that whole numbers give", async () => {
    const { rows } = await readAll(
      await openCapture(join(folder, `pcapng-every-resolution-${order}.pcapng`)),
    );
    expect(rows).toHaveLength(256);
    rows.forEach((row, resolution) => {
      const exponent = BigInt(resolution % 128);
      const perSecond = resolution < 128 ? 10n ** exponent : 1n << exponent;
      // Five eighths of a second in whole units, or as many as 64 bits hold.
      const eighths = (perSecond * 5n) / 8n;
      const most = (1n << 64n) - 1n;
      const nanoseconds = ((eighths > most ? most : eighths) * 1_000_000_000n) / perSecond;
      const time = `1772442000.${String(nanoseconds).padStart(9, "0")}`;
      expect(row.time, `if_tsresol ${resolution}`).toBe(time);
    });
  });
});

describe.each(["little", "big"] as const)("pcapng with everything odd, %s-endian", (order) => {
  it("loses no packet, and keeps what is said of interfaces", async () => {
    const result = await read(`pcapng-oddities-${order}.pcapng`);
    expect(flowsOf(result).map(([port, time, , name]) => [port, time, name])).toEqual([
      [40001, "09:00:00.000001000Z", "eth0"],
      [40002, "09:00:00.000002000Z", "eth0"],
      [40003, "09:00:00.000003000Z", "eth0"],
      [40004, "09:00:00.000004000Z", "eth0"],
      // The simple packet: the time of the one before.
      [40005, "09:00:00.000004000Z", "eth0"],
      [40006, "09:00:00.000005000Z", "eth0"],
    ]);
    const { books, errors } = result;
    expect(errors).toEqual([]);
    const { capture } = books.toJson(1, 1) as { capture: Record<string, unknown> };
    expect(capture).toMatchObject({
      files: 1,
      sections: 1,
      interfaces: 2,
      bytes: 1172,
      captured_bytes: 6 * 46,
      packets_without_time: 1,
      inbound: 2,
      outbound: 2,
      dropped: 9,
      comments: [{ capture: "capture 1", text: "taken at noon" }],
      by_interface: [
        {
          capture: "capture 1",
          interface: "eth0",
          description: "the uplink",
          link_type: "ethernet",
          filter: "udp port 5001",
          comments: ["behind the tap"],
          interface_received: 100,
          interface_dropped: 7,
          filter_accepted: 50,
          os_dropped: 2,
          delivered: 41,
          dropped: 9,
        },
        { capture: "capture 1", interface: "silent0", link_type: "raw", interface_received: 0 },
      ],
    });
  });
});

describe("captures cut short", () => {
  it.each(Object.keys(CAPTURES))(
    "%s: never more packets for less, wherever the cut",
    async (name) => {
      const octets = CAPTURES[name]!();
      // The packets of the long ones are all alike.
      const step = octets.length > 4000 ? 97 : 1;
      let before = 0;
      for (let cut = 1; cut <= octets.length; cut += step) {
        const { rows, error } = await cutAt(octets, cut);
        expect(rows, `cut at ${cut}`).toBeGreaterThanOrEqual(before);
        if (error !== undefined) expect(error).toBeInstanceOf(CaptureError);
        before = rows;
      }
      expect(before).toBeGreaterThan(0);
      const { books } = await run([octets.subarray(0, octets.length - 5)]);
      expect(books.balanced).toBe(true);
    },
  );
});

async function cutAt(octets: Uint8Array, cut: number): Promise<{ rows: number; error: unknown }> {
  try {
    const { rows, error } = await readAll(
      await openCaptureBytes(octets.subarray(0, cut), "cut", { chunk: 1 << 12 }),
      64,
    );
    return { rows: rows.length, error };
  } catch (error: unknown) {
    return { rows: 0, error };
  }
}
