import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { CAUSES } from "../../src/compare/cause.ts";
import { compareJson } from "../../src/compare/compare-json.ts";
import { type CompareResult, compareLogs } from "../../src/compare/compare-logs.ts";
import { compareText } from "../../src/compare/compare-text.ts";
import type { StoreLimits } from "../../src/compare/flow-store.ts";
import { loadRegistry } from "../../src/service/registry.ts";
import type { FlowRecordJson } from "../../src/sink/flow-record.ts";
import { newPainter } from "../../src/sink/table/text-table.ts";
import { complaintsOf } from "../sink/schema.ts";
import { tcpRecord, udpRecord } from "../support/flow-record-json.ts";

const scratch = mkdtempSync(join(tmpdir(), "portflow-compare-test-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const registry = loadRegistry();
const complaints = complaintsOf("portflow.compare.schema.json");
let files = 0;

function file(text: string): string {
  files += 1;
  const path = join(scratch, `${files}.log`);
  writeFileSync(path, text);
  return path;
}

const ndjson = (values: readonly object[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join("");

async function compare(
  ours: readonly FlowRecordJson[],
  other: readonly object[] | string,
  limits?: StoreLimits,
): Promise<CompareResult> {
  const result = await compareLogs(
    file(ndjson(ours)),
    file(typeof other === "string" ? other : ndjson(other)),
    {
      registry,
      slackSeconds: 0.001,
      most: 10,
      ...(limits === undefined ? {} : { limits }),
    },
  );
  expect(complaints(compareJson(result, { ours: "a", other: "b" }))).toEqual([]);
  return result;
}

/** Causes by field of the first flow that does not agree; null where there is none. */
function causesOf({ comparison }: CompareResult): Record<string, string | null> {
  const flow = comparison.unexplainedFlows[0] ?? comparison.explainedFlows[0];
  return Object.fromEntries(
    (flow?.differences ?? []).map(({ field, cause }) => [field, cause ?? null]),
  );
}

/** What Zeek says of `tcpRecord()`: its duration ends with the second FIN. */
const ZEEK_TCP = {
  ts: 1772442000,
  uid: "CZeek1",
  "id.orig_h": "192.0.2.10",
  "id.orig_p": 50000,
  "id.resp_h": "198.51.100.20",
  "id.resp_p": 443,
  proto: "tcp",
  duration: 2,
  orig_bytes: 1000,
  resp_bytes: 1000,
  conn_state: "SF",
  missed_bytes: 0,
  history: "ShADadFf",
  orig_pkts: 10,
  orig_ip_bytes: 1460,
  resp_pkts: 10,
  resp_ip_bytes: 1460,
  ip_proto: 6,
};
const ZEEK_UDP = {
  ...ZEEK_TCP,
  "id.resp_p": 53,
  proto: "udp",
  duration: 0.04,
  orig_bytes: 60,
  resp_bytes: 60,
  history: "Dd",
  orig_pkts: 1,
  orig_ip_bytes: 88,
  resp_pkts: 1,
  resp_ip_bytes: 88,
  ip_proto: 17,
};
const EVE_TCP = {
  timestamp: "2026-03-02T09:01:00.000000+0000",
  event_type: "flow",
  src_ip: "192.0.2.10",
  src_port: 50000,
  dest_ip: "198.51.100.20",
  dest_port: 443,
  proto: "TCP",
  flow: {
    pkts_toserver: 10,
    pkts_toclient: 10,
    bytes_toserver: 1600,
    bytes_toclient: 1600,
    start: "2026-03-02T09:00:00.000000+0000",
    end: "2026-03-02T10:00:02.000000+0100",
    age: 2,
    state: "closed",
    reason: "timeout",
  },
  tcp: { tcp_flags: "1b", tcp_flags_ts: "1b", tcp_flags_tc: "1b", state: "closed" },
};

describe("compareLogs: everything agrees", () => {
  it.each([
    ["Zeek, TCP", [tcpRecord()], [ZEEK_TCP]],
    ["Zeek, UDP", [udpRecord()], [ZEEK_UDP]],
    [
      "Suricata, of a protocol that it calls otherwise than IANA",
      [tcpRecord({ ip_proto: 135, transport: "mobility-header" })].map(
        ({ tcp: _tcp, ...record }) => {
          const { port: _a, ...src } = record.src;
          const { port: _b, ...dst } = record.dst;
          return { ...record, src, dst };
        },
      ),
      [
        {
          ...EVE_TCP,
          proto: "Mobility",
          flow: { ...EVE_TCP.flow, state: "established" },
          src_port: undefined,
          dest_port: undefined,
          tcp: undefined,
        },
      ],
    ],
    [
      "Suricata, of a flow that began a nanosecond before a second",
      [
        tcpRecord({
          start: "2026-03-02T08:59:59.999999999Z",
          end: "2026-03-02T09:00:02.000000000Z",
          duration: 2.000000001,
        }),
      ],
      [
        {
          ...EVE_TCP,
          flow: { ...EVE_TCP.flow, start: "2026-03-02T08:59:59.999999+0000", age: 3 },
        },
      ],
    ],
    [
      "Zeek, of IPv6 that maps IPv4",
      [tcpRecord({ src: { ip: "::ffff:192.0.2.10" }, dst: { ip: "::ffff:198.51.100.20" } })],
      [ZEEK_TCP],
    ],
    ["Suricata", [tcpRecord()], [EVE_TCP]],
    ["portflow", [tcpRecord(), udpRecord()], [udpRecord(), tcpRecord()]],
    ["microseconds", [tcpRecord({ duration: 2.000000499 })], [ZEEK_TCP]],
  ])("%s", async (_name, ours, other) => {
    const { comparison } = await compare(ours, other);
    expect(comparison.agreeing).toBe(ours.length);
    expect(comparison.matched).toBe(ours.length);
    expect(comparison.isExplained).toBe(true);
    expect(comparison.fields.get("src.packets")).toEqual({
      agree: ours.length,
      explained: 0,
      unexplained: 0,
    });
  });

  it("logs that lack columns: what they don't say is not compared", async () => {
    const { duration: _d, resp_pkts: _p, orig_bytes: _b, ...zeek } = ZEEK_TCP;
    const result = await compare([tcpRecord()], [zeek]);
    expect(causesOf(result)).toEqual({});
    const fields = [...result.comparison.fields.keys()];
    expect(fields).toContain("start");
    for (const field of ["end", "duration", "src.packets", "src.payload_bytes"]) {
      expect(fields).not.toContain(field);
    }
    const { bytes_toclient: _c, ...flow } = EVE_TCP.flow;
    const eve = await compare([tcpRecord()], [{ ...EVE_TCP, flow }]);
    expect(causesOf(eve)).toEqual({});
    expect([...eve.comparison.fields.keys()]).not.toContain("src.bytes");
  });

  it("Zeek's times as dates, and as whole milliseconds as far as those tell", async () => {
    const start = "2026-03-02T09:00:00.060920123Z";
    const end = "2026-03-02T09:00:02.060920123Z";
    const ours = [tcpRecord({ start, end })];
    expect(
      causesOf(await compare(ours, [{ ...ZEEK_TCP, ts: "2026-03-02T09:00:00.060920Z" }])),
    ).toEqual({});
    expect(causesOf(await compare(ours, [{ ...ZEEK_TCP, ts: 1772442000060 }]))).toEqual({});
    expect(causesOf(await compare(ours, [{ ...ZEEK_TCP, ts: 1772442000058 }]))).toMatchObject({
      start: null,
    });
  });

  it("one packet without a duration ends when it begins", async () => {
    const { duration: _d, orig_bytes: _o, resp_bytes: _r, ...zeek } = ZEEK_UDP;
    const result = await compare([udpRecord()], [{ ...zeek, resp_pkts: 0, resp_ip_bytes: 0 }]);
    expect(causesOf(result)).toMatchObject({ end: null });
  });

  it("Zeek's text format, and a log without times", async () => {
    const { ts: _ts, uid: _uid, ...timeless } = ZEEK_TCP;
    const names = Object.keys(timeless);
    const table = `#separator \\x09\n#path\tconn\n#fields\t${names.join("\t")}\n${Object.values(timeless).join("\t")}\n#close\n`;
    const { comparison, otherLog } = await compare([tcpRecord()], table);
    expect(comparison.agreeing).toBe(1);
    expect(otherLog).toMatchObject({ kind: "zeek", flows: 1, malformed: 0 });
  });
});

describe("compareLogs: a difference with a known cause", () => {
  it.each<[string, FlowRecordJson[], object[], Record<string, string | null>]>([
    [
      "the ACK behind both FINs",
      [tcpRecord()],
      [{ ...ZEEK_TCP, duration: 1.9 }],
      { end: "closing_packets", duration: "closing_packets" },
    ],
    [
      "payload sent twice",
      [tcpRecord({ src: { payload_bytes: 1200 }, tcp: { retransmits: { src: 1, dst: 0 } } })],
      [ZEEK_TCP],
      { "src.payload_bytes": "sequence_space" },
    ],
    [
      "payload that was never captured",
      [tcpRecord({ dst: { payload_bytes: 800 }, tcp: { missed_bytes: 200 } })],
      [{ ...ZEEK_TCP, missed_bytes: 200 }],
      { "dst.payload_bytes": "sequence_space" },
    ],
    [
      "packets with a wrong checksum",
      [tcpRecord()],
      [{ ...ZEEK_TCP, history: "ShADadCFf", orig_pkts: 9, orig_ip_bytes: 1360, orig_bytes: 900 }],
      {
        history: "bad_checksum",
        "src.packets": "bad_checksum",
        "src.ip_bytes": "bad_checksum",
        "src.payload_bytes": "bad_checksum",
      },
    ],
    [
      "a connection that Zeek stopped looking into",
      [tcpRecord()],
      [{ ...ZEEK_TCP, history: "ShADadXFf" }],
      { history: "analysis_limited" },
    ],
    [
      "3 GB in one direction, of which Zeek reads 2 GiB: its numbers' distance has a sign",
      [tcpRecord({ dst: { payload_bytes: 3e9 }, tcp: { missed_bytes: 0 } })],
      [{ ...ZEEK_TCP, resp_bytes: 3e9, missed_bytes: 9, history: "ShADadgFf", duration: 2.1 }],
      {
        end: "beyond_2_gib",
        duration: "beyond_2_gib",
        missed_bytes: "beyond_2_gib",
        history: "beyond_2_gib",
      },
    ],
    [
      "less than 2 GiB",
      [tcpRecord({ dst: { payload_bytes: 2 ** 31 - 1 }, tcp: { missed_bytes: 0 } })],
      [{ ...ZEEK_TCP, resp_bytes: 2 ** 31 - 1, missed_bytes: 9 }],
      { missed_bytes: null },
    ],
    [
      "a reassembled datagram",
      [udpRecord({ src: { packets: 2, ip_bytes: 108, payload_bytes: 60 }, fragments: 2 })],
      [ZEEK_UDP],
      { "src.packets": "reassembled", "src.ip_bytes": "reassembled" },
    ],
    [
      "what was spoken, and what is registered",
      [tcpRecord()],
      [{ ...ZEEK_TCP, service: "ssh" }],
      { service: "observed_service" },
    ],
    [
      "the other way round, by ports",
      [udpRecord({ direction: { certainty: "inferred", reason: "server-port" } })],
      [
        {
          ...ZEEK_UDP,
          "id.orig_h": ZEEK_UDP["id.resp_h"],
          "id.orig_p": 53,
          "id.resp_h": ZEEK_UDP["id.orig_h"],
          "id.resp_p": 50000,
        },
      ],
      { direction: "server_ports" },
    ],
    [
      "octets from the inner IP header on",
      [tcpRecord()],
      [{ ...EVE_TCP, flow: { ...EVE_TCP.flow, bytes_toserver: 1460 } }],
      { "src.bytes": "ip_octets_in_tunnel" },
    ],
    [
      "another seed: what Suricata says of this tuple with seed 1234, and the id with seed 0",
      [
        udpRecord({
          community_id: "1:KYsYVq5czAsgPeVaeFRN+o9a7LY=",
          src: { ip: "139.25.22.2", port: 3296 },
          dst: { ip: "139.25.22.102", port: 1048 },
        }),
      ],
      [
        {
          ...EVE_TCP,
          src_ip: "139.25.22.2",
          src_port: 3296,
          dest_ip: "139.25.22.102",
          dest_port: 1048,
          proto: "UDP",
          flow: {},
          tcp: undefined,
          community_id: "1:AUtTX3EtL8yKo1l/4n744z2c67M=",
        },
      ],
      { community_id: "another_seed" },
    ],
    [
      "other settings of our own",
      [tcpRecord()],
      [
        tcpRecord({
          end_reason: "idle",
          service: { name: "tls", confidence: "low", reason: "syn" },
        }),
      ],
      { end_reason: "other_timeouts", service: "registry" },
    ],
  ])("%s", async (_name, ours, other, causes) => {
    const result = await compare(ours, other);
    expect(result.comparison.matched).toBe(1);
    expect(causesOf(result)).toEqual(causes);
    expect(result.comparison.isExplained).toBe(!Object.values(causes).includes(null));
  });

  it("one of theirs is two of ours: a shorter timeout, and the sums agree", async () => {
    const half = { packets: 5, bytes: 800, ip_bytes: 730, payload_bytes: 500 };
    const parts = [
      tcpRecord({ end: "2026-03-02T09:00:00.900000000Z", duration: 0.9, src: half, dst: half }),
      tcpRecord({
        start: "2026-03-02T09:00:01.500000000Z",
        duration: 0.5,
        // Joined midway: here the other end counts as initiator, and is turned before adding.
        src: { ip: "198.51.100.20", port: 443, ...half },
        dst: { ip: "192.0.2.10", port: 50000, ...half },
      }),
    ];
    const { comparison } = await compare(parts, [ZEEK_TCP]);
    expect(comparison).toMatchObject({ matched: 1, split: 1, explained: 1, unexplained: 0 });
    expect(comparison.explainedFlows[0]).toMatchObject({ cause: "split" });
    const reverse = await compare(
      [tcpRecord()],
      [
        { ...ZEEK_TCP, duration: 1, orig_pkts: 9 },
        { ...ZEEK_TCP, ts: 1772442001.5, duration: 0.5, orig_pkts: 2 },
      ],
    );
    expect(reverse.comparison).toMatchObject({ matched: 1, split: 1, unexplained: 1 });
    expect(causesOf(reverse)).toMatchObject({ "src.packets": null });
  });

  it("lines that are there twice are laid side by side once", async () => {
    const twice = await compare([tcpRecord(), udpRecord()], [ZEEK_TCP, ZEEK_UDP, ZEEK_TCP]);
    expect(twice.comparison).toMatchObject({ matched: 2, agreeing: 1, explained: 1, split: 0 });
    expect(twice.comparison.explainedFlows[0]).toMatchObject({
      cause: "listed_twice",
      differences: [],
    });
    expect(Object.fromEntries(twice.comparison.causes)).toEqual({ listed_twice: 1 });
    const ownTwice = await compare([tcpRecord(), tcpRecord()], [ZEEK_TCP]);
    expect(Object.fromEntries(ownTwice.comparison.causes)).toEqual({ listed_twice: 1 });
    // Another count is another flow, and a copy excuses no difference.
    const wrong = { ...ZEEK_TCP, orig_pkts: 9 };
    expect(causesOf(await compare([tcpRecord()], [wrong, wrong]))).toEqual({ "src.packets": null });
    const { comparison } = await compare([tcpRecord()], [ZEEK_TCP, wrong]);
    expect(comparison).toMatchObject({ matched: 1, split: 1, unexplained: 1 });
  });

  it("two flows of one tuple, one after the other, are two pairs", async () => {
    const later = tcpRecord({
      id: "00000000000000000002",
      start: "2026-03-02T10:00:00.000000000Z",
      end: "2026-03-02T10:00:02.000000000Z",
      src: { packets: 99 },
    });
    const { comparison } = await compare(
      [tcpRecord(), later],
      [{ ...ZEEK_TCP, ts: 1772445600, orig_pkts: 99 }, ZEEK_TCP],
    );
    expect(comparison).toMatchObject({ matched: 2, agreeing: 2, split: 0 });
  });

  it.each([
    ["less than the slack behind the end of the other", 1772442002.0009, 1],
    ["more than that", 1772442002.0011, 0],
    ["less than the slack before the other", 1772441999.998, 1, 0.0011],
    ["more than that", 1772441999.998, 0, 0.0009],
    ["before, and on until it begins", 1772441000, 1, 1000],
    ["without times", undefined, 1],
  ])("a flow of the same tuple %s", async (_name, ts, matched, duration = 2) => {
    const { comparison } = await compare([tcpRecord()], [{ ...ZEEK_TCP, ts, duration }]);
    expect(comparison.matched).toBe(matched);
  });

  it("SCTP, of which Zeek reads no ports", async () => {
    const sctp = (port: number): FlowRecordJson => {
      const { tcp: _tcp, ...record } = tcpRecord({
        id: `000000000000000000${10 + port}`,
        ip_proto: 132,
        transport: "sctp",
      });
      return { ...record, src: { ...record.src, port }, dst: { ...record.dst, port } };
    };
    const zeek = {
      ...ZEEK_TCP,
      "id.orig_p": 0,
      "id.resp_p": 0,
      proto: "unknown_transport",
      ip_proto: 132,
      conn_state: "OTH",
      history: undefined,
      orig_bytes: 0,
      resp_bytes: 0,
      orig_pkts: 20,
      resp_pkts: 20,
      orig_ip_bytes: 2920,
      resp_ip_bytes: 2920,
    };
    const { comparison } = await compare([sctp(7), sctp(9)], [zeek]);
    expect(comparison).toMatchObject({ matched: 1, split: 1, explained: 1 });
    expect(comparison.explainedFlows[0]).toMatchObject({ cause: "ports_not_read" });
  });
});

describe("compareLogs: no known cause", () => {
  it.each<[string, object, Record<string, string | null>]>([
    ["packets", { orig_pkts: 9 }, { "src.packets": null }],
    ["octets", { resp_ip_bytes: 1461 }, { "dst.ip_bytes": null }],
    ["payload without a reason in the record", { orig_bytes: 999 }, { "src.payload_bytes": null }],
    ["a longer duration", { duration: 2.1 }, { end: null, duration: null }],
    ["state", { conn_state: "S1" }, { state: null }],
    ["history", { history: "ShADadFfR" }, { history: null }],
  ])("%s", async (_name, change, causes) => {
    const result = await compare([tcpRecord()], [{ ...ZEEK_TCP, ...change }]);
    expect(causesOf(result)).toEqual(causes);
    expect(result.comparison.isExplained).toBe(false);
  });

  it("a flow that only one log has", async () => {
    const result = await compare(
      [tcpRecord(), udpRecord()],
      [ZEEK_TCP, { ...ZEEK_TCP, "id.orig_p": 1 }],
    );
    expect(result.comparison.onlyOurs).toEqual({ explained: 0, unexplained: 1 });
    expect(result.comparison.onlyOther).toEqual({ explained: 0, unexplained: 1 });
  });

  it("a flow that only one log has, for a reason", async () => {
    const early = tcpRecord({
      start: "2026-03-02T08:00:00.000000000Z",
      end: "2026-03-02T08:00:02.000000000Z",
    });
    const { tcp: _tcp, ...gre } = tcpRecord({ ip_proto: 47, transport: "gre" });
    const inner = { ...ZEEK_TCP, "id.orig_p": 2, tunnel_parents: ["CTunnel"] };
    const { comparison } = await compare([tcpRecord(), early, gre], [ZEEK_TCP, inner]);
    expect(comparison.onlyOurs).toEqual({ explained: 2, unexplained: 0 });
    expect(comparison.onlyOther).toEqual({ explained: 1, unexplained: 0 });
    expect([...comparison.causes.keys()].sort()).toEqual([
      "inside_a_tunnel",
      "outside_the_log",
      "protocol_not_logged",
    ]);
  });
});

describe("compareLogs: logs", () => {
  it("that don't fit into memory come out the same, and leave no files behind", async () => {
    const ours = Array.from({ length: 500 }, (_, i) =>
      tcpRecord({ id: String(i), src: { port: 1000 + i, packets: i % 7 === 0 ? 11 : 10 } }),
    );
    const other = ours.map(({ src }) => ({ ...ZEEK_TCP, "id.orig_p": src.port }));
    const whole = await compare(ours, other);
    // A folder of its own: others may be comparing at the same time.
    const folder = mkdtempSync(join(scratch, "spill-"));
    vi.stubEnv("TMPDIR", folder);
    const spilled = await compare(ours, other, { flows: 100, octets: 20_000 });
    vi.unstubAllEnvs();
    expect(whole.comparison).toMatchObject({ matched: 500, agreeing: 428, unexplained: 72 });
    expect(spilled.comparison).toMatchObject({ matched: 500, agreeing: 428, unexplained: 72 });
    expect(spilled.comparison.fields).toEqual(whole.comparison.fields);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("with other records and broken lines count them", async () => {
    const text = `${ndjson([{ event_type: "dns" }, EVE_TCP, { event_type: "flow" }])}{"event_type":\n`;
    const { otherLog } = await compare([tcpRecord()], text);
    expect(otherLog).toMatchObject({ kind: "eve", flows: 1, others: 1, malformed: 2 });
    expect(otherLog.firstMalformed).toEqual({ line: 3, complaint: "src_ip or dest_ip is missing" });
  });

  it.each([
    ["1460", 1460],
    ["007", 7],
    ["9007199254740993", 9007199254740992],
    ["1.46e3", 1460],
    ["1460.5", 1460.5],
    ["", undefined],
    ["1 460", undefined],
    ["0x10", undefined],
    ["-1", undefined],
  ])("of Zeek's with %j for a number", async (text, number) => {
    const result = await compare([tcpRecord()], [{ ...ZEEK_TCP, orig_ip_bytes: text }]);
    const difference = result.comparison.unexplainedFlows[0]?.differences[0];
    expect(
      difference?.other ?? (result.comparison.fields.has("src.ip_bytes") ? 1460 : undefined),
    ).toBe(number);
  });

  it.each([-1, 65536, 1.5, "https"])("with %s for a port have a broken line", async (port) => {
    const { otherLog } = await compare(
      [tcpRecord()],
      [ZEEK_TCP, { ...ZEEK_TCP, "id.resp_p": port }],
    );
    expect(otherLog).toMatchObject({
      flows: 1,
      firstMalformed: { line: 2, complaint: "id.orig_p or id.resp_p is no port" },
    });
  });

  it("of two programs at once, and without flows, are refused", async () => {
    await expect(compare([tcpRecord()], [ZEEK_TCP, EVE_TCP])).rejects.toThrow(
      "line 2: a flow of eve in a log of zeek; compare one at a time",
    );
    const { proto: _proto, ip_proto: _number, ...unknown } = ZEEK_TCP;
    const columns = Object.keys(unknown).join("\t");
    const row = Object.values(unknown).join("\t");
    const text = `#separator \\x09\n#path\tconn\n#fields\t${columns}\n`;
    await expect(compare([tcpRecord()], `${text}${row}\n`)).rejects.toThrow(
      "no flow in 4 lines (line 4: proto is unset); wanted: Zeek's conn.log",
    );
    // A conn.log of a quiet hour is none the worse for it.
    expect((await compare([tcpRecord()], text)).otherLog.flows).toBe(0);
    await expect(compare([tcpRecord()], [{ event_type: "dns" }])).rejects.toThrow(
      "no flow in 1 line (line 1: no connection or flow); wanted: Zeek's conn.log",
    );
    const { conn_state: _state, orig_pkts: _packets, missed_bytes: _missed, ...bare } = ZEEK_TCP;
    await expect(compare([tcpRecord()], [bare])).rejects.toThrow(
      "no flow in 1 line (line 1: none of _path, conn_state, orig_pkts and missed_bytes, which tell a conn.log); wanted",
    );
  });
});

describe("compareJson and compareText", () => {
  it("say what agrees, what differs, and why", async () => {
    const result = await compare([tcpRecord()], [{ ...ZEEK_TCP, duration: 1.9, orig_pkts: 9 }]);
    const json = compareJson(result, { ours: "a", other: "b" });
    expect(complaints(json)).toEqual([]);
    expect(json).toMatchObject({
      type: "compare",
      schema: "portflow.compare/1",
      matched: { total: 1, agree: 0, explained: 0, unexplained: 1, split: 0 },
      is_explained: false,
      causes: [{ cause: "closing_packets", count: 2, meaning: CAUSES["closing_packets"] }],
    });
    const text = compareText(result, newPainter(false), 10);
    expect(text).toMatch(/^1 flow of ours, 1 of Zeek: 1 flow differs for no known cause\n/);
    expect(text).toContain("src.packets: ours 10, Zeek 9\n");
    expect(text).toContain("duration: ours 2, Zeek 1.9  (closing_packets)");
  });

  it("have no table of fields where there is nothing to lay side by side", async () => {
    const text = compareText(await compare([tcpRecord()], ""), newPainter(false), 10);
    expect(text).toMatch(/^1 flow of ours, none of the other log: 1 flow differs for no known/);
    expect(text).not.toContain("field");
  });
});
