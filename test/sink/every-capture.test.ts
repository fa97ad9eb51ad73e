import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ByteWriter } from "../../src/core/byte-writer.ts";
import { packageRoot } from "../../src/core/package-root.ts";
import { DEFAULT_TIMEOUTS } from "../../src/flow/ending/timeouts.ts";
import { FIELDS } from "../../src/sink/fields/fields.ts";
import { formatNames, loadFormat } from "../../src/sink/formats.ts";
import type { Sink } from "../../src/sink/sink.ts";
import { run } from "../pipeline/run.ts";
import { PLAIN } from "./flow-records.ts";
import { committed, complaintsOf } from "./schema.ts";

const root = packageRoot();
const formats = Object.fromEntries(
  await Promise.all(formatNames.map(async (name) => [name, await loadFormat(name)] as const)),
);
const captures = ["samples", "test/captures"].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => /\.pcap(ng)?$/.test(name))
    .map((name) => join(folder, name)),
);

/** Names of JSON formats, and their schemas. */
const SCHEMAS: Readonly<Record<string, string>> = {
  ndjson: "portflow.flow.schema.json",
  "zeek-json": "portflow.zeek.schema.json",
  eve: "portflow.eve.schema.json",
  "eve-netflow": "portflow.eve-netflow.schema.json",
  ecs: "portflow.ecs.schema.json",
  ocsf: "portflow.ocsf.schema.json",
  cim: "portflow.cim.schema.json",
};
/** Formats without lines; they have tests of their own. */
const BINARY: readonly string[] = ["parquet"];
const complaints = new Map(
  Object.entries(SCHEMAS).map(([name, schema]) => [name, complaintsOf(schema)]),
);

/** What every format writes of a capture. */
async function everyFormat(path: string): Promise<ReadonlyMap<string, string>> {
  const parts = Object.entries(formats)
    .filter(([name]) => !BINARY.includes(name))
    .map(([name, make]) => ({ name, sink: make(PLAIN), out: new ByteWriter() }));
  const sink: Sink = {
    begin: () => parts.forEach((part) => void part.sink.begin(part.out)),
    write: (record) => parts.forEach((part) => void part.sink.write(record, part.out)),
    end: () => parts.forEach((part) => void part.sink.end(part.out)),
  };
  await run([join(root, path)], {
    sink,
    tunnels: "both",
    timeouts: { ...DEFAULT_TIMEOUTS, active: 2e9 },
  });
  return new Map(parts.map(({ name, out }) => [name, out.toString()]));
}

function linesOf(text: string): string[] {
  const lines = text.split("\n");
  expect(lines.pop()).toBe("");
  return lines;
}

describe.each(captures)("%s", (path) => {
  it("in every format each line is what the committed schema or header says", async () => {
    const written = await everyFormat(path);
    const flows = linesOf(written.get("ndjson")!).length;
    expect(flows).toBeGreaterThan(0);
    for (const [name, text] of written) {
      const complain = complaints.get(name);
      const lines = linesOf(text);
      if (complain !== undefined) {
        for (const line of lines)
          expect(complain(JSON.parse(line)), `${name}: ${line}`).toEqual([]);
        // Zeek has no connection where no packet reached one.
        if (name === "zeek-json") expect(lines.length, name).toBeLessThanOrEqual(flows);
        else if (name !== "eve-netflow") expect(lines.length, name).toBe(flows);
      } else if (name === "tsv") {
        const described = JSON.parse(committed("portflow.tsv-metadata.json"));
        const titles = described.tableSchema.columns.map(({ titles: title }: never) => title);
        expect(lines[0]!.split("\t")).toEqual(titles);
        for (const line of lines) expect(line.split("\t").length).toBe(titles.length);
        expect(lines.length).toBe(flows + 1);
      } else if (name === "csv") {
        const columns = FIELDS.filter(({ constant }) => constant === undefined);
        expect(lines[0]).toBe(columns.map((column) => column.path).join(","));
      } else expect(["table", "zeek"], "a format without a schema").toContain(name);
    }
  });
});
