import { describe, expect, it } from "vitest";
import { decodeHex, summary } from "./decode-hex.ts";
import {
  IPV4,
  IPV6,
  length16,
  MACS,
  SNAP,
  IPV4_SUMMARY as V4,
  IPV6_SUMMARY as V6,
  wifi,
} from "./packets.ts";

type Row = readonly [name: string, linkType: number, packet: string, expected: string];

/**
 * Rows with IP were read the same way by tshark 4.0.17 or tcpdump 4.99, but for these, which follow
 * the standard or the registry's description: 9200 and 9300 tags, pseudo-wires (tshark guesses by
 * vendor addresses), Linux' address family, IEEE 802.11 under an EtherType, link types 110, 205, 206,
 * 219 and 274, bridged LLC without padding, ATM without LLC, synchronous FDDI, Symantec 3,
 * big-endian NFLOG, raw IP in PKTAP, DOCSIS with an extended header, Juniper's monitor card and PPPoE
 * over ATM. A part of an ARCNET packet is none to us.
 */
function table(title: string, rows: readonly Row[]): void {
  describe(title, () => {
    it.each(rows)("%s", (_name, linkType, packet, expected) => {
      expect(summary(decodeHex(packet, linkType))).toBe(expected);
    });
  });
}

const zeros = (count: number): string => "00".repeat(count);

table("ethernet.ts", [
  ["IPv4", 1, `${MACS} 0800 ${IPV4}`, V4],
  ["IPv6", 1, `${MACS} 86dd ${IPV6}`, V6],
  ["IPv6 announced as IPv4", 1, `${MACS} 0800 ${IPV6}`, V6],
  [
    "IPv4 announced as IPv6",
    1,
    `${MACS} 86dd ${IPV4} ${zeros(20)}`,
    "malformed ipv6_version_wrong@14",
  ],
  ["ARP", 1, `${MACS} 0806 0001 0800 06 04 0001`, "not ip 0x806"],
  ["EtherType nobody knows", 1, `${MACS} 88b5 0000`, "not ip 0x88b5"],
  ["cut in the EtherType", 1, `${MACS} 08`, "malformed ethernet_truncated@0"],
  ["empty", 1, "", "malformed ethernet_truncated@0"],
  ["IPX in Novell's format", 1, `${MACS} 001e ffff 001e`, "not ip 0x200"],
  ["Ethernet in Ethernet", 1, `${MACS} 6558 ${MACS} 0800 ${IPV4}`, V4],
  [
    "Cisco ISL",
    1,
    `01000c000002 020000000001 0080 aaaa03 00000c 00c8 0000 0000 ${MACS} 0800 ${IPV4}`,
    V4,
  ],
  [
    "Cisco ISL cut off",
    1,
    "01000c000002 020000000001 0080 aaaa03 00000c",
    "malformed ethernet_truncated@0",
  ],
  ["PPP under its own EtherType", 1, `${MACS} 880b ff03 0021 ${IPV4}`, V4],
]);

table("vlan.ts", [
  ["one tag", 1, `${MACS} 8100 0005 0800 ${IPV4}`, V4],
  ["service and customer tag", 1, `${MACS} 88a8 0005 8100 0006 86dd ${IPV6}`, V6],
  ["9100, 9200, 9300", 1, `${MACS} 9100 0005 9200 0006 9300 0007 0800 ${IPV4}`, V4],
  ["tag, then LLC", 1, `${MACS} 8100 0005 ${length16(IPV4, 8)} ${SNAP} 0800 ${IPV4}`, V4],
  ["cut in the tag", 1, `${MACS} 8100 0005 08`, "malformed vlan_truncated@14"],
  [
    "more tags than layers",
    1,
    `${MACS} 8100 ${"0001 8100".repeat(40)} 0001 0800 ${IPV4}`,
    "malformed layers_too_many@142",
  ],
]);

table("llc.ts", [
  ["SNAP", 1, `${MACS} ${length16(IPV4, 8)} ${SNAP} 0800 ${IPV4}`, V4],
  ["SNAP 00-00-F8", 1, `${MACS} ${length16(IPV4, 8)} aaaa03 0000f8 0800 ${IPV4}`, V4],
  ["IP's own access point", 1, `${MACS} ${length16(IPV4, 3)} 060603 ${IPV4}`, V4],
  ["bridged frame, ATM padding", 100, `aaaa03 0080c2 0007 0000 ${MACS} 0800 ${IPV4}`, V4],
  ["bridged frame, no padding", 100, `aaaa03 0080c2 0001 ${MACS} 0800 ${IPV4}`, V4],
  ["bridged frame of another medium", 100, "aaaa03 0080c2 0004 0000", "not ip 0x202"],
  ["routed ISO protocol IPv4", 100, `fefe03 cc ${IPV4}`, V4],
  ["routed ISO protocol IPv6", 100, `fefe03 8e ${IPV6}`, V6],
  ["routed ISO protocol PPP", 100, `fefe03 cf 0021 ${IPV4}`, V4],
  ["IS-IS", 1, `${MACS} 0005 fefe03 83 1b`, "not ip 0x1fe"],
  ["spanning tree", 1, `${MACS} 0026 424203 0000 ${zeros(36)}`, "not ip 0x142"],
  ["Cisco discovery", 1, `${MACS} 0010 aaaa03 00000c 2000 ${zeros(8)}`, "not ip 0x201"],
  ["unknown organisation", 1, `${MACS} 0010 aaaa03 123456 0800 ${zeros(8)}`, "not ip 0x202"],
  ["length beyond the frame", 1, `${MACS} 0578 ${SNAP} 0800 ${IPV4}`, V4],
  [
    "length ends in the IP header",
    1,
    `${MACS} 0012 ${SNAP} 0800 ${IPV4}`,
    "malformed ipv4_truncated@22",
  ],
  [
    "length below LLC's header",
    1,
    `${MACS} 0002 ${SNAP} 0800 ${IPV4}`,
    "malformed llc_truncated@14",
  ],
  ["SNAP cut off", 1, `${MACS} 0026 aaaa03 000000 08`, "malformed llc_truncated@14"],
  ["jumbo frame", 1, `${MACS} 8870 ${SNAP} 0800 ${IPV4}`, V4],
]);

