import { SourceName } from "../../service/claim.ts";
import { ALWAYS, COUNT, PORT } from "../fields/field.ts";
import type { ForeignField, ForeignFormat } from "../fields/foreign-field.ts";
import { portflowObjectFields, portflowObjectOptional } from "../fields/portflow-object-fields.ts";
import { OCSF_VERSIONS } from "./format-versions.ts";
import { OcsfActivityName } from "./ocsf-activity.ts";

const ADDRESS = { anyOf: [{ format: "ipv4" }, { format: "ipv6" }] };
const NAMED = "the flow has a name";
const ACTIVITIES = Object.entries(OcsfActivityName);
/** Of the service object, what only a flow with a name has, and what only one without has. */
const OF_NAMED = /^service\.(name|description|status|source|registered_name|aliases|source_date)$/;
const OF_NAMELESS = /^service\.hint$/;
const ID = { pattern: "^[0-9a-f]{20}$" };

function constant(path: string, theirs: string, value: string | number): ForeignField {
  const type = typeof value === "number" ? "integer" : "string";
  return { path, type, theirs, from: "", present: ALWAYS, constant: value };
}

function text(
  path: string,
  from: string,
  present: string = ALWAYS,
  more: Partial<ForeignField> = {},
): ForeignField {
  return { path, type: "string", theirs: "string_t", from, present, ...more };
}

function whole(
  path: string,
  theirs: string,
  from: string,
  present: string = ALWAYS,
  schema: Readonly<Record<string, unknown>> = COUNT,
): ForeignField {
  return { path, type: "integer", theirs, from, present, schema };
}

function endpoint(name: string, end: "src" | "dst"): readonly ForeignField[] {
  return [
    {
      path: `${name}.ip`,
      type: "string",
      theirs: "ip_t",
      from: `${end}.ip`,
      present: ALWAYS,
      schema: ADDRESS,
    },
    whole(
      `${name}.port`,
      "port_t",
      `${end}.port`,
      "the transport has ports and they were read",
      PORT,
    ),
    {
      path: `${name}.mac`,
      type: "string",
      theirs: "mac_t",
      from: `${end}.mac`,
      present: "the link layer has MAC addresses",
      schema: { pattern: "^[0-9a-f]{2}(:[0-9a-f]{2}){5}$" },
    },
    text(`${name}.svc_name`, "service.name", `${NAMED} and the service is at this end`, {
      schema: { minLength: 1 },
    }),
  ];
}

function counts(name: string, of: string): readonly ForeignField[] {
  const sums: readonly (readonly [string, string])[] = [
    ["bytes", "src.bytes + dst.bytes"],
    ["bytes_in", "dst.bytes"],
    ["bytes_out", "src.bytes"],
    ["packets", "src.packets + dst.packets"],
    ["packets_in", "dst.packets"],
    ["packets_out", "src.packets"],
  ];
  return sums.map(([field, from]) => whole(`${name}.${field}`, "long_t", from + of));
}

const enrichment: readonly ForeignField[] = [
  text("name", "service.side", ALWAYS, {
    values: ["src_endpoint.svc_name", "dst_endpoint.svc_name"],
  }),
  text("value", "service.name", ALWAYS, { schema: { minLength: 1 } }),
  constant("type", "string_t", "service"),
  text("provider", "service.source", ALWAYS, { values: SourceName }),
  ...portflowObjectFields(
    "data.",
    (path) => path.startsWith("service.") && !OF_NAMELESS.test(path),
  ),
];

