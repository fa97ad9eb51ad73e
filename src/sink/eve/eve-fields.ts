import { ALWAYS, COUNT, PORT } from "../fields/field.ts";
import type { ForeignField, ForeignFormat } from "../fields/foreign-field.ts";
import { portflowObjectFields, portflowObjectOptional } from "../fields/portflow-object-fields.ts";
import { EVE_REASONS } from "./eve.ts";
import { EveTcpStateName } from "./eve-tcp-state.ts";

const TIME = { pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}\\+0000$" };
const ADDRESS = {
  pattern: "^(\\d{1,3}(\\.\\d{1,3}){3}|[0-9a-f]{4}(:[0-9a-f]{4}){7})$",
  anyOf: [{ format: "ipv4" }, { format: "ipv6" }],
};
const OCTET = { minimum: 0, maximum: 255 };
const HEX = { pattern: "^[0-9a-f]{2}$" };
const MACS = {
  minItems: 1,
  maxItems: 1,
  items: { type: "string", pattern: "^[0-9a-f]{2}(:[0-9a-f]{2}){5}$" },
};
const HAS_PORTS = "the transport has ports and they were read";
const ICMP = "ICMP and ICMPv6 whose header was read";
const FLAG_NAMES = ["syn", "fin", "rst", "psh", "ack", "urg", "ecn", "cwr"];

function header(event: "flow" | "netflow"): readonly ForeignField[] {
  const back = event === "netflow" ? "; the other end's on the way back" : "";
  return [
    { path: "timestamp", type: "string", from: "end", present: ALWAYS, schema: TIME },
    {
      path: "flow_id",
      type: "integer",
      from: "first 51 bits of id",
      present: ALWAYS,
      schema: { minimum: 1, maximum: 2 ** 51 - 1 },
    },
    {
      path: "in_iface",
      type: "string",
      from: "interface",
      present: "the capture names its interfaces",
    },
    { path: "event_type", type: "string", from: "", present: ALWAYS, constant: event },
    {
      path: "vlan",
      type: "list",
      from: "vlan, the first three",
      present: "the frames are tagged",
      schema: {
        minItems: 1,
        maxItems: 3,
        items: { type: "integer", minimum: 1, maximum: 4095 },
      },
    },
    { path: "src_ip", type: "string", from: `src.ip${back}`, present: ALWAYS, schema: ADDRESS },
    {
      path: "src_port",
      type: "integer",
      from: `src.port${back}`,
      present: HAS_PORTS,
      schema: PORT,
    },
    { path: "dest_ip", type: "string", from: `dst.ip${back}`, present: ALWAYS, schema: ADDRESS },
    {
      path: "dest_port",
      type: "integer",
      from: `dst.port${back}`,
      present: HAS_PORTS,
      schema: PORT,
    },
    { path: "ip_v", type: "integer", from: "ip_version", present: ALWAYS, values: [4, 6] },
    {
      path: "proto",
      type: "string",
      from: "ip_proto, Suricata's names",
      present: ALWAYS,
      schema: { pattern: "^[A-Za-z0-9][A-Za-z0-9.+/-]*$" },
    },
    { path: "icmp_type", type: "integer", from: "icmp.type", present: ICMP, schema: OCTET },
    { path: "icmp_code", type: "integer", from: "icmp.code", present: ICMP, schema: OCTET },
  ];
}

const trailer: readonly ForeignField[] = [
  {
    path: "ether.dest_macs",
    type: "list",
    from: "dst.mac",
    present: ALWAYS,
    schema: MACS,
  },
  { path: "ether.src_macs", type: "list", from: "src.mac", present: ALWAYS, schema: MACS },
  {
    path: "community_id",
    type: "string",
    from: "community_id",
    present: ALWAYS,
    schema: { pattern: "^1:[A-Za-z0-9+/]{27}=$" },
  },
];

const tunnel: readonly ForeignField[] = [
  {
    path: "tunnel.src_ip",
    type: "string",
    from: "tunnel[0].src",
    present: ALWAYS,
    schema: ADDRESS,
  },
  {
    path: "tunnel.dest_ip",
    type: "string",
    from: "tunnel[0].dst",
    present: ALWAYS,
    schema: ADDRESS,
  },
  {
    path: "tunnel.proto",
    type: "string",
    from: "protocol that carries tunnel[0]",
    present: ALWAYS,
    values: ["IP-in-IP", "IPv6", "GRE", "ETHERIP", "MPLS-in-IP", "Ethernet", "L2TP", "UDP"],
  },
  {
    path: "tunnel.depth",
    type: "integer",
    from: "number of tunnels",
    present: ALWAYS,
    schema: { minimum: 1 },
  },
];

const OPTIONAL = {
  ether: "the link layer has MAC addresses",
  tcp: "the transport is TCP",
  tunnel: "the flow is inside a tunnel",
};

function flags(which: string): readonly ForeignField[] {
  return FLAG_NAMES.map((name) => ({
    path: `tcp.${name}`,
    type: "boolean",
    from: which,
    present: "the flag was seen",
    constant: true,
  }));
}

function count(path: string, from: string): ForeignField {
  return { path, type: "integer", from, present: ALWAYS, schema: COUNT };
}

const SPI: ForeignField = {
  path: "spi",
  type: "integer",
  from: "spi.src; spi.dst on the way back",
  present: "the transport is ESP and its header was read",
  schema: { minimum: 1, maximum: 2 ** 32 - 1 },
};