table("linux-sll.ts", [
  ["IPv4", 113, `0000 0001 0006 0200000000010000 0800 ${IPV4}`, V4],
  ["IPv6", 113, `0000 0001 0006 0200000000010000 86dd ${IPV6}`, V6],
  ["VLAN tag", 113, `0000 0001 0006 0200000000010000 8100 0005 0800 ${IPV4}`, V4],
  ["LLC", 113, `0000 0001 0006 0200000000010000 0004 ${SNAP} 0800 ${IPV4}`, V4],
  ["Ethernet", 113, `0000 0001 0006 0200000000010000 0003 ${MACS} 0800 ${IPV4}`, V4],
  ["PPP", 113, `0000 0200 0000 0000000000000000 0007 ff03 0021 ${IPV4}`, V4],
  [
    "radiotap",
    113,
    `0000 0323 0006 0200000000010000 0004 00000800 00000000 ${wifi("0801")} ${SNAP} 0800 ${IPV4}`,
    V4,
  ],
  ["frame relay", 113, `0000 0302 0000 0000000000000000 0000 1841 03 cc ${IPV4}`, V4],
  ["GRE", 113, `0000 030a 0000 0000000000000000 0800 ${IPV4}`, V4],
  ["netlink", 113, `0000 0338 0000 0000000000000000 0000 ${IPV4}`, "not ip 0x260"],
  ["CAN by hardware type", 113, "0000 0118 0000 0000000000000000 000c 00", "not ip 0x261"],
  ["CAN by protocol", 113, "0000 0001 0000 0000000000000000 000d 00", "not ip 0x261"],
  ["Novell", 113, "0000 0001 0006 0200000000010000 0001 ffff", "not ip 0x200"],
  ["unknown Linux protocol", 113, "0000 0001 0006 0200000000010000 00f6 00", "not ip 0x2a0"],
  ["cut off", 113, "0000 0001 0006 0200000000010000 08", "malformed link_header_truncated@0"],
  ["version 2, IPv4", 276, `0800 0000 00000001 0001 00 06 0200000000010000 ${IPV4}`, V4],
  ["version 2, ARP", 276, "0806 0000 00000001 0001 00 06 0200000000010000 0001", "not ip 0x806"],
  [
    "version 2 cut off",
    276,
    "0800 0000 00000001 0001 00 06 02000000000100",
    "malformed link_header_truncated@0",
  ],
]);

table("loopback.ts", [
  ["network order", 0, `00000002 ${IPV4}`, V4],
  ["little-endian", 0, `02000000 ${IPV4}`, V4],
  ["Linux", 0, `0a000000 ${IPV6}`, V6],
  ["NetBSD, OpenBSD", 0, `18000000 ${IPV6}`, V6],
  ["FreeBSD", 0, `0000001c ${IPV6}`, V6],
  ["macOS", 0, `1e000000 ${IPV6}`, V6],
  ["EtherType in the family's place", 0, `00000800 ${IPV4}`, V4],
  ["LOOP", 108, `00000018 ${IPV6}`, V6],
  ["another family", 0, `07000000 ${IPV4}`, "not ip 0x250"],
  ["cut off", 0, "020000", "malformed link_header_truncated@0"],
]);

table("raw IP", [
  ["101, IPv4", 101, IPV4, V4],
  ["101, IPv6", 101, IPV6, V6],
  ["12", 12, IPV4, V4],
  ["14", 14, IPV6, V6],
  ["228", 228, IPV4, V4],
  ["229", 229, IPV6, V6],
  ["version 3", 101, `35${IPV4.slice(2)}`, "malformed ip_version_unknown@0"],
  ["empty", 101, "", "malformed ip_truncated@0"],
]);

table("mpls.ts", [
  ["one label", 1, `${MACS} 8847 00001140 ${IPV4}`, V4],
  ["two labels", 1, `${MACS} 8848 00001040 00002140 ${IPV6}`, V6],
  ["link type 219", 219, `00001140 ${IPV4}`, V4],
  ["pseudo-wire with control word", 1, `${MACS} 8847 00001140 00000000 ${MACS} 0800 ${IPV4}`, V4],
  [
    "pseudo-wire with control word, tagged",
    1,
    `${MACS} 8847 00001140 00000000 ${MACS} 8100 0005 0800 ${IPV4}`,
    V4,
  ],
  ["pseudo-wire without control word", 1, `${MACS} 8847 00001140 ${MACS} 0800 ${IPV4}`, V4],
  [
    "pseudo-wire without control word, address that begins with 4",
    1,
    `${MACS} 8847 00001140 4a1122334455 020000000001 0800 ${IPV4}`,
    V4,
  ],
  [
    "pseudo-wire without control word, address that begins with 6",
    1,
    `${MACS} 8847 00001140 6c1122334455 020000000001 86dd ${IPV6}`,
    V6,
  ],
  [
    "IPv4 whose source reads like an EtherType",
    1,
    `${MACS} 8847 00001140 4500 001e 0000 0000 40 11 0000 08000001 c0a80002 0457 08ae 000a 0000 6869`,
    "8.0.0.1:1111 > 192.168.0.2:2222 17",
  ],
  ["pseudo-wire with ARP", 1, `${MACS} 8847 00001140 00000000 ${MACS} 0806 0001`, "not ip 0x806"],
  [
    "pseudo-wire with LLC",
    1,
    `${MACS} 8847 00001140 00000000 ${MACS} 0026 4242 03 00`,
    "not ip 0x142",
  ],
  ["associated channel", 1, `${MACS} 8847 00001140 10000007 0000`, "not ip 0x220"],
  ["stack without an end", 1, `${MACS} 8847 00001040 00001040`, "malformed mpls_truncated@22"],
  ["nothing behind the stack", 1, `${MACS} 8847 00001140`, "malformed mpls_truncated@18"],
]);

table("pppoe.ts", [
  ["session", 1, `${MACS} 8864 11 00 0001 ${length16(IPV4, 2)} 0021 ${IPV4}`, V4],
  [
    "IPv6 in QinQ",
    1,
    `${MACS} 8100 0001 8100 0002 8864 11 00 0001 ${length16(IPV6, 2)} 0057 ${IPV6}`,
    V6,
  ],
  ["link type 51", 51, `11 00 0001 ${length16(IPV4, 2)} 0021 ${IPV4}`, V4],
  [
    "length ends in the IP header",
    1,
    `${MACS} 8864 11 00 0001 000c 0021 ${IPV4}`,
    "malformed ipv4_truncated@22",
  ],
  ["discovery", 1, `${MACS} 8863 11 09 0000 0004 0101 0000`, "not ip 0x8863"],
  ["discovery code in the session stage", 1, `${MACS} 8864 11 a7 0001 0000`, "not ip 0x8863"],
  [
    "version 2",
    1,
    `${MACS} 8864 21 00 0001 0020 0021 ${IPV4}`,
    "malformed pppoe_header_invalid@14",
  ],
  ["cut off", 1, `${MACS} 8864 11 00 0001 00`, "malformed pppoe_truncated@14"],
]);

