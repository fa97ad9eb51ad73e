import { describe, expect, it } from "vitest";
import { findWrongChecksum } from "../../src/wire/checksum.ts";
import { decodeFrame } from "../../src/wire/decode.ts";
import { newDecodedHeaders, Outcome } from "../../src/wire/decoded-headers.ts";
import { faultName } from "../../src/wire/fault.ts";
import { frame, type Layer, octets, payload } from "../support/build.ts";
import { ipv4, ipv6 } from "../support/build-ip.ts";
import { ethernet } from "../support/build-link.ts";
import { icmp, icmpv6, tcp, udp, udpLite } from "../support/build-transport.ts";
import { hex, join } from "../support/octets.ts";
import { SeededRandom } from "../support/seeded-random.ts";

/** What is made of a packet whose first octets were captured, in the middle of octets that are all `fill`. */
function verdict(bytes: Uint8Array, capturedLength: number, fill: number): string {
  const headers = newDecodedHeaders();
  const captured = bytes.subarray(0, capturedLength);
  const larger = join(new Uint8Array(5).fill(fill), captured, new Uint8Array(300).fill(fill));
  const outcome = decodeFrame(larger, 5, 5 + capturedLength, 5 + bytes.length, 1, headers);
  const isWrong = outcome === Outcome.Flow && findWrongChecksum(larger, headers);
  return `${outcome} ${isWrong} ${faultName(headers.fault)}@${headers.faultOffset}`;
}

/** The fault's name and the octet of the packet that shows it, or `right`. */
function judge(bytes: Uint8Array, capturedLength = bytes.length): string {
  const text = verdict(bytes, capturedLength, 0xee);
  if (text === "1 false none@0") return "right";
  expect(text).toMatch(/^1 true /);
  return text.slice("1 true ".length);
}

const over4 = (...layers: readonly Layer[]): Uint8Array => frame(ethernet(), ipv4(), ...layers);
const over6 = (...layers: readonly Layer[]): Uint8Array => frame(ethernet(), ipv6(), ...layers);
const ports = { sourcePort: 1025, destinationPort: 80 };

/** A packet with one bit of one octet changed. */
function changed(packet: Uint8Array, octet: number): Uint8Array {
  const copy = packet.slice();
  copy[octet]! ^= 0x10;
  return copy;
}

