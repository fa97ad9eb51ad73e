import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { flowRecords } from "../../src/analysis/flow-records.ts";
import { packageRoot } from "../../src/core/package-root.ts";
import {
  type Explained,
  type ExplainedFlow,
  type ExplainOptions,
  explainCapture,
} from "../../src/explain/explain-capture.ts";
import { explainJson } from "../../src/explain/explain-json.ts";
import { explainText } from "../../src/explain/explain-text.ts";
import { parseFlowQuery } from "../../src/explain/flow-query.ts";
import { DEFAULT_TIMEOUTS, SECOND } from "../../src/flow/ending/timeouts.ts";
import { MOST_FLOWS } from "../../src/flow/table/flow-limits.ts";
import { loadRegistry } from "../../src/service/registry.ts";
import type { FlowRecordJson } from "../../src/sink/flow-record.ts";
import { newPainter } from "../../src/sink/table/text-table.ts";
import { complaintsOf } from "../sink/schema.ts";
import { frame, payload } from "../support/build.ts";
import { ipv4 } from "../support/build-ip.ts";
import { ethernet } from "../support/build-link.ts";
import { icmp, tcp, udp } from "../support/build-transport.ts";
import type { TimedPacket } from "../support/timed-packet.ts";
import { writePcap } from "../support/write-pcap.ts";

