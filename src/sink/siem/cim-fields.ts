import { ALWAYS, COUNT, PORT } from "../fields/field.ts";
import type { ForeignField, ForeignFormat } from "../fields/foreign-field.ts";
import { portflowObjectFields, portflowObjectOptional } from "../fields/portflow-object-fields.ts";

const ADDRESS = { anyOf: [{ format: "ipv4" }, { format: "ipv6" }] };

function text(
  path: string,
  from: string,
  present: string = ALWAYS,
  more: Partial<ForeignField> = {},
): ForeignField {
  return { path, type: "string", theirs: "string", from, present, ...more };
}

function number(
  path: string,
  from: string,
  present: string = ALWAYS,
  schema: Readonly<Record<string, unknown>> = COUNT,
): ForeignField {
  return { path, type: "integer", theirs: "number", from, present, schema };
}

function endpoint(name: "src" | "dest", end: "src" | "dst"): readonly ForeignField[] {
  return [
    text(name, `${end}.ip`, ALWAYS, { schema: ADDRESS }),
    text(`${name}_ip`, `${end}.ip`, ALWAYS, { schema: ADDRESS }),
    number(`${name}_port`, `${end}.port`, "the transport has ports and they were read", PORT),
    text(`${name}_mac`, `${end}.mac`, "the link layer has MAC addresses", {
      schema: { pattern: "^[0-9a-f]{2}(:[0-9a-f]{2}){5}$" },
    }),
    text(`${name}_svc`, "service.name", "the flow has a name and the service is at this end", {
      schema: { minLength: 1 },
    }),
  ];
}

/** `--format cim`. */
export const CIM_FORMAT: ForeignFormat = {
  name: "cim",
  title: "Splunk CIM, data model Network_Traffic",
  notes: [
    "Events belong to the model by the tags `network` and `communicate`: give them to the sourcetype in `eventtypes.conf` and `tags.conf`. `timestamp` is the time of the last packet (`TIME_PREFIX`, or `INDEXED_EXTRACTIONS = json` with `TIMESTAMP_FIELDS = timestamp`).",
    "`dest_svc` or `src_svc` is the registered service; `app` is for protocols that were observed and is absent. `action` is `allowed` where the other end answered, since the flow was let through; otherwise nothing is known and it is absent.",
    '`bytes_in` and `packets_in` are those from dest to src, `bytes_out` and `packets_out` from src to dest. `duration` is in seconds. Several flags in `tcp_flag` and ids in `vlan` are separated by commas (`makemv delim=","`).',
    "Counts of a part of a flow (`--active-timeout`) are its own.",
  ],
  fields: [
    text("timestamp", "end", ALWAYS, {
      schema: { pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z$" },
    }),
    text("vendor_product", "", ALWAYS, { constant: "portflow" }),
    text("action", "", "both ends sent", { constant: "allowed" }),
    ...endpoint("src", "src"),
    ...endpoint("dest", "dst"),
    text("transport", "transport", ALWAYS, { schema: { pattern: "^[a-z0-9][a-z0-9.+/-]*$" } }),
    text("protocol", "", ALWAYS, { constant: "ip" }),
    text("protocol_version", "ip_version", ALWAYS, { values: ["4", "6"] }),
    number("icmp_type", "icmp.type", "ICMP and ICMPv6 whose header was read", {
      minimum: 0,
      maximum: 255,
    }),
    number("bytes", "src.bytes + dst.bytes"),
    number("bytes_in", "dst.bytes"),
    number("bytes_out", "src.bytes"),
    number("packets", "src.packets + dst.packets"),
    number("packets_in", "dst.packets"),
    number("packets_out", "src.packets"),
    {
      path: "duration",
      type: "number",
      theirs: "number",
      from: "duration",
      present: ALWAYS,
      schema: COUNT,
    },
    text("tcp_flag", "tcp.flags", "the transport is TCP and one of these was seen", {
      schema: { pattern: "^(SYN|ACK|FIN|RST|URG|PSH)(,(ACK|FIN|RST|URG|PSH))*$" },
    }),
    text("vlan", "vlan", "the frames are tagged", {
      schema: { pattern: "^\\d{1,4}(,\\d{1,4})*$" },
    }),
    text("flow_id", "id", ALWAYS, { schema: { pattern: "^[0-9a-f]{20}$" } }),
    text("community_id", "community_id", ALWAYS, {
      schema: { pattern: "^1:[A-Za-z0-9+/]{27}=$" },
    }),
    ...portflowObjectFields("portflow."),
  ],
  optional: portflowObjectOptional("portflow."),
};