/** `--format ocsf`. */
export const OCSF_FORMAT: ForeignFormat = {
  name: "ocsf",
  title: "OCSF Network Activity (class_uid 4001)",
  notes: [
    "`time` is the time of the last packet; all times are milliseconds since 1970, cut off, and `duration` is the difference of `end_time` and `start_time`.",
    "`activity_id` by Zeek's word for the connection: SF is Close; RSTO, RSTR, RSTOS0, RSTRH are Reset; S0 is Fail; REJ is Refuse; everything else, other protocols and interim reports are Traffic. `status_id` is Success when a TCP connection came about (S1, S2, S3, SF, RSTO, RSTR), Failure when not (S0, REJ, RSTOS0, RSTRH, SH, SHR), else Unknown.",
    "The registered service is `svc_name` of the end it belongs to, both ends where the ports are equal; the enrichment says who registered it, how sure it is and why. `app_protocol_name` is for protocols found by inspection and is absent.",
    "`traffic` counts this record. Where an active timeout split the flow, `cumulative_traffic` counts all parts up to this one. Out is from source to destination.",
    "`--ocsf-version` leaves out what a version does not have: `community_uid`, `flag_history` and `bytes_missed` are of 1.4, `is_src_dst_assignment_known` of 1.6, `cumulative_traffic` of 1.7.",
    "`direction_id` is 0, Unknown: which addresses are inside is not known. `metadata.sequence` numbers the records of an output from 1, on through rotated files; with `--fanout` each thread numbers its own.",
  ],
  fields: [
    whole("activity_id", "integer_t", "tcp.state", ALWAYS, {
      enum: ACTIVITIES.map(([id]) => Number(id)),
    }),
    text("activity_name", "tcp.state", ALWAYS, { values: ACTIVITIES.map(([, name]) => name) }),
    constant("category_uid", "integer_t", 4),
    constant("category_name", "string_t", "Network Activity"),
    constant("class_uid", "integer_t", 4001),
    constant("class_name", "string_t", "Network Activity"),
    whole("type_uid", "long_t", "class_uid * 100 + activity_id", ALWAYS, {
      enum: ACTIVITIES.map(([id]) => 400100 + Number(id)),
    }),
    text("type_name", "class_name, activity_name", ALWAYS, {
      values: ACTIVITIES.map(([, name]) => `Network Activity: ${name}`),
    }),
    constant("severity_id", "integer_t", 1),
    constant("severity", "string_t", "Informational"),
    whole("status_id", "integer_t", "tcp.state", ALWAYS, { enum: [0, 1, 2] }),
    text("status", "tcp.state", ALWAYS, { values: ["Unknown", "Success", "Failure"] }),
    whole("time", "timestamp_t", "end"),
    whole("start_time", "timestamp_t", "start"),
    whole("end_time", "timestamp_t", "end"),
    whole("duration", "long_t", "start, end"),
    text("metadata.version", "`--ocsf-version`", ALWAYS, { values: OCSF_VERSIONS }),
    constant("metadata.product.name", "string_t", "portflow"),
    constant("metadata.product.vendor_name", "string_t", "portflow"),
    text("metadata.product.version", "version of portflow", ALWAYS, { schema: { minLength: 1 } }),
    constant("metadata.log_name", "string_t", "flow"),
    text("metadata.uid", "id", ALWAYS, { schema: ID }),
    whole("metadata.sequence", "integer_t", "number of the record", ALWAYS, { minimum: 1 }),
    ...endpoint("src_endpoint", "src"),
    ...endpoint("dst_endpoint", "dst"),
    text("connection_info.uid", "id", ALWAYS, { schema: ID }),
    whole("connection_info.protocol_num", "integer_t", "ip_proto", ALWAYS, {
      minimum: 0,
      maximum: 255,
    }),
    text("connection_info.protocol_name", "transport", ALWAYS, {
      schema: { pattern: "^[a-z0-9][a-z0-9.+/-]*$" },
    }),
    whole("connection_info.protocol_ver_id", "integer_t", "ip_version", ALWAYS, { enum: [4, 6] }),
    constant("connection_info.direction_id", "integer_t", 0),
    whole("connection_info.tcp_flags", "integer_t", "tcp.flags", "the transport is TCP", {
      minimum: 0,
      maximum: 255,
    }),
    text("connection_info.community_uid", "community_id", "OCSF 1.4 and later", {
      schema: { pattern: "^1:[A-Za-z0-9+/]{27}=$" },
    }),
    text(
      "connection_info.flag_history",
      "tcp.history",
      "OCSF 1.4 and later, the transport is TCP and there is any",
      { schema: { pattern: "^\\^?[SHADFRCGTWIQXshadfrcgtwiqx]*$" } },
    ),
    ...counts("traffic", ""),
    whole(
      "traffic.bytes_missed",
      "long_t",
      "tcp.missed_bytes",
      "OCSF 1.4 and later, the transport is TCP",
    ),
    ...counts("cumulative_traffic", " of all parts so far"),
    whole("cumulative_traffic.start_time", "timestamp_t", "start of the first part"),
    whole("cumulative_traffic.end_time", "timestamp_t", "end"),
    {
      path: "is_src_dst_assignment_known",
      type: "boolean",
      theirs: "boolean_t",
      from: "direction.certainty is certain",
      present: "OCSF 1.6 and later",
    },
    {
      path: "enrichments",
      type: "list",
      theirs: "enrichment",
      from: "service",
      present: NAMED,
      schema: { minItems: 1, maxItems: 1 },
      items: enrichment,
    },
    ...portflowObjectFields("unmapped.portflow.", (path) => !OF_NAMED.test(path)),
  ],
  optional: {
    cumulative_traffic: "OCSF 1.7 and later, an active timeout split the flow",
    ...portflowObjectOptional("unmapped.portflow."),
    "unmapped.portflow.service": "the flow has no name",
  },
};
