import { describe, expect, it } from "vitest";
import { tunnelName } from "../../src/wire/tunnel.ts";
import { hex } from "../support/octets.ts";
import { decodeAll, summary } from "./decode-hex.ts";
import {
  ethernetIpv4,
  ethernetUdp,
  IPV4,
  IPV6,
  length16,
  MACS,
  SNAP,
  IPV4_SUMMARY as V4,
  IPV6_SUMMARY as V6,
  wifi,
} from "./packets.ts";

/** Name, frame, tunnel's public name or "", its id, and what the innermost record says. */
type Row = readonly [name: string, frame: string, tunnel: string, id: number, innermost: string];

/**
 * Rows with IP inside were decoded by tshark 4.0.17 too, unless the name says otherwise. Of the rows
 * without, tshark is laxer on versions of EtherIP, GRE, GPE, Geneve and TZSP, and on VXLAN's flag.
 */
function table(title: string, rows: readonly Row[]): void {
  describe(title, () => {
    it.each(rows)("%s", (_name, frame, tunnel, id, innermost) => {
      const layers = decodeAll(hex(frame));
      expect(layers[0]!.outcome).toBe(1);
      expect(layers[0]!.tunnelType === 0 ? "" : tunnelName(layers[0]!.tunnelType)).toBe(tunnel);
      expect(layers[0]!.tunnelId).toBe(id);
      expect(summary(layers.at(-1)!)).toBe(innermost);
    });
  });
}

const zeros = (count: number): string => "00".repeat(count);
const OUTER = "10.0.0.1 > 10.0.0.2";
const ETHER4 = `${MACS} 0800 ${IPV4}`;
const ARP = `${MACS} 0806 0001`;

function outer(port: number): string {
  return `10.0.0.1:40000 > 10.0.0.2:${port} 17`;
}

table("ip-tunnel.ts", [
  ["IPv4 in IPv4", ethernetIpv4(4, IPV4), "4in4", -1, V4],
  ["IPv6 in IPv4", ethernetIpv4(41, IPV6), "6in4", -1, V6],
  ["IPv6 under number 4", ethernetIpv4(4, IPV6), "6in4", -1, V6],
  ["IPv4 under number 41", ethernetIpv4(41, IPV4), "", -1, `${OUTER} 41`],
  ["version 7 under number 4", ethernetIpv4(4, "75000014"), "", -1, `${OUTER} 4`],
  ["nothing inside", ethernetIpv4(4, ""), "", -1, `${OUTER} 4`],
  ["EtherIP", ethernetIpv4(97, `3000 ${ETHER4}`), "etherip", -1, V4],
  ["EtherIP of another version", ethernetIpv4(97, `4000 ${ETHER4}`), "", -1, `${OUTER} 97`],
  ["MPLS", ethernetIpv4(137, `00001140 ${IPV4}`), "mpls-in-ip", -1, V4],
  ["Ethernet", ethernetIpv4(143, ETHER4), "ethernet-in-ip", -1, V4],
]);

describe("IP in IPv6", () => {
  const header = (payload: string, next: string): string =>
    `${MACS} 86dd 60000000 ${length16(payload)} ${next} 40 ${zeros(15)}01 ${zeros(15)}02 ${payload}`;
  it.each([
    ["4in6", header(IPV4, "04"), V4],
    ["6in6", header(IPV6, "29"), V6],
  ])("%s", (name, frame, innermost) => {
    const layers = decodeAll(hex(frame));
    expect(tunnelName(layers[0]!.tunnelType)).toBe(name);
    expect(summary(layers.at(-1)!)).toBe(innermost);
  });
});

