import { describe, expect, it } from "vitest";
import { ByteWriter } from "../../../src/core/byte-writer.ts";
import { EndReason } from "../../../src/flow/ending/end-reason.ts";
import { FIELDS } from "../../../src/sink/fields/fields.ts";
import { newNdjsonSink } from "../../../src/sink/ndjson/ndjson.ts";
import type { SinkOptions } from "../../../src/sink/sink.ts";
import { eachRecord, PLAIN, type RecordsOptions, written } from "../flow-records.ts";
import { complaintsOf } from "../schema.ts";
import { AWKWARD_INTERFACE, AWKWARD_RULES, everyShape } from "../traffic.ts";

const complaints = complaintsOf("portflow.flow.schema.json");

const VARIANTS: readonly (readonly [string, RecordsOptions, SinkOptions])[] = [
  ["plain", {}, PLAIN],
  ["parts", { timeouts: { active: 2e9 } }, PLAIN],
  ["interrupted", { endReason: EndReason.Interrupted }, { ...PLAIN, communityIdSeed: 65535 }],
  ["awkward texts", { rules: AWKWARD_RULES, interfaces: [AWKWARD_INTERFACE] }, PLAIN],
];

/** Flat text of a parsed value, by the rules of FIELDS.md and not by our code. */
function flat(path: string, value: unknown): string {
  const word = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll(";", "\\;");
  if (path === "service.candidates") {
    return (value as Record<string, string>[])
      .map(({ name, status, source }) => `${word(name!)}/${status}/${source}`)
      .join(";");
  }
  if (path === "tunnel") {
    return (value as Record<string, string>[])
      .map(({ type, id, src, dst }) => `${type}:${id ?? ""}:${src}>${dst}`)
      .join(";");
  }
  if (path === "comments") {
    return (value as { packet: number; text: string }[])
      .map(({ packet, text }) => `${packet}:${word(text)}`)
      .join(";");
  }
  if (Array.isArray(value)) return value.map((one) => word(String(one))).join(";");
  // No exponents: 1e-7 seconds are 0.0000001.
  if (typeof value === "number" && !Number.isInteger(value)) {
    return value.toFixed(9).replace(/0+$/, "");
  }
  return String(value);
}

/** Paths and values of an object's leaves, in its own order; arrays count as leaves. */
function leaves(value: object, prefix = ""): [path: string, value: unknown][] {
  return Object.entries(value).flatMap(([name, one]) => {
    const path = prefix + name;
    const isObject = typeof one === "object" && one !== null && !Array.isArray(one);
    return isObject ? leaves(one, `${path}.`) : [[path, one] as [string, unknown]];
  });
}

describe.each(VARIANTS)("ndjson: %s", (_name, options, sinkOptions) => {
  const lines = written(newNdjsonSink, everyShape(), options, sinkOptions).split("\n");
  const records = lines.slice(0, -1).map((line) => JSON.parse(line));

  it("every line is an object that the committed schema accepts", () => {
    expect(lines.at(-1)).toBe("");
    expect(records.length).toBeGreaterThan(20);
    for (const record of records) expect(complaints(record)).toEqual([]);
  });

  it("keys come in the catalogue's order, in nested objects too, and none is missing in it", () => {
    const order = FIELDS.map(({ path }) => path);
    for (const record of records) {
      const paths = leaves(record).map(([path]) => path);
      expect(paths).toEqual(order.filter((path) => paths.includes(path)));
      expect(new Set(paths).size).toBe(paths.length);
    }
  });

  it("every value equals what the catalogue writes for its path", () => {
    let at = 0;
    eachRecord(
      everyShape(),
      (record) => {
        const values = new Map(leaves(records[at]!));
        for (const field of FIELDS) {
          const out = new ByteWriter();
          field.write(record, out, sinkOptions);
          const value = values.get(field.path);
          const told = `record ${at}, ${field.path}`;
          expect(out.toString(), told).toBe(value === undefined ? "" : flat(field.path, value));
        }
        at += 1;
      },
      options,
    );
    expect(at).toBe(records.length);
  });
});

