import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DEFAULT_TIMEOUTS } from "../../src/flow/ending/timeouts.ts";
import { frame, type Layer, payload } from "../support/build.ts";
import { ipv4, ipv6 } from "../support/build-ip.ts";
import { ethernet, vlan } from "../support/build-link.ts";
import { icmp, icmpv6, tcp, udp } from "../support/build-transport.ts";
import { vxlan } from "../support/build-tunnel.ts";
import { portflow } from "../support/run-portflow.ts";
import type { TimedPacket } from "../support/timed-packet.ts";
import { writePcap } from "../support/write-pcap.ts";
import { at, capture, run } from "./run.ts";

const CLIENT = "192.168.1.52";
const SERVER = "8.8.8.8";
const ROUTER = "192.168.1.1";
const QUESTION: readonly Layer[] = [
  ipv4({ source: CLIENT, destination: SERVER }),
  udp({ sourcePort: 54585, destinationPort: 53 }),
  payload(30),
];
/** Of the Community ID specification's test data. */
const QUESTION_ID = "1:d/FP5EW3wiY1vCndhwleRRKHowQ=";

/** The first 28 octets of a packet, as an error quotes them. */
function quoted(layers: readonly Layer[], length = 28): Layer {
  return payload(frame(...layers).subarray(0, length));
}

function unreachable(seconds: number, layers: readonly Layer[], code = 3): TimedPacket {
  const around = ipv4({ source: ROUTER, destination: CLIENT });
  return at(seconds, around, icmp({ type: 3, code }), quoted(layers));
}

async function icmpOf(packets: readonly TimedPacket[], options: Parameters<typeof run>[1] = {}) {
  const { records } = await run([capture(...packets)], options);
  const error = records.find(({ icmp: one }) => one?.type === 3 || one?.type === 1);
  const others = records.filter((record) => record !== error);
  return { error, ids: others.map(({ id }) => id) };
}

describe("an ICMP error and the packet it quotes", () => {
  it("is a flow of its own that names the other", async () => {
    const { error, ids } = await icmpOf([at(0, ...QUESTION), unreachable(0.1, QUESTION)]);
    expect(error).toMatchObject({ src: { ip: ROUTER, packets: 1 }, dst: { ip: CLIENT } });
    expect(error!.icmp).toEqual({
      ...{ type: 3, code: 3 },
      quoted: {
        ...{ src: CLIENT, src_port: 54585, dst: SERVER, dst_port: 53, transport: "udp" },
        ...{ community_id: QUESTION_ID, id: ids[0] },
      },
    });
  });

  it("has no id where that flow is not open: unknown, or ended by the time the error comes", async () => {
    const late = unreachable(60, QUESTION);
    const timeouts = { ...DEFAULT_TIMEOUTS, udp: 60e9 };
    expect((await icmpOf([late])).error!.icmp!.quoted).not.toHaveProperty("id");
    const ended = await icmpOf([at(0, ...QUESTION), late], { timeouts });
    expect(ended.error!.icmp!.quoted).toMatchObject({ src: CLIENT });
    expect(ended.error!.icmp!.quoted).not.toHaveProperty("id");
    const open = await icmpOf([at(0.001, ...QUESTION), late], { timeouts });
    expect(open.error!.icmp!.quoted!.id).toBe(open.ids[0]);
  });

  it("quotes an answer the way it went, and keeps the first of several", async () => {
    const answer = [
      ipv4({ source: SERVER, destination: CLIENT }),
      udp({ sourcePort: 53, destinationPort: 54585 }),
      payload(60),
    ];
    const other = [...QUESTION];
    other[1] = udp({ sourcePort: 54586, destinationPort: 53 });
    const { error, ids } = await icmpOf([
      at(0, ...QUESTION),
      at(0.1, ...answer),
      unreachable(0.2, answer),
      unreachable(0.3, answer),
      unreachable(0.4, other),
      unreachable(0.5, QUESTION),
    ]);
    expect(error!.src.packets).toBe(4);
    expect(error!.icmp!.quoted).toEqual({
      ...{ src: SERVER, src_port: 53, dst: CLIENT, dst_port: 54585, transport: "udp" },
      ...{ community_id: QUESTION_ID, id: ids[0], others: 2 },
    });
  });

  it("keeps the id when a late packet moves the other flow's start", async () => {
    const { error, ids } = await icmpOf([
      at(1, ...QUESTION),
      unreachable(1.1, QUESTION),
      at(0.5, ...QUESTION),
    ]);
    expect(error!.icmp!.quoted!.id).toBe(ids[0]);
  });

  it("finds the flow in the same VLAN and tunnel only", async () => {
    const inVlan = (seconds: number, id: number, ...layers: readonly Layer[]): TimedPacket => {
      const { microseconds } = at(seconds, ...layers);
      return { microseconds, bytes: frame(ethernet(), vlan(id), ...layers) };
    };
    const error = [
      ipv4({ source: ROUTER, destination: CLIENT }),
      icmp({ type: 3, code: 1 }),
      quoted(QUESTION),
    ];
    const same = await icmpOf([inVlan(0, 5, ...QUESTION), inVlan(1, 5, ...error)]);
    expect(same.error!.icmp!.quoted!.id).toBe(same.ids[0]);
    const other = await icmpOf([inVlan(0, 5, ...QUESTION), inVlan(1, 6, ...error)]);
    expect(other.error!.icmp!.quoted).not.toHaveProperty("id");
    const tunnel = [
      ipv4(),
      udp({ sourcePort: 50000, destinationPort: 4789 }),
      vxlan(7),
      ethernet(),
    ];
    const inside = await icmpOf([at(0, ...tunnel, ...QUESTION), at(1, ...tunnel, ...error)]);
    expect(inside.error!.icmp!.quoted!.id).toBe(inside.ids[0]);
  });

  it("ICMPv6 does the same", async () => {
    const syn = [
      ipv6({ source: "2001:db8::1", destination: "2001:db8::2" }),
      tcp({ sourcePort: 50000, destinationPort: 443, flags: "S", sequence: 1 }),
    ];
    const { error, ids } = await icmpOf([
      at(0, ...syn),
      at(
        0.1,
        ipv6({ source: "2001:db8::9", destination: "2001:db8::1" }),
        icmpv6({ type: 1, code: 0 }),
        quoted(syn, 48),
      ),
    ]);
    expect(error!.icmp!.quoted).toMatchObject({
      ...{ src: "2001:db8::1", src_port: 50000, dst: "2001:db8::2", dst_port: 443 },
      ...{ transport: "tcp", id: ids[0] },
    });
  });

  it("is the same with threads", () => {
    const folder = mkdtempSync(join(tmpdir(), "portflow-quote-"));
    try {
      const path = join(folder, "errors.pcap");
      const packets = Array.from({ length: 600 }, (_, i) => {
        const asks = [...QUESTION];
        asks[1] = udp({ sourcePort: 1024 + i, destinationPort: 53 });
        return [at(i, ...asks), unreachable(i + 0.5, asks, i & 7)];
      });
      writeFileSync(path, writePcap(packets.flat()));
      const one = portflow(["read", path, "-f", "ndjson", "-q", "--workers", "1"]);
      const two = portflow(["read", path, "-f", "ndjson", "-q", "--workers", "2"]);
      // The errors of each code are one flow.
      expect(one.stdout.toString().match(/"quoted":\{[^}]*"id"/g)).toHaveLength(8);
      expect(two.stdout.equals(one.stdout)).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