table("ppp.ts", [
  ["HDLC octets", 9, `ff03 0021 ${IPV4}`, V4],
  ["no HDLC octets", 9, `0021 ${IPV4}`, V4],
  ["compressed protocol", 9, `21 ${IPV4}`, V4],
  ["HDLC octets, compressed protocol", 50, `ff03 57 ${IPV6}`, V6],
  ["MPLS", 50, `ff03 0281 00001140 ${IPV4}`, V4],
  ["EtherTypes for protocols", 50, `ff03 0800 ${IPV4}`, V4],
  ["bridged Ethernet", 50, `ff03 0031 0001 ${MACS} 0800 ${IPV4}`, V4],
  ["bridged token ring", 50, "ff03 0031 0003", "not ip 0x214"],
  ["bridged, cut off", 50, "ff03 0031 00", "malformed ppp_truncated@4"],
  ["Cisco HDLC", 9, `0f00 0800 ${IPV4}`, V4],
  ["Cisco HDLC multicast", 50, `8f00 86dd ${IPV6}`, V6],
  ["direction in the address's place", 166, `00 03 0021 ${IPV4}`, V4],
  ["direction in front", 204, `01 ff03 0021 ${IPV4}`, V4],
  ["direction in front, no HDLC octets", 204, `00 0021 ${IPV4}`, V4],
  ["direction only", 204, "00", "malformed ppp_truncated@0"],
  ["LCP", 9, "ff03 c021 0101 0004", "not ip 0x210"],
  ["encrypted", 9, "ff03 0053 00", "not ip 0x212"],
  ["compressed", 9, "ff03 00fd 00", "not ip 0x211"],
  ["Van Jacobson", 9, "ff03 002d 00", "not ip 0x211"],
  ["multilink, a fragment", 9, `ff03 003d 80 000001 0021 ${IPV4}`, "not ip 0x213"],
  ["multilink, a whole packet", 9, `ff03 003d c0 000001 0021 ${IPV4}`, V4],
  ["multilink cut off", 9, "ff03 003d c0 0000", "malformed ppp_truncated@4"],
  ["another protocol", 9, "ff03 0027 00", "not ip 0x214"],
  ["cut in front of the protocol", 9, "ff03", "malformed ppp_truncated@2"],
  ["cut in the protocol", 9, "ff03 00", "malformed ppp_truncated@2"],
  ["one octet", 9, "ff", "malformed ppp_truncated@0"],
]);

table("hdlc.ts", [
  ["IPv4", 104, `0f00 0800 ${IPV4}`, V4],
  ["IPv6", 104, `0f00 86dd ${IPV6}`, V6],
  ["MPLS", 104, `0f00 8847 00001140 ${IPV4}`, V4],
  ["SLARP", 104, "8f00 8035 00000002", "not ip 0x8035"],
  ["NetBSD's number", 112, `0f00 0800 ${IPV4}`, V4],
  ["with direction", 205, `01 0f00 0800 ${IPV4}`, V4],
  ["cut off", 104, "0f00 08", "malformed link_header_truncated@0"],
  ["direction missing", 205, "", "malformed link_header_truncated@0"],
]);

table("frame-relay.ts", [
  ["IPv4", 107, `1841 03 cc ${IPV4}`, V4],
  ["IPv6", 107, `1841 03 8e ${IPV6}`, V6],
  ["four octets of address", 107, `18402041 03 cc ${IPV4}`, V4],
  ["pad and SNAP", 107, `1841 03 00 80 000000 0800 ${IPV4}`, V4],
  ["SNAP without pad", 107, `1841 03 80 000000 86dd ${IPV6}`, V6],
  ["bridged", 107, `1841 03 00 80 0080c2 0007 ${MACS} 0800 ${IPV4}`, V4],
  ["SNAP of another organisation", 107, "1841 03 00 80 123456 0800", "not ip 0x240"],
  ["PPP", 107, `1841 03 cf 0021 ${IPV4}`, V4],
  ["Cisco's form", 107, `1841 0800 ${IPV4}`, V4],
  ["with direction", 206, `00 1841 03 cc ${IPV4}`, V4],
  ["local management", 107, "0001 03 08 00", "not ip 0x240"],
  ["address without an end", 107, "1840204018", "malformed link_header_invalid@0"],
  ["cut in the address", 107, "18", "malformed link_header_truncated@0"],
  ["cut behind the address", 107, "1841 03", "malformed link_header_truncated@2"],
  ["cut in SNAP", 107, "1841 03 00 80 0000", "malformed link_header_truncated@5"],
]);

table("wifi.ts", [
  ["data to the distribution system", 105, `${wifi("0801")} ${SNAP} 0800 ${IPV4}`, V4],
  ["QoS", 105, `${wifi("8802", "0000")} ${SNAP} 0800 ${IPV4}`, V4],
  ["QoS with HT control", 105, `${wifi("8882", "0000 00000000")} ${SNAP} 0800 ${IPV4}`, V4],
  ["four addresses", 105, `${wifi("0803", "020000000044")} ${SNAP} 0800 ${IPV4}`, V4],
  ["four addresses, QoS", 105, `${wifi("8803", "020000000044 0000")} ${SNAP} 0800 ${IPV4}`, V4],
  [
    "aggregate",
    105,
    `${wifi("8802", "8000")} ${MACS} ${length16(IPV4, 8)} ${SNAP} 0800 ${IPV4}`,
    V4,
  ],
  ["aggregate cut off", 105, `${wifi("8802", "8000")} ${MACS}`, "malformed wifi_truncated@26"],
  ["beacon", 105, `${wifi("8000")} 00`, "not ip 0x230"],
  ["acknowledgement", 105, "d400 0000 020000000011", "not ip 0x231"],
  ["no data", 105, wifi("4801"), "not ip 0x232"],
  ["protected", 105, `${wifi("0841")} 0000 00 20`, "not ip 0x233"],
  [
    "second fragment",
    105,
    `0801 0000 020000000011 020000000022 020000000033 1100 ${SNAP} 0800 ${IPV4}`,
    "not ip 0x234",
  ],
  ["version 1", 105, wifi("0901"), "malformed link_header_invalid@0"],
  ["cut in the addresses", 105, "0801 0000 020000000011", "malformed wifi_truncated@0"],
  ["one octet", 105, "08", "malformed wifi_truncated@0"],
]);

table("wifi-capture.ts", [
  ["radiotap", 127, `0000 0800 00000000 ${wifi("0801")} ${SNAP} 0800 ${IPV4}`, V4],
  [
    "radiotap, flags without padding",
    127,
    `0000 0900 02000000 00 ${wifi("8801", "0000")} ${SNAP} 0800 ${IPV4}`,
    V4,
  ],
  [
    "radiotap, padded",
    127,
    `0000 0900 02000000 20 ${wifi("8801", "0000 0000")} ${SNAP} 0800 ${IPV4}`,
    V4,
  ],
  [
    "radiotap, padded, time stamp",
    127,
    `0000 1100 03000000 ${zeros(8)} 20 ${wifi("8801", "0000 0000")} ${SNAP} 0800 ${IPV4}`,
    V4,
  ],
  [
    "radiotap, two present words",
    127,
    `0000 1900 03000080 00000000 00000000 ${zeros(8)} 20 ${wifi("8801", "0000 0000")} ${SNAP} 0800 ${IPV4}`,
    V4,
  ],
  [
    "radiotap of another version",
    127,
    "0100 0800 00000000 0801",
    "malformed link_header_invalid@0",
  ],
  ["radiotap length 7", 127, "0000 0700 00000000 0801", "malformed link_header_invalid@0"],
  [
    "radiotap length past the packet",
    127,
    "0000 0c00 00000000 0801",
    "malformed link_header_truncated@0",
  ],
  ["radiotap cut off", 127, "0000 0800", "malformed link_header_truncated@0"],
  [
    "Prism, little-endian",
    119,
    `44000000 90000000 ${zeros(136)} ${wifi("0801")} ${SNAP} 0800 ${IPV4}`,
    V4,
  ],
  [
    "Prism, big-endian",
    119,
    `00000044 00000090 ${zeros(136)} ${wifi("0801")} ${SNAP} 0800 ${IPV4}`,
    V4,
  ],
  ["AVS", 163, `80211001 00000040 ${zeros(56)} ${wifi("0801")} ${SNAP} 0800 ${IPV4}`, V4],
  [
    "AVS under Prism's link type",
    119,
    `80211002 00000040 ${zeros(56)} ${wifi("0801")} ${SNAP} 0800 ${IPV4}`,
    V4,
  ],
  ["Prism length 4", 119, "00000044 00000004 0801", "malformed link_header_invalid@4"],
  [
    "AVS length past the packet",
    163,
    "80211001 00000040 0801",
    "malformed link_header_truncated@0",
  ],
  ["AVS cut off", 163, "80211001", "malformed link_header_truncated@0"],
]);

