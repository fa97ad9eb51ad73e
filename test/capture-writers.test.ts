import { describe, expect, it } from "vitest";
import { tcpConversation } from "./support/conversation.ts";
import { hex, text } from "./support/octets.ts";
import type { TimedPacket } from "./support/timed-packet.ts";
import { writePcap } from "./support/write-pcap.ts";
import { writePcapng } from "./support/write-pcapng.ts";

// 0x6a000000 seconds and 7 microseconds; the octets below follow the drafts field by field.
const packet: TimedPacket = {
  microseconds: 0x6a000000 * 1e6 + 7,
  nanoseconds: 5,
  bytes: hex("0102 0304 05"),
  wireLength: 9,
};

describe("writePcap", () => {
  it.each([
    [
      "microseconds, little-endian",
      {},
      "d4c3b2a1 0200 0400 00000000 00000000 00000400 01000000" +
        "0000006a 07000000 05000000 09000000 0102030405",
    ],
    [
      "nanoseconds, big-endian, cut, another link type",
      { nano: true, bigEndian: true, snaplen: 3, linkType: 101 },
      "a1b23c4d 0002 0004 00000000 00000000 00000003 00000065" +
        "6a000000 00001b5d 00000003 00000009 010203",
    ],
  ])("%s", (_name, options, expected) => {
    expect(writePcap([packet], options)).toEqual(hex(expected));
  });
});

describe("writePcapng", () => {
  it("big-endian section, named nanosecond interface, packet, statistics", () => {
    const file = writePcapng([packet], {
      bigEndian: true,
      interfaces: [{ name: "en0", timeDigits: 9, snaplen: 4, dropped: 3 }],
    });
    // 0x6a000000 * 10^9 + 7005 nanoseconds.
    const time = "18ae17a4 00001b5d";
    expect(Buffer.from(file).toString("hex")).toBe(
      Buffer.from(
        hex(`
        0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c
        00000001 00000028 0001 0000 00000004 0002 0003 656e3000 0009 0001 09000000 00000000 00000028
        00000006 00000024 00000000 ${time} 00000004 00000009 01020304 00000024
        00000005 00000028 00000000 ${time} 0005 0008 0000000000000003 00000000 00000028
      `),
      ).toString("hex"),
    );
  });
});

describe("tcpConversation", () => {
  it("numbers, flags and times of handshake, data and close", () => {
    const packets = tcpConversation({
      client: { ip: "192.0.2.1", port: 50000 },
      server: { ip: "198.51.100.1", port: 80 },
      start: 1e15,
      rtt: 1000,
      clientSequence: 0xffffffff,
      serverSequence: 100,
      exchange: [
        ["c", text("ask")],
        ["s", text("reply")],
      ],
    });
    const rows = packets.map(({ bytes }) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset + 34);
      return [view.getUint16(0), view.getUint32(4), view.getUint32(8), bytes[47]];
    });
    expect(rows).toEqual([
      [50000, 0xffffffff, 0, 0x02],
      [80, 100, 0, 0x12],
      [50000, 0, 101, 0x10],
      [50000, 0, 101, 0x18],
      [80, 101, 3, 0x18],
      [50000, 3, 106, 0x10],
      [50000, 3, 106, 0x11],
      [80, 106, 4, 0x11],
      [50000, 4, 107, 0x10],
    ]);
    const times = packets.map((one) => one.microseconds - 1e15);
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(times[1]).toBe(1000);
  });
});
