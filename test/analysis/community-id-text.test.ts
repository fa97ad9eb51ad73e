import { describe, expect, it } from "vitest";
import { communityIdOf, icmpPort } from "../../src/analysis/community-id-text.ts";

describe("communityIdOf", () => {
  // Values of the specification's own baselines.
  it.each([
    ["tcp", 6, "128.232.110.120", 34855, "66.35.250.204", 80, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="],
    [
      "tcp backwards",
      6,
      "66.35.250.204",
      80,
      "128.232.110.120",
      34855,
      "1:LQU9qZlK+B5F3KDmev6m5PMibrg=",
    ],
    ["udp", 17, "192.168.1.52", 54585, "8.8.8.8", 53, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="],
    ["icmp echo", 1, "192.168.0.89", 8, "192.168.0.1", 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="],
    ["icmp echo reply", 1, "192.168.0.1", 0, "192.168.0.89", 8, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="],
    ["icmp one-way", 1, "192.168.0.89", 3, "192.168.0.1", 3, "1:dPRpNwuTNOTQEtM23HPAdlCnrwc="],
    ["icmp6 echo", 58, "fe80::1", 128, "fe80::2", 129, "1:3H+V/JVcqh/phPel5utt4dOKqOU="],
    ["gre", 47, "10.1.24.4", undefined, "10.1.12.1", undefined, "1:6JFBmF1p0LABA19nAHNSi9mGLPM="],
    [
      "gre, ports of no meaning",
      47,
      "10.1.24.4",
      0,
      "10.1.12.1",
      0,
      "1:6JFBmF1p0LABA19nAHNSi9mGLPM=",
    ],
    ["sctp", 132, "192.168.170.8", 7, "192.168.170.56", 7, "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs="],
  ])(
    "%s",
    (_name, protocol, sourceAddress, sourcePort, destinationAddress, destinationPort, id) => {
      expect(
        communityIdOf({ protocol, sourceAddress, sourcePort, destinationAddress, destinationPort }),
      ).toBe(id);
    },
  );

  it("knows an address by whatever notation, and what is none", () => {
    const id = (sourceAddress: string): string | undefined =>
      communityIdOf({ protocol: 6, sourceAddress, destinationAddress: "2001:db8::1" });
    expect(id("2001:DB8:0:0:0:0:0:2")).toBe(id("2001:db8::2"));
    expect(id("192.0.2.1")).toBeUndefined();
    expect(id("host")).toBeUndefined();
  });
});

describe("icmpPort", () => {
  it.each([
    [1, 8, 0, 0],
    [1, 0, 0, 8],
    [1, 3, 1, 1],
    [58, 135, 0, 136],
    [58, 1, 4, 4],
  ])("of protocol %i type %i code %i is %i", (protocol, type, code, port) => {
    expect(icmpPort(protocol, type, code)).toBe(port);
  });
});
