import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CAPTURES } from "../scripts/captures/all.ts";
import { packageRoot } from "../src/core/package-root.ts";
import { named } from "../src/pipeline/books.ts";
import { faultName } from "../src/wire/fault.ts";
import { linkTypeName } from "../src/wire/link-type.ts";
import { type RunResult, run } from "./pipeline/run.ts";

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

/** tshark's seconds overflow where `if_tsoffset` carries them beside 60 bits and more of fraction. */
const BEYOND_TSHARK = new Set(["2^-60", "2^-64", "10^-12"]);

describe.skipIf(!hasTshark)("test/captures and tshark", () => {
  it.each(Object.keys(CAPTURES))("%s: the same times for the same ports", async (name) => {
    const fields = ["-e", "frame.time_epoch", "-e", "udp.srcport", "-e", "frame.interface_name"];
    const file = join(folder, name);
    const { stdout } = spawnSync("tshark", ["-n", "-r", file, "-T", "fields", ...fields]);
    const theirs = new Map<number, string>();
    for (const line of stdout.toString("utf8").split("\n")) {
      const [time = "", port = "", clock = ""] = line.split("\t");
      // A simple packet block has no time of its own, and tshark gives it none.
      if (port !== "" && time !== "" && !theirs.has(Number(port)) && !BEYOND_TSHARK.has(clock)) {
        theirs.set(Number(port), time);
      }
    }
    expect(theirs.size).toBeGreaterThanOrEqual(3);
    const { records } = await read(name);
    for (const [port, time] of theirs) {
      const { start } = records.find(({ src }) => src.port === port)!;
      const seconds = Date.parse(`${start.slice(0, 19)}Z`) / 1000;
      expect(`${seconds}${start.slice(19, 29)}`, `port ${port}`).toBe(time);
    }
  });
});
