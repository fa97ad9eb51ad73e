import { describe, expect, it } from "vitest";
import { contains, isAddress, parseNetwork } from "../../src/service/network.ts";

describe("parseNetwork and contains", () => {
  it.each([
    ["10.0.0.0/8", "10.255.255.255", true],
    ["10.0.0.0/8", "11.0.0.0", false],
    ["10.1.2.3/8", "10.9.9.9", true],
    ["192.0.2.1", "192.0.2.1", true],
    ["192.0.2.1", "192.0.2.2", false],
    ["0.0.0.0/0", "255.255.255.255", true],
    ["0.0.0.0/0", "::1", false],
    ["128.0.0.0/1", "127.255.255.255", false],
    ["2001:db8::/32", "2001:db8:ffff::1", true],
    ["2001:db8::/32", "2001:db9::1", false],
    ["2001:db8::/33", "2001:db8:8000::", false],
    ["::/0", "ffff::", true],
    ["::ffff:192.0.2.1", "::ffff:c000:201", true],
    ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", true],
    ["fe80::/10", "febf::1", true],
  ])("%s and %s: %s", (text, address, expected) => {
    const network = parseNetwork(text)!;
    const { ipVersion, word0, word1, word2, word3 } = parseNetwork(address)!;
    expect(contains(network, ipVersion, word0, word1, word2, word3)).toBe(expected);
  });

  it.each([
    "",
    "10.0.0.0/33",
    "::/129",
    "10.0.0",
    "10.0.0.",
    "10.0.0.0.0",
    "10..0.0",
    "10.0.0.256",
    "10.0.0.01",
    "10.0.0.1 ",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    "fe80::1%eth0",
    "10.0.0.0/-1",
    "x",
  ])("%j is none", (text) => expect(parseNetwork(text)).toBeUndefined());
});

describe("isAddress", () => {
  it.each(["0.0.0.0", "255.255.255.255", "10.0.0.9", "::", "2001:DB8::1", "::ffff:192.0.2.1"])(
    "%s is one",
    (text) => expect(isAddress(text)).toBe(true),
  );
  it.each(["", "10.0.0.0/8", "::/64", "fe80::1%eth0", "10.0.0", "10.0.0.300", "1::2::3", "host"])(
    "%j is none",
    (text) => expect(isAddress(text)).toBe(false),
  );
});
