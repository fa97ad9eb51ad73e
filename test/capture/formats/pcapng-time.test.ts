import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PcapngTime } from "../../../src/capture/formats/pcapng-time.ts";
import { newPacketBatch } from "../../../src/core/packet-batch.ts";

const LATEST = 0xffff_ffffn;

/** The definition in big integers. */
function byDefinition(resolution: number, offset: bigint, ticks: bigint): string {
  const exponent = BigInt(resolution & 0x7f);
  const perSecond = resolution > 0x7f ? 2n ** exponent : 10n ** exponent;
  const seconds = ticks / perSecond + offset;
  if (seconds < 0n) return "0.000000000 clamped";
  if (seconds > LATEST) return `${LATEST}.999999999 clamped`;
  const nanoseconds = ((ticks % perSecond) * 1_000_000_000n) / perSecond;
  return `${seconds}.${String(nanoseconds).padStart(9, "0")}`;
}

function convert(time: PcapngTime, ticks: bigint): string {
  const batch = newPacketBatch(2);
  const clamped = time.write(Number(ticks >> 32n), Number(ticks & 0xffff_ffffn), batch, 1);
  const text = `${batch.seconds[1]}.${String(batch.nanoseconds[1]).padStart(9, "0")}`;
  return clamped === 1 ? `${text} clamped` : text;
}

describe("PcapngTime", () => {
  const BINARY = 0x80;

  it.each([
    ["seconds", 0, 0n, 1_600_000_000n, "1600000000.000000000"],
    ["milliseconds", 3, 0n, 1_600_000_000_123n, "1600000000.123000000"],
    ["microseconds", 6, 0n, 1_600_000_000_123_456n, "1600000000.123456000"],
    ["nanoseconds", 9, 0n, 1_600_000_000_123_456_789n, "1600000000.123456789"],
    [
      "nanoseconds at the end of the range",
      9,
      0n,
      4_294_967_295_999_999_999n,
      "4294967295.999999999",
    ],
    ["nanoseconds past it", 9, 0n, 4_294_967_296_000_000_000n, "4294967295.999999999 clamped"],
    ["10^-10 rounds down", 10, 0n, 16_000_000_001_234_567_899n, "1600000000.123456789"],
    ["picoseconds", 12, 0n, 18_000_000_123_456_789_999n, "18000000.123456789"],
    ["10^-19", 19, 0n, 18_446_744_073_709_551_615n, "1.844674407"],
    ["10^-127 is no time at all", 127, 0n, 18_446_744_073_709_551_615n, "0.000000000"],
    ["2^-0", BINARY, 0n, 1_600_000_000n, "1600000000.000000000"],
    ["2^-10", BINARY + 10, 0n, (1_600_000_000n << 10n) + 512n, "1600000000.500000000"],
    [
      "2^-32, a third",
      BINARY + 32,
      0n,
      (1_600_000_000n << 32n) + 0x5555_5555n,
      "1600000000.333333333",
    ],
    ["2^-64, all ones", BINARY + 64, 0n, 0xffff_ffff_ffff_ffffn, "0.999999999"],
    ["2^-127", BINARY + 127, 0n, 0xffff_ffff_ffff_ffffn, "0.000000000"],
    ["a negative offset", 6, -3600n, 1_600_000_000_000_001n, "1599996400.000001000"],
    ["an offset before 1970", 6, -1_600_000_001n, 1_600_000_000_999_999n, "0.000000000 clamped"],
    [
      "an offset after 2106",
      6,
      3_000_000_000n,
      1_600_000_000_000_000n,
      "4294967295.999999999 clamped",
    ],
    [
      "an offset that brings a high count back",
      0,
      -10_000_000_000n,
      11_600_000_000n,
      "1600000000.000000000",
    ],
  ])("converts %s", (_name, resolution, offset, ticks, expected) => {
    expect(convert(new PcapngTime(resolution, Number(offset)), ticks)).toBe(expected);
    expect(byDefinition(resolution, offset, ticks)).toBe(expected);
  });

  it("agrees with big integers for every resolution, one stamp after the other", () => {
    const ticks = fc.oneof(
      fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
      fc.bigInt({ min: 1_600_000_000_000_000n, max: 1_600_000_010_000_000n }),
      fc.constantFrom(0n, 1n, 0xffff_ffffn, 0x1_0000_0000n, 0xffff_ffff_ffff_ffffn),
    );
    fc.assert(
      fc.property(
        fc.nat(255),
        fc.bigInt({ min: -5_000_000_000n, max: 5_000_000_000n }),
        fc.array(ticks, { minLength: 1, maxLength: 8 }),
        (resolution, offset, stamps) => {
          const time = new PcapngTime(resolution, Number(offset));
          for (const stamp of stamps) {
            expect(convert(time, stamp)).toBe(byDefinition(resolution, offset, stamp));
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("rounds down next to every whole second", () => {
    for (let resolution = 0; resolution <= 255; resolution += 1) {
      const exponent = BigInt(resolution & 0x7f);
      const perSecond = resolution > 0x7f ? 2n ** exponent : 10n ** exponent;
      const time = new PcapngTime(resolution, 0);
      for (const seconds of [1n, 2n, 1_600_000_000n, LATEST]) {
        const stamp = seconds * perSecond;
        if (stamp > 0xffff_ffff_ffff_ffffn) continue;
        for (const ticks of [stamp - 1n, stamp]) {
          expect([resolution, convert(time, ticks)]).toEqual([
            resolution,
            byDefinition(resolution, 0n, ticks),
          ]);
        }
      }
    }
  });
});
