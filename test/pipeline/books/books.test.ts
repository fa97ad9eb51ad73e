import { describe, expect, it } from "vitest";
import type { ReadCapturesOptions } from "../../../src/pipeline/read-captures.ts";
import { frame, octets, payload } from "../../support/build.ts";
import { ipv4, ipv4Fragments } from "../../support/build-ip.ts";
import { arp, ethernet } from "../../support/build-link.ts";
import { icmp, tcp, udp } from "../../support/build-transport.ts";
import { gre, vxlan } from "../../support/build-tunnel.ts";
import { Pcapng } from "../../support/capture-bytes.ts";
import { writePcap } from "../../support/write-pcap.ts";
import { writePcapng } from "../../support/write-pcapng.ts";
import { at, capture, datagram, run } from "../run.ts";

const udpLayer = udp({ sourcePort: 40000, destinationPort: 40001 });
const tunnelled = at(
  0,
  ipv4({ source: "203.0.113.1", destination: "203.0.113.2" }),
  udp({ sourcePort: 50000, destinationPort: 4789 }),
  vxlan(7),
  ethernet(),
  ipv4(),
  udpLayer,
);
const pcapng = new Pcapng();

type TunnelPolicy = ReadCapturesOptions["tunnels"];
type Stats = Awaited<ReturnType<typeof stats>>;

type Moved = readonly [what: string, capture: Uint8Array, wanted: object, tunnels?: TunnelPolicy];

async function stats(bytes: Uint8Array, tunnels: TunnelPolicy = "inner"): Promise<object> {
  const { books, errors } = await run([bytes], { tunnels });
  expect(errors).toEqual([]);
  expect(books.balanced).toBe(true);
  return books.toJson(0, 0);
}

