import { describe, expect, it } from "vitest";
import { decodeHex, payloadOf, summary } from "./decode-hex.ts";

const ETHERNET = "020000000002 020000000001 0800";
// 10.0.0.1 > 10.0.0.2
const ADDRESSES = "0a000001 0a000002";
const UDP = "0035 0400 000a 0000 6869";

describe("decodeIpv4", () => {
  it.each([
    [
      "plain",
      `45000 01e 1234 0000 40 11 0000 ${ADDRESSES} ${UDP}`,
      "10.0.0.1:53 > 10.0.0.2:1024 17",
    ],
    [
      "with options",
      `4600 0022 1234 0000 40 11 0000 ${ADDRESSES} 94040000 ${UDP}`,
      "10.0.0.1:53 > 10.0.0.2:1024 17",
    ],
    [
      "total length 0",
      `4500 0000 1234 0000 40 11 0000 ${ADDRESSES} ${UDP}`,
      "10.0.0.1:53 > 10.0.0.2:1024 17",
    ],
    [
      "version 5",
      `5500 001e 1234 0000 40 11 0000 ${ADDRESSES} ${UDP}`,
      "malformed ipv4_version_wrong@14",
    ],
    [
      "version 6, too short for IPv6",
      `6500 001e 1234 0000 40 11 0000 ${ADDRESSES} ${UDP}`,
      "malformed ipv6_truncated@14",
    ],
    [
      "header length of 16 octets",
      `4400 001e 1234 0000 40 11 0000 ${ADDRESSES} ${UDP}`,
      "malformed ipv4_header_length_too_small@14",
    ],
    [
      "total length below the header",
      `4500 0013 1234 0000 40 11 0000 ${ADDRESSES} ${UDP}`,
      "malformed ipv4_total_length_too_small@16",
    ],
    [
      "total length below a header with options",
      `4600 0017 1234 0000 40 11 0000 ${ADDRESSES} 94040000 ${UDP}`,
      "malformed ipv4_total_length_too_small@16",
    ],
    [
      "total length of the header only",
      `4500 0014 1234 0000 40 11 0000 ${ADDRESSES} ${UDP}`,
      "10.0.0.1 > 10.0.0.2 17 udp_truncated@34",
    ],
    [
      "total length beyond the frame",
      `4500 0100 1234 0000 40 11 0000 ${ADDRESSES} ${UDP}`,
      "10.0.0.1:53 > 10.0.0.2:1024 17 ip_length_beyond_frame@16",
    ],
    [
      "cut in the addresses",
      "4500 001e 1234 0000 40 11 0000 0a0000",
      "malformed ipv4_truncated@14",
    ],
    [
      "cut in the options",
      `4600 0022 1234 0000 40 11 0000 ${ADDRESSES} 9404`,
      "malformed ipv4_truncated@14",
    ],
    ["empty", "", "malformed ipv4_truncated@14"],
    [
      "a protocol without ports",
      `4500 0018 1234 0000 40 59 0000 ${ADDRESSES} 02010000`,
      "10.0.0.1 > 10.0.0.2 89",
    ],
    [
      "AH before TCP's ports",
      `4500 0030 1234 0000 40 33 0000 ${ADDRESSES} 06 04 0000 00000009 00000001 000102030405060708090a0b 0050 0401`,
      "10.0.0.1:80 > 10.0.0.2:1025 6 tcp_truncated@58",
    ],
    [
      "AH cut off",
      `4500 001c 1234 0000 40 33 0000 ${ADDRESSES} 06 04 0000 00000009`,
      "10.0.0.1 > 10.0.0.2 51 ah_truncated@34",
    ],
  ])("%s", (_name, packet, expected) => {
    expect(summary(decodeHex(`${ETHERNET} ${packet}`))).toBe(expected);
  });

  it("takes lengths from the header, not from Ethernet's padding", () => {
    const record = decodeHex(
      `${ETHERNET} 4500 001e 1234 0000 40 11 0000 ${ADDRESSES} ${UDP} 00000000 00000000 00000000 00000000`,
    );
    expect(record.ipLength).toBe(30);
    expect(payloadOf(record)).toEqual([42, 2]);
    expect(record.truncated).toBe(0);
  });

  it("never reads ports out of padding", () => {
    const record = decodeHex(
      `${ETHERNET} 4500 0016 1234 0000 40 06 0000 ${ADDRESSES} 0050 0401 0000 0000`,
    );
    expect(summary(record)).toBe("10.0.0.1 > 10.0.0.2 6 tcp_truncated@34");
  });

  it.each([
    ["not a fragment, DF set", "4000", 0, 1],
    ["first", "2000", 1, 1],
    ["middle", "2001", 2, 0],
    ["last", "1fff", 2, 0],
    ["reserved bit only", "8000", 0, 1],
  ])("fragment: %s", (_name, flags, fragment, hasPorts) => {
    const record = decodeHex(`${ETHERNET} 4500 001e 1234 ${flags} 40 11 0000 ${ADDRESSES} ${UDP}`);
    expect([record.fragment, record.hasPorts, record.fragmentId]).toEqual([
      fragment,
      hasPorts,
      0x1234,
    ]);
    expect(record.payloadLength).toBe(hasPorts === 1 ? 2 : 10);
  });

  it("tells a snaplen cut from a length that lies", () => {
    const cut = `${ETHERNET} 4500 0100 1234 0000 40 11 0000 ${ADDRESSES} 0035 0400 00ec 0000`;
    const snapped = decodeHex(cut, 1, 14 + 256);
    expect([snapped.truncated, snapped.fault]).toEqual([1, 0]);
    expect([snapped.ipLength, snapped.payloadLength]).toEqual([256, 228]);
    const lying = decodeHex(cut);
    expect(lying.truncated).toBe(0);
    expect(summary(lying)).toContain("ip_length_beyond_frame@16");
    expect(lying.ipLength).toBe(256);
  });

  it("total length 0 reaches to the end of the frame on the wire", () => {
    const record = decodeHex(
      `${ETHERNET} 4500 0000 1234 0000 40 06 0000 ${ADDRESSES} 0050 0401 00000001 00000002 5018 2000 0000 0000`,
      1,
      14 + 70000,
    );
    expect([record.ipLength, record.payloadLength, record.truncated]).toEqual([70000, 69960, 1]);
  });

  it("a wire length before the captured end is not believed", () => {
    const record = decodeHex(
      `${ETHERNET} 4500 001e 1234 0000 40 11 0000 ${ADDRESSES} ${UDP}`,
      1,
      3,
    );
    expect(summary(record)).toBe("10.0.0.1:53 > 10.0.0.2:1024 17");
    expect(record.truncated).toBe(0);
  });

  it("keeps addresses in word 3 and clears the words IPv6 left", () => {
    const record = decodeHex(`${ETHERNET} 4500 001e 1234 0000 40 11 0000 c0a80001 ffffffff ${UDP}`);
    expect([record.source0, record.source3, record.destination3]).toEqual([0, 0xc0a80001 | 0, -1]);
  });
});
