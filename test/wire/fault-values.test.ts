import { describe, expect, it } from "vitest";
import { faultName } from "../../src/wire/fault.ts";
import { faultValues } from "../../src/wire/fault-values.ts";
import { hex } from "../support/octets.ts";
import { decodeBytes, surrounded } from "./decode-hex.ts";
import { ethernetIpv4, ethernetUdp, MACS } from "./packets.ts";

const ADDRESSES4 = "0a000001 0a000002";
const ADDRESSES6 = "20010db8000000000000000000000001 20010db8000000000000000000000002";

/** A TCP header of 20 octets whose data offset octet is `offset`. */
function tcp(offset: string): string {
  return `9c40 0050 00000000 00000000 ${offset} 10 ffff 0000 0000`;
}

/** What the packet's fault says of itself. */
function valuesOf(text: string, wireLength?: number): readonly [string, object] {
  const bytes = hex(text);
  const headers = decodeBytes(bytes, 1, wireLength ?? bytes.length);
  return [faultName(headers.fault), faultValues(surrounded(bytes, 0xff), headers)];
}

describe("faultValues", () => {
  it.each([
    ["ethernet_truncated", `${MACS}`, { has: 12, needs: 14 }],
    ["vlan_truncated", `${MACS} 8100 0005`, { has: 2, needs: 4 }],
    ["ipv4_truncated", `${MACS} 0800 4500 0028 0001 0000 4006`, { has: 10, needs: 20 }],
    // Header length 60 with 24 octets there.
    [
      "ipv4_truncated",
      `${MACS} 0800 4f00 0040 0000 0000 40110000 ${ADDRESSES4} 00000000`,
      { has: 24, needs: 60 },
    ],
    [
      "ipv4_version_wrong",
      `${MACS} 0800 5500 0014 0000 0000 40110000 ${ADDRESSES4}`,
      { says: 5, needs: 4 },
    ],
    [
      "ipv4_header_length_too_small",
      `${MACS} 0800 4200 0014 0000 0000 40110000 ${ADDRESSES4}`,
      { says: 8, needs: 20 },
    ],
    // Header length 24, total length 12.
    [
      "ipv4_total_length_too_small",
      `${MACS} 0800 4600 000c 0000 0000 40110000 ${ADDRESSES4} 00000000`,
      { says: 12, needs: 24 },
    ],
    [
      "ip_length_beyond_frame",
      `${MACS} 0800 4500 0578 0000 0000 40fd0000 ${ADDRESSES4} 00000000`,
      { says: 1400, has: 24 },
    ],
    [
      "ip_length_beyond_frame",
      `${MACS} 86dd 60000000 00c8 fd 40 ${ADDRESSES6} 0000000000000000`,
      { says: 200, has: 8 },
    ],
    ["ipv6_truncated", `${MACS} 86dd 60000000 0000`, { has: 6, needs: 40 }],
    ["ipv6_version_wrong", `${MACS} 86dd 40000000 0000 3b 40 ${ADDRESSES6}`, { says: 4, needs: 6 }],
    ["tcp_truncated", ethernetIpv4(6, "9c40 0050 0000"), { has: 6, needs: 20 }],
    ["tcp_data_offset_too_small", ethernetIpv4(6, tcp("30")), { says: 12, needs: 20 }],
    [
      "tcp_data_offset_beyond_packet",
      ethernetIpv4(6, `${tcp("f0")} 01010101`),
      { says: 60, has: 24 },
    ],
    ["udp_truncated", ethernetIpv4(17, "9c40 0035 00"), { has: 5, needs: 8 }],
    ["udp_length_too_small", ethernetIpv4(17, "9c40 1389 0004 0000"), { says: 4, needs: 8 }],
    [
      "udp_length_beyond_packet",
      ethernetIpv4(17, "9c40 1389 0384 0000 616263"),
      { says: 900, has: 11 },
    ],
    ["udplite_truncated", ethernetIpv4(136, "9c40 1389"), { has: 4, needs: 8 }],
    ["sctp_truncated", ethernetIpv4(132, "9c40 1389 0000"), { has: 6, needs: 12 }],
    ["dccp_truncated", ethernetIpv4(33, "9c40 1389 0400"), { has: 6, needs: 12 }],
    [
      "dccp_data_offset_invalid",
      ethernetIpv4(33, "9c40 1389 0200 0000 00 000000 00000000"),
      { says: 8, needs: 12 },
    ],
    [
      "dccp_data_offset_invalid",
      ethernetIpv4(33, "9c40 1389 0800 0000 00 000000 00000000"),
      { says: 32, has: 16 },
    ],
    ["icmp_truncated", ethernetIpv4(1, "0800"), { has: 2, needs: 8 }],
    ["esp_truncated", ethernetIpv4(50, "0001"), { has: 2, needs: 4 }],
    // Nothing to count.
    ["llc_truncated", `${MACS} 0002 aaaa`, {}],
  ])("%s: %s", (name, text, values) => {
    expect(valuesOf(text)).toEqual([name, values]);
  });

  it("takes padding behind the IP packet for no part of a transport header", () => {
    const padded = `${MACS} 0800 4500 0018 0000 0000 40060000 ${ADDRESSES4} 9c400050 ${"00".repeat(22)}`;
    expect(valuesOf(padded)).toEqual(["tcp_truncated", { has: 4, needs: 20 }]);
  });

  it("counts what was on the wire, not what was captured of it", () => {
    const beyond = `${MACS} 0800 4500 0578 0000 0000 40fd0000 ${ADDRESSES4}`;
    expect(valuesOf(beyond, 114)).toEqual(["ip_length_beyond_frame", { says: 1400, has: 100 }]);
  });

  it("finds nothing wrong with a sound packet's neighbour", () => {
    expect(valuesOf(ethernetUdp(5001, "616263"))[0]).toBe("none");
  });
});