describe("ndjson", () => {
  const options = { timeouts: { active: 2e9 }, rules: AWKWARD_RULES, interfaces: ["eth0"] };
  const all = written(newNdjsonSink, everyShape(), options)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

  it("the traffic of these tests has every field of the catalogue", () => {
    const met = new Set(all.flatMap((record) => leaves(record).map(([path]) => path)));
    expect(FIELDS.map(({ path }) => path).filter((path) => !met.has(path))).toEqual([]);
  });

  it("awkward texts come back as they were", () => {
    const awkward = written(newNdjsonSink, everyShape(), {
      rules: AWKWARD_RULES,
      interfaces: [AWKWARD_INTERFACE],
    });
    const service = (port: number) =>
      awkward
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line))
        .find((record) => record.service.port === port);
    expect(service(31337)).toMatchObject({
      interface: AWKWARD_INTERFACE,
      service: {
        name: "=cmd|'/c_calc'!A1",
        description: 'says "hi", costs 3;4\\5 ü世🙂',
        status: "user",
        source: "user",
        candidates: [{ name: "eldim", status: "official", source: "iana" }],
      },
    });
    expect(service(46011).service.aliases).toEqual(["back\\slash", "semi;colon", "both;\\"]);
    expect(service(8888).service).toMatchObject({ name: "-x" });
    expect(service(8888).service.candidates[0].name).toBe("@a;b\\c/d");
    // A raw control character would end or garble the line.
    for (const line of awkward.trimEnd().split("\n")) {
      expect([...line].every((character) => character >= " ")).toBe(true);
    }
  });

  it("a counted packet is counted once: parts add up to the flow", () => {
    const parts = all.filter((record) => record.src.port === 52000);
    expect(parts.map(({ part, more }) => [part, more])).toEqual([
      [1, true],
      [2, true],
      [3, undefined],
    ]);
    expect(parts[1].previous_id).toBe(parts[0].id);
    expect(parts[2].previous_id).toBe(parts[1].id);
    const sum = parts.reduce((total, { src, dst }) => total + src.packets + dst.packets, 0);
    expect(sum).toBe(7);
    const [first, last] = all.filter((record) => record.src.port === 40012);
    expect(first).toMatchObject({ part: 1, more: true, end_reason: "active" });
    expect(last).toMatchObject({ part: 2, previous_id: first.id });
    expect(last).not.toHaveProperty("more");
  });

  it("counts of TCP's trouble are of the end they belong to", () => {
    const { tcp } = all.find((record) => record.src.port === 51005);
    expect(tcp).toMatchObject({
      retransmits: { src: 1, dst: 0 },
      out_of_order: { src: 0, dst: 1 },
      missed_bytes: 10,
    });
  });

  it("tunnels: outermost first, with ids where they have one", () => {
    const tunnelOf = (port: number) => all.find(({ src }) => src.port === port).tunnel;
    expect(tunnelOf(40007)).toEqual([
      { type: "vxlan", id: 4242, src: "203.0.113.1", dst: "203.0.113.2" },
    ]);
    expect(tunnelOf(40009)).toEqual([
      { type: "gre", src: "2001:db8::a", dst: "2001:db8::b" },
      // Each direction has a TEID of its own.
      { type: "gtp-u", src: "10.0.0.1", dst: "10.0.0.2" },
    ]);
  });

  it("VLANs of frames inside a tunnel come after those around it", () => {
    const vlanOf = (port: number) => all.find(({ src }) => src.port === port).vlan;
    expect(vlanOf(40007)).toEqual([30]);
    expect(vlanOf(40005)).toEqual([10, 20]);
  });

  it("schema: rejects what the contract doesn't have", () => {
    const record = all[0];
    expect(complaints({ ...record, extra: 1 })).not.toEqual([]);
    expect(complaints({ ...record, src: { ...record.src, extra: 1 } })).not.toEqual([]);
    expect(complaints({ ...record, end_reason: "timeout" })).not.toEqual([]);
    expect(complaints({ ...record, src: { ...record.src, ip: "2001:db8::g" } })).not.toEqual([]);
    expect(complaints({ ...record, duration: -1 })).not.toEqual([]);
    expect(complaints({ ...record, interface: null })).not.toEqual([]);
  });
});
