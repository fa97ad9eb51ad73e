import { describe, expect, it } from "vitest";
import { DEFAULT_TIMEOUTS, ZEEK_TIMEOUTS } from "../../src/flow/ending/timeouts.ts";
import { newZeekJsonSink } from "../../src/sink/zeek/zeek-json.ts";
import { frame, type Layer, octets, payload } from "../support/build.ts";
import {
  ipv4,
  ipv4Fragments,
  ipv6,
  ipv6Extension,
  ipv6FragmentHeader,
  ipv6Fragments,
} from "../support/build-ip.ts";
import { ethernet } from "../support/build-link.ts";
import { icmp, tcp, udp } from "../support/build-transport.ts";
import { gtpu, vxlan } from "../support/build-tunnel.ts";
import type { TimedPacket } from "../support/timed-packet.ts";
import { at, capture, run } from "./run.ts";

// What Zeek counts and what it does not: src/packet_analysis/protocol/{tcp,udp,icmp,ip}, src/Frag.cc.

const here = { source: "192.0.2.1", destination: "198.51.100.1" };
const there = { source: "198.51.100.1", destination: "192.0.2.1" };
const query = { sourcePort: 40000, destinationPort: 53 };
const answer = { sourcePort: 53, destinationPort: 40000 };

/** RFC 2637 section 4.1: flags K and S, version 1, PPP, length, call, sequence; then PPP of IPv4. */
const PPTP_OF_IPV4 = Uint8Array.of(0x30, 1, 0x88, 0x0b, 0, 132, 0, 7, 0, 0, 0, 1, 255, 3, 0, 0x21);

type Connection = Record<string, unknown>;

