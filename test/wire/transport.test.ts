import { describe, expect, it } from "vitest";
import { decodeHex, payloadOf, summary } from "./decode-hex.ts";

/** A raw IPv4 packet (link type 101) with a right total length. */
function ipv4(protocol: number, payload: string): string {
  const octets = payload.replaceAll(" ", "").length / 2;
  const length = (20 + octets).toString(16).padStart(4, "0");
  const number = protocol.toString(16).padStart(2, "0");
  return `4500 ${length} 0000 0000 40 ${number} 0000 0a000001 0a000002 ${payload}`;
}

const RAW = 101;
const BOTH = "10.0.0.1 > 10.0.0.2";
const PORTED = "10.0.0.1:80 > 10.0.0.2:1025";

describe("decodeTcp", () => {
  const start = "0050 0401 89abcdef 00000002";
  it.each([
    ["plain", `${start} 5018 2000 0000 0000 6869`, `${PORTED} 6`, [40, 2]],
    ["options", `${start} 6018 2000 0000 0000 02040218 6869`, `${PORTED} 6`, [44, 2]],
    ["no payload", `${start} 5018 2000 0000 0000`, `${PORTED} 6`, [40, 0]],
    [
      "data offset 16",
      `${start} 4018 2000 0000 0000 6869`,
      `${PORTED} 6 tcp_data_offset_too_small@32`,
      [40, 2],
    ],
    [
      "data offset 0",
      `${start} 0018 2000 0000 0000 6869`,
      `${PORTED} 6 tcp_data_offset_too_small@32`,
      [40, 2],
    ],
    [
      "data offset past the segment",
      `${start} 6018 2000 0000 0000 6869`,
      `${PORTED} 6 tcp_data_offset_beyond_packet@32`,
      [42, 0],
    ],
    ["cut behind the ports", "0050 0401", `${PORTED} 6 tcp_truncated@20`, [20, 4]],
    ["cut in the ports", "0050 04", `${BOTH} 6 tcp_truncated@20`, [20, 3]],
    ["empty", "", `${BOTH} 6 tcp_truncated@20`, [20, 0]],
    ["one octet short", `${start} 5018 2000 0000 00`, `${PORTED} 6 tcp_truncated@20`, [20, 19]],
  ])("%s", (_name, segment, expected, payload) => {
    const record = decodeHex(ipv4(6, segment), RAW);
    expect(summary(record)).toBe(expected);
    expect(payloadOf(record)).toEqual(payload);
    expect(record.hasTcp).toBe(segment.replaceAll(" ", "").length >= 40 ? 1 : 0);
  });

  it("keeps flags, sequence numbers and window", () => {
    const record = decodeHex(ipv4(6, `${start} 50d2 2000 0000 0000`), RAW);
    expect(record.tcpFlags).toBe(0xd2);
    expect(record.tcpSequence).toBe(0x89abcdef | 0);
    expect([record.tcpAcknowledgement, record.tcpWindow]).toEqual([2, 0x2000]);
  });
});

describe("decodeUdp", () => {
  it.each([
    ["plain", "0050 0401 000a 0000 6869", `${PORTED} 17`, [28, 2]],
    ["no payload", "0050 0401 0008 0000", `${PORTED} 17`, [28, 0]],
    ["options behind the datagram (RFC 9868)", "0050 0401 0008 0000 6869", `${PORTED} 17`, [28, 0]],
    ["length 0", "0050 0401 0000 0000 6869", `${PORTED} 17`, [28, 2]],
    ["length 7", "0050 0401 0007 0000 6869", `${PORTED} 17 udp_length_too_small@24`, [28, 0]],
    [
      "length past IP's",
      "0050 0401 000b 0000 6869",
      `${PORTED} 17 udp_length_beyond_packet@24`,
      [28, 2],
    ],
    ["cut behind the ports", "0050 0401 00", `${PORTED} 17 udp_truncated@20`, [20, 5]],
    ["cut in the ports", "0050 04", `${BOTH} 17 udp_truncated@20`, [20, 3]],
  ])("%s", (_name, datagram, expected, payload) => {
    const record = decodeHex(ipv4(17, datagram), RAW);
    expect(summary(record)).toBe(expected);
    expect(payloadOf(record)).toEqual(payload);
  });

  it("a first fragment's length is that of the whole datagram", () => {
    const record = decodeHex(
      "4500 0020 0000 2000 40 11 0000 0a000001 0a000002 0050 0401 1000 0000 68696869",
      RAW,
    );
    expect([record.fault, record.payloadLength]).toEqual([0, 4]);
  });
});

