import { describe, expect, it } from "vitest";
import { decodeHex, payloadOf, summary } from "./decode-hex.ts";

const ETHERNET = "020000000002 020000000001 86dd";
const SOURCE = "20010db8000000000000000000000001";
const DESTINATION = "20010db8000000000000000000000002";
const ADDRESSES = `${SOURCE} ${DESTINATION}`;
const BOTH = `${SOURCE} > ${DESTINATION}`;
const PORTED = `${SOURCE}:53 > ${DESTINATION}:1024`;
const UDP = "0035 0400 000a 0000 6869";

function ipv6(payloadLength: string, nextHeader: string, payload: string): string {
  return `${ETHERNET} 60000000 ${payloadLength} ${nextHeader} 40 ${ADDRESSES} ${payload}`;
}

describe("decodeIpv6", () => {
  it.each([
    ["plain", ipv6("000a", "11", UDP), `${PORTED} 17`],
    ["hop-by-hop", ipv6("0012", "00", `1100 010400000000 ${UDP}`), `${PORTED} 17`],
    [
      "long destination options",
      ipv6("001a", "3c", `1101 010c0000000000000000 00000000 ${UDP}`),
      `${PORTED} 17`,
    ],
    [
      "routing, then destination options",
      ipv6("001a", "2b", `3c00 000000000000 1100 010400000000 ${UDP}`),
      `${PORTED} 17`,
    ],
    [
      "AH",
      ipv6("0022", "33", `1104 0000 00000009 00000001 000102030405060708090a0b ${UDP}`),
      `${PORTED} 17`,
    ],
    ["no next header", ipv6("0002", "3b", "6869"), `${BOTH} 59`],
    ["mobility is payload", ipv6("0008", "87", "3b00 0000 00000000"), `${BOTH} 135`],
    ["HIP is payload", ipv6("0008", "8b", "3b00 0000 00000000"), `${BOTH} 139`],
    ["shim6 is payload", ipv6("0008", "8c", "3b00 0000 00000000"), `${BOTH} 140`],
    [
      "version 4 under IPv6's EtherType",
      `${ETHERNET} 40000000 000a 11 40 ${ADDRESSES} ${UDP}`,
      "malformed ipv6_version_wrong@14",
    ],
    [
      "cut in the addresses",
      `${ETHERNET} 60000000 000a 11 40 ${SOURCE} 2001`,
      "malformed ipv6_truncated@14",
    ],
    [
      "extension header that begins and does not end",
      ipv6("0012", "00", "1101 010400000000"),
      `${BOTH} 0 ip_length_beyond_frame@18`,
    ],
    [
      "extension header longer than the payload",
      ipv6("0008", "2b", `1105 000000000000 ${UDP}`),
      `${BOTH} 43 ipv6_extension_truncated@54`,
    ],
    [
      "fragment header cut off",
      ipv6("0004", "2c", "1100 0000"),
      `${BOTH} 44 ipv6_extension_truncated@54`,
    ],
    [
      "payload length beyond the frame",
      ipv6("0100", "11", UDP),
      `${PORTED} 17 ip_length_beyond_frame@18`,
    ],
    [
      "payload length 0 of a segment left to the network card",
      ipv6("0000", "11", UDP),
      `${PORTED} 17`,
    ],
    [
      "payload length 0, options without jumbo",
      ipv6("0000", "00", `1100 010400000000 ${UDP}`),
      `${BOTH} 0 ipv6_jumbo_length_invalid@18`,
    ],
    [
      "payload length 0, jumbo below 65536",
      ipv6("0000", "00", `1100 c204 0000000a ${UDP}`),
      `${BOTH} 0 ipv6_jumbo_length_invalid@18`,
    ],
    [
      "payload length 0, jumbo of wrong size",
      ipv6("0000", "00", `1101 c202 0001 010800000000 0000 ${UDP}`),
      `${BOTH} 0 ipv6_jumbo_length_invalid@18`,
    ],
  ])("%s", (_name, packet, expected) => {
    expect(summary(decodeHex(packet))).toBe(expected);
  });

  it.each([
    ["atomic", "0000", 0, 1],
    ["first", "0001", 1, 1],
    ["middle", "0009", 2, 0],
    ["last", "fff8", 2, 0],
  ])("fragment: %s", (_name, offset, fragment, hasPorts) => {
    const record = decodeHex(ipv6("0012", "2c", `1100 ${offset} 89abcdef ${UDP}`));
    expect([record.fragment, record.hasPorts, record.protocol]).toEqual([fragment, hasPorts, 17]);
    expect(record.fragmentId).toBe(0x89abcdef | 0);
    expect(payloadOf(record)).toEqual(hasPorts === 1 ? [70, 2] : [62, 10]);
  });

  it.each([
    ["first option", "1100 c204 00012345"],
    ["behind Pad1 and PadN", "1101 00 01 01 00 c204 00012345 01020000"],
  ])("jumbo payload option: %s", (_name, options) => {
    const record = decodeHex(ipv6("0000", "00", `${options} ${UDP}`), 1, 14 + 40 + 0x12345);
    expect([record.ipLength, record.truncated, record.fault]).toEqual([0x12345 + 40, 1, 0]);
    expect(record.protocol).toBe(17);
  });

  it("a jumbo length past small integers stays one", () => {
    const record = decodeHex(ipv6("0000", "00", `1100 c204 ffffffff ${UDP}`));
    expect(record.ipLength).toBeGreaterThan(2 ** 30);
    expect(record.ipLength).toBe(record.ipLength | 0);
  });

  it("keeps AH's SPI", () => {
    const ah = "1104 0000 89abcdef 00000001 000102030405060708090a0b";
    expect(decodeHex(ipv6("0022", "33", `${ah} ${UDP}`)).spi).toBe(0x89abcdef | 0);
  });

  it("gives up on a chain longer than any stack sends", () => {
    const chain = "3c00 010400000000 ".repeat(300);
    const record = decodeHex(ipv6("0960", "3c", chain));
    expect(summary(record)).toContain("60 ipv6_extensions_too_many");
  });

  it("keeps every address word", () => {
    const record = decodeHex(
      `${ETHERNET} 60000000 0000 3b 40 000000010000000200000003ffffffff 00000005000000060000000700000008`,
    );
    expect([record.source0, record.source1, record.source2, record.source3]).toEqual([1, 2, 3, -1]);
    const { destination0, destination1, destination2, destination3 } = record;
    expect([destination0, destination1, destination2, destination3]).toEqual([5, 6, 7, 8]);
  });
});