table("capture-wrapper.ts", [
  ["PPI, IEEE 802.11", 192, `00 00 0800 69000000 ${wifi("0801")} ${SNAP} 0800 ${IPV4}`, V4],
  [
    "PPI, Ethernet behind a field",
    192,
    `00 00 1000 01000000 0200 0400 00000000 ${MACS} 0800 ${IPV4}`,
    V4,
  ],
  ["PPI, link type not decoded", 192, "00 00 0800 c3000000 00", "unsupported"],
  ["PPI in PPI without end", 192, "0000 0800 c0000000".repeat(40), "malformed layers_too_many@256"],
  ["PPI length 4", 192, "00 00 0400 69000000", "malformed link_header_invalid@0"],
  ["PPI cut off", 192, "00 00 0800", "malformed link_header_truncated@0"],
  ["PKTAP", 258, `6c000000 01000000 01000000 ${zeros(96)} ${MACS} 0800 ${IPV4}`, V4],
  ["PKTAP, raw IP", 258, `0c000000 01000000 0c000000 ${IPV4}`, V4],
  [
    "PKTAP length past the packet",
    258,
    "6c000000 01000000 01000000",
    "malformed link_header_truncated@0",
  ],
  [
    "PKTAP of negative length",
    258,
    "ffffffff 01000000 01000000",
    "malformed link_header_invalid@0",
  ],
  ["PKTAP cut off", 258, "0c000000 01000000", "malformed link_header_truncated@0"],
]);

table("ethernet-tag.ts", [
  ["VN-tag", 1, `${MACS} 8926 00000001 0800 ${IPV4}`, V4],
  ["E-tag", 1, `${MACS} 893f 000000000000 86dd ${IPV6}`, V6],
  ["HSR", 1, `${MACS} 892f 0034 0001 0800 ${IPV4}`, V4],
  ["R-tag", 1, `${MACS} f1c1 0000 0001 0800 ${IPV4}`, V4],
  ["Cisco metadata", 1, `${MACS} 8909 01 01 0001 0001 0800 ${IPV4}`, V4],
  ["tag cut off", 1, `${MACS} 8926 00000001 08`, "malformed link_header_truncated@14"],
  ["IEEE 802.1ah", 1, `${MACS} 88e7 00000001 ${MACS} 0800 ${IPV4}`, V4],
  [
    "IEEE 802.1ah, both sides tagged",
    1,
    `${MACS} 88a8 0064 88e7 00000001 ${MACS} 8100 0065 0800 ${IPV4}`,
    V4,
  ],
  ["TRILL", 1, `${MACS} 22f3 0005 0001 0002 ${MACS} 0800 ${IPV4}`, V4],
  ["TRILL with an option", 1, `${MACS} 22f3 0045 0001 0002 00000000 ${MACS} 0800 ${IPV4}`, V4],
  ["FabricPath", 1, `${MACS} 8903 0402 ${MACS} 0800 ${IPV4}`, V4],
  ["batman-adv unicast", 1, `${MACS} 4305 40 0f 32 00 020000000009 ${MACS} 0800 ${IPV4}`, V4],
  [
    "batman-adv unicast, four addresses",
    1,
    `${MACS} 4305 42 0f 32 00 020000000009 02000000000a 01 00 ${MACS} 0800 ${IPV4}`,
    V4,
  ],
  [
    "batman-adv broadcast",
    1,
    `${MACS} 4305 01 0f 32 00 00000001 020000000009 ${MACS} 0800 ${IPV4}`,
    V4,
  ],
  ["batman-adv originator", 1, `${MACS} 4305 00 0f 32 00`, "not ip 0x4305"],
  ["batman-adv of another version", 1, `${MACS} 4305 40 0e 32 00`, "not ip 0x4305"],
  ["service tag cut off", 1, `${MACS} 88e7 000000`, "malformed link_header_truncated@14"],
  ["one octet behind the EtherType", 1, `${MACS} 22f3 00`, "malformed link_header_truncated@14"],
  ["MACsec in the clear", 1, `${MACS} 88e5 00 00 00000001 0800 ${IPV4} ${zeros(16)}`, V4],
  [
    "MACsec in the clear, channel id",
    1,
    `${MACS} 88e5 20 00 00000001 0200000000010001 0800 ${IPV4} ${zeros(16)}`,
    V4,
  ],
  [
    "MACsec encrypted",
    1,
    `${MACS} 88e5 2c 00 00000001 0200000000010001 ${zeros(40)}`,
    "not ip 0x88e5",
  ],
  ["MACsec cut off", 1, `${MACS} 88e5 00 00 0000`, "malformed link_header_truncated@14"],
  [
    "MACsec cut in the channel id",
    1,
    `${MACS} 88e5 20 00 00000001 0200`,
    "malformed link_header_truncated@14",
  ],
  ["IEEE 802.11 under an EtherType", 1, `${MACS} 890d ${wifi("0801")} ${SNAP} 0800 ${IPV4}`, V4],
]);

table("nsh.ts", [
  ["Ethernet", 1, `${MACS} 894f 0fc2 02 03 00000100 ${MACS} 0800 ${IPV4}`, V4],
  ["IPv4", 1, `${MACS} 894f 0fc2 02 01 000001ff ${IPV4}`, V4],
  ["IPv6, metadata type 1", 1, `${MACS} 894f 0fc6 01 02 000001ff ${zeros(16)} ${IPV6}`, V6],
  ["NSH in NSH", 1, `${MACS} 894f 0fc2 02 04 000001ff 0fc2 02 01 000001ff ${IPV4}`, V4],
  ["MPLS", 1, `${MACS} 894f 0fc2 02 05 000001ff 00001140 ${IPV4}`, V4],
  ["experimental", 1, `${MACS} 894f 0fc2 02 fe 000001ff`, "not ip 0x894f"],
  ["version 1", 1, `${MACS} 894f 4fc2 02 01 000001ff`, "malformed link_header_invalid@14"],
  ["length 4", 1, `${MACS} 894f 0fc1 02 01 000001ff`, "malformed link_header_invalid@14"],
  [
    "length past the packet",
    1,
    `${MACS} 894f 0fc3 02 01 000001ff`,
    "malformed link_header_truncated@14",
  ],
  ["cut off", 1, `${MACS} 894f 0fc2 02 01`, "malformed link_header_truncated@14"],
]);

