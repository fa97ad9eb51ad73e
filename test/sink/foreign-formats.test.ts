import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EndReason } from "../../src/flow/ending/end-reason.ts";
import { parseUserRules } from "../../src/service/user-rules.ts";
import type { ForeignFormat } from "../../src/sink/fields/foreign-field.ts";
import type { FlowRecordJson } from "../../src/sink/flow-record.ts";
import { FOREIGN_FORMATS } from "../../src/sink/foreign-formats.ts";
import { formatNames, loadFormat } from "../../src/sink/formats.ts";
import { newNdjsonSink } from "../../src/sink/ndjson/ndjson.ts";
import { ECS_VERSION, OCSF_VERSION, OCSF_VERSIONS } from "../../src/sink/siem/format-versions.ts";
import type { SinkOptions } from "../../src/sink/sink.ts";
import { PLAIN, type RecordsOptions, written } from "./flow-records.ts";
import { expectedOf } from "./foreign-models.ts";
import { complaintsOf } from "./schema.ts";
import { AWKWARD_INTERFACE, AWKWARD_RULES, everyShape } from "./traffic.ts";

type Json = Record<string, unknown>;

const formats = Object.fromEntries(
  await Promise.all(formatNames.map(async (name) => [name, await loadFormat(name)] as const)),
);

const VARIANTS: readonly (readonly [string, RecordsOptions, SinkOptions])[] = [
  ["plain", {}, PLAIN],
  ["parts", { timeouts: { active: 2e9 } }, { ...PLAIN, ecsVersion: "9.4.0" }],
  ["interrupted", { endReason: EndReason.Interrupted }, { ...PLAIN, communityIdSeed: 65535 }],
  ["evicted", { endReason: EndReason.Evicted }, PLAIN],
  ["awkward texts", { rules: AWKWARD_RULES, interfaces: [AWKWARD_INTERFACE] }, PLAIN],
  ...OCSF_VERSIONS.map(
    (version) =>
      [
        `ocsf ${version}`,
        { timeouts: { active: 2e9 } },
        { ...PLAIN, ocsfVersion: version },
      ] as const,
  ),
];

function objects(text: string): Json[] {
  const lines = text.split("\n");
  expect(lines.at(-1)).toBe("");
  return lines.slice(0, -1).map((line) => JSON.parse(line));
}

/** The records of a flow that come before one of its parts. */
function partsBefore(flow: FlowRecordJson, all: readonly FlowRecordJson[]): FlowRecordJson[] {
  const before = all.find(({ id }) => id === flow.previous_id);
  return before === undefined ? [] : [...partsBefore(before, all), before];
}

/** Dotted paths of leaves in their order; lists are leaves, and so are the members of their objects. */
function pathsOf(value: object, prefix = ""): string[] {
  return Object.entries(value).flatMap(([name, one]) => {
    const path = prefix + name;
    if (Array.isArray(one)) {
      const members = one.filter((item) => typeof item === "object");
      return [path, ...members.flatMap((item) => pathsOf(item, `${path}[].`))];
    }
    return typeof one === "object" && one !== null ? pathsOf(one, `${path}.`) : [path];
  });
}

function cataloguePaths({ fields }: ForeignFormat): string[] {
  return fields.flatMap(({ path, items }) => [
    path,
    ...(items ?? []).map((item) => `${path}[].${item.path}`),
  ]);
}

/** Members of our own lists' objects, which the flow record's schema describes. */
const OWN_ITEMS = /(candidates|tunnel|comments)\[\]\./;