table("gre.ts", [
  ["IPv4", ethernetIpv4(47, `0000 0800 ${IPV4}`), "gre", -1, V4],
  ["IPv6", ethernetIpv4(47, `0000 86dd ${IPV6}`), "gre", -1, V6],
  [
    "checksum, key, sequence",
    ethernetIpv4(47, `b000 0800 00000000 89abcdef 00000001 ${IPV4}`),
    "gre",
    0x89abcdef | 0,
    V4,
  ],
  [
    "routing",
    ethernetIpv4(47, `4000 0800 00000000 0800 00 04 0a000009 00000000 ${IPV4}`),
    "gre",
    -1,
    V4,
  ],
  [
    "routing without end",
    ethernetIpv4(47, "4000 0800 00000000 0800 00 04 0a000009"),
    "",
    -1,
    `${OUTER} 47`,
  ],
  ["Ethernet (NVGRE's form)", ethernetIpv4(47, `2000 6558 00000700 ${ETHER4}`), "gre", 0x700, V4],
  ["Ethernet under 6400", ethernetIpv4(47, `0000 6400 ${ETHER4}`), "gre", -1, V4],
  ["MPLS", ethernetIpv4(47, `0000 8847 00001140 ${IPV4}`), "gre", -1, V4],
  ["NSH", ethernetIpv4(47, `0000 894f 0fc2 02 01 000001ff ${IPV4}`), "gre", -1, V4],
  ["PPP", ethernetIpv4(47, `0000 880b 0021 ${IPV4}`), "gre", -1, V4],
  ["WCCP 1", ethernetIpv4(47, `0000 883e ${IPV4}`), "wccp", -1, V4],
  ["WCCP 2", ethernetIpv4(47, `0000 883e 00000000 ${IPV4}`), "wccp", -1, V4],
  ["ERSPAN I", ethernetIpv4(47, `0000 88be ${ETHER4}`), "erspan", -1, V4],
  [
    "ERSPAN II",
    ethernetIpv4(47, `1000 88be 00000001 1064 0005 00000000 ${ETHER4}`),
    "erspan",
    5,
    V4,
  ],
  [
    "ERSPAN III",
    ethernetIpv4(47, `1000 22eb 00000001 2064 0405 00000000 0000 0000 ${ETHER4}`),
    "erspan",
    5,
    V4,
  ],
  [
    "ERSPAN III, platform header",
    ethernetIpv4(47, `1000 22eb 00000001 2064 0005 00000000 0000 0001 ${zeros(8)} ${ETHER4}`),
    "erspan",
    5,
    V4,
  ],
  [
    "ERSPAN III, IP (not tshark)",
    ethernetIpv4(47, `1000 22eb 00000001 2064 0005 00000000 0000 0800 ${IPV4}`),
    "erspan",
    5,
    V4,
  ],
  [
    "ERSPAN III, other frames",
    ethernetIpv4(47, `1000 22eb 00000001 2064 0005 00000000 0000 0400 ${zeros(30)}`),
    "",
    -1,
    `${OUTER} 47`,
  ],
  [
    "ERSPAN of another version",
    ethernetIpv4(47, `1000 22eb 00000001 3064 0005 00000000 0000 0000 ${ETHER4}`),
    "",
    -1,
    `${OUTER} 47`,
  ],
  ["ERSPAN cut off", ethernetIpv4(47, "1000 88be 00000001 1064 0005"), "", -1, `${OUTER} 47`],
  [
    "PPTP",
    ethernetIpv4(47, `3081 880b 0022 0005 00000001 00000000 ff03 0021 ${IPV4}`),
    "pptp",
    5,
    V4,
  ],
  [
    "PPTP without acknowledgement",
    ethernetIpv4(47, `3001 880b 0020 0005 00000001 21 ${IPV4}`),
    "pptp",
    5,
    V4,
  ],
  [
    "PPTP acknowledgement only",
    ethernetIpv4(47, "2081 880b 0000 0005 00000001"),
    "",
    -1,
    `${OUTER} 47`,
  ],
  [
    "PPTP without key",
    ethernetIpv4(47, "1001 880b 0004 0005 00000001 0021"),
    "",
    -1,
    `${OUTER} 47`,
  ],
  [
    "version 1 without PPP",
    ethernetIpv4(47, `3001 0800 0020 0005 00000001 ${IPV4}`),
    "",
    -1,
    `${OUTER} 47`,
  ],
  ["version 2", ethernetIpv4(47, `0002 0800 ${IPV4}`), "", -1, `${OUTER} 47`],
  ["Aruba", ethernetIpv4(47, `0000 8210 ${wifi("0801")} ${SNAP} 0800 ${IPV4}`), "gre", -1, V4],
  ["keep-alive's answer", ethernetIpv4(47, "0000 0000"), "", -1, `${OUTER} 47`],
  ["protocol nobody knows", ethernetIpv4(47, "0000 88b5 00000000"), "", -1, `${OUTER} 47`],
  ["cut in the key", ethernetIpv4(47, "2000 0800 0000"), "", -1, `${OUTER} 47`],
  ["cut off", ethernetIpv4(47, "0000 08"), "", -1, `${OUTER} 47`],
]);

