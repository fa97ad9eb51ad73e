import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { at, capture } from "../pipeline/run.ts";
import { type Layer, payload } from "../support/build.ts";
import { ipv4, ipv4Fragments } from "../support/build-ip.ts";
import { ethernet, vlan } from "../support/build-link.ts";
import { sctp, tcp, udp } from "../support/build-transport.ts";
import { vxlan } from "../support/build-tunnel.ts";
import { portflow } from "../support/run-portflow.ts";

const scratch = mkdtempSync(join(tmpdir(), "portflow-zeek-view-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const CLIENT = { source: "192.0.2.10", destination: "198.51.100.20" };
const SERVER = { source: "198.51.100.20", destination: "192.0.2.10" };
const START = 1772442000;

function segment(
  from: "client" | "server",
  flags: string,
  sequence: number,
  acknowledgement: number,
  checksum?: "wrong",
): readonly Layer[] {
  const isClient = from === "client";
  const header = tcp({
    sourcePort: isClient ? 50000 : 443,
    destinationPort: isClient ? 443 : 50000,
    sequence,
    acknowledgement,
    flags,
    ...(checksum === undefined ? {} : { checksum }),
  });
  return [ipv4(isClient ? CLIENT : SERVER), header];
}

function compared(packets: Uint8Array, log: readonly object[], ...args: readonly string[]) {
  const [path, other] = [join(scratch, "capture.pcap"), join(scratch, "other.log")];
  writeFileSync(path, packets);
  writeFileSync(other, log.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const run = portflow(["compare", path, other, "-f", "json", ...args]);
  expect(run.stderr).toBe("");
  return { status: run.status, ...JSON.parse(run.stdout.toString()) };
}

// What Zeek writes of these packets, by the rules of src/packet_analysis/protocol and Frag.cc.
const CONNECTION = {
  ts: START,
  "id.orig_h": "192.0.2.10",
  "id.orig_p": 50000,
  "id.resp_h": "198.51.100.20",
  "id.resp_p": 443,
  proto: "tcp",
  // Until the second FIN; the last packet is nine seconds later.
  duration: 4,
  orig_bytes: 10,
  resp_bytes: 0,
  conn_state: "SF",
  missed_bytes: 0,
  history: "ShCADFf",
  orig_pkts: 5,
  orig_ip_bytes: 210,
  resp_pkts: 2,
  resp_ip_bytes: 80,
  ip_proto: 6,
};
const TRUNK = [
  at(0, vlan(5), ...segment("client", "S", 100, 0)),
  at(1, vlan(6), ...segment("server", "SA", 500, 101)),
  at(1.5, vlan(5), ...segment("client", "A", 101, 501, "wrong")),
  at(2, vlan(5), ...segment("client", "A", 101, 501)),
  at(2.5, vlan(5), ...segment("client", "PA", 101, 501), payload(10)),
  at(3, vlan(5), ...segment("client", "FA", 111, 501)),
  at(4, vlan(6), ...segment("server", "FA", 501, 112)),
  at(8.5, vlan(5), ...segment("client", "A", 112, 502)),
];

describe("a capture beside Zeek's log", () => {
  it("is read as Zeek reads it: key, close, checksums and all", () => {
    const result = compared(capture(...TRUNK), [CONNECTION]);
    expect(result.unexplained).toEqual([]);
    expect(result.matched).toEqual({ total: 1, agree: 1, explained: 0, unexplained: 0, split: 0 });
    expect(result.status).toBe(0);
  });

  it("a wrong count has no cause", () => {
    const result = compared(capture(...TRUNK), [{ ...CONNECTION, orig_pkts: 6 }]);
    expect(result.matched.unexplained).toBe(1);
    expect(result.status).toBe(1);
  });

  it("goes by VLANs where one says so", () => {
    const result = compared(capture(...TRUNK), [CONNECTION], "--vlan-key");
    expect(result.matched.split).toBe(1);
  });

  it("a datagram in fragments is one packet", () => {
    const query = udp({ sourcePort: 40000, destinationPort: 53 });
    const pieces = ipv4Fragments(CLIENT, 16, query, payload(40));
    const result = compared(capture(...pieces.map((piece, i) => at(i, piece))), [
      {
        ts: START + 2,
        "id.orig_h": "192.0.2.10",
        "id.orig_p": 40000,
        "id.resp_h": "198.51.100.20",
        "id.resp_p": 53,
        proto: "udp",
        conn_state: "S0",
        missed_bytes: 0,
        history: "D",
        orig_pkts: 1,
        orig_ip_bytes: 68,
        resp_pkts: 0,
        resp_ip_bytes: 0,
        ip_proto: 17,
      },
    ]);
    expect(result.unexplained).toEqual([]);
    expect(result.matched.agree).toBe(1);
  });

  it("what Zeek discards is no flow of ours", () => {
    const lost = at(
      0,
      ipv4({ ...CLIENT, checksum: "wrong" }),
      udp({ sourcePort: 1, destinationPort: 2 }),
    );
    const result = compared(capture(lost, ...TRUNK), [CONNECTION]);
    expect(result.ours.flows).toBe(1);
    expect(result.status).toBe(0);
  });

  it("tunnel and what is in it are flows", () => {
    const outer = [
      ipv4({ source: "203.0.113.1" }),
      udp({ sourcePort: 50001, destinationPort: 4789 }),
    ];
    const result = compared(
      capture(at(0, ...outer, vxlan(7), ethernet(), ...segment("client", "S", 100, 0))),
      [CONNECTION],
    );
    expect(result.ours.flows).toBe(2);
    expect(compared(capture(at(0, ...outer)), [CONNECTION], "--tunnels", "inner").ours.flows).toBe(
      1,
    );
  });

  it.each([
    [
      "without ports, as newer versions log it",
      { proto: "unknown_transport", "id.orig_p": 0, "id.resp_p": 0 },
    ],
    ["with ports, as older ones did", { proto: "sctp", "id.orig_p": 7, "id.resp_p": 9 }],
  ])("SCTP is found %s", (_name, columns) => {
    const message = [ipv4(CLIENT), sctp({ sourcePort: 7, destinationPort: 9, chunks: [] })];
    const { duration: _none, ...rest } = CONNECTION;
    const log = { ...rest, ...columns, ip_proto: 132, conn_state: "OTH", history: "" };
    const result = compared(capture(at(0, ...message)), [log]);
    expect(result.matched.total).toBe(1);
  });
});

describe("a capture beside Suricata's log", () => {
  it("each security parameter index of ESP is a flow", () => {
    const esp = (index: number) => [
      ipv4({ ...CLIENT, protocol: 50 }),
      payload(new Uint8Array(24).fill(index)),
    ];
    const flow = {
      event_type: "flow",
      src_ip: CLIENT.source,
      dest_ip: CLIENT.destination,
      proto: "ESP",
      flow: { pkts_toserver: 1, pkts_toclient: 0, start: "2026-03-02T09:00:00.000000+0000" },
    };
    const end = { ...flow.flow, end: "2026-03-02T09:00:01.000000+0000" };
    const result = compared(capture(at(0, ...esp(1)), at(0.5, ...esp(2))), [
      { ...flow, flow: end },
      { ...flow, flow: end },
    ]);
    expect(result.ours.flows).toBe(2);
    expect(result.matched.split).toBe(0);
  });
});
