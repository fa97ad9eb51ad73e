import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { constants, gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { storedZstd } from "../support/compressed-bytes.ts";
import { tcpRecord } from "../support/flow-record-json.ts";
import { PROGRAM, portflow } from "../support/run-portflow.ts";

const scratch = mkdtempSync(join(tmpdir(), "portflow-query-cli-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const log = join(scratch, "flows.ndjson");
const name = `a "b", 'c'\n\u001b[31m`;
writeFileSync(
  log,
  [tcpRecord(), tcpRecord({ service: { ...tcpRecord().service, name }, src: { bytes: 2 ** 52 } })]
    .map((record) => JSON.stringify(record))
    .join("\n"),
);

/** In gzip, as far as a flush brings it. */
function deflated(text: string): Buffer {
  const flushed = gzipSync(text, { finishFlush: constants.Z_SYNC_FLUSH });
  expect(flushed.subarray(-4).toString("hex")).toBe("0000ffff");
  return flushed;
}

const before = readdirSync(tmpdir()).filter((one) => one.startsWith("portflow-query-"));
const damaged = join(scratch, "damaged.parquet");
writeFileSync(damaged, "PAR1, and nothing else");
const xz = join(scratch, "flows.ndjson.xz");
writeFileSync(xz, Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4));

describe("portflow query", () => {
  it("answers as a table that steers no terminal", () => {
    const run = portflow([
      "query",
      "SELECT service_name AS name, src_bytes FROM flows ORDER BY 2",
      log,
    ]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    const lines = run.stdout.toString().split("\n");
    expect(lines[0]).toMatch(/^name +src_bytes$/);
    expect(lines[1]).toMatch(/^https +1,600$/);
    expect(lines[2]).toMatch(/^a "b", 'c'\?\?\[31m +4,503,599,627,370,496$/);
  });

  it("answers as CSV and as JSON, one object a line", () => {
    const sql = "SELECT service_name AS name, src_bytes, part FROM flows ORDER BY 2 DESC LIMIT 1";
    const csv = portflow(["query", sql, log, "-f", "csv"]).stdout.toString();
    expect(csv).toBe(`name,src_bytes,part\n"a ""b"", 'c'\n\u001b[31m",4503599627370496,\n`);
    const output = join(scratch, "out.json");
    portflow(["query", sql, log, "-f", "json", "-o", output]);
    expect(JSON.parse(readFileSync(output, "utf8"))).toEqual({
      name,
      src_bytes: 2 ** 52,
      part: null,
    });
  });

  it("loses no digit of large and negative numbers", () => {
    const sql = "SELECT 9007199254740993 AS a, -1234567 AS b, -12 AS c FROM flows LIMIT 1";
    expect(portflow(["query", sql, log]).stdout.toString().split("\n")[1]).toMatch(
      /^9,007,199,254,740,993 +-1,234,567 +-12$/,
    );
  });

  it("takes a time that is none for none", () => {
    const odd = join(scratch, "odd.ndjson");
    const record = { ...tcpRecord(), start: "yesterday" };
    writeFileSync(odd, `${JSON.stringify(tcpRecord())}\n${JSON.stringify(record)}\n`);
    const sql =
      'SELECT "start" IS NULL AS odd, count(*)::INT AS n FROM flows GROUP BY 1 ORDER BY 1';
    const run = portflow(["query", sql, odd, "-f", "csv"]);
    expect(run.stdout.toString()).toBe("odd,n\nfalse,1\ntrue,1\n");
  });

  it.each([
    ["plain", 1],
    ["gzip", 1],
    ["zstd", 1],
    ["plain", 2],
  ])("has the record behind a byte order mark: %s, %i of them", (form, count) => {
    const marked = join(scratch, "marked.ndjson");
    const octets = Buffer.from(`\ufeff${readFileSync(log, "utf8")}`);
    if (form === "zstd") writeFileSync(marked, storedZstd(octets));
    else writeFileSync(marked, form === "gzip" ? gzipSync(octets) : octets);
    const sql = "SELECT src_bytes FROM flows ORDER BY 1 DESC";
    const logs = [marked, log].slice(0, count);
    const run = portflow(["query", sql, ...logs, "-f", "csv"]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    const bytes = [2 ** 52, 2 ** 52, 1600, 1600].filter((_, i) => i % 2 < count);
    expect(run.stdout.toString()).toBe(`src_bytes\n${bytes.join("\n")}\n`);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith("portflow-query-"))).toEqual(
      before,
    );
  });

  it("says that a compressed log was cut, also when that is behind a line", () => {
    // What a writer has on disk when it dies: no last block, no checksum, but whole lines.
    const whole = deflated(`${JSON.stringify(tcpRecord())}\n`);
    const cut = join(scratch, "cut.ndjson.gz");
    writeFileSync(cut, whole);
    const run = portflow(["query", "SELECT count(*)::INT AS n FROM flows", cut, "-f", "csv"]);
    expect(run.stdout.toString()).toBe("n\n1\n");
    expect(run.stderr).toMatch(
      /^portflow: .*cut\.ndjson\.gz: gzip data damaged or cut short .*\n$/,
    );
    expect(run.status).toBe(3);
  });

  it("is quiet about a cut behind what it had to read, and reads no further", () => {
    const cut = join(scratch, "cut-far-off.ndjson.gz");
    const lines = `${JSON.stringify(tcpRecord())}\n${'{"type":"flow"}\n'.repeat(200_000)}`;
    writeFileSync(cut, deflated(lines));
    const ask = (sql: string): ReturnType<typeof portflow> =>
      portflow(["query", sql, cut, "-f", "csv"]);
    const some = ask("SELECT service_name FROM flows LIMIT 1");
    expect(some).toMatchObject({ status: 0, stderr: "" });
    expect(some.stdout.toString()).toBe("service_name\nhttps\n");
    for (const all of [
      "SELECT count(*)::INT AS n FROM flows LIMIT 1",
      "CREATE TABLE own AS SELECT * FROM flows; SELECT (SELECT count(*)::INT FROM own) AS n FROM flows LIMIT 1",
    ]) {
      const run = ask(all);
      expect(run.stdout.toString()).toBe("n\n200001\n");
      expect(run.stderr).toContain("gzip data damaged or cut short");
      expect(run.status).toBe(3);
    }
    expect(readdirSync(tmpdir()).filter((one) => one.startsWith("portflow-query-"))).toEqual(
      before,
    );
  });

  it("answers ready-made questions", () => {
    const run = portflow(["query", "--top", "services", "--limit", "1", "-f", "json", log]);
    expect(JSON.parse(run.stdout.toString())).toMatchObject({ service: name, flows: 1 });
  });

  it("passes large results on, and cuts tables", () => {
    const sql = "SELECT range AS n FROM range(100000), flows WHERE src_bytes = 1600";
    const csv = portflow(["query", sql, log, "-f", "csv"]).stdout.toString();
    expect(csv.split("\n").length).toBe(100_002);
    const table = portflow(["query", sql, log]);
    expect(table.stdout.toString().split("\n").length).toBe(1002);
    expect(table.stderr).toContain("100000 rows, the first are shown");
  });

  it.each([
    [["query", "SELECT none FROM flows", log], 2, 'query: Binder Error: Referenced column "none"'],
    [["query", "SELEC 1", log], 2, "query: Parser Error"],
    [["query", "SELECT 1"], 2, "query: no files"],
    [["query", "--top", "nothing", log], 2, '--top "nothing": none of services'],
    [["query", "", log], 2, "query: no SQL"],
    [["query", "SELECT 1", log, "--limit", "3"], 2, "--limit goes with --top"],
    [["query", "SELECT 1", log, "--memory", "lots"], 2, '"lots": not a size'],
    [
      ["query", "SELECT count(*) FROM flows", log, "--memory", "1M"],
      2,
      "give it more with --memory",
    ],
    [["query", "SELECT 1", "-"], 2, "-: is no file"],
    [["query", "SELECT 1", "/dev/null"], 2, "/dev/null: is no file"],
    [["query", "SELECT 1", "none.ndjson"], 3, "none.ndjson: no such file"],
    [["query", "SELECT 1", "samples"], 3, "samples: is a directory"],
    [["query", "SELECT 1", "package.json"], 3, "no flow record of portflow's"],
    [["query", "SELECT 1", "samples/web.pcapng"], 3, "is a capture and no flow log"],
    [["query", "SELECT 1", damaged], 3, "query: Invalid Input Error: "],
    [["query", "SELECT 1", xz], 3, "in xz, which DuckDB can't look through"],
  ])("%j exits %i with one line", (args, status, text) => {
    const run = portflow(args);
    expect(run.stderr).toContain(text);
    expect(run.stderr.trim().split("\n").length).toBe(1);
    expect(run.status).toBe(status);
  });

  it("goes by what is in a file, not by its name", () => {
    const named = (name: string, octets: Uint8Array): string => {
      writeFileSync(join(scratch, name), octets);
      return join(scratch, name);
    };
    const octets = readFileSync(log);
    const paths = [
      named("in-gzip", gzipSync(octets)),
      named("plain.gz", octets),
      // What means something in DuckDB's patterns; they would match each other.
      named("a*.ndjson", octets),
      named("ab.ndjson", octets),
      named("[a]b?.ndjson", octets),
    ];
    const run = portflow(["query", "SELECT count(*)::INT AS n FROM flows", "-f", "json", ...paths]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(run.stdout.toString())).toEqual({ n: 10 });
  });

  it("names the first line that it leaves out", () => {
    const cut = join(scratch, "cut.ndjson");
    const octets = readFileSync(log);
    writeFileSync(
      cut,
      Buffer.concat([octets, Buffer.from('\n{"type":"stats"}\n'), octets.subarray(0, 300)]),
    );
    const run = portflow(["query", "SELECT count(*) FROM flows", log, cut, "-f", "csv"]);
    expect(run.stdout.toString()).toBe("count_star()\n4\n");
    expect(run.stderr).toBe(`portflow: ${cut}: line 4: no JSON; left out, as are others like it\n`);
    expect(run.status).toBe(0);
  });

  it("answers from what can be read of a log that is cut short, says so, and exits 3", () => {
    const cut = join(scratch, "cut.ndjson.gz");
    const line = JSON.stringify(tcpRecord());
    // Without compression every octet of the log stands where it is, behind 15 of the header.
    writeFileSync(cut, gzipSync(`${line}\n${line}\n`, { level: 0 }).subarray(0, line.length + 100));
    const run = portflow(["query", "SELECT count(*) FROM flows", cut, "-f", "csv"]);
    expect(run.stdout.toString()).toBe("count_star()\n1\n");
    expect(run.stderr).toContain(`${cut}: gzip data damaged or cut short`);
    expect(run.status).toBe(3);
  });

  it("says what to install when DuckDB is missing", () => {
    // The built program's parts are CommonJS, and ask for packages by `require`.
    const hook = `import Module from "node:module";
      const resolve = Module._resolveFilename;
      Module._resolveFilename = (name, ...more) => {
        if (name.startsWith("@duckdb/")) throw new Error("Cannot find package");
        return resolve(name, ...more);
      };`;
    const args = ["--import", `data:text/javascript,${encodeURIComponent(hook)}`, PROGRAM];
    const run = spawnSync(process.execPath, [...args, "query", "SELECT 1", log]);
    expect(run.stderr.toString()).toBe(
      "portflow: query: DuckDB is not installed; npm install @duckdb/node-api\n",
    );
    expect(run.status).toBe(2);
  });
});
