import { describe, expect, it } from "vitest";
import { FaultSamples, faultSampleLine } from "../../../src/pipeline/books/fault-samples.ts";
import { Fault } from "../../../src/wire/fault.ts";
import { payload } from "../../support/build.ts";
import { ipv4 } from "../../support/build-ip.ts";
import { tcp, udp } from "../../support/build-transport.ts";
import { vxlan } from "../../support/build-tunnel.ts";
import { at, capture, datagram, run } from "../run.ts";

const sample = (packet: number, fault: number) => ({
  capture: "a.pcap",
  packet,
  fault,
  offset: 14,
  values: {},
});

/** The packets shown of these faults, one packet each. */
function shown(most: number, faults: readonly number[]): readonly number[] {
  const samples = new FaultSamples(most);
  faults.forEach((fault, index) => {
    if (samples.wants(fault)) samples.add(sample(index + 1, fault));
  });
  return samples.chosen().map(({ packet }) => packet);
}

describe("FaultSamples", () => {
  const often = new Array<number>(100).fill(Fault.TcpTruncated);

  it.each([
    ["the first of a single kind", 4, often, [1, 2, 3, 4]],
    ["a rare kind behind a hundred of another", 3, [...often, Fault.VlanTruncated], [1, 2, 101]],
    ["one of each before the second of any", 2, [25, 25, 25, 2, 3], [1, 4]],
    ["all when there is room, in their order", 10, [25, 2, 25, 3], [1, 2, 3, 4]],
    ["three of each, then the earliest", 8, [...often, 2, 2, 2, 2], [1, 2, 3, 4, 5, 101, 102, 103]],
    ["none when none is asked for", 0, [25], []],
  ])("shows %s", (_name, most, faults, expected) => {
    expect(shown(most, faults)).toEqual(expected);
  });

  it("keeps no more than it may need", () => {
    const samples = new FaultSamples(5);
    for (let i = 0; i < 10_000; i += 1) samples.add(sample(i, 1 + (i % 36)));
    expect(samples.kept.length).toBeLessThanOrEqual(5 + 3 * 36);
  });
});

describe("faultSampleLine", () => {
  it("says what the field says and what would do", () => {
    const one = { ...sample(1204, Fault.Ipv4TotalLengthTooSmall), values: { says: 12, needs: 20 } };
    expect(faultSampleLine(one)).toBe(
      "a.pcap: packet 1204: ipv4_total_length_too_small at byte 14 of the packet (says 12, needs 20)",
    );
  });
  it("falls back on the meaning", () => {
    expect(faultSampleLine(sample(7, Fault.MplsTruncated))).toBe(
      "a.pcap: packet 7: mpls_truncated at byte 14 of the packet (the MPLS label stack is cut off)",
    );
  });
});

describe("a run's fault samples", () => {
  const ports = { sourcePort: 40000, destinationPort: 5001 };
  const shortUdp = (seconds: number) => at(seconds, ipv4(), udp({ ...ports, length: 4 }));
  const badTcp = (seconds: number) => at(seconds, ipv4(), tcp({ ...ports, headerLength: 12 }));

  it("number packets from 1 in each capture, merged or not", async () => {
    for (const merge of [false, true]) {
      const faultSamples = new FaultSamples(10);
      const first = capture(datagram(0), shortUdp(1));
      const second = capture(datagram(2), datagram(3), badTcp(4));
      const { books } = await run([first, second], { faultSamples, merge });
      expect(faultSamples.chosen()).toEqual([
        {
          capture: "capture 1",
          packet: 2,
          fault: Fault.UdpLengthTooSmall,
          // Ethernet 14, IPv4 20, the length at octet 4 of UDP.
          offset: 38,
          values: { says: 4, needs: 8 },
        },
        {
          capture: "capture 2",
          packet: 3,
          fault: Fault.TcpDataOffsetTooSmall,
          offset: 46,
          values: { says: 12, needs: 20 },
        },
      ]);
      expect(books.faults[Fault.UdpLengthTooSmall]).toBe(1);
    }
  });

  it("go on over batches", async () => {
    const many = Array.from({ length: 5000 }, (_, i) => datagram(i / 1000));
    const faultSamples = new FaultSamples(10);
    await run([capture(...many, shortUdp(6))], { faultSamples });
    expect(faultSamples.chosen().map(({ packet }) => packet)).toEqual([5001]);
  });

  it("have packets without an IP header, and faults inside tunnels, counted from the packet's start", async () => {
    const outer = [ipv4(), udp({ sourcePort: 50000, destinationPort: 4789 }), vxlan(7)];
    const cut = datagram(1);
    const packets = [
      { ...cut, bytes: cut.bytes.subarray(0, 20) },
      at(2, ...outer, { build: (body) => body }, payload(9)),
    ];
    const faultSamples = new FaultSamples(10);
    await run([capture(...packets)], { faultSamples, tunnels: "inner" });
    expect(
      faultSamples.chosen().map(({ packet, fault, offset }) => [packet, fault, offset]),
    ).toEqual([
      [1, Fault.Ipv4Truncated, 14],
      // Ethernet 14, IPv4 20, UDP 8, VXLAN 8.
      [2, Fault.EthernetTruncated, 50],
    ]);
  });

  it("are left alone where nobody asks", async () => {
    const { books } = await run([capture(shortUdp(1))]);
    expect(books.faults[Fault.UdpLengthTooSmall]).toBe(1);
  });
});