table("l2tp.ts", [
  ["shortest", ethernetUdp(1701, `0002 0001 0002 ff03 0021 ${IPV4}`), "l2tp", 0x10002, V4],
  ["length", ethernetUdp(1701, `4002 002a 0001 0002 ff03 0021 ${IPV4}`), "l2tp", 0x10002, V4],
  ["sequence", ethernetUdp(1701, `0802 0001 0002 0001 0001 0021 ${IPV4}`), "l2tp", 0x10002, V4],
  ["offset", ethernetUdp(1701, `0202 0001 0002 0002 0000 ff03 0021 ${IPV4}`), "l2tp", 0x10002, V4],
  ["priority", ethernetUdp(1701, `0102 0001 0002 57 ${IPV6}`), "l2tp", 0x10002, V6],
  ["LCP", ethernetUdp(1701, "0002 0001 0002 ff03 c021 0101 0004"), "l2tp", 0x10002, "not ip 0x210"],
  ["control", ethernetUdp(1701, "c802 000c 0001 0000 0000 0000"), "", -1, outer(1701)],
  ["version 3 (not tshark)", ethernetUdp(1701, `0003 0000 00000005 ${ETHER4}`), "l2tpv3", 5, V4],
  ["version 3, control", ethernetUdp(1701, `8003 0000 00000005 ${ETHER4}`), "", -1, outer(1701)],
  ["version 4", ethernetUdp(1701, `0004 0000 00000005 ${ETHER4}`), "", -1, outer(1701)],
  [
    "reserved bits are not looked at",
    ethernetUdp(1701, `1002 0001 0002 ff03 0021 ${IPV4}`),
    "l2tp",
    0x10002,
    V4,
  ],
  [
    "offset past the packet",
    ethernetUdp(1701, "0202 0001 0002 0020 ff03 0021"),
    "",
    -1,
    outer(1701),
  ],
  ["cut in the offset", ethernetUdp(1701, "0202 0001 0002 00"), "", -1, outer(1701)],
  ["cut off", ethernetUdp(1701, "0002 0001"), "", -1, outer(1701)],
  ["version 3 over IP (not tshark)", ethernetIpv4(115, `00000005 ${ETHER4}`), "l2tpv3", 5, V4],
  [
    "version 3, cookie and sublayer (not tshark)",
    ethernetIpv4(115, `00000005 0123456789abcdef 00000000 ${MACS} 86dd ${IPV6}`),
    "l2tpv3",
    5,
    V6,
  ],
  [
    "version 3, nothing that fits",
    ethernetIpv4(115, `00000005 ${zeros(60)}`),
    "",
    -1,
    `${OUTER} 115`,
  ],
  [
    "version 3, IP longer than the packet",
    ethernetIpv4(115, `00000005 ${MACS} 0800 4500 0064 ${zeros(40)}`),
    "",
    -1,
    `${OUTER} 115`,
  ],
  ["version 3 control", ethernetIpv4(115, `00000000 ${ETHER4}`), "", -1, `${OUTER} 115`],
  ["version 3 cut off", ethernetIpv4(115, "0000"), "", -1, `${OUTER} 115`],
]);