describe.each(FOREIGN_FORMATS)("$name", (format) => {
  const make = formats[format.name]!;
  const complaints = complaintsOf(`portflow.${format.name}.schema.json`);

  describe.each(VARIANTS)("%s", (_name, options, sinkOptions) => {
    const flows = objects(
      written(newNdjsonSink, everyShape(), options, sinkOptions),
    ) as unknown as FlowRecordJson[];
    const records = objects(written(make, everyShape(), options, sinkOptions));

    it("the committed schema accepts every line", () => {
      expect(records.length).toBeGreaterThan(20);
      for (const record of records) expect(complaints(record)).toEqual([]);
    });

    it("says of every flow what the published meaning of its fields asks for", () => {
      const told = {
        ecsVersion: sinkOptions.ecsVersion ?? ECS_VERSION,
        ocsfVersion: sinkOptions.ocsfVersion ?? OCSF_VERSION,
      };
      let at = 0;
      flows.forEach((flow, index) => {
        const around = { sequence: index + 1, earlier: partsBefore(flow, flows) };
        const expected = expectedOf(format.name, flow, around, records.slice(at), told);
        expect(records.slice(at, at + expected.length)).toEqual(expected);
        at += expected.length;
      });
      expect(at).toBe(records.length);
    });

    it("members come in the catalogue's order", () => {
      const order = cataloguePaths(format);
      for (const record of records) {
        const paths = pathsOf(record).filter((path) => !OWN_ITEMS.test(path));
        expect(paths).toEqual(order.filter((path) => paths.includes(path)));
      }
    });
  });

  it("the traffic of these tests has every field of the catalogue", () => {
    const met = new Set(
      VARIANTS.flatMap(([, options, sinkOptions]) =>
        objects(written(make, everyShape(), options, sinkOptions)).flatMap((one) => pathsOf(one)),
      ),
    );
    const missing = cataloguePaths(format).filter((path) => !met.has(path));
    // Flags and gaps that no packet of this traffic has; sink/eve/eve.test.ts has them.
    expect(missing.filter((path) => !/^tcp\.(urg|ecn|cwr|ts_gap|tc_gap)$/.test(path))).toEqual([]);
  });

  it("the schema refuses unknown members, wrong types and missing ones", () => {
    const [record] = objects(written(make, everyShape(), VARIANTS[1]![1]));
    expect(complaints({ ...record, extra: 1 })).not.toEqual([]);
    for (const name of Object.keys(record!)) {
      expect(complaints({ ...record, [name]: null }), name).not.toEqual([]);
    }
    const required = format.fields.filter(({ present }) => present === "always");
    for (const { path } of required) {
      const [first = ""] = path.split(".");
      if (format.optional[first] !== undefined) continue;
      const { [first]: _gone, ...rest } = record!;
      expect(complaints(rest), path).not.toEqual([]);
    }
  });
});

/** Where each JSON format has the interface, and the service of a flow. */
const PLACES: readonly (readonly [string, string | undefined, string])[] = [
  ["ndjson", "interface", "service"],
  ["zeek-json", undefined, ""],
  ["eve", "in_iface", "portflow.service"],
  ["eve-netflow", "in_iface", "portflow.service"],
  ["ecs", "observer.ingress.interface.name", "portflow.service"],
  ["ocsf", "unmapped.portflow.interface", "enrichments.0.data.service"],
  ["cim", "portflow.interface", "portflow.service"],
];

describe("texts from outside", () => {
  const texts = fc.string({ unit: "binary", maxLength: 30 });
  const words = fc.string({ unit: "binary", minLength: 1, maxLength: 12 });

  it("come back from every JSON format as they were", () => {
    let named = 0;
    const property = fc.property(texts, words, texts, (interfaceName, word, description) => {
      const rules = `31337/tcp\t${word.replaceAll(/\s/gu, "_")}\t-\t${description}`;
      // What the rules file says is for its own tests to decide; here it has to arrive.
      const parsed = parseUserRules(rules);
      const isRule = parsed.rules.length === 1 && !parsed.problems.some(({ fatal }) => fatal);
      const claim = isRule ? parsed.rules[0]!.claim : undefined;
      const options = { rules: claim === undefined ? "" : rules, interfaces: [interfaceName] };
      for (const [format, place, service] of PLACES) {
        for (const record of objects(written(formats[format]!, everyShape(), options))) {
          if (place !== undefined) expect(valueAt(record, place)).toBe(interfaceName);
          if (format === "zeek-json") {
            if (record["id.resp_p"] !== 31337 || claim === undefined) continue;
            expect(record["registered_service"]).toBe(claim.name);
            continue;
          }
          const tag = valueAt(record, service) as Json | undefined;
          if (tag?.["port"] !== 31337 || claim === undefined) continue;
          expect(tag["name"]).toBe(claim.name);
          expect(tag["description"] ?? "").toBe(claim.description);
          named += 1;
        }
      }
    });
    fc.assert(property, { numRuns: 20 });
    expect(named).toBeGreaterThan(50);
  });
});

function valueAt(record: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce((value, name) => (value as Json | undefined)?.[name], record as unknown);
}
