import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
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

describe("portflow query", { timeout: 60_000 }, () => {
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
    [["query", "--top", "nothing", log], 2, "Allowed choices are"],
    [["query", "SELECT 1", "none.ndjson"], 3, "none.ndjson: can't be read"],
  ])("%j exits %i with one line", (args, status, text) => {
    const run = portflow(args);
    expect(run.stderr).toContain(text);
    expect(run.stderr.trim().split("\n").length).toBe(1);
    expect(run.status).toBe(status);
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