table("vxlan.ts", [
  ["IPv4", ethernetUdp(4789, `08000000 00000700 ${ETHER4}`), "vxlan", 7, V4],
  ["largest identifier", ethernetUdp(4789, `08000000 ffffff00 ${ETHER4}`), "vxlan", 0xffffff, V4],
  ["group policy", ethernetUdp(4789, `88000001 00000700 ${ETHER4}`), "vxlan", 7, V4],
  ["ARP", ethernetUdp(4789, `08000000 00000700 ${ARP}`), "vxlan", 7, "not ip 0x806"],
  [
    "Linux' old port (not tshark)",
    ethernetUdp(8472, `08000000 00000700 ${ETHER4}`),
    "vxlan",
    7,
    V4,
  ],
  ["no identifier flag", ethernetUdp(4789, `00000000 00000700 ${ETHER4}`), "", -1, outer(4789)],
  ["header only", ethernetUdp(4789, "08000000 00000700"), "", -1, outer(4789)],
  ["GPE IPv4", ethernetUdp(4790, `0c000001 00000700 ${IPV4}`), "vxlan-gpe", 7, V4],
  ["GPE IPv6", ethernetUdp(4790, `0c000002 00000700 ${IPV6}`), "vxlan-gpe", 7, V6],
  ["GPE Ethernet", ethernetUdp(4790, `0c000003 00000700 ${ETHER4}`), "vxlan-gpe", 7, V4],
  [
    "GPE NSH",
    ethernetUdp(4790, `0c000004 00000700 0fc2 02 01 000001ff ${IPV4}`),
    "vxlan-gpe",
    7,
    V4,
  ],
  ["GPE MPLS", ethernetUdp(4790, `0c000005 00000700 00001140 ${IPV4}`), "vxlan-gpe", 7, V4],
  [
    "GPE without P (not tshark)",
    ethernetUdp(4790, `08000000 00000700 ${ETHER4}`),
    "vxlan-gpe",
    7,
    V4,
  ],
  ["GPE of another protocol", ethernetUdp(4790, `0c0000fe 00000700 ${IPV4}`), "", -1, outer(4790)],
  ["GPE version 1", ethernetUdp(4790, `1c000001 00000700 ${IPV4}`), "", -1, outer(4790)],
  ["GPE header only", ethernetUdp(4790, "0c000001 00000700"), "", -1, outer(4790)],
]);

table("geneve.ts", [
  ["Ethernet", ethernetUdp(6081, `0000 6558 00000700 ${ETHER4}`), "geneve", 7, V4],
  ["options", ethernetUdp(6081, `0200 6558 00000700 0102000100000000 ${ETHER4}`), "geneve", 7, V4],
  ["IPv4", ethernetUdp(6081, `0000 0800 00000700 ${IPV4}`), "geneve", 7, V4],
  ["IPv6", ethernetUdp(6081, `0000 86dd 00000700 ${IPV6}`), "geneve", 7, V6],
  [
    "VXLAN inside",
    ethernetUdp(6081, `0000 6558 00000700 ${ethernetUdp(4789, `08000000 00000800 ${ETHER4}`)}`),
    "geneve",
    7,
    V4,
  ],
  ["version 1", ethernetUdp(6081, `4000 6558 00000700 ${ETHER4}`), "", -1, outer(6081)],
  ["other protocol", ethernetUdp(6081, "0000 88b5 00000700 00"), "", -1, outer(6081)],
  [
    "options past the packet",
    ethernetUdp(6081, "0400 6558 00000700 00000000"),
    "",
    -1,
    outer(6081),
  ],
  ["cut off", ethernetUdp(6081, "0000 6558"), "", -1, outer(6081)],
]);