const SHARED_NOTES = [
  "`timestamp` is the time of the last packet, not of writing: the same capture gives the same records at any time. Times are UTC, cut off at the microsecond.",
  "IPv6 addresses have all eight groups, as Suricata writes them.",
  "What Suricata finds in contents is absent: `app_proto`, `app_proto_ts`, `app_proto_tc`, `tx_cnt`. A registered port is no observation, so the service stands in `portflow.service` only.",
  "`spi` is the first of the record's source: an SPI is no flow of its own, as it is in Suricata, so that the two directions stay together.",
];

/** `--format eve`. */
export const EVE_FORMAT: ForeignFormat = {
  name: "eve",
  title: "Suricata EVE, event_type flow",
  notes: [
    ...SHARED_NOTES,
    "`flow.age` is the difference of the seconds of `end` and `start`. `flow.reason`: closed, reset, idle and active are `timeout`, reuse is `tcp_reuse`, evicted is `forced`, the end of the capture and of the run are `shutdown`.",
    "`tcp.state` and `flow.state` are those that Suricata's session would have; one without its handshake counts as picked up (`stream.midstream: true`). `flow.state` of other protocols is `established` once both ends sent.",
    "A part of a flow (`--active-timeout`) counts its own packets; `portflow.part`, `portflow.previous_id` and `portflow.more` join the parts.",
  ],
  fields: [
    ...header("flow"),
    {
      path: "response_icmp_type",
      type: "integer",
      from: "type that answers icmp.type",
      present: "ICMP and ICMPv6, and an answer was seen",
      schema: OCTET,
    },
    {
      path: "response_icmp_code",
      type: "integer",
      from: "",
      present: "response_icmp_type is",
      constant: 0,
    },
    SPI,
    count("flow.pkts_toserver", "src.packets"),
    count("flow.pkts_toclient", "dst.packets"),
    count("flow.bytes_toserver", "src.bytes"),
    count("flow.bytes_toclient", "dst.bytes"),
    { path: "flow.start", type: "string", from: "start", present: ALWAYS, schema: TIME },
    { path: "flow.end", type: "string", from: "end", present: ALWAYS, schema: TIME },
    count("flow.age", "start, end; seconds"),
    {
      path: "flow.state",
      type: "string",
      from: "tcp.state, tcp.history; both counts of packets",
      present: ALWAYS,
      values: ["new", "established", "closed"],
    },
    {
      path: "flow.reason",
      type: "string",
      from: "end_reason",
      present: ALWAYS,
      values: [...new Set(Object.values(EVE_REASONS))],
    },
    { path: "flow.alerted", type: "boolean", from: "", present: ALWAYS, constant: false },
    ...trailer,
    { path: "tcp.tcp_flags", type: "string", from: "tcp.flags", present: ALWAYS, schema: HEX },
    {
      path: "tcp.tcp_flags_ts",
      type: "string",
      from: "tcp.flags.src",
      present: ALWAYS,
      schema: HEX,
    },
    {
      path: "tcp.tcp_flags_tc",
      type: "string",
      from: "tcp.flags.dst",
      present: ALWAYS,
      schema: HEX,
    },
    ...flags("tcp.flags"),
    {
      path: "tcp.state",
      type: "string",
      from: "tcp.state, tcp.history",
      present: ALWAYS,
      values: EveTcpStateName,
    },
    {
      path: "tcp.tc_gap",
      type: "boolean",
      from: "tcp.history",
      present: "octets of the responder were acknowledged but never captured",
      constant: true,
    },
    {
      path: "tcp.ts_gap",
      type: "boolean",
      from: "tcp.history",
      present: "octets of the initiator were acknowledged but never captured",
      constant: true,
    },
    ...tunnel,
    ...portflowObjectFields("portflow."),
  ],
  optional: { ...OPTIONAL, ...portflowObjectOptional("portflow.") },
};

/** `--format eve-netflow`. */
export const EVE_NETFLOW_FORMAT: ForeignFormat = {
  name: "eve-netflow",
  title: "Suricata EVE, event_type netflow",
  notes: [
    "One record for the way from the initiator to the responder, and a second one with the ends exchanged when the responder sent anything. Both have the flow's times, `flow_id` and `community_id`.",
    ...SHARED_NOTES,
    "`netflow.min_ttl` and `netflow.max_ttl` are absent: flows don't keep TTLs.",
    "`portflow.service.side` is turned with the record: it names the end of this record.",
  ],
  fields: [
    ...header("netflow"),
    SPI,
    count("netflow.pkts", "src.packets; dst.packets on the way back"),
    count("netflow.bytes", "src.bytes; dst.bytes on the way back"),
    { path: "netflow.start", type: "string", from: "start", present: ALWAYS, schema: TIME },
    { path: "netflow.end", type: "string", from: "end", present: ALWAYS, schema: TIME },
    count("netflow.age", "start, end; seconds"),
    {
      path: "tcp.tcp_flags",
      type: "string",
      from: "tcp.flags.src; tcp.flags.dst on the way back",
      present: ALWAYS,
      schema: HEX,
    },
    ...flags("the same"),
    ...trailer,
    ...tunnel,
    ...portflowObjectFields("portflow.", (path) => path === "id"),
    {
      path: "portflow.direction",
      type: "string",
      from: "which way",
      present: ALWAYS,
      values: ["to_server", "to_client"],
    },
    ...portflowObjectFields("portflow.", (path) =>
      /^(service\.|fragments|comments|end_reason|flow_end_reason|part|previous_id|more)/.test(path),
    ),
  ],
  optional: OPTIONAL,
};
