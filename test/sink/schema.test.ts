import { describe, expect, it } from "vitest";
import { generatedSchemas } from "../../scripts/schema/generated.ts";
import { Books } from "../../src/pipeline/books/books.ts";
import { FIELDS } from "../../src/sink/fields/fields.ts";
import { committed, complaintsOf } from "./schema.ts";

describe("schema/", () => {
  it.each(Object.entries(generatedSchemas()))("%s is what the generator makes", (name, content) => {
    expect(committed(name)).toBe(content);
  });

  it("portflow.flow.schema.json has the catalogue's paths, in its order", () => {
    type Node = { properties?: Record<string, Node>; additionalProperties?: boolean };
    const paths = ({ properties }: Node, prefix = ""): string[] =>
      Object.entries(properties ?? {}).flatMap(([name, node]) =>
        node.properties === undefined ? [prefix + name] : paths(node, `${prefix}${name}.`),
      );
    const schema = JSON.parse(committed("portflow.flow.schema.json"));
    expect(paths(schema)).toEqual(FIELDS.map(({ path }) => path));
  });

  // Metadata Vocabulary for Tabular Data: 5.4.1 (url), 5.6 (names of columns, keys).
  it.each(["csv", "tsv"])("portflow.%s-metadata.json is a table's description", (kind) => {
    const description = JSON.parse(committed(`portflow.${kind}-metadata.json`));
    expect(description.url).toBe(`flows.${kind}`);
    const { columns, primaryKey } = description.tableSchema;
    const names: string[] = columns.map(({ name }: { name: string }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)*$/);
    expect(names).toContain(primaryKey);
  });

  it("every object of every schema is closed or says what its names may be", () => {
    const visit = (node: unknown): void => {
      if (typeof node !== "object" || node === null) return;
      if ("type" in node && node.type === "object") {
        expect("additionalProperties" in node).toBe(true);
        if (!("propertyNames" in node)) expect(node).toHaveProperty("additionalProperties", false);
      }
      Object.values(node).forEach(visit);
    };
    visit(JSON.parse(committed("portflow.flow.schema.json")));
    visit(JSON.parse(committed("portflow.stats.schema.json")));
    visit(JSON.parse(committed("portflow.zeek.schema.json")));
  });
});

/** The books of a small run: 3 + 1 + 2 + 1 + 1 = 8 packets. */
const books = {
  type: "stats",
  schema: "portflow.stats/1",
  packets: {
    read: 8,
    flowed: 3,
    filtered: 1,
    not_ip: { arp: 2 },
    malformed: { ipv4_truncated: 1 },
    unsupported_link: { "147": 1 },
  },
  balanced: true,
  details: { truncated: 0, fragments: 0, orphan_fragments: 0, no_ports: 1, extra_layers: 0 },
  faults: { udp_truncated: 1 },
  flows: {
    total: 2,
    by_end_reason: { idle: 1, capture_end: 1 },
    peak: 2,
    evicted: 0,
    evicted_by_cause: {},
  },
  capture: {
    files: 1,
    sections: 1,
    interfaces: 1,
    bytes: 1234,
    first_time: "2026-03-02T09:00:00.000000000Z",
    last_time: "2026-03-02T09:00:01.000000001Z",
    time_went_backwards: 0,
    packets_without_time: 0,
    times_clamped: 0,
    captured_bytes: 900,
  },
  seconds: { wall: 0.5, cpu: 0.25 },
  packets_per_second: 16,
};

describe("portflow.stats.schema.json", () => {
  const complaints = complaintsOf("portflow.stats.schema.json");

  it("accepts the books that a run without packets keeps", () => {
    expect(complaints(new Books().toJson(0, 0))).toEqual([]);
  });

  it("accepts the books with something in each bin, in the order in which they are written", () => {
    const kept = new Books();
    kept.noteTime(1, 0);
    const order = (value: unknown) => JSON.stringify(value).match(/"[a-z_]+":/g);
    const isCount = /arp|ipv4_truncated|udp_truncated|idle|capture_end/;
    const names = order(books)!.filter((name) => !isCount.test(name));
    expect(order(kept.toJson(1, 1))).toEqual(names);
    expect(complaints(books)).toEqual([]);
    expect(complaints({ ...books, capture: { ...books.capture, dropped: 3 } })).toEqual([]);
  });

  it.each([
    ["an unknown member", { ...books, extra: 1 }],
    ["a missing bin", { ...books, packets: { read: 0 } }],
    ["a negative count", { ...books, details: { ...books.details, truncated: -1 } }],
    ["a fault that is no name", { ...books, faults: { "IPv4 cut": 1 } }],
    [
      "an end reason there is not",
      { ...books, flows: { ...books.flows, by_end_reason: { bored: 1 } } },
    ],
    ["null for an absent time", { ...books, capture: { ...books.capture, last_time: null } }],
  ])("rejects %s", (_name, value) => {
    expect(complaints(value)).not.toEqual([]);
  });
});