table("gtp-u.ts", [
  ["IPv4", ethernetUdp(2152, `30 ff 001e 89abcdef ${IPV4}`), "gtp-u", 0x89abcdef | 0, V4],
  ["IPv6", ethernetUdp(2152, `30 ff 003a 00000007 ${IPV6}`), "gtp-u", 7, V6],
  ["sequence number", ethernetUdp(2152, `32 ff 0022 00000007 00010000 ${IPV4}`), "gtp-u", 7, V4],
  [
    "extension header",
    ethernetUdp(2152, `34 ff 0026 00000007 00000085 01100900 ${IPV4}`),
    "gtp-u",
    7,
    V4,
  ],
  [
    "two extension headers (by hand)",
    ethernetUdp(2152, `36 ff 002e 00000007 00010085 01100085 02 000000000000 00 ${IPV4}`),
    "gtp-u",
    7,
    V4,
  ],
  [
    "extension flag without extension",
    ethernetUdp(2152, `34 ff 0022 00000007 00000000 ${IPV4}`),
    "gtp-u",
    7,
    V4,
  ],
  ["Ethernet", ethernetUdp(2152, `30 ff 002c 00000007 ${ETHER4}`), "gtp-u", 7, V4],
  ["PPP (not tshark)", ethernetUdp(2152, `30 ff 0022 00000007 ff03 0021 ${IPV4}`), "gtp-u", 7, V4],
  ["echo request", ethernetUdp(2152, "32 01 0004 00000000 00010000"), "", -1, outer(2152)],
  ["version 2", ethernetUdp(2152, `50 ff 001e 00000007 ${IPV4}`), "", -1, outer(2152)],
  ["GTP prime", ethernetUdp(2152, `20 ff 001e 00000007 ${IPV4}`), "", -1, outer(2152)],
  [
    "extension of length 0",
    ethernetUdp(2152, `34 ff 0026 00000007 00000085 00100900 ${IPV4}`),
    "",
    -1,
    outer(2152),
  ],
  [
    "extension past the packet",
    ethernetUdp(2152, "34 ff 0008 00000007 00000085 20100900"),
    "",
    -1,
    outer(2152),
  ],
  ["length 0", ethernetUdp(2152, `30 ff 0000 00000007 ${IPV4}`), "", -1, outer(2152)],
  [
    "length ends in the IP header",
    ethernetUdp(2152, `30 ff 0010 00000007 ${IPV4}`),
    "gtp-u",
    7,
    "malformed ipv4_truncated@50",
  ],
  [
    "cut in the optional fields",
    ethernetUdp(2152, "32 ff 0004 00000007 0001"),
    "",
    -1,
    outer(2152),
  ],
  ["cut off", ethernetUdp(2152, "30 ff 0004"), "", -1, outer(2152)],
]);

// A client behind UDP port 3797 (its address has the complement) and a host on the IPv6 internet, with
// an echo request, as Zeek's core.tunnels.teredo has them between port 3797 and a relay's port 32900.
const CLIENT = "2001000041379e508000f12ab9c82815";
const HOST = "20014860000020010000000000000068";
const ECHO = "8000 0000 0001 0002";
const fromClient = `60000000 0008 3a 40 ${CLIENT} ${HOST} ${ECHO}`;
const toClient = `60000000 0008 3a 40 ${HOST} ${CLIENT} ${ECHO}`;

table("teredo.ts", [
  ["a relay's port", ethernetUdp(32900, fromClient), "teredo", -1, `${CLIENT} > ${HOST} 58`],
  ["to a client", ethernetUdp(32900, toClient), "teredo", -1, `${HOST} > ${CLIENT} 58`],
  ["other addresses on other ports", ethernetUdp(32900, IPV6), "", -1, outer(32900)],
  ["another length", ethernetUdp(32900, `${fromClient} 00`), "", -1, outer(32900)],
  ["another version", ethernetUdp(32900, `7${fromClient.slice(1)}`), "", -1, outer(32900)],
  [
    "a packet longer than its datagram",
    ethernetUdp(32900, fromClient.slice(0, -9)),
    "",
    -1,
    outer(32900),
  ],
  ["IPv6", ethernetUdp(3544, IPV6), "teredo", -1, V6],
  ["origin", ethernetUdp(3544, `0000 1234 0a000001 ${IPV6}`), "teredo", -1, V6],
  [
    "authentication and origin",
    ethernetUdp(3544, `0001 00 00 ${zeros(8)} 00 0000 1234 0a000001 ${IPV6}`),
    "teredo",
    -1,
    V6,
  ],
  [
    "authentication with id and value",
    ethernetUdp(3544, `0001 02 04 6162 63646566 ${zeros(8)} 00 ${IPV6}`),
    "teredo",
    -1,
    V6,
  ],
  ["IPv4", ethernetUdp(3544, IPV4), "", -1, outer(3544)],
  ["origin only", ethernetUdp(3544, "0000 1234 0a000001"), "", -1, outer(3544)],
]);