async function connections(
  packets: readonly TimedPacket[],
  checksums = true,
): Promise<Connection[]> {
  const sink = newZeekJsonSink({ communityIdSeed: 0, color: false, columns: 100 });
  const { text } = await run([capture(...packets)], { sink, checksums });
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** Nine `FA` packets and so on: as many as asked for. */
function times(count: number, make: (i: number) => TimedPacket): TimedPacket[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

describe("packets with a wrong checksum", () => {
  const wrong = "wrong" as const;

  it("are no part of a UDP connection, but have a letter at 1, 10, 100", async () => {
    const [one] = await connections([
      at(0, ipv4(here), udp(query), payload(10)),
      ...times(10, (i) =>
        at(1 + i / 10, ipv4(here), udp({ ...query, checksum: wrong }), payload(20)),
      ),
      at(3, ipv4(there), udp(answer), payload(30)),
      at(4, ipv4(there), udp({ ...answer, checksum: wrong }), payload(40)),
    ]);
    expect(one).toMatchObject({
      history: "DCCdc",
      conn_state: "SF",
      orig_pkts: 1,
      orig_ip_bytes: 38,
      orig_bytes: 10,
      resp_pkts: 1,
      resp_ip_bytes: 58,
      resp_bytes: 30,
      duration: 3,
    });
  });

  it("a connection of nothing else is there, with a letter and without packets", async () => {
    const [one] = await connections([
      at(0, ipv4(here), udp({ ...query, checksum: wrong }), payload(10)),
      at(1, ipv4(here), udp({ ...query, checksum: wrong }), payload(10)),
    ]);
    expect(one).toMatchObject({ history: "C", conn_state: "OTH", orig_pkts: 0, orig_ip_bytes: 0 });
    expect(one).not.toHaveProperty("duration");
  });

  it("move no TCP connection on", async () => {
    const c = { sourcePort: 40000, destinationPort: 80 };
    const s = { sourcePort: 80, destinationPort: 40000 };
    const packets = [
      at(0, ipv4(here), tcp({ ...c, sequence: 100, flags: "S" })),
      at(1, ipv4(there), tcp({ ...s, sequence: 500, acknowledgement: 101, flags: "SA" })),
      at(2, ipv4(here), tcp({ ...c, sequence: 101, acknowledgement: 501, flags: "A" })),
      at(
        3,
        ipv4(here),
        tcp({ ...c, sequence: 101, acknowledgement: 501, flags: "PA", checksum: wrong }),
        payload(9),
      ),
      at(
        4,
        ipv4(here),
        tcp({ ...c, sequence: 101, acknowledgement: 501, flags: "RA", checksum: wrong }),
      ),
    ];
    expect((await connections(packets))[0]).toMatchObject({
      history: "ShAC",
      conn_state: "S1",
      orig_pkts: 2,
      orig_ip_bytes: 80,
      orig_bytes: 0,
      duration: 2,
    });
    expect((await connections(packets, false))[0]).toMatchObject({
      history: "ShADR",
      conn_state: "RSTO",
      orig_pkts: 4,
      orig_bytes: 9,
      duration: 4,
    });
  });

  it("ICMP has no letter for them", async () => {
    const [one] = await connections([
      at(0, ipv4(here), icmp({ type: 8, rest: 1 }), payload(32)),
      at(1, ipv4(here), icmp({ type: 8, rest: 1, checksum: wrong }), payload(32)),
    ]);
    expect(one).toMatchObject({ orig_pkts: 1, orig_ip_bytes: 60 });
    expect(one).not.toHaveProperty("history");
    expect(one).not.toHaveProperty("duration");
  });

  it("the native record counts them all", async () => {
    const { records } = await run([
      capture(
        at(0, ipv4(here), udp(query), payload(10)),
        at(1, ipv4(here), udp({ ...query, checksum: wrong }), payload(20)),
      ),
    ]);
    expect(records[0]!.src).toMatchObject({ packets: 2, payload_bytes: 30 });
    expect(records[0]!.duration).toBe(1);
  });
});

describe("fragments", () => {
  // 8 octets of UDP and 40 of payload in pieces of 16 octets: three packets of 36 octets.
  const pieces = ipv4Fragments(here, 16, udp(query), payload(40));

  it.each([
    ["in order", [0, 1, 2]],
    ["the last before the second", [0, 2, 1]],
  ])("count as their datagram when it is whole, %s", async (_name, order) => {
    const [one] = await connections([
      ...order.map((piece, i) => at(i, pieces[piece]!)),
      at(5, ipv4(there), udp(answer), payload(7)),
    ]);
    expect(one).toMatchObject({
      orig_pkts: 1,
      orig_ip_bytes: 20 + 48,
      orig_bytes: 40,
      resp_pkts: 1,
      history: "Dd",
      conn_state: "SF",
      // From when the datagram was whole.
      duration: 3,
    });
    expect(one!["ts"]).toBe(1_772_442_002);
  });

  it("of a datagram that never gets whole count nowhere", async () => {
    const [one] = await connections([
      at(0, ipv4(here), udp(query), payload(7)),
      at(1, pieces[0]!),
      at(2, pieces[1]!),
    ]);
    expect(one).toMatchObject({ orig_pkts: 1, orig_ip_bytes: 35 });
    expect(one).not.toHaveProperty("duration");
  });

  it("of IPv6 lose their fragment headers", async () => {
    const six = { source: "2001:db8::1", destination: "2001:db8::2" };
    const [one] = await connections([
      at(0, ...ipv6FragmentsOf(six)[0]!),
      at(1, ...ipv6FragmentsOf(six)[1]!),
      at(2, ...ipv6FragmentsOf(six)[2]!),
      at(3, ...ipv6FragmentsOf(six)[0]!),
    ]);
    expect(one).toMatchObject({ orig_pkts: 1, orig_ip_bytes: 40 + 48 });
  });

  function ipv6FragmentsOf(six: { source: string; destination: string }) {
    return ipv6Fragments(six, 16, udp(query), payload(40)).map((layer) => [layer]);
  }
});

describe("tunnels", () => {
  it("name the connections that carried one, when those are recorded, too", async () => {
    const outer = { source: "203.0.113.1", destination: "203.0.113.2" };
    const back = { source: "203.0.113.2", destination: "203.0.113.1" };
    // Each direction of the inner flow has an outer flow of its own, as VXLAN's source ports make them.
    const packets = [
      at(
        0,
        ipv4(outer),
        udp({ sourcePort: 50001, destinationPort: 4789 }),
        vxlan(7),
        ethernet(),
        ipv4(here),
        udp(query),
      ),
      at(
        1,
        ipv4(back),
        udp({ sourcePort: 50002, destinationPort: 4789 }),
        vxlan(7),
        ethernet(),
        ipv4(there),
        udp(answer),
      ),
      at(
        2,
        ipv4(outer),
        udp({ sourcePort: 50001, destinationPort: 4789 }),
        vxlan(7),
        ethernet(),
        ipv4(here),
        udp(query),
      ),
    ];
    const sink = newZeekJsonSink({ communityIdSeed: 0, color: false, columns: 100 });
    const { text } = await run([capture(...packets)], { sink, tunnels: "both" });
    const all: Connection[] = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const uidOf = (port: number) => all.find((one) => one["id.orig_p"] === port)!["uid"];
    const inner = all.find((one) => one["id.resp_p"] === 53)!;
    expect(inner["tunnel_parents"]).toEqual([uidOf(50001), uidOf(50002)]);
    expect(all.filter((one) => "tunnel_parents" in one)).toEqual([inner]);
    const [alone] = await connections(packets);
    expect(alone).not.toHaveProperty("tunnel_parents");
  });

  it("payload in the later fragments of a tunnel's packet is not cut off", async () => {
    const outer = { source: "203.0.113.1", destination: "203.0.113.2" };
    const tunnel = [udp({ sourcePort: 50001, destinationPort: 4789 }), vxlan(7), ethernet()];
    const c = { sourcePort: 40000, destinationPort: 80 };
    const s = { sourcePort: 80, destinationPort: 40000 };
    const data = tcp({ ...c, sequence: 101, acknowledgement: 501, flags: "PA" });
    const pieces = ipv4Fragments(outer, 128, ...tunnel, ipv4(here), data, payload(200));
    expect(pieces.length).toBe(3);
    const packets = [
      at(0, ipv4(outer), ...tunnel, ipv4(here), tcp({ ...c, sequence: 100, flags: "S" })),
      at(
        1,
        ipv4(outer),
        ...tunnel,
        ipv4(there),
        tcp({ ...s, sequence: 500, acknowledgement: 101, flags: "SA" }),
      ),
      ...pieces.map((piece, i) => at(2 + i / 10, piece)),
      at(
        3,
        ipv4(outer),
        ...tunnel,
        ipv4(there),
        tcp({ ...s, sequence: 501, acknowledgement: 301, flags: "A" }),
      ),
    ];
    const sink = newZeekJsonSink({ communityIdSeed: 0, color: false, columns: 100 });
    const options = { sink, tunnels: "inner", zeekRules: true } as const;
    const { text } = await run([capture(...packets)], options);
    const all: Connection[] = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const inner = all.find((one) => one["proto"] === "tcp")!;
    expect(inner).toMatchObject({ history: "ShDa", missed_bytes: 0, orig_bytes: 200 });
  });
});

/** By Zeek's rules, with each layer of a packet. */
async function asZeek(
  packets: readonly TimedPacket[],
  tunnels: "both" | "inner" = "both",
): Promise<Connection[]> {
  const sink = newZeekJsonSink({ communityIdSeed: 0, color: false, columns: 100 });
  const { text, books } = await run([capture(...packets)], { sink, tunnels, zeekRules: true });
  expect(books.balanced).toBe(true);
  expect(books.flowed).toBe(packets.length);
  if (text === "") return [];
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

// core.tunnels.gtp.outer_ip_frag has one such datagram after the other.
describe("a tunnel's packet in fragments", () => {
  const outer = { source: "203.0.113.1", destination: "203.0.113.2" };
  const tunnel = [udp({ sourcePort: 50001, destinationPort: 4789 }), vxlan(7), ethernet()];
  // 8 octets of UDP, 8 of VXLAN, 14 of Ethernet, 20 of IP, 8 of UDP, 100 of payload: 158 in three.
  const pieces = ipv4Fragments(outer, 64, ...tunnel, ipv4(here), udp(query), payload(100));
  const inside = (all: readonly Connection[]) => all.find((one) => one["id.resp_p"] === 53);
  const around = (all: readonly Connection[]) => all.find((one) => one["id.resp_p"] === 4789);

  it.each([
    ["in order", [0, 1, 2]],
    ["the first in the middle", [2, 0, 1]],
    ["the first at the end", [1, 2, 0]],
  ])("what it carries counts when it is whole, %s", async (_name, order) => {
    const all = await asZeek([
      ...order.map((piece, i) => at(i, pieces[piece]!)),
      at(5, ipv4(outer), ...tunnel, ipv4(there), udp(answer), payload(7)),
    ]);
    expect(inside(all)).toMatchObject({
      ts: 1_772_442_002,
      duration: 3,
      history: "Dd",
      orig_pkts: 1,
      orig_ip_bytes: 128,
      orig_bytes: 100,
      resp_pkts: 1,
    });
    expect(around(all)).toMatchObject({ ts: 1_772_442_002, duration: 3, orig_pkts: 2 });
    expect(inside(all)!["tunnel_parents"]).toEqual([around(all)!["uid"]]);
  });

  it.each([
    ["the first", [1, 2]],
    ["one in the middle", [0, 2]],
    ["the last", [0, 1]],
  ])("carries nothing while it lacks %s, and is no connection", async (_name, order) => {
    const packets = order.map((piece, i) => at(i, pieces[piece]!));
    expect(await asZeek(packets)).toEqual([]);
    const later = at(5, ipv4(outer), ...tunnel, ipv4(here), udp(query), payload(7));
    const all = await asZeek([...packets, later]);
    expect(inside(all)).toMatchObject({ ts: 1_772_442_005, orig_pkts: 1, history: "D" });
    expect(around(all)).toMatchObject({ ts: 1_772_442_005, orig_pkts: 1, history: "D" });
  });

  it("the next datagram of the same identification is another one", async () => {
    const others = ipv4Fragments(
      outer,
      64,
      udp({ sourcePort: 1, destinationPort: 2 }),
      payload(99),
    );
    const packets = [...pieces.slice(0, 3), ...others].map((piece, i) => at(i, piece));
    const all = await asZeek(packets);
    expect(inside(all)).toMatchObject({ orig_pkts: 1 });
    expect(all.find((one) => one["id.orig_p"] === 1)).toMatchObject({ orig_pkts: 1 });
    expect(all.length).toBe(3);
  });

  it("each packet counts in one flow where what is inside is all that is wanted", async () => {
    const packets = pieces.map((piece, i) => at(i, piece));
    const { records } = await run([capture(...packets)], { tunnels: "inner", zeekRules: true });
    const counts = records.map(({ dst, src }) => [dst.port, src.packets]);
    expect(new Map(counts as [number, number][])).toEqual(
      new Map([
        [4789, 2],
        [53, 1],
      ]),
    );
  });

  it("a native run counts the first fragment's inside, as nobody waits for the others", async () => {
    const { records } = await run([capture(at(0, pieces[0]!))], { tunnels: "inner" });
    expect(records.map(({ dst }) => dst.port)).toEqual([53]);
  });
});

// Zeek's IPAnalyzer, IPBasedAnalyzer and TCPAnalyzer: what is discarded before or after the lookup.
describe("packets that Zeek discards", () => {
  const c = { sourcePort: 40000, destinationPort: 80 };

  it("are no connection where their IP header is wrong: no letter, no packet", async () => {
    const wrong = ipv4({ ...here, checksum: "wrong" });
    expect(await asZeek([at(0, wrong, udp(query), payload(10))])).toEqual([]);
    const [one] = await asZeek([
      at(0, wrong, udp(query), payload(10)),
      at(1, ipv4(here), udp(query), payload(20)),
      at(2, wrong, udp(query), payload(30)),
    ]);
    expect(one).toMatchObject({ ts: 1_772_442_001, history: "D", orig_pkts: 1, orig_ip_bytes: 48 });
    expect(one).not.toHaveProperty("duration");
  });

  it("say nothing of who began", async () => {
    const wrong = ipv4({ ...there, checksum: "wrong" });
    const [one, ...others] = await asZeek([
      at(0, wrong, udp({ sourcePort: 9001, destinationPort: 40000 })),
      at(1, ipv4(here), udp({ sourcePort: 40000, destinationPort: 9001 })),
    ]);
    expect(others).toEqual([]);
    expect(one).toMatchObject({ "id.orig_p": 40000, history: "D", conn_state: "S0" });
  });

  it("are none where IP is longer than the frame, or as long as the network card makes it", async () => {
    const long = ipv4({ ...here, totalLength: 200 });
    const open = ipv4({ ...here, totalLength: 0 });
    expect(await asZeek([at(0, long, udp(query), payload(10))])).toEqual([]);
    expect(await asZeek([at(0, open, tcp({ ...c, flags: "S" }))])).toEqual([]);
  });

  it("are a connection without packets where TCP's header is no header", async () => {
    const [one] = await asZeek([at(0, ipv4(here), tcp({ ...c, flags: "S", headerLength: 16 }))]);
    expect(one).toMatchObject({ orig_pkts: 0, resp_pkts: 0, conn_state: "OTH" });
    expect(one).not.toHaveProperty("history");
  });

  it("take what they carry with them", async () => {
    const outer = { source: "203.0.113.1", destination: "203.0.113.2" };
    const tunnel = { sourcePort: 50001, destinationPort: 4789 };
    const wrong = at(
      0,
      ipv4(outer),
      udp({ ...tunnel, checksum: "wrong" }),
      vxlan(7),
      ethernet(),
      ipv4(here),
      udp(query),
    );
    expect(await asZeek([wrong], "inner")).toEqual([]);
    const [one, ...others] = await asZeek([wrong]);
    expect(one).toMatchObject({ "id.resp_p": 4789, history: "C", orig_pkts: 0 });
    expect(others).toEqual([]);
  });

  it("UDP over IPv6 without a checksum is wrong, where it is not VXLAN", async () => {
    const without = { ...query, checksum: "none" } as const;
    const [one] = await asZeek([at(0, ipv6(), udp(without), payload(10))]);
    expect(one).toMatchObject({ history: "C", orig_pkts: 0 });
    const [other] = await asZeek([
      at(0, ipv6(), udp({ ...without, destinationPort: 4789 }), vxlan(7), payload(50)),
    ]);
    expect(other).toMatchObject({ history: "D", orig_pkts: 1 });
  });

  it.each([
    ["TCP left to the network card", tcp({ ...c, flags: "S", checksum: 0 })],
    ["TCP with the sum of its pseudo header", tcp({ ...c, flags: "S", checksum: 0xec5a })],
    ["UDP that is shorter than IP says", udp({ ...query, length: 10 })],
  ])("are a connection with a letter where a checksum is not right: %s", async (_name, header) => {
    const [one, ...others] = await asZeek([at(0, ipv4(here), header, payload(10))]);
    expect(one).toMatchObject({ history: "C", orig_pkts: 0, conn_state: "OTH" });
    expect(others).toEqual([]);
  });

  it.each([
    ["nothing", 0],
    ["the sum of its pseudo header", 0xec5a],
  ])("but a native run doesn't blame a checksum in which the sender left %s", async (_n, sum) => {
    const left = at(0, ipv4(here), tcp({ ...c, flags: "S", checksum: sum }), payload(10));
    const { records, books } = await run([capture(left)]);
    expect(records[0]!.tcp!.history).toBe("ST");
    expect(books.hasFaults).toBe(false);
  });

  it("are those whose IP checksum was left to the network card, and one behind a source route", async () => {
    expect(await asZeek([at(0, ipv4({ ...here, checksum: 0 }), udp(query))])).toEqual([]);
    // RFC 791 section 3.1: the sender sums with the last address of the route.
    const routed = frame(ipv4({ ...here, destination: "203.0.113.9" }), udp(query)).subarray(20);
    const options = Uint8Array.of(131, 7, 4, 203, 0, 113, 9);
    const [one] = await asZeek([at(0, ipv4({ ...here, options, protocol: 17 }), payload(routed))]);
    expect(one).toMatchObject({ history: "C", orig_pkts: 0 });
  });

  it("without checksums IP counts the length that its header has, though that is none", async () => {
    const open = at(0, ipv4({ ...here, totalLength: 0 }), udp(query), payload(10));
    const sink = newZeekJsonSink({ communityIdSeed: 0, color: false, columns: 100 });
    const options = { sink, zeekRules: true, checksums: false };
    const { text } = await run([capture(open, at(1, ipv4(here), udp(query)))], options);
    expect(JSON.parse(text)).toMatchObject({ orig_pkts: 2, orig_ip_bytes: 28, orig_bytes: 10 });
  });

  // ICMPAnalyzer::DeliverPacket forwards to ConnSize what was captured whole.
  // IPAnalyzer: the headers are longer than TotalLen.
  it("are jumbograms, and whatever else has extension headers beyond an empty length", async () => {
    const jumbo = Uint8Array.from([0xc2, 4, 0, 1, 0, 0]);
    const body = [udp({ ...query, length: 0 }), payload(65536 - 16)];
    const six = { payloadLength: 0 };
    expect(
      await asZeek([
        at(0, ipv6(six), ipv6Extension(0, jumbo), ...body),
        at(1, ipv6(six), ipv6Extension(60), udp(query), payload(10)),
      ]),
    ).toEqual([]);
  });

  it("of IPv6 that left its length to the network card Zeek counts the header alone", async () => {
    const [one] = await asZeek([at(0, ipv6({ payloadLength: 0 }), udp(query), payload(10))]);
    expect(one).toMatchObject({ history: "D", orig_pkts: 1, orig_ip_bytes: 40 });
  });

  it("ICMP that the snaplen cut lasts and has its payload, but is no packet", async () => {
    const whole = at(1, ipv4(here), icmp({ type: 8, rest: 1 }), payload(32));
    const cut = [0, 2].map((seconds) => {
      const packet = at(seconds, ipv4(here), icmp({ type: 8, rest: 1 }), payload(32));
      return { ...packet, wireLength: packet.bytes.length, bytes: packet.bytes.subarray(0, 60) };
    });
    const [one, ...others] = await asZeek([cut[0]!, whole, cut[1]!]);
    expect(one).toMatchObject({
      ts: 1_772_442_000,
      duration: 2,
      orig_bytes: 96,
      orig_pkts: 1,
      orig_ip_bytes: 60,
    });
    expect(others).toEqual([]);
    const [alone] = await asZeek([cut[0]!]);
    expect(alone).toMatchObject({ orig_pkts: 0, orig_ip_bytes: 0 });
  });

  it("what IP in IP carries, where that does not fill it or was cut", async () => {
    const outer = { source: "203.0.113.1", destination: "203.0.113.2" };
    const inside = [ipv4(here), udp(query), payload(100)];
    const ports = async (packet: TimedPacket) =>
      (await asZeek([packet], "inner")).map((one) => one["id.resp_p"]);
    const whole = at(0, ipv4(outer), ...inside);
    expect(await ports(whole)).toEqual([53]);
    expect(
      await ports(
        at(0, ipv4(outer), ipv4({ ...here, totalLength: 120 }), udp(query), payload(100)),
      ),
    ).toEqual([]);
    const cut = { wireLength: whole.bytes.length, bytes: whole.bytes.subarray(0, 90) };
    expect(await ports({ ...whole, ...cut })).toEqual([]);
    // A frame may be longer than its packet.
    const padded = { ...whole, bytes: Uint8Array.from([...whole.bytes, 0, 0, 0, 0]) };
    expect(await ports(padded)).toEqual([53]);
    const inVxlan = at(
      0,
      ipv4(outer),
      udp({ sourcePort: 50001, destinationPort: 4789 }),
      vxlan(7),
      ethernet(),
      ...inside,
    );
    const cutInVxlan = { wireLength: inVxlan.bytes.length, bytes: inVxlan.bytes.subarray(0, 120) };
    expect(await ports({ ...inVxlan, ...cutInVxlan })).toEqual([53]);
  });

  // GTPv1_Analyzer and TeredoAnalyzer go by IP::ParsePacket, too; IPTunnelAnalyzer where GRE has a version.
  it.each([
    ["GTP", ipv4(here), [udp({ sourcePort: 2152, destinationPort: 2152 }), gtpu(7)]],
    ["Teredo", ipv6({ source: "2001::1" }), [udp({ sourcePort: 50001, destinationPort: 3544 })]],
    ["PPTP", ipv4(here), [octets(PPTP_OF_IPV4, { ipProtocol: 47 })]],
  ])("what %s carries, where that does not fill it or was cut", async (_name, inner, tunnel) => {
    const outer = { source: "203.0.113.1", destination: "203.0.113.2" };
    const inside = (...more: readonly Layer[]) =>
      at(0, ipv4(outer), ...tunnel, inner, udp(query), payload(100), ...more);
    const ports = async (packet: TimedPacket) =>
      (await asZeek([packet])).map((one) => one["id.resp_p"]).filter((port) => port === 53);
    const whole = inside();
    expect(await ports(whole)).toEqual([53]);
    const short = frame(inner, udp(query), payload(100));
    const longer = at(0, ipv4(outer), ...tunnel, octets(short), payload(4));
    expect(await ports(longer)).toEqual([]);
    const cut = { wireLength: whole.bytes.length, bytes: whole.bytes.subarray(0, 140) };
    expect(await ports({ ...whole, ...cut })).toEqual([]);
  });

  // core.tunnels.teredo_bubble_with_payload
  it("but a Teredo bubble may have something behind it", async () => {
    const outer = { source: "203.0.113.1", destination: "203.0.113.2" };
    const bubble = ipv6({ source: "2001::1", nextHeader: 59, payloadLength: 0 });
    const header = udp({ sourcePort: 50001, destinationPort: 3544 });
    const all = await asZeek([at(0, ipv4(outer), header, bubble, payload(9))]);
    expect(all.map((one) => one["id.orig_h"]).sort()).toEqual(["2001::1", "203.0.113.1"]);
  });

  // core.tunnels.gtp.non_recursive: "GTP is never tunneled in GTP".
  it("GTP inside of GTP, GRE with a route, and GRE with flags that nobody defined", async () => {
    const outer = { source: "203.0.113.1", destination: "203.0.113.2" };
    const ports = async (...layers: readonly Layer[]) =>
      (await asZeek([at(0, ipv4(outer), ...layers, ipv4(here), udp(query))]))
        .map((one) => one["id.resp_p"])
        .sort();
    const gtp = [udp({ sourcePort: 2152, destinationPort: 2152 }), gtpu(7)];
    expect(await ports(...gtp)).toEqual([2152, 53]);
    expect(await ports(...gtp, ipv4({ source: "10.0.0.1" }), ...gtp)).toEqual([2152, 2152]);
    // Flags and protocol; with a route, checksum, offset and an entry of no octets.
    const gre = (...header: readonly number[]) =>
      octets(Uint8Array.from(header), { ipProtocol: 47 });
    expect(await ports(gre(0, 0, 8, 0))).toEqual([0, 53]);
    expect(await ports(gre(0x40, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0))).toEqual([0]);
    expect(await ports(gre(0, 8, 8, 0))).toEqual([0]);
  });

  it("what lies in more than four tunnels", async () => {
    const tunnels = (many: number) =>
      Array.from({ length: many }, (_, i) => ipv4({ source: `203.0.113.${i + 1}` }));
    const ports = async (many: number) =>
      (await asZeek([at(0, ...tunnels(many), ipv4(here), udp(query))], "inner")).map(
        (one) => one["id.resp_p"],
      );
    expect(await ports(4)).toEqual([53]);
    expect(await ports(5)).toEqual([0]);
  });

  it("a first fragment that the snaplen cut is taken as it is, the others are not", async () => {
    const fragments = ipv4Fragments(here, 64, udp(query), payload(120));
    const packets = fragments.map((piece, i) => {
      const packet = at(i, piece);
      const cut = packet.bytes.subarray(0, 60);
      return { ...packet, wireLength: packet.bytes.length, bytes: cut };
    });
    const [one, ...others] = await asZeek(packets);
    expect(one).toMatchObject({ history: "D", orig_pkts: 1, orig_ip_bytes: 84 });
    expect(others).toEqual([]);
  });
});

/** One packet: who sends it ("c" or "s"), flags, numbers relative to each side's first, payload octets. */
type Step = readonly [
  side: "c" | "s",
  flags: string,
  sequence: number,
  acknowledgement: number,
  octets?: number,
];

type Play = {
  readonly client?: number;
  readonly server?: number;
  /** Octets of each frame that the capture holds. */
  readonly snapLength?: number;
};

/** A conversation, a second from packet to packet, that is one connection. */
async function played(steps: readonly Step[], play: Play = {}): Promise<Connection> {
  const all = await playedAll(steps, play);
  expect(all.length).toBe(1);
  return all[0]!;
}

/** What becomes of a conversation, in the order of its connections' beginnings. */
async function playedAll(steps: readonly Step[], play: Play = {}): Promise<Connection[]> {
  const { client = 40000, server = 50000, snapLength = 65535 } = play;
  const packets = steps.map(([side, flags, sequence, acknowledgement, octets = 0], i) => {
    const isClient = side === "c";
    const packet = at(
      i,
      ipv4(isClient ? here : there),
      tcp({
        sourcePort: isClient ? client : server,
        destinationPort: isClient ? server : client,
        sequence: (isClient ? 1000 : 5000) + sequence,
        acknowledgement: flags.includes("A") ? (isClient ? 5000 : 1000) + acknowledgement : 0,
        flags,
      }),
      payload(octets),
    );
    if (packet.bytes.length <= snapLength) return packet;
    const cut = { wireLength: packet.bytes.length, bytes: packet.bytes.subarray(0, snapLength) };
    return { ...packet, ...cut };
  });
  const sink = newZeekJsonSink({ communityIdSeed: 0, color: false, columns: 100 });
  const { text } = await run([capture(...packets)], { sink, zeekRules: true });
  const all = text
    .trimEnd()
    .split("\n")
    .map((line): Connection => JSON.parse(line));
  return all.sort((a, b) => Number(a["ts"]) - Number(b["ts"]));
}

const HANDSHAKE: readonly Step[] = [
  ["c", "S", 0, 0],
  ["s", "SA", 0, 1],
  ["c", "A", 1, 1],
];

// Shapes of Zeek's own test traces, with what its baselines say of them.
describe("TCP to Zeek's letter", () => {
  it("core.tcp.miss-end-data: the FIN tells of data that nobody captured", async () => {
    const one = await played(
      [
        ...HANDSHAKE,
        ["c", "PA", 1, 1, 538],
        ["s", "A", 1, 539],
        ["s", "FA", 2903, 539],
        ["c", "A", 539, 2904],
        ["c", "FA", 539, 2904],
        ["s", "A", 2904, 540],
      ],
      { server: 80 },
    );
    expect(one).toMatchObject({
      history: "ShADafgF",
      conn_state: "SF",
      missed_bytes: 2902,
      orig_bytes: 538,
      resp_bytes: 2902,
      orig_pkts: 5,
      resp_pkts: 4,
      // Not to the last packet: both had closed before.
      duration: 7,
    });
  });

  it("core.tcp.missing-syn: a SYN+ACK from port 80 is an answer", async () => {
    const one = await played(
      [
        ["s", "SA", 0, 1],
        ["c", "A", 1, 1],
        ["c", "PA", 1, 1, 98],
        ["s", "PA", 1, 99, 200],
        ["c", "FA", 99, 201],
        ["s", "A", 201, 100],
        ["s", "FA", 201, 100],
        ["c", "A", 100, 202],
      ],
      { server: 80 },
    );
    expect(one).toMatchObject({
      history: "^hADdFaf",
      conn_state: "SF",
      "id.resp_p": 80,
      orig_bytes: 98,
      resp_bytes: 200,
    });
  });

  it("core.tcp.flip-without-syn: ports on which servers are at both ends, until an acknowledgement", async () => {
    const one = await played(
      [
        ["s", "SA", 0, 1],
        ["c", "A", 1, 1],
        ["c", "PA", 1, 1, 136],
        ["s", "A", 1, 137],
        ["s", "PA", 1, 137, 100],
        ["c", "FA", 137, 101],
        ["s", "FA", 101, 138],
      ],
      { client: 6669, server: 80 },
    );
    expect(one).toMatchObject({ history: "^hADadFf", conn_state: "SF", "id.orig_p": 6669 });
  });

  it("a SYN+ACK that is refused may be a scan: its sender is the originator", async () => {
    const one = await played([
      ["s", "SA", 0, 1],
      ["c", "R", 1, 0],
    ]);
    expect(one).toMatchObject({ history: "Hr", conn_state: "REJ", "id.orig_p": 50000 });
  });

  it("tcp/handshake-reorder: the SYN comes after its answer", async () => {
    const one = await played([
      ["s", "SA", 0, 1],
      ["c", "S", 0, 0],
      ["c", "A", 1, 1],
      ["c", "PA", 1, 1, 10],
      ["s", "A", 1, 11],
    ]);
    expect(one).toMatchObject({ history: "Hs^ADa", conn_state: "S1", "id.orig_p": 40000 });
  });

  it.each<readonly [string, readonly Step[], string, string]>([
    ["tcp/single-rst", [["c", "R", 1, 0]], "R", "OTH"],
    [
      "tcp/syn-then-rst",
      [
        ["c", "S", 0, 0],
        ["c", "R", 1, 0],
      ],
      "SR",
      "RSTOS0",
    ],
    [
      "tcp/syn-then-ack-then-rst",
      [
        ["c", "S", 0, 0],
        ["s", "A", 1, 1],
        ["c", "R", 1, 0],
      ],
      "SaR",
      "RSTOS0",
    ],
    [
      "tcp/syn-then-stuff-then-rst",
      [
        ["c", "S", 0, 0],
        ["s", "A", 1, 1],
        ["c", "FA", 1, 1],
        ["c", "R", 2, 0],
      ],
      "SaFR",
      "OTH",
    ],
  ])("conn_state-RST-behavior: %s", async (_name, steps, history, state) => {
    expect(await played(steps)).toMatchObject({ history, conn_state: state });
  });

  it("core.tcp.rxmit-history: what the snaplen cut was never there", async () => {
    const one = await played(
      [
        ...HANDSHAKE,
        ["c", "PA", 1, 1, 474],
        ["s", "A", 1, 475],
        ["s", "PA", 1, 475, 1000],
        ["s", "PA", 1001, 475, 1000],
        ["c", "A", 475, 2001],
        ["s", "PA", 1001, 475, 1000],
        ["c", "R", 475, 0],
      ],
      { server: 80, snapLength: 60 },
    );
    expect(one).toMatchObject({
      history: "ShADaGdgtR",
      conn_state: "RSTO",
      orig_bytes: 474,
      resp_bytes: 2000,
      missed_bytes: 474 + 2000,
    });
  });

  it("a SYN with payload has the letter of a repeat", async () => {
    const one = await played([
      ["c", "S", 0, 0, 10],
      ["s", "SA", 0, 11],
      ["c", "A", 11, 1],
    ]);
    expect(one).toMatchObject({ history: "SThA", orig_bytes: 10 });
  });

  it("a RST's payload is no part of the stream", async () => {
    const one = await played([...HANDSHAKE, ["s", "RA", 1, 1, 50]]);
    expect(one).toMatchObject({ history: "ShArt", conn_state: "RSTR", resp_bytes: 0 });
  });

  it("a FIN before data that is missing closes when that is acknowledged", async () => {
    const one = await played([
      ...HANDSHAKE,
      ["c", "FA", 1, 1],
      ["s", "A", 1, 2],
      ["s", "FA", 101, 2],
      ["c", "A", 2, 1],
      ["c", "A", 2, 102],
      ["s", "A", 102, 2],
    ]);
    // The seventh packet acknowledges it; what comes then is not in the duration.
    expect(one).toMatchObject({ conn_state: "SF", missed_bytes: 100, duration: 7 });
  });

  // TCPSessionAdapter::Process: "Don't trust ack's in RST packets", but `AckReceived` is told of them.
  it("a RST behind both FINs tells of data that nobody captured", async () => {
    const one = await played([
      ...HANDSHAKE,
      ["c", "PA", 1, 1, 10],
      ["s", "FA", 1, 11],
      ["c", "FA", 21, 2],
      ["s", "RA", 2, 22],
      ["c", "A", 22, 2],
    ]);
    expect(one).toMatchObject({ history: "ShADfFrG", missed_bytes: 10, duration: 6 });
  });

  // AckReceived asks for the other side's end, and `DataSent` comes after that.
  it("a FIN's own data does not keep the side that it acknowledges open", async () => {
    const one = await played([
      ...HANDSHAKE,
      ["s", "FA", 11, 1],
      ["c", "FA", 1, 12, 20],
      ["c", "A", 22, 12],
    ]);
    expect(one).toMatchObject({ history: "ShAfFg", missed_bytes: 10, duration: 4 });
  });

  // Process: with `seq_underflow` there is no `DataSent`.
  it("data that begins before its side did was never there", async () => {
    const one = await played([...HANDSHAKE, ["c", "PA", -9, 1, 100], ["s", "A", 1, 91]]);
    expect(one).toMatchObject({ history: "ShADaG", orig_bytes: 90, missed_bytes: 90 });
  });

  // AckReceived: nothing from `FIN_seq` on counts as acknowledged.
  it("behind a FIN nothing is missed, until another one comes", async () => {
    const steps: readonly Step[] = [
      ...HANDSHAKE,
      ["c", "FA", 1, 1],
      ["c", "PA", 2, 1, 100],
      ["s", "A", 1, 102],
    ];
    expect(await played(steps)).toMatchObject({ history: "ShAFDa", missed_bytes: 0 });
    const more = await played([...steps, ["c", "FA", 102, 1], ["s", "A", 1, 102]]);
    expect(more).toMatchObject({ history: "ShAFDaFG", missed_bytes: 1 });
  });

  it("a second FIN behind the first leaves that one's octet out", async () => {
    const one = await played([
      ...HANDSHAKE,
      ["s", "FA", 1, 1],
      ["c", "A", 1, 2],
      ["s", "FA", 2, 1],
      ["c", "A", 1, 3],
    ]);
    expect(one).toMatchObject({ history: "ShAffg", missed_bytes: 1 });
  });

  // TCP_Endpoint::Size: `last_seq` went from 2^32 - 1 to 0 when it was set, which counts no turn.
  it("from number 0 on in the middle only what is acknowledged counts as sent", async () => {
    const from = { sourcePort: 40000, destinationPort: 50000, flags: "PA" } as const;
    const back = { sourcePort: 50000, destinationPort: 40000, flags: "A" } as const;
    const sent = [
      at(0, ipv4(here), tcp({ ...from, sequence: 0, acknowledgement: 700 }), payload(10)),
      at(1, ipv4(here), tcp({ ...from, sequence: 10, acknowledgement: 700 }), payload(10)),
    ];
    expect((await asZeek(sent))[0]).toMatchObject({ orig_bytes: 0, orig_pkts: 2 });
    const acknowledged = at(2, ipv4(there), tcp({ ...back, sequence: 700, acknowledgement: 20 }));
    expect((await asZeek([...sent, acknowledged]))[0]).toMatchObject({ orig_bytes: 20 });
    const { records } = await run([capture(...sent)]);
    expect(records[0]!.src).toMatchObject({ payload_bytes: 20 });
  });

  it("the FIN of a packet with RST, too, ends what is acknowledged", async () => {
    const one = await played([
      ...HANDSHAKE,
      ["c", "FRA", 1, 1],
      ["c", "PA", 2, 1, 100],
      ["s", "FA", 1, 102],
      ["c", "A", 102, 2],
      ["s", "A", 2, 102],
    ]);
    // The client's data is kept for an acknowledgement that is never believed: the server stays open.
    expect(one).toMatchObject({ history: "ShAIDfa", conn_state: "RSTO", duration: 7 });
  });

  // Undelivered moves on in every state, it only tells of no gap.
  it("what is acknowledged keeps no side of a conversation from the middle open", async () => {
    const one = await played([
      ["c", "PA", 1, 1, 10],
      ["s", "PA", 1, 31, 5],
      ["c", "RA", 31, 6],
      ["s", "RA", 6, 31],
      ["c", "A", 31, 6],
    ]);
    expect(one).toMatchObject({ history: "DdRrA", missed_bytes: 0, duration: 3 });
  });

  it("what a RST acknowledges does not count as sent, and a reset connection has no gaps", async () => {
    const one = await played([...HANDSHAKE, ["c", "PA", 1, 1, 10], ["s", "RA", 1, 501]]);
    expect(one).toMatchObject({ history: "ShADr", orig_bytes: 10, missed_bytes: 0 });
  });
});

// IPAddr keeps IPv4 addresses as ::ffff:a.b.c.d, and tells them by that.
describe("IPv6 addresses that map IPv4", () => {
  const mapped = (address: string): string => {
    const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
    return `::ffff:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  };
  const six = { source: mapped(here.source), destination: mapped(here.destination) };
  const back = { source: six.destination, destination: six.source };

  it("are those of IPv4, and so is the connection", async () => {
    const [one, ...others] = await asZeek([
      at(0, ethernet(), ipv6(six), udp(query), payload(10)),
      at(1, ethernet(), ipv6(back), udp(answer), payload(20)),
      at(2, ethernet(), ipv4(here), udp(query), payload(10)),
    ]);
    expect(others).toEqual([]);
    expect(one).toMatchObject({
      "id.orig_h": here.source,
      "id.resp_h": here.destination,
      history: "Dd",
      orig_pkts: 2,
      // Each packet as long as its own header says: 40 and 20 octets of it.
      orig_ip_bytes: 58 + 38,
      resp_ip_bytes: 68,
      local_orig: true,
    });
    const [four] = await asZeek([at(0, ipv4(here), udp(query), payload(10))]);
    expect(one!["community_id"]).toBe(four!["community_id"]);
  });

  it("255.255.255.255 gets no answers in that form either", async () => {
    const everybody = { ...six, destination: mapped("255.255.255.255") };
    const [one] = await asZeek([at(0, ethernet(), ipv6(everybody), udp(answer), payload(10))]);
    expect(one).toMatchObject({ "id.resp_h": "255.255.255.255", history: "D" });
  });

  it("are written as those of IPv4 where the other end has none", async () => {
    const one = { source: six.source, destination: "2001:4860::1" };
    const [connection] = await asZeek([at(0, ethernet(), ipv6(one), udp(query), payload(10))]);
    expect(connection).toMatchObject({
      "id.orig_h": here.source,
      "id.resp_h": "2001:4860::1",
      local_orig: true,
      local_resp: false,
    });
  });

  it("stay what they are in portflow's own form", async () => {
    const { records } = await run([capture(at(0, ethernet(), ipv6(six), udp(query), payload(10)))]);
    expect(records[0]).toMatchObject({ ip_version: 6, src: { ip: `::ffff:${here.source}` } });
  });
});

// TCP_Reassembler::DataSent: tcp_excessive_data_without_further_acks, 10,485,760 octets.
describe("what nobody acknowledges any more, by Zeek's rules", () => {
  /** The client sends packets of 60,000 octets, of which the server acknowledged ten before. */
  const sending = (packets: number): readonly Step[] => [
    ...HANDSHAKE,
    ["c", "PA", 1, 1, 10],
    ["s", "A", 1, 11],
    ...Array.from({ length: packets }, (_, i): Step => ["c", "A", 11 + i * 60_000, 1, 60_000]),
  ];

  it.each([
    ["a hole behind 10 MiB is not told", 175, "ShADa", 0],
    ["one behind less is", 174, "ShADaG", 100],
  ])("%s", async (_name, packets, history, missed) => {
    const end = 11 + packets * 60_000;
    const one = await played([
      ...sending(packets),
      ["c", "PA", end + 100, 1, 10],
      ["s", "A", 1, end + 110],
    ]);
    expect(one).toMatchObject({ history, missed_bytes: missed, orig_bytes: end + 109 });
  });

  it("acknowledgements in time, and none at all, give nothing up", async () => {
    const half = sending(100);
    const rest = sending(175).slice(half.length);
    const end = 11 + 175 * 60_000;
    const one = await played([
      ...half,
      ["s", "A", 1, 11 + 60_000],
      ...rest,
      ["c", "PA", end + 100, 1, 10],
      ["s", "A", 1, end + 110],
    ]);
    expect(one).toMatchObject({ history: "ShADaG", missed_bytes: 100 });
  });

  it("small steps from more than 10 MiB behind come too late", async () => {
    const end = 11 + 175 * 60_000;
    const steps = Array.from({ length: 11 }, (_, i): Step => ["s", "A", 1, 11 + (i + 1) * 960_000]);
    const one = await played([
      ...sending(175),
      ...steps.filter(([, , , acknowledgement]) => acknowledgement < end),
      ["s", "A", 1, end],
      ["c", "PA", end + 100, 1, 10],
      ["s", "A", 1, end + 110],
    ]);
    expect(one).toMatchObject({ history: "ShADa", missed_bytes: 0 });
  });

  // DataPending asks the peer for `HasUndeliveredData`: whether it keeps anything.
  it.each([
    ["closes at its FIN", 175, 1],
    ["waits while less is kept", 174, 2],
  ])("the server %s", async (_name, packets, after) => {
    const end = 11 + packets * 60_000;
    const one = await played([
      ...sending(packets),
      ["s", "FA", 1, 11],
      ["c", "FA", end, 2],
      ["s", "A", 2, end + 1],
    ]);
    expect(one).toMatchObject({ conn_state: "SF", duration: packets + 5 + after });
  });
});

// RunState: a packet's own time is its connection's last, though the clock never goes back.
describe("packets that are earlier than those before them", () => {
  it.each<readonly [string, readonly number[], number, number | undefined]>([
    ["the last", [1, 4, 2], 1, 1],
    ["one in the middle", [1, 4, 2, 5], 1, 4],
    ["the second", [3, 1, 5], 3, 2],
    ["all after the first", [3, 1, 2], 3, undefined],
  ])("a connection lasts from the first to the last of the capture: %s", async (...row) => {
    const [, times, first, duration] = row;
    const [one, ...others] = await asZeek(
      times.map((time) => at(time, ipv4(here), udp(query), payload(10))),
    );
    expect(others).toEqual([]);
    expect(one).toMatchObject({ ts: 1_772_442_000 + first, orig_pkts: times.length });
    expect(one!["duration"]).toBe(duration);
  });
});

// TCPSessionAdapter: AttemptTimer, IsReuse.
describe("what keeps a connection alive, by Zeek's rules", () => {
  const stories = (all: readonly Connection[]) =>
    [...all]
      .sort((a, b) => Number(a["ts"]) - Number(b["ts"]))
      .map((one) => [one["history"], one["orig_pkts"]]);
  const wrong = "wrong" as const;

  it("is no packet with a wrong checksum", async () => {
    const packets = [
      at(0, ipv4(here), udp(query)),
      at(50, ipv4(here), udp({ ...query, checksum: wrong })),
      at(70, ipv4(here), udp(query)),
    ];
    expect(stories(await asZeek(packets))).toEqual([
      ["DC", 1],
      ["D", 1],
    ]);
    expect((await connections(packets)).length).toBe(1);
  });

  it("is no fragment of a datagram that is not whole", async () => {
    const [first, ...rest] = ipv4Fragments(here, 16, udp(query), payload(40));
    const all = await asZeek([
      at(0, ipv4(here), udp(query)),
      at(50, first!),
      at(70, ipv4(here), udp(query)),
    ]);
    expect(stories(all).length).toBe(2);
    const whole = await asZeek([
      at(0, ipv4(here), udp(query)),
      at(50, first!),
      ...rest.map((piece) => at(51, piece)),
      at(70, ipv4(here), udp(query)),
    ]);
    expect(stories(whole)).toEqual([["D", 3]]);
  });

  // TCPSessionAdapter::ExpireTimer, tcp_SYN_timeout: nothing ever happened on it.
  it("TCP of nothing else is given up after five seconds", async () => {
    const data = tcp({ sourcePort: 40000, destinationPort: 50000, flags: "PA", checksum: wrong });
    const all = await asZeek([0, 4, 6, 12].map((s) => at(s, ipv4(here), data, payload(9))));
    expect(stories(all)).toEqual([
      ["C", 0],
      ["C", 0],
      ["C", 0],
    ]);
  });

  it("but not where one is right", async () => {
    const ports = { sourcePort: 40000, destinationPort: 50000, flags: "PA" };
    const all = await asZeek([
      at(0, ipv4(here), tcp({ ...ports, checksum: wrong }), payload(9)),
      at(1, ipv4(here), tcp(ports), payload(9)),
      at(90, ipv4(here), tcp({ ...ports, sequence: 9 }), payload(9)),
    ]);
    expect(stories(all)).toEqual([["CD", 2]]);
  });

  // IsReuse comes before the checksum, and knows no number of a connection without a SYN that counts.
  it("a SYN with a wrong checksum is no attempt, so that the next one waits for five seconds itself", async () => {
    const c = { sourcePort: 40000, destinationPort: 80, sequence: 100, flags: "S" };
    const s = { sourcePort: 80, destinationPort: 40000, sequence: 500, flags: "SA" };
    const all = await asZeek([
      at(0, ipv4(here), tcp({ ...c, checksum: wrong })),
      at(1, ipv4(here), tcp({ ...c, checksum: wrong })),
      at(4, ipv4(here), tcp(c)),
      at(8.5, ipv4(there), tcp({ ...s, acknowledgement: 101 })),
    ]);
    expect(stories(all)).toEqual([
      ["C", 0],
      ["C", 0],
      ["Sh", 1],
    ]);
  });
});

// scripts/base/protocols/conn/inactivity.zeek, on connection_established.
describe("how long TCP may be silent, by Zeek's rules", () => {
  it.each<readonly [string, number, boolean, number]>([
    ["an hour where people type: SSH", 22, true, 1],
    ["and login", 513, true, 1],
    ["five minutes elsewhere", 80, true, 2],
    ["five minutes where the handshake was not seen", 22, false, 2],
  ])("%s", async (_name, port, hasHandshake, expected) => {
    const c = { sourcePort: 40000, destinationPort: port };
    const s = { sourcePort: port, destinationPort: 40000 };
    const data = (sequence: number) => tcp({ ...c, sequence, acknowledgement: 501, flags: "PA" });
    const shake = [
      at(0, ipv4(here), tcp({ ...c, sequence: 100, flags: "S" })),
      at(1, ipv4(there), tcp({ ...s, sequence: 500, acknowledgement: 101, flags: "SA" })),
    ];
    const packets = [
      ...(hasHandshake ? shake : []),
      at(2, ipv4(here), data(101), payload(10)),
      at(3000, ipv4(here), data(111), payload(10)),
    ];
    const sink = newZeekJsonSink({ communityIdSeed: 0, color: false, columns: 100 });
    const options = { sink, zeekRules: true, timeouts: ZEEK_TIMEOUTS };
    const { text } = await run([capture(...packets)], options);
    expect(text.trimEnd().split("\n").length).toBe(expected);
    const native = await run([capture(...packets)]);
    expect(native.records.length).toBe(2);
  });
});

// DNS_Analyzer::ExpireTimer, dns_session_timeout 10 s; core.tunnels.teredo has such a pair of connections.
describe("how long DNS over UDP lasts, by Zeek's rules", () => {
  /** @param isBusy - whether others send a packet every second meanwhile */
  async function begins(
    seconds: readonly number[],
    { port = 53, zeekRules = true, isBusy = true } = {},
  ): Promise<number[]> {
    const header = udp({ sourcePort: 40000, destinationPort: port });
    const other = udp({ sourcePort: 40000, destinationPort: 9999 });
    const sink = newZeekJsonSink({ communityIdSeed: 0, color: false, columns: 100 });
    const timeouts = zeekRules ? ZEEK_TIMEOUTS : DEFAULT_TIMEOUTS;
    const last = isBusy ? Math.ceil(seconds.at(-1)!) : 0;
    const packets = [
      ...seconds.map((second) => at(second, ipv4(here), header)),
      ...Array.from({ length: last }, (_, i) => at(i + 0.001, ipv4(here), other)),
    ].sort((a, b) => a.microseconds - b.microseconds);
    const { text } = await run([capture(...packets)], { sink, zeekRules, timeouts });
    return text
      .trimEnd()
      .split("\n")
      .map((line): Connection => JSON.parse(line))
      .filter((one) => one["id.resp_p"] === port)
      .map((one) => Number(one["ts"]) - 1_772_442_000)
      .sort((a, b) => a - b);
  }

  it.each<readonly [string, readonly number[], readonly number[]]>([
    ["silent for 9 s at the first look", [0, 1, 10], [0, 10]],
    ["silent for less than 9 s", [0, 1.5, 10, 19.5], [0]],
    ["silent at the second look", [0, 1.5, 20], [0, 20]],
    ["just before that look", [0, 1.5, 19.5], [0]],
    ["looks go on from the first packet", [0, 8, 17, 26, 30.5, 40.5], [0, 40.5]],
  ])("%s", async (_name, seconds, expected) => {
    expect(await begins(seconds)).toEqual(expected);
  });

  // Timers run when a packet has come: `t` is its time.
  it.each<readonly [string, readonly number[], readonly number[]]>([
    ["a look that was due is at the next packet", [0, 1.5, 19.5], [0, 19.5]],
    ["also when silence is shorter there", [0, 8, 16.5], [0]],
    ["9 s of it are enough", [0, 8, 17], [0, 17]],
  ])("where nobody else sends, %s", async (_name, seconds, expected) => {
    expect(await begins(seconds, { isBusy: false })).toEqual(expected);
  });

  it.each([[137], [5353], [5355]])("so does what is heard on port %i", async (port) => {
    expect(await begins([0, 15], { port })).toEqual([0, 15]);
  });

  it("other UDP, and DNS in a native run, has a minute", async () => {
    expect(await begins([0, 15, 74, 135], { port: 138 })).toEqual([0, 135]);
    expect(await begins([0, 15], { zeekRules: false })).toEqual([0]);
  });

  it("the responder's port counts, whoever was heard first", async () => {
    const sink = newZeekJsonSink({ communityIdSeed: 0, color: false, columns: 100 });
    const packets = [0, 15].map((second) => at(second, ipv4(there), udp(answer)));
    const options = { sink, zeekRules: true, timeouts: ZEEK_TIMEOUTS };
    const { text } = await run([capture(...packets)], options);
    expect(text.trimEnd().split("\n").length).toBe(2);
  });
});

// IPv6_Hdr_Chain: the home address is the sender's, the last address of a route the receiver's.
describe("IPv6 packets on their journey", () => {
  const home = new Uint8Array(16).fill(0x11);
  const end = new Uint8Array(16).fill(0x22);
  const homeOption = Uint8Array.from([1, 2, 0, 0, 201, 16, ...home]);
  const route = (type: number, left: number) => Uint8Array.from([type, left, 0, 0, 0, 0, ...end]);
  const from = "1111:1111:1111:1111:1111:1111:1111:1111";
  const to = "2222:2222:2222:2222:2222:2222:2222:2222";

  it.each([
    ["a home address", [ipv6Extension(60, homeOption)], from, "2001:db8::2"],
    ["a source route", [ipv6Extension(43, route(0, 1))], "2001:db8::1", to],
    ["a route of a mobile node", [ipv6Extension(43, route(2, 1))], "2001:db8::1", to],
    ["both", [ipv6Extension(43, route(2, 1)), ipv6Extension(60, homeOption)], from, to],
    ["a route that was gone", [ipv6Extension(43, route(0, 0))], "2001:db8::1", "2001:db8::2"],
  ])("belong to its ends: %s", async (_name, extensions, source, destination) => {
    // The checksum is that of the ends (RFC 8200 section 8.1).
    const datagram = frame(ipv6({ source, destination }), udp(query), payload(10)).subarray(40);
    const nextHeader = extensions[0]!.ipProtocol!;
    const body = octets(datagram, { ipProtocol: 17 });
    const back = { source: destination, destination: source };
    const all = await asZeek([
      at(0, ipv6({ nextHeader }), ...extensions, body),
      at(1, ipv6(back), udp(answer), payload(20)),
    ]);
    expect(all).toMatchObject([
      { "id.orig_h": source, "id.resp_h": destination, history: "Dd", resp_pkts: 1 },
    ]);
  });

  // FragReassembler keeps the headers that come before the fragment header, and the chain is read anew.
  it("that came in fragments belong to them, too", async () => {
    const datagram = frame(ipv6({ source: from }), udp(query), payload(40)).subarray(40);
    const piece = (offset: number, end: number) => [
      ipv6(),
      ipv6Extension(60, homeOption),
      ipv6FragmentHeader({ offset, more: end < datagram.length, nextHeader: 17 }),
      octets(datagram.subarray(offset, end)),
    ];
    const back = { source: "2001:db8::2", destination: from };
    const all = await asZeek([
      at(0, ...piece(24, 48)),
      at(1, ...piece(0, 24)),
      at(2, ipv6(back), udp(answer), payload(20)),
    ]);
    expect(all).toMatchObject([
      // 40 of IPv6, 24 of destination options, 48 of UDP.
      { "id.orig_h": from, history: "Dd", orig_pkts: 1, orig_ip_bytes: 112, resp_pkts: 1 },
    ]);
  });

  it("go by their header where the route is of a kind that Zeek does not know, and are wrong", async () => {
    const datagram = frame(ipv6({ destination: to }), udp(query), payload(10)).subarray(40);
    const segments = ipv6Extension(43, Uint8Array.from([4, 1, 0, 0, 0, 0, ...end]));
    const [one] = await asZeek([at(0, ipv6(), segments, octets(datagram, { ipProtocol: 17 }))]);
    expect(one).toMatchObject({ "id.resp_h": "2001:db8::2", history: "C", orig_pkts: 0 });
  });

  it("in a native run belong to the addresses of their headers", async () => {
    const datagram = frame(ipv6({ destination: to }), udp(query), payload(10)).subarray(40);
    const body = octets(datagram, { ipProtocol: 17 });
    const { records } = await run([capture(at(0, ipv6(), ipv6Extension(43, route(0, 1)), body))]);
    expect(records[0]!.dst.ip).toBe("2001:db8::2");
  });
});

describe("where a connection ends and another begins, by Zeek's rules", () => {
  const stories = (all: readonly Connection[]) =>
    all.map((one) => [one["id.orig_p"], one["history"], one["conn_state"]]);

  it("one of which the responder was not captured is given up after five seconds", async () => {
    const all = await playedAll([
      ["c", "S", 0, 0],
      ["c", "A", 1, 1],
      ["c", "PA", 1, 1, 10],
      ["c", "A", 11, 1],
      ["c", "A", 11, 20],
      ["c", "PA", 11, 20, 10],
      ["c", "FA", 21, 20],
    ]);
    expect(stories(all)).toEqual([
      [40000, "SAD", "S0"],
      [40000, "DF", "SH"],
    ]);
    expect(all[0]).toMatchObject({ orig_pkts: 5, duration: 4 });
  });

  it("but not where it ended before, or the responder is heard", async () => {
    expect(
      stories(
        await playedAll([
          ["c", "S", 0, 0],
          ["c", "A", 1, 1],
          ["c", "FA", 1, 1],
          ["c", "A", 2, 1],
          ["c", "A", 2, 1],
          ["c", "A", 2, 1],
          ["c", "A", 2, 1],
        ]),
      ),
    ).toEqual([[40000, "SAF", "SH"]]);
    expect(
      stories(
        await playedAll([
          ["c", "S", 0, 0],
          ["c", "A", 1, 1],
          ["s", "A", 1, 1, 5],
          ["c", "A", 1, 6],
          ["c", "A", 1, 6],
          ["c", "A", 1, 6],
          ["c", "A", 1, 6],
        ]),
      ),
    ).toEqual([[40000, "SAd", "OTH"]]);
  });

  it("a SYN+ACK between ports of no servers waits as long", async () => {
    const answers = Array.from({ length: 7 }, (): Step => ["s", "SA", 0, 1]);
    expect(stories(await playedAll(answers))).toEqual([
      [50000, "H", "OTH"],
      [50000, "H", "OTH"],
    ]);
  });

  it("a SYN after a refusal is another attempt, with the same number, too", async () => {
    expect(
      stories(
        await playedAll([
          ["c", "S", 0, 0],
          ["s", "RA", 0, 1],
          ["c", "S", 0, 0],
          ["s", "RA", 0, 1],
        ]),
      ),
    ).toEqual([
      [40000, "Sr", "REJ"],
      [40000, "Sr", "REJ"],
    ]);
  });

  it("a repeated SYN, and a SYN+ACK with another number, are none", async () => {
    expect(
      stories(
        await playedAll([
          ["c", "S", 0, 0],
          ["c", "S", 0, 0],
          ["s", "SA", 0, 1],
          ["s", "SA", 100, 1],
          ["c", "A", 1, 101],
        ]),
      ),
      // The other number begins the side anew, and its SYN is at position 0 again: no second letter.
    ).toEqual([[40000, "ShA", "S1"]]);
  });

  it("answers with other numbers to somebody who never asked are one each", async () => {
    expect(
      stories(
        await playedAll(
          [
            ["s", "SA", 0, 1],
            ["s", "SA", 5000, 7001],
          ],
          { server: 80 },
        ),
      ),
    ).toEqual([
      [40000, "^h", "OTH"],
      [40000, "^h", "OTH"],
    ]);
  });

  it("of a simultaneous open the second SYN begins another, the other way round", async () => {
    expect(
      stories(
        await playedAll([
          ["c", "S", 0, 0],
          ["s", "S", 0, 0],
          ["c", "SA", 0, 1],
          ["s", "SA", 0, 1],
          ["c", "A", 1, 1],
        ]),
      ),
    ).toEqual([
      [40000, "S", "S0"],
      // The SYN+ACK of the originator's is a copy of its SYN, as far as the letters go.
      [50000, "Sha", "S1"],
    ]);
  });

  it("a close that waits for data that nobody acknowledges ends nothing", async () => {
    const silence = Array.from({ length: 6 }, (): Step => ["c", "A", 12, 2]);
    const all = await playedAll([
      ...HANDSHAKE,
      ["c", "PA", 1, 1, 10],
      ["s", "FA", 1, 1],
      ["c", "FA", 11, 2],
      ...silence,
      ["s", "A", 2, 12],
    ]);
    expect(stories(all)).toEqual([[40000, "ShADfFa", "SF"]]);
    expect(all[0]).toMatchObject({ duration: 12, orig_pkts: 10 });
  });

  // core.tcp.fin-rst-timeout: nobody acknowledges the server's last octets.
  it("but a reset after a FIN does, within five seconds", async () => {
    const late = Array.from({ length: 7 }, (): Step => ["s", "RA", 101, 12]);
    const all = await playedAll([
      ...HANDSHAKE,
      ["c", "PA", 1, 1, 10],
      ["s", "PA", 1, 11, 100],
      ["c", "FA", 11, 1],
      ["c", "RA", 12, 1],
      ["s", "FA", 101, 12],
      ...late,
    ]);
    expect(stories(all)).toEqual([
      [40000, "ShADdFRfr", "SF"],
      [50000, "R", "OTH"],
    ]);
    expect(all[0]).toMatchObject({ orig_pkts: 5, resp_pkts: 3 + 3 });
  });

  it("one that is complete does, whatever comes then", async () => {
    const late = Array.from({ length: 6 }, (): Step => ["c", "A", 12, 2]);
    const all = await playedAll([
      ...HANDSHAKE,
      ["c", "PA", 1, 1, 10],
      ["s", "FA", 1, 11],
      ["c", "FA", 11, 2],
      ...late,
    ]);
    expect(stories(all)).toEqual([
      [40000, "ShADfF", "SF"],
      [40000, "A", "OTH"],
    ]);
    expect(all[0]).toMatchObject({ duration: 5, orig_pkts: 4 + 4 });
  });

  it("a native run holds each of these for one conversation", async () => {
    const packets = ["S", "A", "A", "A", "A", "A", "FA"].map((flags, i) =>
      at(i, ipv4(here), tcp({ sourcePort: 40000, destinationPort: 50000, sequence: 1, flags })),
    );
    expect((await run([capture(...packets)])).records.length).toBe(1);
  });
});
