import { describe, expect, it } from "vitest";
import { decodeFrame } from "../../src/wire/decode.ts";
import { newDecodedHeaders } from "../../src/wire/decoded-headers.ts";
import { decodeIcmpQuote, quotesPacket } from "../../src/wire/icmp-quote.ts";
import { hex } from "../support/octets.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { summary, surrounded } from "./decode-hex.ts";

const BEFORE = 7;
const RAW_IP = 101;
/** An ICMP error from 10.0.0.9 to 10.0.0.1; its length is put in. */
const ERROR4 = (length: number): string =>
  `4500 ${length.toString(16).padStart(4, "0")} 0000 0000 4001 0000 0a000009 0a000001`;
// 10.0.0.1 > 10.0.0.2, total length 1500, TCP; and the same as UDP, 60 octets.
const TCP4 = "4500 05dc 1234 4000 3f06 0000 0a000001 0a000002";
const UDP4 = "4500 003c 1234 0000 3f11 0000 0a000001 0a000002";
const PORTS = "c001 0050 00000001";

/** What is quoted, one line; undefined when no address was read. */
function quoteIn(packet: Uint8Array, cut: number, fill: number): string | undefined {
  const bytes = surrounded(packet.subarray(0, cut), fill);
  const end = BEFORE + cut;
  const headers = newDecodedHeaders();
  decodeFrame(bytes, BEFORE, end, BEFORE + packet.length, RAW_IP, headers);
  const out = newDecodedHeaders();
  if (headers.hasIcmp === 0 || !quotesPacket(headers.protocol, headers.icmpType)) return undefined;
  if (!decodeIcmpQuote(bytes, headers, end, out)) return undefined;
  return summary(out).replace(/ \w+@\d+$/, "");
}

function quote(text: string): string | undefined {
  const packet = hex(text);
  return quoteIn(packet, packet.length, 0xff);
}

describe("decodeIcmpQuote", () => {
  it.each([
    [
      "8 octets of TCP",
      `${ERROR4(56)} 0301 0000 00000000 ${TCP4} ${PORTS}`,
      "10.0.0.1:49153 > 10.0.0.2:80 6",
    ],
    [
      "8 octets of UDP",
      `${ERROR4(56)} 0303 0000 00000000 ${UDP4} c001 0035 0028 0000`,
      "10.0.0.1:49153 > 10.0.0.2:53 17",
    ],
    [
      "ports and no more",
      `${ERROR4(52)} 0b00 0000 00000000 ${UDP4} c001 0035`,
      "10.0.0.1:49153 > 10.0.0.2:53 17",
    ],
    ["no ports", `${ERROR4(48)} 0b00 0000 00000000 ${UDP4}`, "10.0.0.1 > 10.0.0.2 17"],
    [
      "options before the ports",
      `${ERROR4(60)} 0301 0000 00000000 4600 003c 1234 0000 3f11 0000 0a000001 0a000002 01010101 c001 0035 0028 0000`,
      "10.0.0.1:49153 > 10.0.0.2:53 17",
    ],
    [
      "a later fragment",
      `${ERROR4(56)} 0301 0000 00000000 4500 003c 1234 0010 3f11 0000 0a000001 0a000002 ${PORTS}`,
      "10.0.0.1 > 10.0.0.2 17",
    ],
    [
      "half an IP header",
      `${ERROR4(40)} 0301 0000 00000000 4500 003c 1234 0000 3f11 0000`,
      undefined,
    ],
    ["nothing", `${ERROR4(28)} 0301 0000 00000000`, undefined],
    [
      "an IPv6 packet inside ICMP",
      `${ERROR4(68)} 0301 0000 00000000 6000 0000 0000 3b40 ${"00".repeat(32)}`,
      `${"0".repeat(32)} > ${"0".repeat(32)} 59`,
    ],
    [
      "an echo request, which is no error",
      `${ERROR4(56)} 0800 0000 00000000 ${TCP4} ${PORTS}`,
      undefined,
    ],
    [
      "ICMPv6",
      `6000 0000 0038 3a40 ${"20010db8"}${"00".repeat(11)}09 ${"20010db8"}${"00".repeat(11)}01
       0104 0000 00000000 6000 0000 0100 1140 ${"20010db8"}${"00".repeat(11)}01 ${"20010db8"}${"00".repeat(11)}02 c001 0035 0100 0000`,
      `20010db8${"0".repeat(23)}1:49153 > 20010db8${"0".repeat(23)}2:53 17`,
    ],
  ])("quotes %s", (_name, text, wanted) => {
    expect(quote(text)).toBe(wanted);
  });

  it("reads nothing behind what is captured, wherever that is cut", () => {
    const packet = hex(`${ERROR4(56)} 0301 0000 00000000 ${TCP4} ${PORTS}`);
    for (let cut = 20; cut <= packet.length; cut += 1) {
      expect(quoteIn(packet, cut, 0x00)).toBe(quoteIn(packet, cut, 0x45));
    }
  });

  it("takes any octets without an exception", () => {
    const random = new SeededRandom(6);
    for (let i = 0; i < 5000; i += 1) {
      const noise = Buffer.from(random.bytes(random.below(80))).toString("hex");
      quote(`${ERROR4(28 + noise.length / 2)} 0301 0000 00000000 ${noise}`);
    }
  });

  it.each([
    [1, [3, 4, 5, 11, 12]],
    [58, [1, 2, 3, 4]],
  ])("of protocol %i the types %j quote", (protocol, types) => {
    const all = Array.from({ length: 256 }, (_, type) => type);
    expect(all.filter((type) => quotesPacket(protocol, type))).toEqual(types);
  });
});
