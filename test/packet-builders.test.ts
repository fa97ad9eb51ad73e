import { describe, expect, it } from "vitest";
import { frame, octets, payload } from "./support/build.ts";
import { ipv4, ipv4Fragments, ipv6, ipv6Extension, ipv6Fragments } from "./support/build-ip.ts";
import { ethernet, vlan } from "./support/build-link.ts";
import { dccp, icmp, sctp, tcp, udp } from "./support/build-transport.ts";
import { crc32c, internetChecksum } from "./support/checksum.ts";
import { hex, ip, text } from "./support/octets.ts";

describe("checksums", () => {
  it("internetChecksum: the worked example of RFC 1071 section 3", () => {
    expect(internetChecksum(hex("0001 f203 f4f5 f6f7"))).toBe(0x220d);
  });

  it("crc32c: the check value of the Castagnoli polynomial", () => {
    expect(crc32c(text("123456789"))).toBe(0xe3069283);
  });

  it("udp over ipv4: header, lengths and both checksums", () => {
    const built = frame(
      ipv4({ source: "192.0.2.1", destination: "198.51.100.1", identification: 1 }),
      udp({ sourcePort: 53, destinationPort: 1024 }),
      payload("hi"),
    );
    expect(built.subarray(0, 10)).toEqual(hex("4500 001e 0001 0000 40 11"));
    expect(internetChecksum(built.subarray(0, 20))).toBe(0);
    const pseudo = hex("c0000201 c6336401 0011 000a");
    expect(internetChecksum(pseudo, built.subarray(20))).toBe(0);
  });

  it("a wrong checksum is wrong, a given one is as given, none is zero", () => {
    const segment = (checksum: "wrong" | 0x1234) =>
      frame(ipv4(), tcp({ sourcePort: 1, destinationPort: 2, checksum })).subarray(20);
    const pseudo = hex("c0000201 c6336401 0006 0014");
    expect(internetChecksum(pseudo, segment("wrong"))).not.toBe(0);
    expect(segment(0x1234).subarray(16, 18)).toEqual(hex("1234"));
    const datagram = frame(ipv4(), udp({ sourcePort: 1, destinationPort: 2, checksum: "none" }));
    expect(datagram.subarray(26, 28)).toEqual(hex("0000"));
  });
});

describe("layers announce what is inside them", () => {
  it.each([
    ["ethernet, ipv4", frame(ethernet(), ipv4()), 12, "0800"],
    ["ethernet, ipv6", frame(ethernet(), ipv6()), 12, "86dd"],
    ["vlan", frame(ethernet(), vlan(5, { priority: 1 }), ipv4()), 12, "8100 2005 0800"],
    ["ipv4, udp", frame(ipv4(), udp({ sourcePort: 1, destinationPort: 2 })), 9, "11"],
    ["ipv4, icmp", frame(ipv4(), icmp({ type: 8 })), 9, "01"],
    ["ipv6, nothing", frame(ipv6()), 6, "3b"],
    ["ipv6, hop-by-hop", frame(ipv6(), ipv6Extension(0), icmp({ type: 8 })), 6, "00"],
    ["hop-by-hop, icmp", frame(ipv6(), ipv6Extension(0), icmp({ type: 8 })), 40, "01 00 0104"],
    ["ipv4, sctp", frame(ipv4(), sctp({ sourcePort: 1, destinationPort: 2, chunks: [] })), 9, "84"],
    ["ipv4, dccp", frame(ipv4(), dccp({ sourcePort: 1, destinationPort: 2, type: 0 })), 9, "21"],
    ["802.3", frame(ethernet({ lengthField: true }), octets(hex("424203"))), 12, "0003 424203"],
  ])("%s", (_name, built, at, expected) => {
    const bytes = hex(expected);
    expect(built.subarray(at, at + bytes.length)).toEqual(bytes);
  });
});

describe("fragments", () => {
  const datagram = [udp({ sourcePort: 7, destinationPort: 9 }), payload(50)] as const;

  it("ipv4: pieces of the whole datagram, offsets in units of 8, more-fragments but on the last", () => {
    const pieces = ipv4Fragments({ identification: 9 }, 24, ...datagram).map((one) => frame(one));
    expect(pieces.map((piece) => [...piece.subarray(4, 10)])).toEqual([
      [...hex("0009 2000 4011")],
      [...hex("0009 2003 4011")],
      [...hex("0009 0006 4011")],
    ]);
    const joined = Buffer.concat(pieces.map((piece) => piece.subarray(20)));
    expect(new Uint8Array(joined)).toEqual(frame(ipv4(), ...datagram).subarray(20));
  });

  it("ipv6: the fragment header keeps the transport's number", () => {
    const pieces = ipv6Fragments({ identification: 9 }, 32, ...datagram).map((one) => frame(one));
    expect(pieces.map((piece) => [...piece.subarray(40, 48)])).toEqual([
      [...hex("1100 0001 00000009")],
      [...hex("1100 0020 00000009")],
    ]);
    expect(pieces[0]![6]).toBe(44);
    const joined = Buffer.concat(pieces.map((piece) => piece.subarray(48)));
    expect(new Uint8Array(joined)).toEqual(frame(ipv6(), ...datagram).subarray(40));
  });
});

describe("addresses", () => {
  it.each([
    ["192.0.2.255", "c00002ff"],
    ["::", "00".repeat(16)],
    ["::1", `${"00".repeat(15)}01`],
    ["2001:db8::a:0:1", "20010db8 0000 0000 0000 000a 0000 0001"],
    ["fe80::", `fe80${"00".repeat(14)}`],
    ["1:2:3:4:5:6:7:8", "0001000200030004000500060007 0008"],
  ])("%s", (address, expected) => {
    expect(ip(address)).toEqual(hex(expected));
  });
});
