import { isIPv6 } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteWriter } from "../../src/core/byte-writer.ts";
import { TimeText } from "../../src/core/time-text.ts";

function written(write: (out: ByteWriter) => void): string {
  const out = new ByteWriter(1);
  write(out);
  return out.toString();
}

describe("ByteWriter.integer", () => {
  it.each([0, 1, 9, 10, 99, 100, 4294967295, 1073741823, 1073741824, 9007199254740991])(
    "%d",
    (value) => {
      expect(written((out) => out.integer(value))).toBe(String(value));
    },
  );
  it("writes any safe integer as String does", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        expect(written((out) => out.integer(value))).toBe(String(value));
      }),
    );
  });
});

describe("ByteWriter.nineDigits and hex", () => {
  it("pad with zeros, as String does", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999_999_999 }),
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        fc.integer({ min: 1, max: 8 }),
        (nanoseconds, word, digits) => {
          const all = (word >>> 0).toString(16).padStart(8, "0");
          expect(
            written((out) => {
              out.nineDigits(nanoseconds);
              out.hex(word, digits);
            }),
          ).toBe(String(nanoseconds).padStart(9, "0") + all.slice(8 - digits));
        },
      ),
    );
  });
});

describe("ByteWriter.decimalSeconds", () => {
  it.each([
    [0, 0, "0"],
    [1, 500_000_000, "1.5"],
    [0, 1, "0.000000001"],
    [12, 120_000, "12.00012"],
    [-1, 750_000_000, "-0.25"],
    [-2, 0, "-2"],
  ])("%d s %d ns", (seconds, nanoseconds, text) => {
    expect(written((out) => out.decimalSeconds(seconds, nanoseconds))).toBe(text);
  });
});

describe("ByteWriter.jsonString", () => {
  it("gives what JSON.parse reads back, for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(JSON.parse(written((out) => out.jsonString(text)))).toBe(text);
      }),
    );
  });
});

describe("ByteWriter.ipv6", () => {
  it.each([
    [[0, 0, 0, 0], "::"],
    [[0, 0, 0, 1], "::1"],
    [[0x20010db8, 0, 0, 1], "2001:db8::1"],
    // RFC 5952 section 4.2.2: one zero group is not shortened.
    [[0x20010db8, 0x00000001, 0x00010001, 0x00010001], "2001:db8:0:1:1:1:1:1"],
    // Section 4.2.3: the longest run, and the first of equal runs.
    [[0x20010000, 0x00000001, 0, 1], "2001:0:0:1::1"],
    [[0x20010db8, 0, 0x00010000, 0x00000001], "2001:db8::1:0:0:1"],
    [[0xfe800000, 0, 0, 0], "fe80::"],
    [[0, 0, 0xffff, 0xc0000201], "::ffff:192.0.2.1"],
    [[0x00010002, 0x00030004, 0x00050006, 0x00070008], "1:2:3:4:5:6:7:8"],
    [[0, 0x00030004, 0x00050006, 0x00070008], "::3:4:5:6:7:8"],
  ])("%j", (words, text) => {
    const [a, b, c, d] = words as [number, number, number, number];
    expect(written((out) => out.ipv6(a, b, c, d))).toBe(text);
  });
  it("agrees with the URL parser's canonical form for random addresses", () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const w = [0, 2, 4, 6].map((i) => (groups[i]! << 16) | groups[i + 1]!);
        if (w[0] === 0 && w[1] === 0 && w[2] === 0xffff) return;
        const text = written((out) => out.ipv6(w[0]!, w[1]!, w[2]!, w[3]!));
        expect(isIPv6(text)).toBe(true);
        const url = new URL(`http://[${groups.map((g) => g.toString(16)).join(":")}]/`);
        expect(`[${text}]`).toBe(url.hostname);
      }),
    );
  });
});

describe("ByteWriter", () => {
  it("writes a MAC address", () => {
    expect(written((out) => out.mac(0x00ab, 0xcdef0102 | 0))).toBe("00:ab:cd:ef:01:02");
  });
  it("writes text outside ASCII as UTF-8, after ASCII and across growth", () => {
    expect(written((out) => out.text("grün – ✓"))).toBe("grün – ✓");
  });
});

describe("TimeText", () => {
  it.each([
    [0, 0, "1970-01-01T00:00:00.000000000Z"],
    [1709164800, 1, "2024-02-29T00:00:00.000000001Z"],
    [4294967295, 999_999_999, "2106-02-07T06:28:15.999999999Z"],
  ])("%d.%d", (seconds, nanoseconds, text) => {
    const times = new TimeText();
    expect(written((out) => times.write(out, seconds, nanoseconds))).toBe(text);
    expect(written((out) => times.write(out, seconds, nanoseconds))).toBe(text);
  });
});