table("ayiya.ts", [
  ["IPv6", ethernetUdp(5072, `44 52 01 29 00000000 ${zeros(36)} ${IPV6}`), "ayiya", -1, V6],
  ["IPv4", ethernetUdp(5072, `44 52 01 04 00000000 ${zeros(36)} ${IPV4}`), "ayiya", -1, V4],
  [
    "version and number differ",
    ethernetUdp(5072, `44 52 01 29 00000000 ${zeros(36)} ${IPV4}`),
    "",
    -1,
    outer(5072),
  ],
  ["heartbeat", ethernetUdp(5072, `44 52 00 3b 00000000 ${zeros(36)}`), "", -1, outer(5072)],
  ["identity past the packet", ethernetUdp(5072, "f4 52 01 29 00000000 6000"), "", -1, outer(5072)],
  ["cut off", ethernetUdp(5072, "44 52 01"), "", -1, outer(5072)],
]);

table("capwap.ts", [
  [
    "IEEE 802.11 (not tshark, which swaps)",
    ethernetUdp(5247, `00 100300 00000000 ${wifi("0801")} ${SNAP} 0800 ${IPV4}`),
    "capwap",
    -1,
    V4,
  ],
  [
    "IEEE 802.11 with swapped octets",
    ethernetUdp(5247, `00 100300 00000000 ${wifi("0108")} ${SNAP} 0800 ${IPV4}`),
    "capwap",
    -1,
    V4,
  ],
  [
    "swapped sequence control",
    ethernetUdp(
      5247,
      `00 100300 00000000 0108 0000 020000000011 020000000022 020000000033 7630 ${SNAP} 0800 ${IPV4}`,
    ),
    "capwap",
    -1,
    V4,
  ],
  [
    "radio address in front",
    ethernetUdp(5247, `00 200320 00000000 0600000000000000 ${wifi("0108")} ${SNAP} 0800 ${IPV4}`),
    "capwap",
    -1,
    V4,
  ],
  ["IEEE 802.3", ethernetUdp(5247, `00 100200 00000000 ${ETHER4}`), "capwap", -1, V4],
  ["other binding", ethernetUdp(5247, `00 100700 00000000 ${ETHER4}`), "", -1, outer(5247)],
  ["keep-alive", ethernetUdp(5247, "00 100208 00000000 0000"), "", -1, outer(5247)],
  ["fragment", ethernetUdp(5247, `00 100380 00010000 ${wifi("0801")}`), "", -1, outer(5247)],
  ["encrypted", ethernetUdp(5247, `01 000000 ${zeros(16)}`), "", -1, outer(5247)],
  ["header length 4", ethernetUdp(5247, `00 080200 00000000 ${ETHER4}`), "", -1, outer(5247)],
  ["cut off", ethernetUdp(5247, "00 100200"), "", -1, outer(5247)],
]);

