import { describe, expect, it } from "vitest";
import { newEveSink } from "../../../src/sink/eve/eve.ts";
import { newEveNetflowSink } from "../../../src/sink/eve/eve-netflow.ts";
import { payload } from "../../support/build.ts";
import { ipv4 } from "../../support/build-ip.ts";
import { icmp, tcp, udp } from "../../support/build-transport.ts";
import type { TimedPacket } from "../../support/timed-packet.ts";
import { written } from "../flow-records.ts";
import { MORNING, single } from "../traffic.ts";

// biome-ignore lint/suspicious/noExplicitAny: records are looked into, not typed
type Record = any;

function records(packets: readonly TimedPacket[]): Record[] {
  return written(newEveSink, packets)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

type Step = readonly [
  side: "c" | "s",
  flags: string,
  sequence: number,
  ack: number,
  bytes?: number,
];

/** Packets between 192.0.2.10:40000 and 198.51.100.20:40001, a tenth of a second apart. */
function session(...steps: readonly Step[]): TimedPacket[] {
  return steps.map(([side, flags, sequence, acknowledgement, bytes = 0], i) => {
    const [source, destination] = ["192.0.2.10", "198.51.100.20"];
    const isClient = side === "c";
    return single(
      i / 10,
      ipv4(isClient ? { source, destination } : { source: destination, destination: source }),
      tcp({
        sourcePort: isClient ? 40000 : 40001,
        destinationPort: isClient ? 40001 : 40000,
        flags,
        sequence,
        acknowledgement,
      }),
      payload(bytes),
    );
  });
}

const OPEN: readonly Step[] = [
  ["c", "S", 1000, 0],
  ["s", "SA", 5000, 1001],
  ["c", "A", 1001, 5001],
];
const CLIENT_FIN: Step = ["c", "FA", 1001, 5001];
const SERVER_FIN: Step = ["s", "FA", 5001, 1001];

describe("eve, states of TCP", () => {
  // By hand along Suricata's functions of each state (src/stream-tcp.c).
  it.each<[string, string, string, readonly Step[]]>([
    ["a SYN alone", "syn_sent", "new", OPEN.slice(0, 1)],
    ["a SYN and a FIN that nobody answers", "syn_sent", "new", [OPEN[0]!, ["c", "F", 1001, 0]]],
    ["SYN and SYN+ACK", "syn_recv", "new", OPEN.slice(0, 2)],
    ["the handshake", "established", "established", OPEN],
    ["data without a handshake", "established", "established", [["c", "PA", 7, 9, 3]]],
    ["the client's FIN", "close_wait", "established", [...OPEN, CLIENT_FIN]],
    ["the server's FIN", "fin_wait1", "established", [...OPEN, SERVER_FIN]],
    [
      "the server's FIN, acknowledged",
      "fin_wait2",
      "established",
      [...OPEN, SERVER_FIN, ["c", "A", 1001, 5002]],
    ],
    [
      "the client's FIN, then the server's",
      "last_ack",
      "closed",
      [...OPEN, CLIENT_FIN, ["s", "FA", 5001, 1002]],
    ],
    [
      "the server's FIN, then the client's",
      "time_wait",
      "closed",
      [...OPEN, SERVER_FIN, ["c", "FA", 1001, 5002]],
    ],
    [
      "both FINs and the last acknowledgement",
      "closed",
      "closed",
      [...OPEN, CLIENT_FIN, ["s", "FA", 5001, 1002], ["c", "A", 1002, 5002]],
    ],
    ["a refusal", "closed", "closed", [OPEN[0]!, ["s", "RA", 0, 1001]]],
    ["a reset by the client", "closed", "closed", [...OPEN, ["c", "R", 1001, 0]]],
  ])("%s: %s, flow %s", (_name, state, flowState, steps) => {
    const [record] = records(session(...steps));
    expect([record.tcp.state, record.flow.state]).toEqual([state, flowState]);
  });
});

describe("eve", () => {
  it("flags are two hexadecimal digits of each side and of both, and true where seen", () => {
    const [record] = records(
      session(["c", "SEC", 1000, 0], ["s", "SAE", 5000, 1001], ["c", "APU", 1001, 5001, 4]),
    );
    // SYN 02, PSH 08, ACK 10, URG 20, ECE 40, CWR 80.
    expect(record.tcp).toEqual({
      tcp_flags: "fa",
      tcp_flags_ts: "fa",
      tcp_flags_tc: "52",
      syn: true,
      psh: true,
      ack: true,
      urg: true,
      ecn: true,
      cwr: true,
      state: "established",
    });
  });

  it("a gap is told of the side whose octets are missing", () => {
    const [record] = records(
      session(...OPEN, ["s", "PA", 5101, 1001, 10], ["c", "A", 1001, 5111], ["s", "A", 5111, 1001]),
    );
    expect(record.tcp.tc_gap).toBe(true);
    expect(record.tcp).not.toHaveProperty("ts_gap");
  });

  it("times have an offset and microseconds, cut off; age counts whole seconds of the clock", () => {
    const ends = { source: "192.0.2.10", destination: "198.51.100.20" };
    const ports = { sourcePort: 40000, destinationPort: 40001 };
    const [record] = records([
      { ...single(0, ipv4(ends), udp(ports)), microseconds: MORNING + 999_999, nanoseconds: 999 },
      { ...single(0, ipv4(ends), udp(ports)), microseconds: MORNING + 1_000_001 },
    ]);
    expect(record.flow).toMatchObject({
      start: "2026-03-02T09:00:00.999999+0000",
      end: "2026-03-02T09:00:01.000001+0000",
      age: 1,
      state: "new",
      reason: "shutdown",
      alerted: false,
    });
    expect(record.timestamp).toBe(record.flow.end);
  });

  it("flow_id is a positive whole number of at most 51 bits, the same in every run", () => {
    const [first] = records(session(...OPEN));
    const [again] = records(session(...OPEN));
    expect(first.flow_id).toBe(again.flow_id);
    expect(Number.isSafeInteger(first.flow_id)).toBe(true);
    expect(first.flow_id).toBeGreaterThan(0);
    expect(first.flow_id).toBeLessThan(2 ** 51);
    // The first 51 of the 80 bits of the id.
    expect(BigInt(first.flow_id)).toBe(BigInt(`0x${first.portflow.id}`) >> 29n);
  });

  it("an echo has the reply's type, and the code of a reply", () => {
    const ends = { source: "192.0.2.10", destination: "198.51.100.20" };
    const back = { source: ends.destination, destination: ends.source };
    const [asked] = records([single(0, ipv4(ends), icmp({ type: 8, rest: 1 }))]);
    expect(asked).toMatchObject({ proto: "ICMP", icmp_type: 8, icmp_code: 0 });
    expect(asked).not.toHaveProperty("response_icmp_type");
    const [answered] = records([
      single(0, ipv4(ends), icmp({ type: 8, rest: 1 })),
      single(0.1, ipv4(back), icmp({ type: 0, rest: 1 })),
    ]);
    expect(answered).toMatchObject({ response_icmp_type: 0, response_icmp_code: 0 });
    expect(answered.flow.state).toBe("established");
  });
});

describe("eve-netflow", () => {
  it("one record for a flow that nobody answered, two for one that was, ends exchanged", () => {
    const count = (...steps: readonly Step[]): Record[] =>
      written(newEveNetflowSink, session(...steps))
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
    expect(count(OPEN[0]!)).toHaveLength(1);
    const [there, back] = count(...OPEN);
    expect([there.src_port, there.dest_port, there.netflow.pkts]).toEqual([40000, 40001, 2]);
    expect([back.src_port, back.dest_port, back.netflow.pkts]).toEqual([40001, 40000, 1]);
    expect(back.tcp).toEqual({ tcp_flags: "12", syn: true, ack: true });
    expect(back.flow_id).toBe(there.flow_id);
    expect(back.community_id).toBe(there.community_id);
    expect(back.ether).toEqual({
      dest_macs: there.ether.src_macs,
      src_macs: there.ether.dest_macs,
    });
  });
});
