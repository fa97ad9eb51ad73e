import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../src/query/open-database.ts";
import { QUESTIONS } from "../../src/query/questions.ts";
import type { FlowRecordJson } from "../../src/sink/flow-record.ts";
import { tcpRecord, udpRecord } from "../support/flow-record-json.ts";
import { portflow } from "../support/run-portflow.ts";

const scratch = mkdtempSync(join(tmpdir(), "portflow-query-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function file(name: string, octets: Uint8Array | string): string {
  const path = join(scratch, name);
  writeFileSync(path, octets);
  return path;
}

async function ask(sql: string, ...paths: readonly string[]): Promise<unknown[][]> {
  const { connection, close } = await openDatabase(paths, undefined);
  try {
    return await (await connection.run(sql)).getRowsJson();
  } finally {
    close();
  }
}

const rules = file("rules.tsv", `8443/tcp we;b\\x "quoted" 'name'\n`);
const captures = ["web.pcapng", "office.pcapng", "tunnels.pcap", "vlan-ipv6.pcap", "voip.pcap"].map(
  (name) => `samples/${name}`,
);
function read(format: string): string {
  const path = join(scratch, `flows.${format}`);
  const options = ["-q", "--tunnels", "both", "--services", rules, "--active-timeout", "30ms"];
  const run = portflow(["read", ...captures, "-f", format, "-o", path, ...options]);
  if (run.status !== 0) throw new Error(run.stderr);
  return path;
}
const ndjson = read("ndjson");
const parquet = read("parquet");
const records = portflow(["query", "SELECT 1", ndjson]).status === 0 ? await linesOf(ndjson) : [];

async function linesOf(path: string): Promise<FlowRecordJson[]> {
  const { readFileSync } = await import("node:fs");
  return readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as FlowRecordJson);
}

describe("the view flows", () => {
  it("has equal rows, types and sums from NDJSON and from Parquet", async () => {
    const sums =
      "SELECT count(*)::INT, sum(src_bytes + dst_bytes)::BIGINT, sum(src_payload_bytes)::BIGINT, sum(src_port)::BIGINT FROM flows";
    const sum = (of: (record: FlowRecordJson) => number): string =>
      String(records.reduce((total, record) => total + of(record), 0));
    const expected = [
      records.length,
      sum(({ src, dst }) => src.bytes + dst.bytes),
      sum(({ src }) => src.payload_bytes),
      sum(({ src }) => src.port ?? 0),
    ];
    expect(await ask(sums, ndjson)).toEqual([expected]);
    expect(await ask(sums, parquet)).toEqual([expected]);
    expect(records.length).toBeGreaterThan(100);
    const describe = "DESCRIBE flows";
    expect(await ask(describe, parquet)).toEqual(await ask(describe, ndjson));
    const rows = "SELECT * FROM flows ORDER BY id";
    expect(await ask(rows, parquet)).toEqual(await ask(rows, ndjson));
  });

  it("keeps nanoseconds", async () => {
    const sql = `SELECT id, epoch_ns("start")::VARCHAR FROM flows ORDER BY id`;
    const expected = records
      .map(({ id, start }) => {
        const milliseconds = BigInt(Date.parse(`${start.slice(0, 19)}Z`));
        return [id, String(milliseconds * 1_000_000n + BigInt(start.slice(20, 29)))];
      })
      .sort();
    expect(await ask(sql, parquet)).toEqual(expected);
    expect(await ask(sql, ndjson)).toEqual(expected);
  });

  it("joins NDJSON and Parquet, and leaves other lines out", async () => {
    const other = file(
      "other.ndjson",
      `{"type":"stats","schema":"portflow.stats/1"}\nword\n${JSON.stringify(tcpRecord())}\n`,
    );
    expect(await ask("SELECT count(*)::INT FROM flows", ndjson, parquet, other)).toEqual([
      [records.length * 2 + 1],
    ]);
    const packed = file("packed.ndjson.gz", gzipSync(JSON.stringify(udpRecord())));
    expect(await ask("SELECT service_name FROM flows", packed)).toEqual([["dns"]]);
  });

  it("writes lists as CSV does, whatever is in them", async () => {
    const aliases = ["a;b", "c\\d", "e"];
    const candidates = [
      { name: "x;y", status: "official", source: "iana" },
      { name: "z", status: "unofficial", source: "list" },
    ] as const;
    const record = tcpRecord({
      vlan: [10, 20],
      tunnel: [
        { type: "vxlan", id: 5, src: "192.0.2.1", dst: "192.0.2.2" },
        { type: "gre", src: "192.0.2.3", dst: "192.0.2.4" },
      ],
      service: { ...tcpRecord().service, aliases, candidates: [...candidates] },
      comments: [
        { packet: 7, text: "look; here" },
        { packet: 9, text: "b" },
      ],
    });
    const path = file("it's.ndjson", JSON.stringify(record));
    const sql = "SELECT vlan, tunnel, service_aliases, service_candidates, comments FROM flows";
    expect(await ask(sql, path)).toEqual([
      [
        "10;20",
        "vxlan:5:192.0.2.1>192.0.2.2;gre::192.0.2.3>192.0.2.4",
        "a\\;b;c\\\\d;e",
        "x\\;y/official/iana;z/unofficial/list",
        "7:look\\; here;9:b",
      ],
    ]);
  });
});

describe("ready-made questions", () => {
  const half = { packets: 5, bytes: 800 };
  const log = file(
    "questions.ndjson",
    [
      tcpRecord(),
      tcpRecord({ part: 1, more: true, src: half, dst: half }),
      tcpRecord({ part: 2, src: half, dst: half }),
      udpRecord(),
      udpRecord({
        dst: { port: 47321 },
        service: { port: 47321, side: "dst", confidence: "none", reason: "neither-registered" },
      }),
      udpRecord({
        service: {
          name: "quake",
          port: 50000,
          side: "src",
          confidence: "low",
          reason: "lower-port",
        },
      }),
      ...Array.from({ length: 25 }, (_, i) =>
        tcpRecord({
          src: { ip: "203.0.113.9", bytes: 60 },
          dst: { ip: `198.51.100.${100 + i}`, port: 22, packets: 0, bytes: 0 },
          service: { name: "ssh", port: 22, side: "dst", confidence: "high", reason: "syn" },
          tcp: { state: "S0" },
        }),
      ),
    ]
      .map((record) => JSON.stringify(record))
      .join("\n"),
  );
  const answers: Readonly<Record<string, unknown[]>> = {
    services: ["https", "tcp", "2", "40", "6400", "1", "1", "high"],
    talkers: ["192.0.2.10", "7012", "3506", "3506", "5", "0"],
    "unknown-ports": ["47321", "udp", "1", "204", "1", "1", null],
    mismatches: ["quake", "50000", "udp", "lower-port", "low", "inferred", "1", "204", null],
  };

  it.each(Object.entries(answers))("%s", async (name, first) => {
    expect((await ask(`${QUESTIONS[name]} LIMIT 1`, log))[0]).toEqual(first);
  });

  it("scans", async () => {
    const rows = await ask(QUESTIONS["scans"]!, log);
    expect(rows.map((row) => row.slice(0, 6))).toEqual([
      ["203.0.113.9", "25", "1", "25", "25", "0"],
    ]);
  });

  it("are all answered from Parquet as from NDJSON", async () => {
    for (const sql of Object.values(QUESTIONS)) {
      expect(await ask(sql, parquet)).toEqual(await ask(sql, ndjson));
    }
  });
});