table("token-ring.ts", [
  ["token ring", 6, `10 40 ${MACS} ${SNAP} 0800 ${IPV4}`, V4],
  ["token ring with routing", 6, `10 40 020000000002 820000000001 0270 ${SNAP} 0800 ${IPV4}`, V4],
  ["token ring MAC frame", 6, `10 00 ${MACS} 00`, "not ip 0x280"],
  [
    "token ring, cut in the routing",
    6,
    "10 40 020000000002 820000000001",
    "malformed link_header_truncated@14",
  ],
  [
    "token ring, routing past the packet",
    6,
    "10 40 020000000002 820000000001 0670",
    "malformed link_header_truncated@0",
  ],
  ["token ring cut off", 6, "10 40 020000000002", "malformed link_header_truncated@0"],
  ["FDDI", 10, `50 ${MACS} ${SNAP} 0800 ${IPV4}`, V4],
  ["FDDI, synchronous", 10, `d0 ${MACS} ${SNAP} 0800 ${IPV4}`, V4],
  ["FDDI station management", 10, `41 ${MACS} 00`, "not ip 0x280"],
  ["FDDI cut off", 10, `50 ${MACS}`.slice(0, -2), "malformed link_header_truncated@0"],
  ["Fibre Channel", 122, `1000 020000000002 1000 020000000001 ${SNAP} 0800 ${IPV4}`, V4],
  ["Fibre Channel cut off", 122, "1000 020000000002 1000", "malformed link_header_truncated@0"],
]);

table("atm.ts", [
  ["LLC", 100, `${SNAP} 0800 ${IPV4}`, V4],
  ["no LLC", 100, IPV6, V6],
  ["neither", 100, "00112233", "not ip 0x2a0"],
  ["cut off", 100, "aaaa", "malformed link_header_truncated@0"],
  ["Sun, LLC", 123, `02 00 0021 ${SNAP} 0800 ${IPV4}`, V4],
  ["Sun, LAN emulation", 123, `01 00 0021 0001 ${MACS} 0800 ${IPV4}`, V4],
  ["Sun, signalling", 123, "06 00 0005 09", "not ip 0x2a0"],
  ["Sun, cut off", 123, "02 00 00", "malformed link_header_truncated@0"],
  ["LAN emulation", 110, `0001 ${MACS} 0800 ${IPV4}`, V4],
  ["LAN emulation control", 110, "ff00 0101", "not ip 0x2a0"],
  ["LAN emulation cut off", 110, "00", "malformed link_header_truncated@0"],
  ["classical IP", 106, IPV4, V4],
]);

table("host-capture.ts", [
  ["ENC, little-endian", 109, `02000000 00000001 00000000 ${IPV4}`, V4],
  ["ENC, OpenBSD's own number", 13, `02000000 00000001 00000000 ${IPV4}`, V4],
  ["ENC, big-endian", 109, `00000018 00000001 00000000 ${IPV6}`, V6],
  ["ENC, other family", 109, "00000000 00000001 00000000", "not ip 0x250"],
  ["ENC cut off", 109, "02000000 00000001", "malformed link_header_truncated@0"],
  ["PFLOG, 61 octets and padding", 117, `3d 02 0000 ${zeros(60)} ${IPV4}`, V4],
  ["PFLOG, 48 octets", 117, `30 02 0000 ${zeros(44)} ${IPV4}`, V4],
  ["PFLOG, IPv6", 117, `64 18 0000 ${zeros(96)} ${IPV6}`, V6],
  ["PFLOG length 0", 117, "00 02 0000", "malformed link_header_invalid@0"],
  ["PFLOG length past the packet", 117, "3d 02 0000", "malformed link_header_truncated@0"],
  ["PFLOG cut off", 117, "3d02", "malformed link_header_truncated@0"],
  ["IPNET", 226, `02 02 0000 00000028 ${zeros(16)} ${IPV4}`, V4],
  ["IPNET, IPv6", 226, `02 1a 0000 00000028 ${zeros(16)} ${IPV6}`, V6],
  ["IPNET cut off", 226, "02 02 0000", "malformed link_header_truncated@0"],
  ["NFLOG, little-endian", 239, `02 00 0000 0800 0100 08000003 2200 0900 ${IPV4}`, V4],
  ["NFLOG, padded attribute", 239, `0a 00 0000 0500 0a00 78000000 3600 0900 ${IPV6}`, V6],
  ["NFLOG, big-endian", 239, `02 00 0000 0008 0001 08000003 0022 0009 ${IPV4}`, V4],
  ["NFLOG attribute of length 3", 239, "02 00 0000 0300 0100", "malformed link_header_invalid@4"],
  [
    "NFLOG without a packet",
    239,
    "02 00 0000 0800 0100 08000003",
    "malformed link_header_truncated@12",
  ],
  ["NFLOG cut off", 239, "02 00", "malformed link_header_truncated@0"],
]);

table("switch-tag.ts", [
  ["DSA", 284, `${MACS} 4000 0000 0800 ${IPV4}`, V4],
  ["DSA for a tagged frame", 284, `${MACS} 6000 0064 0800 ${IPV4}`, V4],
  ["EDSA", 285, `${MACS} dada 0000 c018 0000 0800 ${IPV4}`, V4],
  ["Broadcom", 281, `${MACS} 20000001 86dd ${IPV6}`, V6],
  ["Broadcom in front", 282, `20000001 ${MACS} 0800 ${IPV4}`, V4],
  ["cut off", 284, `${MACS} 4000 0000 08`, "malformed ethernet_truncated@0"],
]);

table("link-prefix.ts", [
  ["SLIP", 8, `00 ${zeros(15)} ${IPV4}`, V4],
  ["SLIP cut off", 8, zeros(15), "malformed link_header_truncated@0"],
  ["netANALYZER", 240, `00040000 ${MACS} 0800 ${IPV4} 00000000`, V4],
  ["netANALYZER, transparent", 241, `00060000 55555555555555d5 ${MACS} 0800 ${IPV4} 00000000`, V4],
  ["EPON", 259, `5555d5555501237f ${MACS} 0800 ${IPV4}`, V4],
  ["mPacket, whole", 274, `55555555555555d5 ${MACS} 0800 ${IPV4}`, V4],
  ["mPacket, first fragment", 274, `555555555555554c ${MACS} 0800 ${IPV4}`, V4],
  ["mPacket, continuation", 274, "55555555555561e6 00112233", "not ip 0x280"],
  ["mPacket cut off", 274, "555555", "malformed link_header_truncated@0"],
  ["FireWire", 138, `0200000000000002 0200000000000001 0800 ${IPV4}`, V4],
  ["InfiniBand", 242, `${zeros(40)} 0800 0000 ${IPV4}`, V4],
  ["InfiniBand, ARP", 242, `${zeros(40)} 0806 0000`, "not ip 0x806"],
  ["InfiniBand cut off", 242, zeros(40), "malformed link_header_truncated@0"],
  ["Symantec 2", 99, `${zeros(6)} 0800 ${zeros(36)} ${IPV4}`, V4],
  ["EBHSCR", 279, `50 ${zeros(31)} ${MACS} 0800 ${IPV4}`, V4],
  ["EBHSCR, CAN", 279, `53 ${zeros(31)} 0000`, "not ip 0x2a0"],
  ["EBHSCR cut off", 279, `50 ${zeros(30)}`, "malformed link_header_truncated@0"],
  ["Symantec 3", 99, `${zeros(20)} 0800 ${zeros(34)} ${IPV4}`, V4],
  ["Symantec cut off", 99, zeros(43), "malformed link_header_truncated@0"],
]);