table("tzsp.ts", [
  ["Ethernet", ethernetUdp(37008, `01 00 0001 01 ${ETHER4}`), "tzsp", -1, V4],
  [
    "tags, IEEE 802.11",
    ethernetUdp(37008, `01 00 0012 0a 01 f5 00 01 ${wifi("0801")} ${SNAP} 0800 ${IPV4}`),
    "tzsp",
    -1,
    V4,
  ],
  [
    "Prism (by hand)",
    ethernetUdp(37008, `01 01 0077 01 00000044 00000008 ${wifi("0801")} ${SNAP} 0800 ${IPV4}`),
    "tzsp",
    -1,
    V4,
  ],
  [
    "AVS (by hand)",
    ethernetUdp(37008, `01 00 007f 01 80211001 00000008 ${wifi("0801")} ${SNAP} 0800 ${IPV4}`),
    "tzsp",
    -1,
    V4,
  ],
  ["keep-alive", ethernetUdp(37008, "01 04 0000 01 00"), "", -1, outer(37008)],
  ["other protocol", ethernetUdp(37008, "01 00 0002 01 00"), "", -1, outer(37008)],
  ["version 2", ethernetUdp(37008, `02 00 0001 01 ${ETHER4}`), "", -1, outer(37008)],
  ["tags without end", ethernetUdp(37008, "01 00 0001 0a 01 f5 00 00"), "", -1, outer(37008)],
  ["tag cut off", ethernetUdp(37008, "01 00 0001 0a"), "", -1, outer(37008)],
  ["nothing behind the tags", ethernetUdp(37008, "01 00 0001 01"), "", -1, outer(37008)],
]);

table("lisp.ts", [
  ["IPv4", ethernetUdp(4341, `00000000 00000000 ${IPV4}`), "lisp", -1, V4],
  ["instance", ethernetUdp(4341, `08000000 00000700 ${IPV6}`), "lisp", 7, V6],
  ["neither version", ethernetUdp(4341, `00000000 00000000 50 ${zeros(40)}`), "", -1, outer(4341)],
  ["header only", ethernetUdp(4341, "00000000 00000000"), "", -1, outer(4341)],
  [
    "longer than the packet",
    ethernetUdp(4341, "00000000 00000000 4500 0015 0000 0000 4011 0000 0a000001 0a000002"),
    "",
    -1,
    outer(4341),
  ],
  [
    "header length 16",
    ethernetUdp(4341, "00000000 00000000 4400 0014 0000 0000 4011 0000 0a000001 0a000002"),
    "",
    -1,
    outer(4341),
  ],
  [
    "length below the header's",
    ethernetUdp(4341, "00000000 00000000 4500 0013 0000 0000 4011 0000 0a000001 0a000002"),
    "",
    -1,
    outer(4341),
  ],
  [
    "IPv6 longer than the packet",
    ethernetUdp(4341, `00000000 00000000 6000 0000 0001 ${zeros(34)}`),
    "",
    -1,
    outer(4341),
  ],
  [
    "IPv6 shorter than its header",
    ethernetUdp(4341, `00000000 00000000 60 ${zeros(30)}`),
    "",
    -1,
    outer(4341),
  ],
]);

table("mobile-ip.ts", [
  ["tunnel data", ethernetUdp(434, `04 04 0000 ${IPV4}`), "mobile-ip", -1, V4],
  ["registration", ethernetUdp(434, `01 04 0000 ${IPV4}`), "", -1, outer(434)],
  ["minimal encapsulation", ethernetUdp(434, `04 37 0000 ${IPV4}`), "", -1, outer(434)],
  ["IPv6 under number 4", ethernetUdp(434, `04 04 0000 ${IPV6}`), "", -1, outer(434)],
  ["cut off", ethernetUdp(434, "04 04 0000"), "", -1, outer(434)],
]);

table("amt.ts", [
  ["data", ethernetUdp(2268, `06 00 ${IPV4}`), "amt", -1, V4],
  ["update", ethernetUdp(2268, `05 00 ${zeros(10)} ${IPV6}`), "amt", -1, V6],
  ["query", ethernetUdp(2268, `04 00 ${zeros(10)} ${IPV4}`), "amt", -1, V4],
  ["discovery", ethernetUdp(2268, "01 000000 00000001"), "", -1, outer(2268)],
  ["data without IP", ethernetUdp(2268, "06 00 00"), "", -1, outer(2268)],
  ["cut off", ethernetUdp(2268, "06"), "", -1, outer(2268)],
]);

