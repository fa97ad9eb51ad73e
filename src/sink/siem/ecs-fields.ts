import { EndReasonName } from "../../flow/ending/end-reason.ts";
import { ALWAYS, COUNT, PORT } from "../fields/field.ts";
import type { ForeignField, ForeignFormat } from "../fields/foreign-field.ts";
import { portflowObjectFields, portflowObjectOptional } from "../fields/portflow-object-fields.ts";

const TIME = { pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z$" };
const ADDRESS = { anyOf: [{ format: "ipv4" }, { format: "ipv6" }] };
const MAC = { pattern: "^[0-9A-F]{2}(-[0-9A-F]{2}){5}$" };
const CERTAIN = "direction.certainty is certain";
const VLAN_ID = { pattern: "^[1-9]\\d{0,3}$" };

function keyword(
  path: string,
  from: string,
  present: string = ALWAYS,
  more: Partial<ForeignField> = {},
): ForeignField {
  return { path, type: "string", theirs: "keyword", from, present, ...more };
}

function long(
  path: string,
  from: string,
  schema: Readonly<Record<string, unknown>> = COUNT,
  present: string = ALWAYS,
): ForeignField {
  return { path, type: "integer", theirs: "long", from, present, schema };
}

function date(path: string, from: string): ForeignField {
  return { path, type: "string", theirs: "date", from, present: ALWAYS, schema: TIME };
}

function endpoint(name: string, end: "src" | "dst"): readonly ForeignField[] {
  return [
    keyword(`${name}.address`, `${end}.ip`, ALWAYS, { schema: ADDRESS }),
    {
      path: `${name}.ip`,
      type: "string",
      theirs: "ip",
      from: `${end}.ip`,
      present: ALWAYS,
      schema: ADDRESS,
    },
    long(`${name}.port`, `${end}.port`, PORT, "the transport has ports and they were read"),
    keyword(`${name}.mac`, `${end}.mac`, "the link layer has MAC addresses", { schema: MAC }),
    long(`${name}.bytes`, `${end}.bytes`),
    long(`${name}.packets`, `${end}.packets`),
  ];
}

function words(path: string, allowed: readonly string[]): ForeignField {
  return {
    path,
    type: "list",
    theirs: "keyword",
    from: path === "event.type" ? "part, more" : "",
    present: ALWAYS,
    schema: { minItems: 1, uniqueItems: true, items: { enum: allowed } },
  };
}

/** `--format ecs`. */
export const ECS_FORMAT: ForeignFormat = {
  name: "ecs",
  title: "Elastic Common Schema",
  notes: [
    "`@timestamp` is the time of the last packet. `event.duration` is in nanoseconds. MAC addresses are in capitals with dashes, VLAN ids and the protocol number are text, as ECS has them.",
    "`network.application` is the registered service in lower case; ECS defines the field for names told from ports too. `network.protocol` is for protocols that were observed and is absent. `portflow.service` has the evidence.",
    "`event.type` of a whole flow is connection, start and end. Of several parts (`--active-timeout`) the first has start and the last has end. Counts are the part's own.",
    "`event.outcome` of TCP: success when a connection came about (S1, S2, S3, SF, RSTO, RSTR), failure when not (S0, REJ, RSTOS0, RSTRH, SH, SHR), else unknown.",
    "`client` and `server` repeat `source` and `destination` where the packets say who began. `event.sequence` numbers the records of an output from 1, on through rotated files; with `--fanout` each thread numbers its own.",
  ],
  fields: [
    date("@timestamp", "end"),
    keyword("ecs.version", "`--ecs-version`", ALWAYS, {
      schema: { pattern: "^[89]\\.\\d+\\.\\d+$" },
    }),
    keyword("event.kind", "", ALWAYS, { constant: "event" }),
    words("event.category", ["network"]),
    words("event.type", ["connection", "start", "end"]),
    keyword("event.action", "", ALWAYS, { constant: "network_flow" }),
    keyword("event.dataset", "", ALWAYS, { constant: "portflow.flow" }),
    keyword("event.module", "", ALWAYS, { constant: "portflow" }),
    keyword("event.provider", "", ALWAYS, { constant: "portflow" }),
    keyword("event.id", "id", ALWAYS, { schema: { pattern: "^[0-9a-f]{20}$" } }),
    long("event.sequence", "number of the record", { minimum: 1 }),
    date("event.start", "start"),
    date("event.end", "end"),
    long("event.duration", "duration, nanoseconds"),
    keyword("event.reason", "end_reason", ALWAYS, {
      values: EndReasonName.filter((name) => name !== ""),
    }),
    keyword("event.outcome", "tcp.state", "the transport is TCP", {
      values: ["unknown", "success", "failure"],
    }),
    keyword("network.type", "ip_version", ALWAYS, { values: ["ipv4", "ipv6"] }),
    keyword("network.transport", "transport", ALWAYS, {
      schema: { pattern: "^[a-z0-9][a-z0-9.+/-]*$" },
    }),
    keyword("network.iana_number", "ip_proto", ALWAYS, { schema: { pattern: "^\\d{1,3}$" } }),
    keyword("network.application", "service.name, lower case", "the flow has a name", {
      schema: { minLength: 1 },
    }),
    long("network.bytes", "src.bytes + dst.bytes"),
    long("network.packets", "src.packets + dst.packets"),
    keyword("network.community_id", "community_id", ALWAYS, {
      schema: { pattern: "^1:[A-Za-z0-9+/]{27}=$" },
    }),
    keyword("network.vlan.id", "vlan, the outermost", ALWAYS, { schema: VLAN_ID }),
    keyword("network.inner.vlan.id", "vlan, the innermost", ALWAYS, { schema: VLAN_ID }),
    ...endpoint("source", "src"),
    ...endpoint("destination", "dst"),
    ...endpoint("client", "src"),
    ...endpoint("server", "dst"),
    keyword("observer.type", "", ALWAYS, { constant: "sensor" }),
    keyword("observer.vendor", "", ALWAYS, { constant: "portflow" }),
    keyword("observer.product", "", ALWAYS, { constant: "portflow" }),
    keyword("observer.version", "version of portflow", ALWAYS, { schema: { minLength: 1 } }),
    keyword("observer.ingress.interface.name", "interface"),
    {
      path: "related.ip",
      type: "list",
      theirs: "ip",
      from: "src.ip, dst.ip",
      present: ALWAYS,
      schema: {
        minItems: 1,
        maxItems: 2,
        uniqueItems: true,
        items: { type: "string", ...ADDRESS },
      },
    },
    ...portflowObjectFields("portflow."),
  ],
  optional: {
    "network.vlan": "the frames are tagged",
    "network.inner": "the frames have several tags",
    client: CERTAIN,
    server: CERTAIN,
    "observer.ingress": "the capture names its interfaces",
    ...portflowObjectOptional("portflow."),
  },
};
