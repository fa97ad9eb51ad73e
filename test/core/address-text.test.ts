import { spawnSync } from "node:child_process";
import { SocketAddress } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteWriter } from "../../src/core/byte-writer.ts";

/** Our text of an address of eight groups. */
function ours(groups: readonly number[]): string {
  const word = (i: number): number => (groups[i]! << 16) | groups[i + 1]! | 0;
  const out = new ByteWriter();
  out.ipv6(word(0), word(2), word(4), word(6));
  return out.toString();
}

function plain(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(":");
}

function isMapped(groups: readonly number[]): boolean {
  return groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
}

/** WHATWG URL, section "IPv6 serializer": the same rules but for a dotted tail. */
function byUrl(groups: readonly number[]): string {
  return new URL(`http://[${plain(groups)}]/`).hostname.slice(1, -1);
}

// Groups as real addresses have them: zeros, small ones, and all bits.
const group = fc.oneof(
  { weight: 5, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.constantFrom(1, 0xf, 0x10, 0xff, 0x100, 0xfff, 0x1000, 0xffff) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 0xffff }) },
);
const address = fc.array(group, { minLength: 8, maxLength: 8 });

/** Every pattern of zero and other groups: all that decides where `::` goes. */
const PATTERNS = Array.from({ length: 256 }, (_, bits) =>
  Array.from({ length: 8 }, (_unused, i) => ((bits >> i) & 1) * (0xdb8 + i)),
);

describe("IPv6 text, RFC 5952", () => {
  it("is that of an independent serializer, for every pattern of zero groups", () => {
    for (const groups of PATTERNS) expect(ours(groups)).toBe(byUrl(groups));
  });

  it("is that of an independent serializer, for addresses of all kinds", () => {
    const property = fc.property(address, (groups) => {
      fc.pre(!isMapped(groups));
      expect(ours(groups)).toBe(byUrl(groups));
    });
    fc.assert(property, { numRuns: 20_000 });
  });

  it("IPv4-mapped addresses have a dotted tail, as the C library writes them", () => {
    const property = fc.property(fc.integer({ min: 0, max: 0xffff }), group, (high, low) => {
      const groups = [0, 0, 0, 0, 0, 0xffff, high, low];
      const theirs = new SocketAddress({ family: "ipv6", address: plain(groups) }).address;
      expect(ours(groups)).toBe(theirs);
    });
    fc.assert(property, { numRuns: 2000 });
  });

  // RFC 5952 sections 4 and 5.
  it.each([
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:0db8::0001", "2001:db8::1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["0:0:0:0:0:ffff:c000:201", "::ffff:192.0.2.1"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["1:0:0:0:0:0:0:0", "1::"],
    ["fe80:0:0:0:0:0:0:ABCD", "fe80::abcd"],
  ])("%s is %s", (written, canonical) => {
    const [head = "", tail] = written.split("::");
    const parts = (text: string) => (text === "" ? [] : text.split(":"));
    const after = parts(tail ?? "");
    const before = parts(head);
    const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
    const groups = [...before, ...zeros, ...after].map((one) => Number.parseInt(one, 16));
    expect(ours(groups)).toBe(canonical);
  });

  it("agrees with Python's ipaddress where that is installed", ({ skip }) => {
    const samples = [
      ...PATTERNS,
      ...fc.sample(address, { numRuns: 5000, seed: 5952 }).filter((groups) => !isMapped(groups)),
    ];
    const script =
      "import ipaddress,sys\nfor l in sys.stdin: print(ipaddress.IPv6Address(l.strip()).compressed)";
    const run = spawnSync("python3", ["-c", script], {
      input: samples.map(plain).join("\n"),
      encoding: "utf8",
    });
    if (run.error !== undefined || run.status !== 0) {
      process.stderr.write(
        "skipped: python3 is not installed, addresses are not compared with it\n",
      );
      skip();
    }
    expect(samples.map(ours)).toEqual(run.stdout.trimEnd().split("\n"));
  });
});

describe("IPv4 text", () => {
  it("is what Node makes of the same octets", () => {
    const property = fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (word) => {
      const out = new ByteWriter();
      out.ipv4(word | 0);
      expect(out.toString()).toBe(new URL(`http://${word}/`).hostname);
    });
    fc.assert(property, { numRuns: 5000 });
  });
});