table("udp-tunnel.ts", [
  ["MPLS", ethernetUdp(6635, `00001140 ${IPV4}`), "mpls-in-udp", -1, V4],
  ["GRE", ethernetUdp(4754, `0000 0800 ${IPV4}`), "gre-in-udp", -1, V4],
  ["no tunnel's port", ethernetUdp(4788, `08000000 00000700 ${ETHER4}`), "", -1, outer(4788)],
  [
    "registered port on the sender's side",
    ethernetIpv4(17, `12b5 9c40 ${length16(ETHER4, 16)} 0000 08000000 00000700 ${ETHER4}`),
    "vxlan",
    7,
    V4,
  ],
  [
    "the sender's port when the receiver's does not fit",
    ethernetIpv4(17, `12b5 0868 ${length16(ETHER4, 16)} 0000 08000000 00000700 ${ETHER4}`),
    "vxlan",
    7,
    V4,
  ],
  ["no payload", ethernetUdp(4789, ""), "", -1, outer(4789)],
  [
    "UDP header cut off",
    ethernetIpv4(17, "9c40 12b5 0000"),
    "",
    -1,
    `${outer(4789)} udp_truncated@34`,
  ],
]);

describe("decodeTunnel", () => {
  it("nests to any depth", () => {
    let packet = IPV4;
    for (let depth = 0; depth < 6; depth++) {
      packet = `4500 ${length16(packet, 20)} 0000 0000 40 04 0000 0a000001 0a000002 ${packet}`;
    }
    const layers = decodeAll(hex(`${MACS} 0800 ${packet}`));
    expect(layers.length).toBe(7);
    expect(summary(layers[6]!)).toBe(V4);
  });

  it("gives the inner frame's addresses and VLAN ids", () => {
    const frame = `0200000000aa 0200000000bb 8100 0064 ${ethernetUdp(4789, `08000000 00000700 ${MACS} 8100 0007 0800 ${IPV4}`).replace(MACS, "").trim()}`;
    const [first, second] = decodeAll(hex(frame));
    expect([first!.vlanCount, first!.vlan0, first!.sourceMacLow]).toEqual([1, 100, 0xbb]);
    expect([second!.hasMac, second!.vlanCount, second!.vlan0]).toEqual([1, 1, 7]);
    expect(second!.sourceMacLow).toBe(1);
  });

  it("an inner packet without Ethernet has neither", () => {
    const second = decodeAll(hex(ethernetIpv4(4, IPV4)))[1]!;
    expect([second.hasMac, second.vlanCount]).toEqual([0, 0]);
  });

  it("a later fragment has no tunnel", () => {
    const frame = ethernetIpv4(4, IPV4).replace("0000 0000 40", "0000 0001 40");
    expect(decodeAll(hex(frame)).length).toBe(1);
  });

  it("a first fragment has one, and its inner length is no lie", () => {
    const inner = IPV4.replace("4500 001e", "4500 05dc").replace("000a 0000", "05c8 0000");
    const frame = ethernetIpv4(4, inner).replace("0000 0000 40", "0000 2000 40");
    const second = decodeAll(hex(frame))[1]!;
    expect(summary(second)).toBe(V4);
    expect([second.truncated, second.ipLength]).toEqual([1, 1500]);
  });

  it("an inner length beyond a whole outer packet is a lie", () => {
    const second = decodeAll(hex(ethernetIpv4(4, IPV4.replace("4500 001e", "4500 0030"))))[1]!;
    expect(summary(second)).toBe(`${V4} ip_length_beyond_frame@36`);
  });

  it("Ethernet's padding is not part of the inner packet", () => {
    const inner = IPV4.replace("4500 001e", "4500 0000").replace("000a 0000", "0000 0000");
    const second = decodeAll(hex(`${ethernetIpv4(4, inner)} ${zeros(10)}`))[1]!;
    expect([second.ipLength, second.payloadLength]).toEqual([30, 2]);
  });

  it("says NotIp for a record without a tunnel", () => {
    const [first] = decodeAll(hex(`${MACS} 0800 ${IPV4}`));
    expect(first!.tunnelType).toBe(0);
  });
});
