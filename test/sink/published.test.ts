import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.ts";
import { EVE_FORMAT, EVE_NETFLOW_FORMAT } from "../../src/sink/eve/eve-fields.ts";
import { eveProtocolName } from "../../src/sink/eve/eve-protocol.ts";
import { EveFlowStateName, EveTcpStateName } from "../../src/sink/eve/eve-tcp-state.ts";
import type { ForeignField } from "../../src/sink/fields/foreign-field.ts";
import { CIM_FORMAT } from "../../src/sink/siem/cim-fields.ts";
import { ECS_FORMAT } from "../../src/sink/siem/ecs-fields.ts";
import { OcsfActivityName, ocsfFeatures } from "../../src/sink/siem/ocsf-activity.ts";
import { OCSF_FORMAT } from "../../src/sink/siem/ocsf-fields.ts";

// The names and types we rely on, copied from the published lists that each file names.
function published<Shape>(name: string): Shape {
  const path = join(packageRoot(), "test", "sink", "published", `${name}.json`);
  return JSON.parse(readFileSync(path, "utf8")) as Shape;
}

function isForeign({ path }: ForeignField): boolean {
  return !/(^|\.)portflow\./.test(path);
}

describe("ECS", () => {
  const { types, lists } = published<{ types: Record<string, string>; lists: string[] }>("ecs");
  const fields = ECS_FORMAT.fields.filter(isForeign);

  it("every field is one of ECS, with its type", () => {
    for (const { path, theirs } of fields) expect([path, theirs]).toEqual([path, types[path]]);
  });

  it("lists are lists, everything else is not", () => {
    const ours = fields.filter(({ type }) => type === "list").map(({ path }) => path);
    expect(ours.sort()).toEqual(lists);
  });

  it("dates, keywords and addresses are text, longs are whole numbers", () => {
    const allowed: Record<string, string[]> = {
      date: ["string"],
      keyword: ["string", "list"],
      ip: ["string", "list"],
      long: ["integer"],
    };
    for (const { theirs, type } of fields) expect(allowed[theirs!]).toContain(type);
  });

  it("the field for observed protocols is left alone", () => {
    expect(types).toHaveProperty(["network.protocol"]);
    expect(fields.map(({ path }) => path)).not.toContain("network.protocol");
  });
});

describe("OCSF", () => {
  const ocsf = published<{
    activities: Record<string, string>;
    since: Record<string, string>;
    attributes: Record<string, Record<string, string>>;
  }>("ocsf");
  const paths = OCSF_FORMAT.fields
    .filter(isForeign)
    .flatMap(({ path, items }) => [path, ...(items ?? []).map((item) => `${path}[].${item.path}`)]);

  it("every attribute is one of its object", () => {
    for (const path of paths) {
      // What is below an enrichment's data is free.
      const known = path.replace(/^(enrichments\[\]\.data)\..*/, "$1");
      const dot = known.lastIndexOf(".");
      const attributes = ocsf.attributes[known.slice(0, Math.max(dot, 0))] ?? {};
      const name = known.slice(dot + 1);
      // Missing in the stored version of the product object, which the whole schema is older than.
      if (known === "metadata.product.vendor_name") continue;
      expect(Object.keys(attributes), path).toContain(name);
    }
  });

  it("every required attribute of every object is always there", () => {
    const always = (path: string): boolean =>
      OCSF_FORMAT.fields.some(
        (field) =>
          (field.path === path || field.path.startsWith(`${path}.`)) && field.present === "always",
      );
    for (const [object, attributes] of Object.entries(ocsf.attributes)) {
      if (object.endsWith("[]")) continue;
      for (const [name, requirement] of Object.entries(attributes)) {
        const path = object === "" ? name : `${object}.${name}`;
        if (requirement === "required") expect(always(path), path).toBe(true);
      }
    }
  });

  it("activities have the published captions", () => {
    for (const [id, name] of Object.entries(OcsfActivityName)) {
      expect(ocsf.activities[id]).toBe(name);
    }
  });

  it("attributes begin with the version that brought them", () => {
    const before: Record<string, string> = { "1.4.0": "1.3.0", "1.6.0": "1.5.0", "1.7.0": "1.6.0" };
    const feature = {
      "connection_info.community_uid": "hasCommunityUid",
      "connection_info.flag_history": "hasCommunityUid",
      "traffic.bytes_missed": "hasCommunityUid",
      is_src_dst_assignment_known: "hasAssignment",
      cumulative_traffic: "hasCumulativeTraffic",
    } as const;
    expect(Object.keys(feature).sort()).toEqual(Object.keys(ocsf.since).sort());
    for (const [path, version] of Object.entries(ocsf.since)) {
      const name = feature[path as keyof typeof feature];
      expect(ocsfFeatures(version)[name], path).toBe(true);
      expect(ocsfFeatures(before[version]!)[name], path).toBe(false);
    }
  });

  it("the attribute for inspected protocols is left alone", () => {
    expect(paths).not.toContain("app_protocol_name");
    expect(paths).not.toContain("app_name");
  });
});

describe("CIM", () => {
  const cim = published<Record<string, string[]> & { types: Record<string, string> }>("cim");
  const fields = CIM_FORMAT.fields.filter(isForeign);

  it("every field is one of the model with its type, or told to be none", () => {
    const others = [
      ...cim["named in descriptions"]!,
      ...cim["not in the lines read"]!,
      ...cim["not of the model"]!,
      ...Object.keys(cim["differs"]!),
    ];
    for (const { path, theirs } of fields) {
      if (others.includes(path)) continue;
      expect([path, theirs]).toEqual([path, cim.types[path]]);
    }
  });

  it("the field for observed protocols is left alone", () => {
    expect(fields.map(({ path }) => path)).not.toContain("app");
  });
});

describe("Suricata", () => {
  const suricata = published<Record<string, string[]> & { protocols: Record<string, string> }>(
    "suricata",
  );

  it.each([
    ["flow", EVE_FORMAT],
    ["netflow", EVE_NETFLOW_FORMAT],
  ] as const)("every member of %s is one of Suricata's, in its order", (kind, format) => {
    const ours = format.fields.filter(isForeign).map(({ path }) => path);
    expect(ours).toEqual(suricata[kind]!.filter((path) => ours.includes(path)));
    const absent = suricata[kind]!.filter((path) => !ours.includes(path));
    expect(absent).toEqual(
      kind === "flow" ? ["app_proto"] : ["app_proto", "netflow.min_ttl", "netflow.max_ttl"],
    );
  });

  it("protocols have Suricata's names", () => {
    for (const [number, name] of Object.entries(suricata.protocols)) {
      expect([number, eveProtocolName(Number(number))]).toEqual([number, name]);
    }
    expect(eveProtocolName(253)).toBe("253");
  });

  it("states and reasons are Suricata's words", () => {
    for (const name of EveTcpStateName) expect(suricata["states"]).toContain(name);
    for (const name of EveFlowStateName) expect(suricata["flow states"]).toContain(name);
    const reason = EVE_FORMAT.fields.find(({ path }) => path === "flow.reason");
    for (const name of reason!.values!) expect(suricata["reasons"]).toContain(name);
  });
});
