import { describe, expect, it } from "vitest";
import { decodeTunnel } from "../../src/wire/decode.ts";
import { newDecodedHeaders, Outcome } from "../../src/wire/decoded-headers.ts";
import { PseudoEtherType } from "../../src/wire/ether-type.ts";
import { etherTypeName } from "../../src/wire/ether-type-name.ts";
import { FAULTS, Fault, faultName } from "../../src/wire/fault.ts";
import { ipProtocolName } from "../../src/wire/ip-protocol.ts";
import { Layer } from "../../src/wire/layer.ts";
import { LINK_TYPES, layerOfLinkType, linkTypeName, notIpName } from "../../src/wire/link-type.ts";
import { Tunnel, tunnelName } from "../../src/wire/tunnel.ts";

describe("faultName", () => {
  it("has one row for every code, at its place", () => {
    const codes = Object.values(Fault).filter((code) => code !== 0);
    expect(FAULTS.map((fault) => fault.code)).toEqual(codes);
    expect(FAULTS.every((fault, index) => fault.code === index + 1)).toBe(true);
  });
  it("has unique snake_case names and one-line meanings", () => {
    expect(new Set(FAULTS.map((fault) => fault.name)).size).toBe(FAULTS.length);
    for (const fault of FAULTS) {
      expect(fault.name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
      expect(fault.meaning).toMatch(/^[^\n]{10,100}$/);
    }
  });
  it.each([
    [Fault.UdpLengthTooSmall, "udp_length_too_small"],
    [Fault.IpLengthBeyondFrame, "ip_length_beyond_frame"],
    [0, "none"],
    [9999, "unknown"],
    [-1, "unknown"],
  ])("%d is %s", (code, name) => {
    expect(faultName(code)).toBe(name);
  });
});

describe("tunnelName", () => {
  it("names every code once", () => {
    const names = Object.values(Tunnel).map(tunnelName);
    expect(new Set(names).size).toBe(names.length);
    expect(names).not.toContain("unknown");
  });
  it.each([
    [Tunnel.Ipv6InIpv4, "6in4"],
    [Tunnel.Gre, "gre"],
    [Tunnel.Vxlan, "vxlan"],
    [Tunnel.GtpU, "gtp-u"],
    [Tunnel.Amt, "amt"],
    [99, "unknown"],
  ])("%d is %s", (code, name) => {
    expect(tunnelName(code)).toBe(name);
  });
});

describe("linkTypeName", () => {
  // Numbers from https://www.tcpdump.org/linktypes.html
  it.each([
    [0, "null"],
    [1, "ethernet"],
    [101, "raw"],
    [105, "ieee802-11"],
    [146, "ibm-sn"],
    [173, "gcom-serial"],
    [291, "netanalyzer-ng"],
    [301, "dect-nr"],
    [113, "linux-sll"],
    [147, "user0"],
    [162, "user15"],
    [189, "usb-linux"],
    [195, "ieee802-15-4-withfcs"],
    [227, "can-socketcan"],
    [239, "nflog"],
    [276, "linux-sll2"],
    [20, "linktype-20"],
    [110, "lane8023"],
    [112, "hdlc"],
    [65535, "linktype-65535"],
  ])("%d is %s", (linkType, name) => {
    expect(linkTypeName(linkType)).toBe(name);
  });
  it("knows each number and name once", () => {
    expect(new Set(LINK_TYPES.map((row) => row.linkType)).size).toBe(LINK_TYPES.length);
    expect(new Set(LINK_TYPES.map((row) => row.name)).size).toBe(LINK_TYPES.length);
  });
  it("has a decoder behind every layer it names", () => {
    for (const { linkType, layer } of LINK_TYPES) {
      expect(layerOfLinkType(linkType)).toBe(layer);
      const out = newDecodedHeaders();
      if (layer === Layer.None) continue;
      const outer = { ...newDecodedHeaders(), tunnelType: 1, tunnelLayer: layer };
      decodeTunnel(new Uint8Array(0), outer, out, 0);
      expect([linkType, out.outcome]).toEqual([linkType, Outcome.Malformed]);
    }
  });
});

describe("notIpName", () => {
  it("prefers the EtherType", () => {
    expect(notIpName(1, 0x0806)).toBe("arp");
  });
  it("falls back on the link type", () => {
    expect(notIpName(113, 0)).toBe("linux-sll-other");
  });
});

describe("etherTypeName", () => {
  it.each([
    [0x0800, "ipv4"],
    [0x0806, "arp"],
    [0x8035, "rarp"],
    [0x86dd, "ipv6"],
    [0x888e, "eapol"],
    [0x88cc, "lldp"],
    [0x88e5, "macsec"],
    [0x88b5, "0x88b5"],
    [0x0bac, "0x0bac"],
    [PseudoEtherType.Llc + 0x42, "llc-stp"],
    [PseudoEtherType.Llc + 0xe0, "llc-ipx"],
    [PseudoEtherType.Llc + 0xfe, "llc-isis"],
    [PseudoEtherType.Llc + 0x9, "llc-0x09"],
    [PseudoEtherType.PppControl, "ppp-control"],
  ])("0x%s", (etherType, name) => {
    expect(etherTypeName(etherType)).toBe(name);
  });
  it("names every pseudo number", () => {
    for (const pseudo of Object.values(PseudoEtherType)) {
      expect(etherTypeName(pseudo)).not.toMatch(/^0x/);
      expect(pseudo).toBeLessThan(1536);
    }
  });
});

describe("ipProtocolName", () => {
  // https://www.iana.org/assignments/protocol-numbers
  it.each([
    [0, "hopopt"],
    [1, "icmp"],
    [2, "igmp"],
    [6, "tcp"],
    [17, "udp"],
    [33, "dccp"],
    [36, "xtp"],
    [41, "ipv6"],
    [46, "rsvp"],
    [47, "gre"],
    [50, "esp"],
    [51, "ah"],
    [58, "ipv6-icmp"],
    [60, "ipv6-opts"],
    [61, "61"],
    [62, "cftp"],
    [68, "68"],
    [77, "sun-nd"],
    [88, "eigrp"],
    [89, "ospf"],
    [97, "etherip"],
    [99, "99"],
    [103, "pim"],
    [108, "ipcomp"],
    [112, "vrrp"],
    [114, "114"],
    [115, "l2tp"],
    [124, "isis-over-ipv4"],
    [132, "sctp"],
    [135, "mobility-header"],
    [136, "udplite"],
    [139, "hip"],
    [140, "shim6"],
    [143, "ethernet"],
    [147, "bit-emu"],
    [148, "148"],
    [255, "255"],
  ])("%d is %s", (protocol, name) => {
    expect(ipProtocolName(protocol)).toBe(name);
  });
});