table("docsis.ts", [
  ["packet", 143, `00 00 002c b017 ${MACS} 0800 ${IPV4}`, V4],
  ["packet with extended header", 143, `01 02 002e 1234 0000 ${MACS} 0800 ${IPV4}`, V4],
  ["management", 143, "c2 00 0010 0000", "not ip 0x280"],
  ["extended header past the packet", 143, "01 40 0010 0000", "malformed link_header_truncated@0"],
  ["cut off", 143, "00 00", "malformed link_header_truncated@0"],
]);

table("erf.ts", [
  ["Ethernet", 197, `${zeros(8)} 02 00 0050 0000 0050 0000 ${MACS} 0800 ${IPV4}`, V4],
  [
    "Ethernet behind two extension headers",
    197,
    `${zeros(8)} 82 00 0050 0000 0050 84${zeros(7)} 04${zeros(7)} 0000 ${MACS} 0800 ${IPV4}`,
    V4,
  ],
  ["HDLC", 197, `${zeros(8)} 01 00 0050 0000 0050 0f00 0800 ${IPV4}`, V4],
  ["HDLC with colour and hash", 197, `${zeros(8)} 13 00 0050 0000 0050 0f00 0800 ${IPV4}`, V4],
  ["multichannel HDLC", 197, `${zeros(8)} 05 00 0050 0000 0050 00000007 ff03 0021 ${IPV4}`, V4],
  [
    "coloured multichannel HDLC",
    197,
    `${zeros(8)} 11 00 0050 0000 0050 00000007 0f00 0800 ${IPV4}`,
    V4,
  ],
  ["AAL5", 197, `${zeros(8)} 04 00 0050 0000 0050 00000200 ${SNAP} 0800 ${IPV4}`, V4],
  [
    "AAL5 of a channel",
    197,
    `${zeros(8)} 09 00 0050 0000 0050 0800002a 00000200 ${SNAP} 0800 ${IPV4}`,
    V4,
  ],
  [
    "AAL5 cut off",
    197,
    `${zeros(8)} 04 00 0050 0000 0050 0000`,
    "malformed link_header_truncated@18",
  ],
  ["IPv4", 197, `${zeros(8)} 16 00 0050 0000 0050 ${IPV4}`, V4],
  ["IPv6", 197, `${zeros(8)} 17 00 0050 0000 0050 ${IPV6}`, V6],
  ["ATM", 197, `${zeros(8)} 03 00 0050 0000 0050 00`, "not ip 0x2a0"],
  [
    "extension headers cut off",
    197,
    `${zeros(8)} 82 00 0050 0000 0050 84`,
    "malformed link_header_truncated@16",
  ],
  ["cut off", 197, zeros(15), "malformed link_header_truncated@0"],
]);

table("arcnet.ts", [
  ["BSD, IP of RFC 1051", 7, `01 02 f0 ${IPV4}`, V4],
  ["BSD, IP of RFC 1201", 7, `01 02 d4 00 0001 ${IPV4}`, V4],
  ["BSD, IPv6", 7, `01 02 c4 00 0001 ${IPV6}`, V6],
  ["BSD, exception packet", 7, `01 02 d4 ff 0000 d4 00 0001 ${IPV4}`, V4],
  ["Linux, IP of RFC 1201", 129, `01 02 0000 d4 00 0001 ${IPV4}`, V4],
  ["Linux, IP of RFC 1051", 129, `01 02 0000 f0 ${IPV4}`, V4],
  ["a part of a packet", 7, `01 02 d4 03 0001 ${IPV4}`, "not ip 0x2a0"],
  ["ARP", 7, "01 02 d5 00 0001 0007 0800", "not ip 0x806"],
  ["BACnet", 7, "01 02 cd", "not ip 0x2a0"],
  ["cut in the sequence", 7, "01 02 d4 00", "malformed link_header_truncated@3"],
  ["cut off", 7, "01 02", "malformed link_header_truncated@0"],
]);

table("arista.ts", [
  ["64 bits", 1, `${MACS} d28b 0001 0010 ${zeros(8)} 0800 ${IPV4}`, V4],
  ["48 bits", 1, `${MACS} d28b 0001 0020 ${zeros(6)} 86dd ${IPV6}`, V6],
  ["another subtype", 1, `${MACS} d28b 0002 0010 ${zeros(8)} 0800 ${IPV4}`, "not ip 0xd28b"],
  ["another format", 1, `${MACS} d28b 0001 0030 ${zeros(8)} 0800 ${IPV4}`, "not ip 0xd28b"],
  ["cut off", 1, `${MACS} d28b 0001 0010 ${zeros(8)} 08`, "malformed link_header_truncated@14"],
]);

table("tzsp.ts as a link type", [
  ["Ethernet", 128, `01 00 0001 01 ${MACS} 0800 ${IPV4}`, V4],
  ["tags", 128, `01 01 0001 00 0a0164 01 ${MACS} 0800 ${IPV4}`, V4],
  ["no frame", 128, "01 04 0001 01", "not ip 0x2a0"],
  ["tag past the packet", 128, "01 00 0001 0aff64", "not ip 0x2a0"],
  ["cut off", 128, "01 00 00", "malformed link_header_truncated@0"],
]);

const MGC = "4d4743";
table("multilink-frame-relay.ts", [
  ["a whole frame", 182, `c001 1841 03 cc ${IPV4}`, V4],
  ["sequence number above 255", 182, `c6ff 1841 03 8e ${IPV6}`, V6],
  ["the first part", 182, `8001 1841 03 cc ${IPV4}`, "not ip 0x240"],
  ["the last part", 182, `4001 1841 03 cc ${IPV4}`, "not ip 0x240"],
  ["control frame", 182, "e000 01 01 0a 46524631362e3100", "not ip 0x240"],
  ["cut off", 182, "c0", "malformed link_header_truncated@0"],
]);

/** Fibre Channel's header: routing and information, type, optional headers, sequence count. */
const fibreChannel = (routing: string, type: string, optional: string, count = "0000"): string =>
  `${routing} 010203 00 040506 ${type} 290000 01 ${optional} ${count} 0001 ffff 00000000`;
const NETWORK_HEADER = "1000 020000000002 1000 020000000001";

