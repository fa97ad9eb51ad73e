import { describe, expect, it } from "vitest";
import { linkChoice } from "../../../src/capture/live/hardware-type.ts";

const IPV4 = 0x0800;
const IPV6 = 0x86dd;

// Left: ARPHRD_* of linux/if_arp.h. Right: LINKTYPE_* of tcpdump.org/linktypes.html.
describe("linkChoice", () => {
  it.each([
    ["Ethernet", 1, IPV4, 1, false],
    ["loopback", 772, IPV4, 1, false],
    ["radiotap", 803, 0, 127, false],
    ["CAN", 280, 0, 227, false],
    ["PPP", 512, IPV4, 101, true],
    ["a tun device or WireGuard", 65534, IPV6, 101, true],
    ["an IPv4 tunnel", 768, IPV4, 101, true],
    ["a GRE tunnel", 778, IPV6, 101, true],
    ["PPP that carries no IP", 512, 0xc021, 147, true],
  ])("%s", (_name, hardware, protocol, linkType, fromNetwork) => {
    expect(linkChoice(hardware, protocol)).toEqual({ linkType, fromNetwork });
  });
});