const scratch = mkdtempSync(join(tmpdir(), "portflow-explain-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const registry = loadRegistry();
const complaints = complaintsOf("portflow.explain.schema.json");
const OPTIONS: ExplainOptions = {
  registry,
  timeouts: DEFAULT_TIMEOUTS,
  maxFlows: MOST_FLOWS,
  useVlanKey: true,
  tunnels: "outer",
  checksums: true,
  packets: 100,
  most: 10,
  onCaptureError: (error) => {
    throw error;
  },
};
const CLIENT = "192.0.2.10";
const SERVER = "198.51.100.20";
/** 2026-03-02T09:00:00Z in microseconds. */
const START = 1_772_442_000_000_000;

/** A segment of the client (c) or the server (s): seconds, side, flags, sequence, acknowledgement, payload octets. */
type Segment = readonly [number, "c" | "s", string, number, number, number];

function segments(list: readonly Segment[], clientPort = 50000): TimedPacket[] {
  return list.map(([seconds, side, flags, sequence, acknowledgement, octets]) => {
    const isClient = side === "c";
    return {
      microseconds: START + seconds * 1e6,
      bytes: frame(
        ethernet(),
        ipv4({ source: isClient ? CLIENT : SERVER, destination: isClient ? SERVER : CLIENT }),
        tcp({
          sourcePort: isClient ? clientPort : 443,
          destinationPort: isClient ? 443 : clientPort,
          flags,
          sequence,
          acknowledgement,
        }),
        ...(octets > 0 ? [payload(octets)] : []),
      ),
    };
  });
}

function datagrams(list: readonly (readonly [number, "c" | "s"])[]): TimedPacket[] {
  return list.map(([seconds, side]) => ({
    microseconds: START + seconds * 1e6,
    bytes: frame(
      ethernet(),
      ipv4({ source: side === "c" ? CLIENT : SERVER, destination: side === "c" ? SERVER : CLIENT }),
      udp({ sourcePort: side === "c" ? 50000 : 53, destinationPort: side === "c" ? 53 : 50000 }),
      payload(20),
    ),
  }));
}

let files = 0;
async function explain(
  packets: readonly TimedPacket[],
  query: string,
  options: Partial<ExplainOptions> = {},
): Promise<Explained> {
  files += 1;
  const path = join(scratch, `${files}.pcap`);
  writeFileSync(path, writePcap([...packets].sort((a, b) => a.microseconds - b.microseconds)));
  return explainCapture(path, parseFlowQuery(query), {
    ...OPTIONS,
    ...options,
  });
}

/** Codes of notes by packet number. */
function notesOf({ flows }: Explained, flow = 0): Record<number, string> {
  const noted = flows[flow]!.story.shown.filter(({ notes }) => notes.length > 0);
  return Object.fromEntries(
    noted.map(({ number, notes }) => [number, notes.map(({ code }) => code).join(" ")]),
  );
}

const HANDSHAKE: readonly Segment[] = [
  [0, "c", "S", 100, 0, 0],
  [0.01, "s", "SA", 900, 101, 0],
  [0.02, "c", "A", 101, 901, 0],
];
const TUPLE = `tcp ${CLIENT}:50000 ${SERVER}:443`;

describe("explainCapture: a TCP connection", () => {
  it("opens, completes the handshake, closes, and gets a straggler", async () => {
    const found = await explain(
      segments([
        ...HANDSHAKE,
        [0.03, "c", "PA", 101, 901, 10],
        [0.04, "s", "PA", 901, 111, 20],
        [0.05, "c", "FA", 111, 921, 0],
        [0.06, "s", "FA", 921, 112, 0],
        [0.07, "c", "A", 112, 922, 0],
      ]),
      TUPLE,
    );
    expect(found.matching).toBe(1);
    expect(notesOf(found)).toEqual({
      1: "opened direction",
      3: "handshake",
      7: "closed",
      8: "after_close",
    });
    const { story, record } = found.flows[0]!;
    expect(story).toMatchObject({ packets: 8, closedBy: 7, initiator: 0, followedBy: 0 });
    expect(record.end_reason).toBe("closed");
    expect(story.shown.map(({ letters }) => letters)).toEqual([
      "S",
      "h",
      "A",
      "D",
      "d",
      "F",
      "f",
      "",
    ]);
    expect(story.shown.map(({ flags }) => flags)).toEqual([
      "S",
      "SA",
      "A",
      "AP",
      "AP",
      "AF",
      "AF",
      "A",
    ]);
    expect(story.shown[4]).toMatchObject({ side: 1, payloadBytes: 20, sequence: 901 });
  });

  it("leaves holes, fills them, sends again, and acknowledges what was never captured", async () => {
    const found = await explain(
      segments([
        ...HANDSHAKE,
        [0.03, "c", "PA", 101, 901, 10],
        [0.04, "c", "PA", 121, 901, 10],
        [0.05, "c", "PA", 111, 901, 10],
        [0.06, "c", "PA", 101, 901, 10],
        [0.07, "c", "PA", 181, 901, 10],
        [0.08, "s", "A", 901, 191, 0],
      ]),
      TUPLE,
    );
    expect(notesOf(found)).toEqual({
      1: "opened direction",
      3: "handshake",
      5: "leaves_hole",
      6: "fills_hole",
      7: "retransmit",
      8: "leaves_hole",
      9: "missed",
    });
    const note = found.flows[0]!.story.shown[8]!.notes[0]!;
    expect(note.text).toBe("acknowledges 50 octets that were never captured");
  });

  it("closes its window", async () => {
    const closed = segments([[0.03, "s", "A", 901, 101, 0]]);
    // Octets 14 and 15 of the TCP header are the window (RFC 9293, 3.1): behind Ethernet's 14 and IPv4's 20.
    for (const { bytes } of closed) bytes.fill(0, 48, 50);
    const found = await explain([...segments(HANDSHAKE), ...closed], TUPLE, { checksums: false });
    expect(notesOf(found)[4]).toBe("zero_window");
    expect(found.flows[0]!.story.shown[3]!.letters).toBe("aw");
  });

  it("from the middle says which port told who the responder is", async () => {
    for (const first of ["c", "s"] as const) {
      const found = await explain(segments([[0, first, "PA", 101, 901, 10]]), TUPLE);
      expect(notesOf(found)[1]).toContain("direction");
      const { notes } = found.flows[0]!.story.shown[0]!;
      expect(notes[1]!.text).toMatch(
        /direction inferred \(server-port\): the responder's port is one that servers use$/,
      );
    }
  });

  it("is reset", async () => {
    const found = await explain(segments([...HANDSHAKE, [0.03, "s", "R", 901, 0, 0]]), TUPLE);
    expect(notesOf(found)[4]).toBe("reset");
  });

  it("seen from the SYN+ACK on is turned round", async () => {
    const found = await explain(segments([...HANDSHAKE.slice(1)]), TUPLE);
    const { story, record } = found.flows[0]!;
    expect(record.src.ip).toBe(CLIENT);
    expect(story.initiator).toBe(1);
    expect(story.shown[0]!.notes[1]!.text).toBe(
      "turned round: direction certain (synack): the responder's SYN+ACK was seen",
    );
  });

  it("whose ports are used again is two flows, each explained", async () => {
    const second = HANDSHAKE.map(
      ([seconds, side, flags, sequence, acknowledgement, octets]): Segment => [
        seconds + 1,
        side,
        flags,
        sequence + 77_000,
        acknowledgement === 0 ? 0 : acknowledgement + 77_000,
        octets,
      ],
    );
    const found = await explain(segments([...HANDSHAKE, ...second]), TUPLE);
    expect(found.flows.map(({ record }) => record.end_reason)).toEqual(["reuse", "capture_end"]);
    expect(found.flows[0]!.story).toMatchObject({
      packets: 3,
      followedBy: 4,
      followedAfter: 0.98 * SECOND,
    });
    expect(notesOf(found, 1)[4]).toBe("opened direction");
    expect(found.flows[1]!.story.shown[0]!.notes[0]!.text).toBe(
      "opens another flow of these ends, 0.98 s after the last packet of the one before",
    );
  });
});

describe("explainCapture: timeouts", () => {
  it("silence splits a flow, and the longest one that did not is told", async () => {
    const found = await explain(
      datagrams([
        [0, "c"],
        [0.1, "s"],
        [30, "c"],
        [100, "c"],
      ]),
      `udp ${CLIENT}:50000 ${SERVER}:53`,
    );
    expect(found.flows.map(({ record }) => record.end_reason)).toEqual(["idle", "capture_end"]);
    expect(found.flows[0]!.story).toMatchObject({
      packets: 3,
      idleTimeout: 60 * SECOND,
      longestSilence: 29.9 * SECOND,
      silenceEndedBy: 3,
      followedBy: 4,
      followedAfter: 70 * SECOND,
    });
  });

  it("an active timeout makes parts", async () => {
    const found = await explain(
      datagrams([
        [0, "c"],
        [4, "s"],
        [11, "c"],
        [12, "s"],
      ]),
      `udp ${CLIENT}:50000 ${SERVER}:53`,
      { timeouts: { ...DEFAULT_TIMEOUTS, active: 10 * SECOND } },
    );
    expect(found.flows.map(({ record }) => record.part)).toEqual([1, 2]);
    expect(notesOf(found, 1)[3]).toContain("new_part");
    const text = explainText(
      found.flows[1]!,
      { active: 10 * SECOND, lastTime: found.lastTime },
      newPainter(false),
    );
    expect(text).toContain("begins part 2: the active timeout split the flow");
    expect(text).toContain("idle timeout 1m00s, active timeout 10.0s");
    const first = explainText(
      found.flows[0]!,
      { active: 10 * SECOND, lastTime: found.lastTime },
      newPainter(false),
    );
    expect(first).toContain("packet 3 of the same ends, 7.00s after its last, began the next part");
  });

  it("an answer that comes first is turned round by its port", async () => {
    const found = await explain(
      datagrams([
        [0, "s"],
        [1, "c"],
      ]),
      `udp ${CLIENT}:50000 ${SERVER}:53`,
    );
    expect(found.flows[0]!.record.src.ip).toBe(CLIENT);
    expect(notesOf(found)[1]).toBe("opened direction");
    expect(found.flows[0]!.story.shown.map(({ side }) => side)).toEqual([0, 1]);
    expect(found.flows[0]!.story.initiator).toBe(1);
  });
});

describe("explainText: an ICMP error", () => {
  it("says which packet it is about, and times do not fall below the first", async () => {
    const quoted = frame(
      ipv4({ source: CLIENT, destination: SERVER }),
      udp({ sourcePort: 50000, destinationPort: 53 }),
      payload(20),
    );
    const error = frame(
      ethernet(),
      ipv4({ source: SERVER, destination: CLIENT }),
      icmp({ type: 3, code: 3 }),
      payload(quoted),
    );
    // 0.002 s are no fraction of 2 that a double holds beside the seconds of 2026.
    const packets = [...datagrams([[0, "c"]]), { microseconds: START + 2000, bytes: error }];
    const found = await explain(packets, `icmp ${CLIENT} ${SERVER}`);
    const [udpFlow] = (await explain(packets, `udp ${CLIENT} ${SERVER}`)).flows;
    const text = explainText(
      found.flows[0]!,
      { active: Infinity, lastTime: found.lastTime },
      newPainter(false),
    );
    expect(text).toContain(
      `icmp type 3 code 3; about udp ${CLIENT}:50000 > ${SERVER}:53, flow ${udpFlow!.record.id}\n`,
    );
    expect(text).toMatch(/^ +2 +0\.000000 /m);
  });
});

describe("explainCapture: samples", () => {
  const samples = readdirSync(join(packageRoot(), "samples")).filter((name) => /pcap/.test(name));

  it.each(samples)("%s: every story has the packets and octets of its record", async (name) => {
    const path = join(packageRoot(), "samples", name);
    const settings = { ...OPTIONS, tunnels: "both" as const, onCaptureError: () => undefined };
    const records: FlowRecordJson[] = [];
    try {
      for await (const record of flowRecords(path, settings)) records.push(record);
    } catch {
      expect(name).toBe("damaged.pcap");
    }
    const pairs = new Set(records.map(({ src, dst }) => [src.ip, dst.ip].sort().join(" ")));
    const explained: ExplainedFlow[] = [];
    for (const pair of pairs) {
      const all = { ...settings, most: 1000, packets: 100_000 };
      explained.push(...(await explainCapture(path, parseFlowQuery(pair), all)).flows);
    }
    const ids = (list: readonly { readonly id: string }[]): string[] =>
      list.map(({ id }) => id).sort();
    expect(ids(explained.map(({ record }) => record))).toEqual(ids(records));
    for (const flow of explained) expect(complaints(explainJson(flow, undefined))).toEqual([]);
    for (const { record, story } of explained) {
      for (const [i, end] of [record.src, record.dst].entries()) {
        const own = story.shown.filter(({ side }) => (side === story.initiator) === (i === 0));
        expect(own.length).toBe(end.packets);
        expect(own.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(end.bytes);
      }
    }
  });
});

describe("explainCapture: what is kept", () => {
  it("is the first, the last and the notable packets, in order", async () => {
    const many = Array.from({ length: 50 }, (_, i): Segment => [1 + i, "c", "PA", 101 + i, 901, 1]);
    const twice: Segment = [20.5, "c", "PA", 101, 901, 1];
    const found = await explain(segments([...HANDSHAKE, ...many, twice]), TUPLE, { packets: 2 });
    const { story } = found.flows[0]!;
    // Packets 1 to 3 are the handshake, 4 to 23 the first 20 octets, 24 repeats the first.
    expect(story.shown.map(({ number }) => number)).toEqual([1, 2, 3, 24, 53, 54]);
    const text = explainText(
      found.flows[0]!,
      { active: Infinity, lastTime: found.lastTime },
      newPainter(false),
    );
    expect(text).toMatch(/\n +\.\.\. +20 more\n/);
  });

  it("is bounded, however many packets of a flow are notable", async () => {
    const copies = Array.from(
      { length: 500 },
      (_, i): Segment => [1 + i / 1000, "c", "PA", 101, 901, 1],
    );
    const found = await explain(segments([...HANDSHAKE, ...copies]), TUPLE, { packets: 2 });
    const { story } = found.flows[0]!;
    expect(story.shown.length).toBeLessThan(210);
    // 499 copies, the handshake and the opening with its direction are notable; 200 packets were kept.
    expect(story.notesLeftOut).toBe(499 - 198);
  });

  it("is nothing of flows that were not asked for", async () => {
    const packets = [...segments(HANDSHAKE), ...segments(HANDSHAKE, 50001)];
    const found = await explain(packets, `tcp ${SERVER}:443 ${CLIENT}:50001`);
    expect(found.matching).toBe(1);
    expect(found.flows[0]!.story.shown.map(({ number }) => number)).toEqual([2, 4, 6]);
    expect((await explain(packets, `${CLIENT} ${SERVER}`, { most: 1 })).matching).toBe(2);
  });
});