table("fibre-channel.ts", [
  ["IPv4", 224, `${fibreChannel("04", "05", "20")} ${NETWORK_HEADER} ${SNAP} 0800 ${IPV4}`, V4],
  ["IPv6", 224, `${fibreChannel("04", "05", "20")} ${NETWORK_HEADER} ${SNAP} 86dd ${IPV6}`, V6],
  [
    "a count that goes on from another sequence",
    224,
    `${fibreChannel("04", "05", "20", "0007")} ${NETWORK_HEADER} ${SNAP} 0800 ${IPV4}`,
    V4,
  ],
  ["no network header", 224, `${fibreChannel("04", "05", "00")} ${SNAP} 0800 ${IPV4}`, V4],
  [
    "delimited",
    225,
    `bcb55656 ${fibreChannel("04", "05", "20")} ${NETWORK_HEADER} ${SNAP} 0800 ${IPV4} 00000000 bc957575`,
    V4,
  ],
  ["SCSI", 224, `${fibreChannel("06", "08", "00")} 00`, "not ip 0x2a0"],
  ["extended link services", 224, `${fibreChannel("22", "05", "00")} 00`, "not ip 0x2a0"],
  [
    "a later frame of a sequence",
    224,
    `${fibreChannel("04", "05", "00", "0001")} ${SNAP} 0800 ${IPV4}`,
    "not ip 0x2a0",
  ],
  [
    "encrypted",
    224,
    `${fibreChannel("04", "05", "60")} ${NETWORK_HEADER} ${SNAP} 0800 ${IPV4}`,
    "not ip 0x2a0",
  ],
  ["cut off", 225, "bcb55656 04010203", "malformed link_header_truncated@0"],
]);

/** Core header with the length of the rest, and the payload header's type and payload identifier. */
const gfp = (type: string, payload: string): string =>
  `${length16(payload, 4)} 0000 ${type} 0000 ${payload}`;

table("gfp.ts", [
  ["Ethernet", 171, gfp("0001", `${MACS} 0800 ${IPV4} 00000000`), V4],
  ["Ethernet, GPF-T", 170, gfp("0001", `${MACS} 86dd ${IPV6} 00000000`), V6],
  ["PPP", 171, gfp("0002", `ff03 0021 ${IPV4}`), V4],
  ["MPLS", 171, gfp("000d", `00001140 ${IPV4}`), V4],
  ["IPv4", 171, gfp("0010", IPV4), V4],
  ["IPv6 with a checksum", 171, gfp("1011", `${IPV6} 01020304`), V6],
  ["linear extension", 171, gfp("1110", `2a00 0000 ${IPV4} 01020304`), V4],
  ["ring extension", 171, gfp("0210", `${zeros(18)} ${IPV4}`), "not ip 0x280"],
  ["management", 171, gfp("8001", zeros(20)), "not ip 0x280"],
  ["idle", 171, "0000 0000", "not ip 0x280"],
  ["video", 171, gfp("0009", zeros(188)), "not ip 0x2a0"],
  [
    "length shorter than the packet",
    171,
    `0014 0000 0010 0000 ${IPV4}`,
    "malformed ipv4_truncated@8",
  ],
  ["cut off", 171, "0022 0000 0010 00", "malformed link_header_truncated@0"],
]);

/** A tag with the name of a dissector, filled up to four octets, and the last tag. */
const exported = (name: string): string => {
  const text = Buffer.from(name)
    .toString("hex")
    .padEnd(Math.ceil(name.length / 4) * 8, "0");
  return `000c ${length16(text)} ${text} 0000 0000`;
};

table("exported-pdu.ts", [
  ["IPv4", 252, `${exported("ip")} ${IPV4}`, V4],
  ["the name not filled up", 252, `000c 0002 6970 0000 0000 ${IPV4}`, V4],
  ["IPv6", 252, `${exported("ipv6")} ${IPV6}`, V6],
  ["raw IP", 252, `${exported("raw_ip")} ${IPV6}`, V6],
  ["Ethernet", 252, `${exported("eth_withoutfcs")} ${MACS} 0800 ${IPV4}`, V4],
  ["another tag in front", 252, `0014 0004 c0a80001 ${exported("ip")} ${IPV4}`, V4],
  ["what was above IP", 252, `${exported("sip")} 494e56495445`, "unsupported"],
  ["a name of one character", 252, `000c 0001 69 0000 0000 ${IPV4}`, "unsupported"],
  ["no end of tags", 252, "000c 0004 69700000", "malformed link_header_truncated@0"],
  ["a tag cut off", 252, "000c 0004 6970", "malformed link_header_truncated@0"],
]);

table("juniper.ts", [
  ["Ethernet", 178, `${MGC} 00 ${MACS} 0800 ${IPV4}`, V4],
  ["Ethernet, extensions", 178, `${MGC} 80 0006 010400000001 ${MACS} 0800 ${IPV4}`, V4],
  ["PPPoE", 167, `${MGC} 01 ${MACS} 8864 11 00 0007 0022 0021 ${IPV4}`, V4],
  ["no link layer, IPv4", 178, `${MGC} 02 02000000 ${IPV4}`, V4],
  ["no link layer, IPv6", 178, `${MGC} 02 06000000 ${IPV6}`, V6],
  ["no link layer, MPLS", 178, `${MGC} 02 05000000 00010140 ${IPV4}`, V4],
  ["no link layer, ISO", 178, `${MGC} 02 c9000000 83`, "not ip 0x2a0"],
  ["PPP", 179, `${MGC} 00 ff03 0021 ${IPV4}`, V4],
  ["frame relay", 180, `${MGC} 00 0841 03 cc ${IPV4}`, V4],
  ["Cisco HDLC", 181, `${MGC} 00 0f00 86dd ${IPV6}`, V6],
  ["PPPoE over ATM", 168, `${MGC} 00 8864 11 00 0007 0022 0021 ${IPV4}`, V4],
  ["encryption services, no link layer", 132, `${MGC} 02 02000000 ${IPV4}`, V4],
  ["encryption services, link layer", 132, `${MGC} 00 ${IPV4}`, "unsupported"],
  ["FRF.16, no link layer", 134, `${MGC} 82 0004 01020304 06000000 ${IPV6}`, V6],
  ["GGSN", 133, `${MGC} 00 0200 0000 ${IPV4}`, V4],
  ["voice card", 183, `${MGC} 00 ${zeros(18)} ${IPV4}`, V4],
  ["monitor card", 164, `${MGC} 00 ${zeros(8)} ${IPV4}`, V4],
  ["services, incoming", 136, `${MGC} 01 ${zeros(16)} ${IPV4}`, V4],
  ["services, outgoing", 136, `${MGC} 00 ${zeros(12)} ${IPV6}`, V6],
  ["no magic number", 178, `4d4744 00 ${MACS} 0800 ${IPV4}`, "malformed link_header_invalid@0"],
  ["extensions past the packet", 178, `${MGC} 80 0fff`, "malformed link_header_truncated@0"],
  ["extensions without length", 178, `${MGC} 80 00`, "malformed link_header_truncated@0"],
  ["services cut off", 136, `${MGC} 00 ${zeros(10)}`, "malformed ip_truncated@14"],
  ["cut off", 178, MGC, "malformed link_header_truncated@0"],
]);