describe("books: every counter is moved by what it counts, and the bins add up", () => {
  const moved: readonly Moved[] = [
    [
      "nothing",
      capture(),
      {
        packets: {
          read: 0,
          flowed: 0,
          filtered: 0,
          not_ip: {},
          malformed: {},
          unsupported_link: {},
        },
        flows: { total: 0, by_end_reason: {}, peak: 0, evicted: 0, evicted_by_cause: {} },
      },
    ],
    ["packets of flows", capture(datagram(0), datagram(1)), { packets: { read: 2, flowed: 2 } }],
    [
      "packets that are not IP, by EtherType",
      capture(
        at(0, arp({ senderMac: "02:00:00:00:00:01", sender: "192.0.2.1", target: "192.0.2.2" })),
        at(0, octets(new Uint8Array(60), { etherType: 0x88cc })),
        at(0, octets(new Uint8Array(60), { etherType: 0x88cc })),
        datagram(1),
      ),
      { packets: { read: 4, flowed: 1, not_ip: { arp: 1, lldp: 2 } } },
    ],
    [
      "packets without a usable IP header, by fault",
      capture(at(0, octets(new Uint8Array(10), { etherType: 0x0800 })), datagram(1)),
      { packets: { read: 2, flowed: 1, malformed: { ipv4_truncated: 1 } }, faults: {} },
    ],
    [
      "faults of packets that reach a flow all the same",
      capture(at(0, ipv4({ protocol: 6 }), octets(new Uint8Array(9)))),
      { packets: { read: 1, flowed: 1, malformed: {} }, faults: { tcp_truncated: 1 } },
    ],
    [
      "faults inside a tunnel",
      capture(at(0, ipv4(), gre({ protocol: 0x0800 }), octets(new Uint8Array(7)))),
      { packets: { read: 1, flowed: 1, malformed: {} }, faults: { ipv4_truncated: 1 } },
      "inner",
    ],
    [
      "link types that are not decoded",
      writePcap([datagram(0), datagram(0)], { linkType: 147 }),
      { packets: { read: 2, flowed: 0, unsupported_link: { user0: 2 } } },
    ],
    [
      "packets that the snaplen cut",
      writePcap([at(0, ipv4(), udpLayer, payload(200)), datagram(1)], { snaplen: 60 }),
      { packets: { flowed: 2 }, details: { truncated: 1 } },
    ],
    [
      "fragments, and those whose first is missing",
      capture(
        ...ipv4Fragments({ identification: 1 }, 16, udpLayer, payload(40)).map((layer) =>
          at(0, layer),
        ),
        ...ipv4Fragments({ identification: 2 }, 16, udpLayer, payload(40))
          .slice(1)
          .map((layer) => at(1, layer)),
      ),
      { packets: { flowed: 5 }, details: { fragments: 5, orphan_fragments: 2, no_ports: 2 } },
    ],
    [
      "packets without ports",
      capture(
        at(0, ipv4({ protocol: 50 }), payload(20)),
        at(0, ipv4(), icmp({ type: 8 })),
        datagram(0),
      ),
      { packets: { flowed: 3 }, details: { no_ports: 2 } },
    ],
    [
      "layers beyond one a packet",
      capture(tunnelled, datagram(0)),
      { packets: { read: 2, flowed: 2 }, details: { extra_layers: 1 }, flows: { total: 3 } },
      "both",
    ],
    [
      "times that go back",
      capture(datagram(5), datagram(3), datagram(4), datagram(5), datagram(6)),
      {
        capture: {
          time_went_backwards: 2,
          first_time: "2026-03-02T09:00:03.000000000Z",
          last_time: "2026-03-02T09:00:06.000000000Z",
        },
      },
    ],
    [
      "sections, interfaces and what they dropped",
      writePcapng([datagram(0), { ...datagram(1), interfaceIndex: 1 }], {
        interfaces: [{ dropped: 3 }, { name: "eth1", dropped: 4 }],
      }),
      { packets: { read: 2, flowed: 2 }, capture: { sections: 1, interfaces: 2, dropped: 7 } },
    ],
    [
      "packets without a time",
      Buffer.concat([
        pcapng.section(),
        pcapng.interface(),
        pcapng.simplePacket(60, frame(ethernet({ minimumLength: 60 }), ipv4(), udpLayer)),
      ]),
      { packets: { flowed: 1 }, capture: { packets_without_time: 1 } },
    ],
    [
      "times that no record can hold",
      Buffer.concat([
        pcapng.section(),
        pcapng.interface({ options: [[14, pcapng.u(1n << 40n, 8)]] }),
        pcapng.packet({ data: datagram(0).bytes }),
      ]),
      { packets: { flowed: 1 }, capture: { times_clamped: 1 } },
    ],
    [
      "flows by reason, and the most at one time",
      capture(
        datagram(0, 1),
        datagram(0, 2),
        datagram(61, 3),
        at(61, ipv4(), tcp({ sourcePort: 1, destinationPort: 2, flags: "R" })),
        at(61, ipv4(), tcp({ sourcePort: 1, destinationPort: 3, flags: "S", sequence: 1 })),
        at(62, ipv4(), tcp({ sourcePort: 1, destinationPort: 3, flags: "S", sequence: 2 })),
      ),
      {
        flows: {
          total: 6,
          by_end_reason: { idle: 2, reset: 1, reuse: 1, capture_end: 2 },
          peak: 3,
          evicted: 0,
        },
      },
    ],
  ];
  it.each(moved.map((row) => [row[0], row] as const))("%s", async (_name, row) => {
    const [, bytes, wanted, tunnels] = row;
    expect(await stats(bytes, tunnels)).toMatchObject(wanted);
  });

  it("wrong checksums, unless nobody wants to know", async () => {
    const wrong = at(0, ipv4(), udp({ sourcePort: 1, destinationPort: 2, checksum: "wrong" }));
    const verified = await run([capture(wrong, datagram(1))]);
    expect(verified.books.toJson(0, 0)).toMatchObject({
      packets: { flowed: 2 },
      faults: { udp_checksum_wrong: 1 },
    });
    const unverified = await run([capture(wrong, datagram(1))], { checksums: false });
    expect(unverified.books.hasFaults).toBe(false);
    expect(unverified.text).toBe(verified.text);
  });

  it("octets and files", async () => {
    const one = capture(datagram(0));
    const { books } = await run([one, one]);
    expect(books.toJson(2, 0.5)).toMatchObject({
      type: "stats",
      schema: "portflow.stats/1",
      balanced: true,
      capture: { files: 2, bytes: one.length * 2 },
      seconds: { wall: 2, cpu: 0.5 },
      packets_per_second: 1,
    });
  });

  it("a packet at the very beginning of 1970 has a time too", async () => {
    const packet = { ...datagram(0), microseconds: 0 };
    expect(await stats(capture(packet, { ...packet, microseconds: 5e6 }))).toMatchObject({
      capture: {
        first_time: "1970-01-01T00:00:00.000000000Z",
        last_time: "1970-01-01T00:00:05.000000000Z",
      },
    } satisfies Stats);
  });
});