describe("findWrongChecksum", () => {
  it.each([0, 1, 2, 3, 4, 5, 63, 64, 1459, 1460])("right ones with %i octets of payload", (n) => {
    for (const over of [over4, over6]) {
      expect(judge(over(tcp(ports), payload(n)))).toBe("right");
      expect(judge(over(udp(ports), payload(n)))).toBe("right");
      expect(judge(over(udpLite(ports), payload(n)))).toBe("right");
    }
    expect(judge(over4(icmp({ type: 8 }), payload(n)))).toBe("right");
    expect(judge(over6(icmpv6({ type: 128 }), payload(n)))).toBe("right");
  });

  it.each([
    ["TCP", over4(tcp(ports), payload(9)), 50, "tcp_checksum_wrong@50"],
    ["TCP over IPv6", over6(tcp(ports), payload(9)), 82, "tcp_checksum_wrong@70"],
    ["UDP", over4(udp(ports), payload(9)), 42, "udp_checksum_wrong@40"],
    ["UDP over IPv6", over6(udp(ports), payload(9)), 66, "udp_checksum_wrong@60"],
    ["UDP-Lite", over4(udpLite(ports), payload(9)), 50, "udplite_checksum_wrong@40"],
    ["ICMP", over4(icmp({ type: 8 }), payload(9)), 43, "icmp_checksum_wrong@36"],
    ["ICMPv6", over6(icmpv6({ type: 128 }), payload(9)), 63, "icmp_checksum_wrong@56"],
    ["IPv4, in its time to live", over4(tcp(ports)), 22, "ipv4_checksum_wrong@24"],
    ["an address of IPv6", over6(tcp(ports)), 30, "tcp_checksum_wrong@70"],
  ])("%s: a bit changed on the way", (_name, packet, octet, expected) => {
    expect(judge(packet)).toBe("right");
    expect(judge(changed(packet, octet))).toBe(expected);
  });

  it("UDP-Lite: octets beyond the coverage may change", () => {
    const packet = over4(udpLite({ ...ports, coverage: 8 }), payload(9));
    expect(judge(packet)).toBe("right");
    expect(judge(changed(packet, packet.length - 1))).toBe("right");
    expect(judge(changed(packet, 34))).toBe("udplite_checksum_wrong@40");
  });

  describe("does not blame", () => {
    // 192.0.2.1, 198.51.100.1, protocol 6 and 29 octets: c000+0201+c633+6401+0006+001d = 1ec58.
    const PSEUDO_SUM = 0xec59;
    it.each([
      ["0 of TCP, left to the network card", over4(tcp({ ...ports, checksum: 0 }), payload(9))],
      ["the pseudo header's sum", over4(tcp({ ...ports, checksum: PSEUDO_SUM }), payload(9))],
      [
        "the pseudo header's sum without length, for a card that cuts segments",
        over4(tcp({ ...ports, checksum: PSEUDO_SUM - 29 }), payload(9)),
      ],
      ["0 of UDP", over4(udp({ ...ports, checksum: "none" }), payload(9))],
      ["0 of UDP over IPv6", over6(udp({ ...ports, checksum: "none" }), payload(9))],
      ["0 of IPv4", frame(ethernet(), ipv4({ checksum: 0 }), tcp(ports))],
      [
        "a first fragment",
        frame(
          ethernet(),
          ipv4({ moreFragments: true }),
          udp({ ...ports, checksum: "wrong" }),
          payload(16),
        ),
      ],
      [
        "a later fragment",
        frame(
          ethernet(),
          ipv4({ fragmentOffset: 8, protocol: 6 }),
          octets(hex("00112233445566778899aabbccddeeff0011223344556677")),
        ),
      ],
      [
        "a source route",
        frame(
          ethernet(),
          ipv4({ options: hex("01 83 07 04 0a000001") }),
          tcp({ ...ports, checksum: "wrong" }),
        ),
      ],
      [
        "a routing header whose last address can't be read",
        frame(
          ethernet(),
          ipv6({ nextHeader: 43 }),
          octets(hex("06 00 03 01 00000000")),
          tcp({ ...ports, checksum: 0x1234 }),
        ),
      ],
    ])("%s", (_name, packet) => {
      expect(judge(packet)).toBe("right");
    });

    it("a packet that the capture cut", () => {
      const packet = over4(tcp({ ...ports, checksum: "wrong" }), payload(9));
      expect(judge(packet)).toBe("tcp_checksum_wrong@50");
      expect(judge(packet, packet.length - 1)).toBe("right");
    });

    it("octets behind the IP packet, where Ethernet pads", () => {
      const packet = join(over4(udp(ports), payload(1)), hex("a5a5a5a5a5"));
      expect(judge(packet)).toBe("right");
    });
  });

  // The pseudo header's addresses are those of the journey's ends, RFC 8200 section 8.1. The packet
  // says 2001:db8::1 > 2001:db8::2; 3:: stands for 2001:db8::3 and 4:: for 2001:db8::4.
  const THIRD = "20010db8 00000000 00000000 00000003";
  const FOURTH = "20010db8 00000000 00000000 00000004";
  it.each([
    ["source route", 43, `06 04 00 01 00000000 ${FOURTH} ${THIRD}`, undefined, "2001:db8::3"],
    ["mobile node", 43, `06 02 02 01 00000000 ${THIRD}`, undefined, "2001:db8::3"],
    ["segments", 43, `06 04 04 01 01000000 ${THIRD} ${FOURTH}`, undefined, "2001:db8::3"],
    ["route at its end", 43, `06 02 00 00 00000000 ${THIRD}`, undefined, "2001:db8::2"],
    ["home address", 60, `06 02 01 02 0000 c9 10 ${FOURTH}`, "2001:db8::4", "2001:db8::2"],
    ["atomic fragment", 44, "06 00 0000 00000001", undefined, "2001:db8::2"],
  ])("IPv6 %s: the addresses of the journey", (_name, nextHeader, header, source, destination) => {
    const segment = (to: string, checksum: "right" | "wrong"): Uint8Array =>
      frame(
        ipv6({ ...(source === undefined ? {} : { source }), destination: to }),
        tcp({ ...ports, checksum }),
      ).subarray(40);
    const packet = (to: string, checksum: "right" | "wrong" = "right"): Uint8Array =>
      frame(ethernet(), ipv6({ nextHeader }), octets(join(hex(header), segment(to, checksum))));
    const field = 54 + hex(header).length + 16;
    expect(judge(packet(destination))).toBe("right");
    expect(judge(packet(destination, "wrong"))).toBe(`tcp_checksum_wrong@${field}`);
    expect(judge(packet("2001:db8::9"))).toBe(`tcp_checksum_wrong@${field}`);
  });

  it("judges behind options without a route and behind IPv6 hop-by-hop options", () => {
    const wrong = tcp({ ...ports, checksum: "wrong" });
    const routed = frame(ethernet(), ipv4({ options: hex("94 04 0000") }), wrong);
    expect(judge(routed)).toBe("tcp_checksum_wrong@54");
    const hop = octets(hex("06 00 0502 0000 0100"));
    const behind = frame(ethernet(), ipv6({ nextHeader: 0 }), hop, wrong);
    expect(judge(behind)).toBe("tcp_checksum_wrong@78");
  });

  it("judges damaged packets by their own octets alone, and only sums what is there", () => {
    const packets = [
      over4(tcp(ports), payload(60)),
      over6(udp(ports), payload(33)),
      over4(udpLite({ ...ports, coverage: 12 }), payload(9)),
      over6(icmpv6({ type: 128 }), payload(5)),
      frame(ethernet(), ipv4({ options: hex("83 07 04 0a000001") }), udp(ports), payload(3)),
      frame(
        ethernet(),
        ipv6({ nextHeader: 43 }),
        octets(hex(`11 02 02 01 00000000 ${THIRD}`)),
        udp(ports),
      ),
    ];
    const random = new SeededRandom(99);
    for (let round = 0; round < 20_000; round += 1) {
      const packet = packets[round % packets.length]!.slice();
      for (let i = random.below(4); i > 0; i -= 1)
        packet[14 + random.below(packet.length - 14)] = random.below(256);
      const captured = random.below(3) === 0 ? random.below(packet.length + 1) : packet.length;
      expect(verdict(packet, captured, 0x00)).toBe(verdict(packet, captured, 0xff));
    }
  });

  it("finds the header's fault even where the capture cut the packet", () => {
    const packet = frame(ethernet(), ipv4({ checksum: "wrong" }), tcp(ports), payload(99));
    expect(judge(packet, 60)).toBe("ipv4_checksum_wrong@24");
  });
});