describe("decodeUdpLite", () => {
  it.each([
    ["plain", "0050 0401 0008 0000 6869", `${PORTED} 136`, [28, 2]],
    ["covered whole", "0050 0401 000a 0000 6869", `${PORTED} 136`, [28, 2]],
    [
      "coverage below the header",
      "0050 0401 0007 0000 6869",
      `${PORTED} 136 udplite_coverage_invalid@24`,
      [28, 2],
    ],
    [
      "coverage beyond the packet",
      "0050 0401 000b 0000 6869",
      `${PORTED} 136 udplite_coverage_invalid@24`,
      [28, 2],
    ],
    ["cut behind the ports", "0050 0401 00", `${PORTED} 136 udplite_truncated@20`, [20, 5]],
    ["cut in the ports", "0050 04", `${BOTH} 136 udplite_truncated@20`, [20, 3]],
  ])("%s", (_name, datagram, expected, payload) => {
    const record = decodeHex(ipv4(136, datagram), RAW);
    expect(summary(record)).toBe(expected);
    expect(payloadOf(record)).toEqual(payload);
  });
});

describe("decodeSctp", () => {
  const header = "0050 0401 00000000 00000000";
  it.each([
    ["INIT chunk", `${header} 01000014`, `${PORTED} 132`, 1, [32, 4]],
    ["common header only", header, `${PORTED} 132`, -1, [32, 0]],
    ["cut behind the ports", "0050 0401 0000", `${PORTED} 132 sctp_truncated@20`, -1, [20, 6]],
    ["cut in the ports", "00", `${BOTH} 132 sctp_truncated@20`, -1, [20, 1]],
  ])("%s", (_name, packet, expected, type, payload) => {
    const record = decodeHex(ipv4(132, packet), RAW);
    expect(summary(record)).toBe(expected);
    expect(record.messageType).toBe(type);
    expect(payloadOf(record)).toEqual(payload);
  });
});

describe("decodeDccp", () => {
  // Packet types of RFC 4340 section 5.1: 0 Request, 2 Data, 4 DataAck
  it.each([
    [
      "Data, short sequence numbers",
      "0050 0401 03 00 0000 04 000001 6869",
      `${PORTED} 33`,
      2,
      [32, 2],
    ],
    [
      "Request, extended",
      "0050 0401 05 00 0000 01 00 0000 00000001 00000000 6869",
      `${PORTED} 33`,
      0,
      [40, 2],
    ],
    [
      "data offset 8",
      "0050 0401 02 00 0000 08 000001 6869",
      `${PORTED} 33 dccp_data_offset_invalid@24`,
      4,
      [32, 2],
    ],
    [
      "data offset past the packet",
      "0050 0401 04 00 0000 04 000001 6869",
      `${PORTED} 33 dccp_data_offset_invalid@24`,
      2,
      [32, 2],
    ],
    ["cut behind the ports", "0050 0401 03", `${PORTED} 33 dccp_truncated@20`, -1, [20, 5]],
    ["cut in the ports", "0050", `${BOTH} 33 dccp_truncated@20`, -1, [20, 2]],
  ])("%s", (_name, packet, expected, type, payload) => {
    const record = decodeHex(ipv4(33, packet), RAW);
    expect(summary(record)).toBe(expected);
    expect(record.messageType).toBe(type);
    expect(payloadOf(record)).toEqual(payload);
  });
});

describe("decodeIcmp", () => {
  it.each([
    ["echo request", 1, "0800 0000 1234 0001 6869", [1, 8, 0, 0x1234], 2],
    ["echo reply", 1, "0000 0000 1234 0001", [1, 0, 0, 0x1234], 0],
    ["time stamp", 1, "0d00 0000 1234 0001", [1, 13, 0, 0x1234], 0],
    ["address mask reply", 1, "1200 0000 1234 0001", [1, 18, 0, 0x1234], 0],
    ["port unreachable has no identifier", 1, "0303 0000 1234 0001", [1, 3, 3, 0], 0],
    ["ICMPv6 echo request", 58, "8000 0000 1234 0001", [1, 128, 0, 0x1234], 0],
    ["ICMPv6 type 8 is no echo", 58, "0800 0000 1234 0001", [1, 8, 0, 0], 0],
    ["cut behind the code", 1, "0800 00", [1, 8, 0, 0], 3],
    ["cut in front of the code", 1, "08", [0, 0, 0, 0], 1],
  ])("%s", (_name, protocol, message, expected, payloadLength) => {
    const record = decodeHex(ipv4(protocol, message), RAW);
    expect([record.hasIcmp, record.icmpType, record.icmpCode, record.icmpId]).toEqual(expected);
    expect(record.payloadLength).toBe(payloadLength);
    expect(record.hasPorts).toBe(0);
    expect(summary(record).includes("icmp_truncated")).toBe(message.length < 18);
  });
});

describe("decodeTransport", () => {
  it("keeps ESP's SPI", () => {
    expect(decodeHex(ipv4(50, "89abcdef 00000001"), RAW).spi).toBe(0x89abcdef | 0);
  });
  it("notes an ESP header that is cut off", () => {
    expect(summary(decodeHex(ipv4(50, "89abcd"), RAW))).toBe(`${BOTH} 50 esp_truncated@20`);
  });
  it.each([2, 9, 46, 88, 103, 112, 255])("protocol %d is payload as a whole", (protocol) => {
    const record = decodeHex(ipv4(protocol, "1100 0000 e0000001"), RAW);
    expect(summary(record)).toBe(`${BOTH} ${protocol}`);
    expect(payloadOf(record)).toEqual([20, 8]);
  });
});
