import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fragment, SHORT_FRAGMENT, TEXT_SLACK } from "../../src/core/fragment.ts";
import {
  decimalSecondsAt,
  fragmentAt,
  hexHalfAt,
  hexWordAt,
  integerAt,
  ipv4At,
  ipv6At,
  macAt,
  nineDigitsAt,
  shortFragmentAt,
  smallIntegerAt,
} from "../../src/core/text-at.ts";

const PLACE = 5;
const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

/** What is written, after a look whether anything else was touched than may be. */
function written(write: (to: DataView, at: number) => number): string {
  const octets = new Uint8Array(256).fill(33);
  const end = write(new DataView(octets.buffer), PLACE);
  expect(octets.subarray(0, PLACE).every((octet) => octet === 33)).toBe(true);
  expect(octets.subarray(end + TEXT_SLACK).every((octet) => octet === 33)).toBe(true);
  return new TextDecoder().decode(octets.subarray(PLACE, end));
}

describe("texts at a place", () => {
  it("fragments of any length", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 50 }), (text) => {
        expect(written((to, at) => fragmentAt(to, at, fragment(text)))).toBe(text);
      }),
    );
  });

  it("short fragments of every length", () => {
    for (let length = 0; length <= SHORT_FRAGMENT; length += 1) {
      const text = "abcdefghijklmnopqrstuvwxyz".slice(0, length);
      expect(written((to, at) => shortFragmentAt(to, at, fragment(text)))).toBe(text);
    }
  });

  it("integers as String has them", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        expect(written((to, at) => integerAt(to, at, value))).toBe(String(value));
      }),
    );
    fc.assert(
      fc.property(fc.nat(2 ** 31 - 1), fc.nat(30), (value, shift) => {
        const small = value >>> shift;
        expect(written((to, at) => smallIntegerAt(to, at, small))).toBe(String(small));
      }),
    );
  });

  it("nanoseconds, and seconds with their fraction", () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31 - 1), fc.nat(999_999_999), (seconds, nanoseconds) => {
        const digits = String(nanoseconds).padStart(9, "0");
        expect(written((to, at) => nineDigitsAt(to, at, nanoseconds))).toBe(digits);
        const decimal = nanoseconds === 0 ? "" : `.${digits.replace(/0+$/, "")}`;
        expect(written((to, at) => decimalSecondsAt(to, at, seconds, nanoseconds))).toBe(
          seconds + decimal,
        );
      }),
    );
  });

  it("hexadecimal words and halves", () => {
    fc.assert(
      fc.property(word, fc.nat(0xffff), (all, half) => {
        const digits = (all >>> 0).toString(16).padStart(8, "0");
        expect(written((to, at) => hexWordAt(to, at, all))).toBe(digits);
        expect(written((to, at) => hexHalfAt(to, at, half))).toBe(
          half.toString(16).padStart(4, "0"),
        );
      }),
    );
  });

  it("IPv4 and MAC addresses octet by octet", () => {
    fc.assert(
      fc.property(word, fc.nat(0xffff), (low, high) => {
        const octets = [24, 16, 8, 0].map((shift) => (low >>> shift) & 255);
        expect(written((to, at) => ipv4At(to, at, low))).toBe(octets.join("."));
        const mac = [high >>> 8, high & 255, ...octets].map((octet) =>
          octet.toString(16).padStart(2, "0"),
        );
        expect(written((to, at) => macAt(to, at, high, low))).toBe(mac.join(":"));
      }),
    );
  });

  it("IPv6 addresses, see address-text.test.ts", () => {
    expect(written((to, at) => ipv6At(to, at, 0x20010db8, 0, 0, 1))).toBe("2001:db8::1");
  });
});
