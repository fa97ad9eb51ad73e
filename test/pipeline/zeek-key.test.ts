import { describe, expect, it } from "vitest";
import type { ReadCapturesOptions } from "../../src/pipeline/read-captures.ts";
import { newZeekJsonSink } from "../../src/sink/zeek/zeek-json.ts";
import { type Layer, payload } from "../support/build.ts";
import { ipv4, ipv4Fragments } from "../support/build-ip.ts";
import { ethernet, vlan } from "../support/build-link.ts";
import { tcp, udp } from "../support/build-transport.ts";
import { vxlan } from "../support/build-tunnel.ts";
import { at, capture, run } from "./run.ts";

// Zeek knows a connection by addresses, ports and protocol: src/packet_analysis/protocol/ip/conn_key,
// IPBasedAnalyzer::AnalyzePacket, which lets `CheckEncapsulation` note that the tunnel is another one.
const FIVE_TUPLE = {
  zeekRules: true,
  useVlanKey: false,
  useTunnelKey: false,
  tellsSurroundings: true,
} as const;

const here = { source: "192.0.2.1", destination: "198.51.100.1" };
const there = { source: "198.51.100.1", destination: "192.0.2.1" };
const syn = tcp({ sourcePort: 40000, destinationPort: 80, sequence: 100, flags: "S" });
const synAck = tcp({
  sourcePort: 80,
  destinationPort: 40000,
  sequence: 500,
  acknowledgement: 101,
  flags: "SA",
});
const ack = tcp({
  sourcePort: 40000,
  destinationPort: 80,
  sequence: 101,
  acknowledgement: 501,
  flags: "A",
});

/** A handshake of which each packet has other layers around it. */
function handshake(...around: readonly (readonly Layer[])[]): Uint8Array {
  return capture(
    at(0, ...around[0]!, ipv4(here), syn),
    at(1, ...around[1]!, ipv4(there), synAck),
    at(2, ...around[2]!, ipv4(here), ack),
  );
}

function inVxlan(network: number, sourcePort = 50000): readonly Layer[] {
  const outer = { source: "203.0.113.1", destination: "203.0.113.2" };
  return [ipv4(outer), udp({ sourcePort, destinationPort: 4789 }), vxlan(network), ethernet()];
}

async function connections(
  octets: Uint8Array,
  options: Partial<ReadCapturesOptions> = FIVE_TUPLE,
): Promise<Record<string, unknown>[]> {
  const sink = newZeekJsonSink({ communityIdSeed: 0, color: false, columns: 100 });
  const { text } = await run([octets], { ...options, sink });
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const TRUNK = handshake([vlan(5)], [vlan(6)], []);
const TUNNELS = handshake(inVxlan(1), inVxlan(2), []);

describe("with the five-tuple as the key", () => {
  it.each([
    ["whatever its VLANs", TRUNK],
    ["whatever its tunnels, or without one", TUNNELS],
    ["in frames with two tags", handshake([vlan(5), vlan(7)], [vlan(5), vlan(8)], [vlan(6)])],
  ])("a connection is one, %s", async (_name, octets) => {
    expect(await connections(octets)).toMatchObject([
      { history: "ShA", conn_state: "S1", orig_pkts: 2, resp_pkts: 1, duration: 2 },
    ]);
    expect((await connections(octets, { zeekRules: true })).length).toBe(3);
  });

  it("the first packet's VLANs and tunnels are told", async () => {
    const [trunk] = (await run([TRUNK], FIVE_TUPLE)).records;
    expect(trunk).toMatchObject({ vlan: [5], src: { packets: 2 }, dst: { packets: 1 } });
    const [tunnels] = (await run([TUNNELS], FIVE_TUPLE)).records;
    expect(tunnels).toMatchObject({ tunnel: [{ type: "vxlan", id: 1 }], src: { packets: 2 } });
  });

  it("a flow that begins without any has none", async () => {
    const [record, ...others] = (await run([handshake([], [vlan(6)], inVxlan(1))], FIVE_TUPLE))
      .records;
    expect(others).toEqual([]);
    expect(record).toMatchObject({ src: { packets: 2 }, dst: { packets: 1 } });
    expect(record).not.toHaveProperty("vlan");
    expect(record).not.toHaveProperty("tunnel");
  });

  it("a flow with a VLAN has the id that it has with VLANs in the key", async () => {
    const one = capture(at(0, vlan(5), ipv4(here), syn));
    const [told] = (await run([one], FIVE_TUPLE)).records;
    const [keyed] = (await run([one])).records;
    expect(told!.id).toBe(keyed!.id);
  });

  it("every connection that carried one is among its parents", async () => {
    const octets = handshake(inVxlan(1, 50001), inVxlan(2, 50002), inVxlan(1, 50003));
    const all = await connections(octets, { ...FIVE_TUPLE, tunnels: "both" });
    const uidOf = (port: number) => all.find((one) => one["id.orig_p"] === port)!["uid"];
    expect(all.length).toBe(4);
    expect(all.find((one) => one["proto"] === "tcp")).toMatchObject({
      history: "ShA",
      tunnel_parents: [uidOf(50001), uidOf(50002), uidOf(50003)],
    });
  });

  it("fragments on several VLANs are one datagram's", async () => {
    const query = udp({ sourcePort: 40000, destinationPort: 53 });
    const pieces = ipv4Fragments(here, 16, query, payload(40));
    const octets = capture(...pieces.map((piece, i) => at(i, vlan(5 + i), piece)));
    expect(await connections(octets)).toMatchObject([{ orig_pkts: 1, orig_ip_bytes: 68 }]);
  });

  it("flows that are many and have ended leave no surroundings behind", async () => {
    const packets = Array.from({ length: 600 }, (_, i) =>
      at(i * 100, vlan(1 + i), ipv4(here), udp({ sourcePort: 40000, destinationPort: 53 })),
    );
    const { records } = await run([capture(...packets)], FIVE_TUPLE);
    expect(records.map((record) => record.vlan?.[0])).toEqual(packets.map((_, i) => 1 + i));
  });
});

describe("with one of them in the key", () => {
  it("VLANs alone tell flows apart", async () => {
    const options = { zeekRules: true, useVlanKey: true, useTunnelKey: false };
    expect((await connections(TRUNK, options)).length).toBe(3);
    expect((await connections(TUNNELS, options)).length).toBe(1);
  });

  it("tunnels alone do, in a native run as well, and those left out have parents all the same", async () => {
    const options = { useVlanKey: false, useTunnelKey: true };
    expect((await run([TRUNK], options)).records.length).toBe(1);
    expect((await run([TUNNELS], options)).records.length).toBe(3);
    const none = { useTunnelKey: false, tunnels: "both" } as const;
    const inner = (await connections(TUNNELS, none)).filter((one) => one["proto"] === "tcp");
    expect(inner.length).toBe(1);
    expect(inner[0]!["tunnel_parents"]).toHaveLength(1);
  });
});
