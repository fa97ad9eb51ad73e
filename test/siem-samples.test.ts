import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../src/core/package-root.ts";

const folder = join(packageRoot(), "samples", "siem");
const text = (name: string): string => readFileSync(join(folder, name), "utf8");

type Schema = {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
};

/** Dotted paths of every field of a record, objects included. */
function fieldPaths(schema: Schema, root: Schema, before = ""): string[] {
  const target = schema.$ref === undefined ? schema : root.$defs![schema.$ref.split("/").at(-1)!]!;
  const properties = target.properties ?? target.items?.properties ?? {};
  return Object.entries(properties).flatMap(([name, one]) => [
    before + name,
    ...fieldPaths(one, root, `${before}${name}.`),
  ]);
}

const schema = JSON.parse(
  readFileSync(join(packageRoot(), "schema", "portflow.flow.schema.json"), "utf8"),
) as Schema;
const fields = new Set(fieldPaths(schema, schema));

function expectFields(found: Iterable<string>, least: number): void {
  const paths = [...found];
  expect(paths.filter((path) => !fields.has(path))).toEqual([]);
  expect(paths.length).toBeGreaterThanOrEqual(least);
}

const matches = (source: string, pattern: RegExp): string[] =>
  [...source.matchAll(pattern)].map(([, path]) => path!);

const hasYaml = spawnSync("python3", ["-c", "import yaml"]).status === 0;
if (!hasYaml) process.stderr.write("skipped: YAML samples: no python3 with yaml\n");

function yaml(name: string): unknown {
  const program = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)";
  const run = spawnSync("python3", ["-c", program], { input: text(name), encoding: "utf8" });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout);
}

/** Sections of an .ini-like file, each line `KEY = VALUE`. */
function configuration(name: string): Record<string, Record<string, string>> {
  const sections: Record<string, Record<string, string>> = {};
  let current: Record<string, string> = {};
  for (const line of text(name).trimEnd().split("\n")) {
    const [, section] = /^\[([^\]]+)\]$/.exec(line) ?? [];
    if (section !== undefined) {
      current = {};
      sections[section] = current;
      continue;
    }
    const [, key, value] = /^([\w-]+) = (.+)$/.exec(line) ?? [];
    if (key === undefined) throw new Error(`${name}: ${line}`);
    current[key] = value!;
  }
  return sections;
}

describe("samples/siem", () => {
  it("knows the fields", () => {
    expect(fields.size).toBeGreaterThan(40);
    for (const path of ["id", "src.ip", "service.name", "tcp.state"])
      expect(fields).toContain(path);
  });

  it("has a line in its readme for each file", () => {
    const readme = text("README.md");
    const others = readdirSync(folder).filter((name) => name !== "README.md");
    expect(others.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });

  it("Elasticsearch: types for fields that there are, and a pipeline of one", () => {
    const template = JSON.parse(text("elasticsearch-template.json")) as {
      template: { mappings: Schema; settings: Record<string, string> };
    };
    const mapped = fieldPaths(template.template.mappings, {}).filter(
      (path) => path !== "@timestamp",
    );
    expectFields(mapped, 10);
    const pipeline = JSON.parse(text("elasticsearch-pipeline.json")) as {
      processors: { set: { field: string; copy_from: string } }[];
    };
    expectFields(
      pipeline.processors.map(({ set }) => set.copy_from),
      1,
    );
    expect(template.template.settings["index.default_pipeline"]).toBe("portflow");
  });

  it("Splunk: aliases and sums of fields that there are, and an id that the pattern finds", () => {
    const props = configuration("splunk-props.conf")["portflow:flow"]!;
    const used = Object.entries(props).flatMap(([key, value]) => {
      if (key.startsWith("FIELDALIAS-")) return matches(value, /(\S+) AS \S+/g);
      if (!key.startsWith("EVAL-")) return [];
      const quoted = matches(value, /'([^']+)'/g);
      return quoted.length > 0 ? quoted : [value];
    });
    expectFields(used, 12);
    const transforms = configuration("splunk-transforms.conf");
    const pattern = transforms[props["TRANSFORMS-id"]!]!["REGEX"]!;
    const line = readFileSync(join(packageRoot(), "test/golden/web.pcapng.ndjson"), "utf8").split(
      "\n",
    )[0]!;
    const record = JSON.parse(line) as { id: string; end: string };
    expect(new RegExp(pattern).exec(line)?.[1]).toBe(record.id);
    expect(line.split(props["TIME_PREFIX"]!)[1]!.startsWith(record.end)).toBe(true);
  });

  it.skipIf(!hasYaml)("Vector", () => {
    const { sources, transforms, sinks } = yaml("vector.yaml") as {
      sources: Record<string, unknown>;
      transforms: Record<string, { inputs: string[]; source: string }>;
      sinks: Record<string, { inputs: string[] }>;
    };
    const { inputs, source } = transforms["flows"]!;
    expect(sources).toHaveProperty(inputs);
    expect(transforms).toHaveProperty(sinks["clickhouse"]!.inputs);
    const right = source
      .split("\n")
      .map((line) => line.split(" = ")[1] ?? "")
      .join("\n");
    expectFields(matches(right, /(?<![\w!])\.([a-z_.]+)/g), 3);
  });

  it.skipIf(!hasYaml)("Fluent Bit", () => {
    const { parsers, pipeline } = yaml("fluent-bit-loki.yaml") as {
      parsers: { name: string; time_key: string }[];
      pipeline: { inputs: { parser: string }[]; outputs: { label_keys: string }[] };
    };
    expect(pipeline.inputs[0]!.parser).toBe(parsers[0]!.name);
    const keys = pipeline.outputs[0]!.label_keys.split(", ").map((key) =>
      key.replace(/^\$/, "").replace(/\['(\w+)'\]/g, ".$1"),
    );
    expectFields([parsers[0]!.time_key, ...keys], 3);
  });

  it.skipIf(!hasYaml)("Filebeat", () => {
    const beat = yaml("filebeat.yml") as {
      "filebeat.inputs": { parsers: { ndjson: { document_id: string } }[] }[];
      processors: { timestamp: { field: string } }[];
    };
    const id = beat["filebeat.inputs"][0]!.parsers[0]!.ndjson.document_id;
    expectFields([id, beat.processors[0]!.timestamp.field], 2);
  });

  it("Logstash: brackets in pairs, fields that there are", () => {
    const source = text("logstash.conf").replace(/^#.*$/gm, "");
    const depth = [...source].reduce(
      (sum, letter) => sum + (letter === "{" ? 1 : letter === "}" ? -1 : 0),
      0,
    );
    expect(depth).toBe(0);
    expectFields(matches(source, /\[([a-z_]+)\]/g), 2);
  });

  it("ClickHouse: columns and their parts", () => {
    const source = text("clickhouse.sql").replace(/^--.*$/gm, "");
    const body = source.slice(source.indexOf("(") + 1, source.lastIndexOf("\n)"));
    const columns = matches(body, /^ {4}(\w+) +[A-Z]/gm);
    const parts = [...body.matchAll(/^ {4}(\w+) +Tuple\((.*)\),?$/gm)].flatMap(
      ([, column, inner]) =>
        matches(inner!, /(?:^|, )(\w+) [A-Z]/g).map((part) => `${column}.${part}`),
    );
    expectFields(columns, 15);
    expectFields(parts, 20);
    expectFields(matches(source, /ORDER BY .*?(service\.\w+)/g), 1);
  });
});
