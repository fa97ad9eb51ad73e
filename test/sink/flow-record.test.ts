import { describe, expect, it } from "vitest";
import { ALWAYS } from "../../src/sink/fields/field.ts";
import { FIELD_GROUPS, FIELDS } from "../../src/sink/fields/fields.ts";
import type { FlowRecordJson } from "../../src/sink/flow-record.ts";
import { complaintsOf } from "./schema.ts";

/** The type with everything required: a sample of it has every field there is. */
type Complete<Value> = Value extends readonly (infer Item)[]
  ? Complete<Item>[]
  : Value extends object
    ? { [Key in keyof Value]-?: Complete<Value[Key]> }
    : Value;

type RequiredKeys<Value> = {
  [Key in keyof Value]-?: undefined extends Value[Key] ? never : Key;
}[keyof Value];

/** The type with nothing optional in it: a sample of it has what no record lacks. */
type Smallest<Value> = Value extends readonly unknown[]
  ? Value
  : Value extends object
    ? { [Key in RequiredKeys<Value>]: Smallest<Value[Key]> }
    : Value;

const counts = { packets: 1, bytes: 60, ip_bytes: 46, payload_bytes: 5 };

const complete: Complete<FlowRecordJson> = {
  type: "flow",
  schema: "portflow.flow/1",
  id: "0123456789abcdef0123",
  community_id: "1:LQU9qZlK+B5F3KDmev6m5PMibrg=",
  start: "2026-03-02T09:00:00.000000000Z",
  end: "2026-03-02T09:00:00.000000001Z",
  duration: 1e-9,
  ip_version: 4,
  transport: "tcp",
  ip_proto: 6,
  src: { ip: "192.0.2.1", port: 51000, mac: "02:00:00:00:00:01", ...counts },
  dst: { ip: "192.0.2.2", port: 443, mac: "02:00:00:00:00:02", ...counts },
  interface: "eth0",
  vlan: [10, 20],
  tunnel: [{ type: "vxlan", id: 42, src: "2001:db8::1", dst: "2001:db8::2" }],
  icmp: {
    ...{ type: 3, code: 3 },
    quoted: {
      ...{ src: "192.0.2.2", src_port: 443, dst: "192.0.2.1", dst_port: 51000 },
      ...{ transport: "tcp", community_id: "1:LQU9qZlK+B5F3KDmev6m5PMibrg=" },
      ...{ id: "0123456789abcdef0123", others: 1 },
    },
  },
  spi: { src: 4294967295, dst: 1 },
  direction: { certainty: "certain", reason: "syn" },
  service: {
    name: "https",
    port: 443,
    side: "dst",
    description: "HTTP over TLS",
    status: "official",
    source: "iana",
    confidence: "high",
    reason: "syn",
    candidates: [{ name: "other", status: "unofficial", source: "list" }],
    registered_name: "https",
    aliases: ["tls"],
    port_status: "assigned",
    source_date: "2026-09-17",
    hint: "443/udp is quic",
  },
  tcp: {
    state: "SF",
    history: "ShADadFf",
    flags: { src: "SAPF", dst: "SAF" },
    retransmits: { src: 0, dst: 0 },
    out_of_order: { src: 0, dst: 0 },
    missed_bytes: 0,
    handshake_rtt: 0.02,
  },
  fragments: 1,
  comments: [{ packet: 3, text: "here it begins" }],
  end_reason: "active",
  flow_end_reason: 2,
  part: 2,
  previous_id: "0123456789abcdef0124",
  more: true,
};

const smallest: Smallest<FlowRecordJson> = {
  type: "flow",
  schema: "portflow.flow/1",
  id: "0123456789abcdef0123",
  community_id: "1:LQU9qZlK+B5F3KDmev6m5PMibrg=",
  start: "2026-03-02T09:00:00.000000000Z",
  end: "2026-03-02T09:00:00.000000000Z",
  duration: 0,
  ip_version: 4,
  transport: "gre",
  ip_proto: 47,
  src: { ip: "192.0.2.1", ...counts },
  dst: { ip: "2001:db8::1", ...counts },
  direction: { certainty: "unknown", reason: "mid-stream" },
  service: { confidence: "none", reason: "no-ports" },
  end_reason: "idle",
  flow_end_reason: 1,
};

/** Dotted paths of an object's leaves; arrays are leaves. */
function pathsOf(value: object, prefix = ""): string[] {
  return Object.entries(value).flatMap(([name, one]) =>
    typeof one === "object" && !Array.isArray(one)
      ? pathsOf(one, `${prefix}${name}.`)
      : [prefix + name],
  );
}

/** Every copy of the object with one member, at any depth, left out. */
function lackingOne(value: object, prefix = ""): [path: string, copy: object][] {
  return Object.entries(value).flatMap(([name, one]) => {
    const { [name]: _gone, ...rest } = value as Record<string, unknown>;
    const inner =
      typeof one === "object" && !Array.isArray(one) ? lackingOne(one, `${prefix}${name}.`) : [];
    return [
      [prefix + name, rest] as [string, object],
      ...inner.map(([path, copy]): [string, object] => [path, { ...value, [name]: copy }]),
    ];
  });
}

describe("FlowRecordJson", () => {
  const complaints = complaintsOf("portflow.flow.schema.json");

  it("has the catalogue's fields in its order", () => {
    expect(pathsOf(complete)).toEqual(FIELDS.map(({ path }) => path));
  });

  it("requires what the catalogue says is always there", () => {
    const optional = FIELD_GROUPS.filter(({ present }) => present !== ALWAYS);
    const always = FIELDS.filter(
      ({ path, present }) =>
        present === ALWAYS && !optional.some((group) => path.startsWith(`${group.path}.`)),
    );
    expect(pathsOf(smallest)).toEqual(always.map(({ path }) => path));
  });

  it("is what the schema accepts, from the smallest record to the largest", () => {
    expect(complaints(complete)).toEqual([]);
    expect(complaints(smallest)).toEqual([]);
  });

  it.each(lackingOne(smallest))("without %s the schema rejects it", (_path, copy) => {
    expect(complaints(copy)).not.toEqual([]);
  });
});