table("juniper-cookie.ts", [
  ["multilink frame relay, link", 131, `${MGC} 01 1841 03 cc ${IPV4}`, V4],
  ["multilink frame relay, bundle", 131, `${MGC} 01 54000001 03 8e ${IPV6}`, V6],
  ["multilink frame relay, adaptive services", 131, `${MGC} 01 4000000100000000 ${IPV4}`, V4],
  ["multilink frame relay, adaptive IPv6", 131, `${MGC} 01 4700000100100000 ${IPV6}`, V6],
  ["multilink frame relay, no packet", 131, `${MGC} 01 1841 45 00 0000`, "not ip 0x2a0"],
  ["multilink frame relay, ISO", 131, `${MGC} 01 1841 03 83`, "not ip 0x1fe"],
  [
    "multilink frame relay cut off",
    131,
    `${MGC} 01 54000001 03`,
    "malformed link_header_truncated@8",
  ],
  ["ATM1, SNAP", 137, `${MGC} 00 00000001 ${SNAP} 0800 ${IPV4}`, V4],
  ["ATM1, routed ISO protocol", 137, `${MGC} 00 00000001 fefe03 cc ${IPV4}`, V4],
  ["ATM1, Cisco's identifier", 137, `${MGC} 00 00000001 03 cc ${IPV4}`, V4],
  ["ATM1, IP alone", 137, `${MGC} 00 00000001 ${IPV6}`, V6],
  ["ATM1, management", 137, `${MGC} 00 80000001 00112233`, "not ip 0x2a0"],
  ["ATM1, neither", 137, `${MGC} 00 00000001 00112233`, "not ip 0x2a0"],
  ["ATM1 cut off", 137, `${MGC} 00 00000001 4500`, "malformed link_header_truncated@8"],
  ["ATM2, SNAP", 135, `${MGC} 00 0000000100000000 ${SNAP} 0800 ${IPV4}`, V4],
  ["ATM2, Ethernet", 135, `${MGC} 00 0000000100000000 ${MACS} 0800 ${IPV4}`, V4],
  ["ATM2, PPP", 135, `${MGC} 01 0000000100000000 0021 ${IPV4}`, V4],
  ["ATM2, IP alone", 135, `${MGC} 01 0000000100000000 ${IPV4}`, V4],
  ["ATM2, management", 135, `${MGC} 01 0000000100000010 ${IPV4}`, "not ip 0x2a0"],
  ["ATM2 cut off", 135, `${MGC} 01 00000001`, "malformed link_header_truncated@4"],
  ["multilink PPP, link services", 130, `${MGC} 00 54000001 0021 ${IPV4}`, V4],
  ["multilink PPP, adaptive services", 130, `${MGC} 00 4700000000000000 ${IPV4}`, V4],
  ["multilink PPP, IPv6", 130, `${MGC} 00 4000000000100000 ${IPV6}`, V6],
  ["multilink PPP, MPLS", 130, `${MGC} 00 4700000000200000 00010140 ${IPV4}`, V4],
  ["multilink PPP, ISO", 130, `${MGC} 00 4700000000300000 83`, "not ip 0x2a0"],
  ["multilink PPP, a link", 130, `${MGC} 00 ff03 0021 ${IPV4}`, V4],
  ["multilink PPP, a link's protocol", 130, `${MGC} 00 0021 ${IPV4}`, V4],
  ["multilink PPP, bundle id", 130, `${MGC} 00 0007 0021 ${IPV4}`, V4],
  ["multilink PPP, neither", 130, `${MGC} 00 00112233`, "not ip 0x2a0"],
  ["multilink PPP cut off", 130, `${MGC} 00 47000000`, "malformed link_header_truncated@4"],
]);

table("link types that are not decoded", [
  ["CAN", 227, "00000001 00", "unsupported"],
  ["IEEE 802.15.4", 195, "0008", "unsupported"],
  ["unknown", 299999, "00", "unsupported"],
  ["negative", -1, "00", "unsupported"],
]);

describe("addresses and VLAN ids", () => {
  const HIGH = 0x0200;
  it.each([
    ["Ethernet", 1, `${MACS} 0800 ${IPV4}`, 2, 1],
    [
      "Ethernet behind the backbone's",
      1,
      `0200000000aa 0200000000bb 88e7 00000001 ${MACS} 0800 ${IPV4}`,
      2,
      1,
    ],
    [
      "token ring with routing",
      6,
      `10 40 020000000002 820000000001 0270 ${SNAP} 0800 ${IPV4}`,
      2,
      1,
    ],
    ["FDDI", 10, `50 ${MACS} ${SNAP} 0800 ${IPV4}`, 2, 1],
    ["switch tag", 284, `${MACS} 4000 0000 0800 ${IPV4}`, 2, 1],
    ["802.11 from station to station", 105, `${wifi("0800")} ${SNAP} 0800 ${IPV4}`, 0x11, 0x22],
    ["802.11 to the distribution system", 105, `${wifi("0801")} ${SNAP} 0800 ${IPV4}`, 0x33, 0x22],
    [
      "802.11 from the distribution system",
      105,
      `${wifi("0802")} ${SNAP} 0800 ${IPV4}`,
      0x11,
      0x33,
    ],
    [
      "802.11 with four addresses",
      105,
      `${wifi("0803", "020000000044")} ${SNAP} 0800 ${IPV4}`,
      0x33,
      0x44,
    ],
    [
      "802.11 aggregate",
      105,
      `${wifi("8802", "8000")} ${MACS} ${length16(IPV4, 8)} ${SNAP} 0800 ${IPV4}`,
      2,
      1,
    ],
  ])("%s", (_name, linkType, packet, destination, source) => {
    const record = decodeHex(packet, linkType);
    expect([record.outcome, record.hasMac]).toEqual([1, 1]);
    expect([record.destinationMacHigh, record.destinationMacLow]).toEqual([HIGH, destination]);
    expect([record.sourceMacHigh, record.sourceMacLow]).toEqual([HIGH, source]);
  });

  it("a Linux cooked header has the sender's address only", () => {
    expect(decodeHex(`0000 0001 0006 0200000000010000 0800 ${IPV4}`, 113).hasMac).toBe(0);
  });

  it.each([
    ["none", 1, `${MACS} 0800 ${IPV4}`, []],
    ["one, priority bits left out", 1, `${MACS} 8100 f005 0800 ${IPV4}`, [5]],
    [
      "five, four kept",
      1,
      `${MACS} 8100 0001 8100 0002 8100 0003 8100 0004 8100 0005 0800 ${IPV4}`,
      [1, 2, 3, 4],
    ],
    ["DSA of a tagged frame", 284, `${MACS} 6000 2064 0800 ${IPV4}`, [100]],
    ["DSA of an untagged frame", 284, `${MACS} 4000 2064 0800 ${IPV4}`, []],
    [
      "ISL",
      1,
      `01000c000002 020000000001 0080 aaaa03 00000c 00c8 0000 0000 ${MACS} 0800 ${IPV4}`,
      [100],
    ],
  ])("VLAN ids: %s", (_name, linkType, packet, expected) => {
    const { vlanCount, vlan0, vlan1, vlan2, vlan3 } = decodeHex(packet, linkType);
    expect([vlan0, vlan1, vlan2, vlan3].slice(0, vlanCount)).toEqual(expected);
  });
});
