import { createRequire } from "node:module";
import type { FlowRecordJson } from "../../src/sink/flow-record.ts";

// What each format has to say of a flow record, written down as plainly as can be: objects built from
// the record as NDJSON has it, by the published meaning of the fields and not by our writers.

type Json = Record<string, unknown>;

const VERSION = createRequire(import.meta.url)("../../package.json").version as string;

/** What a record doesn't tell of itself. */
export type Surroundings = {
  /** Number of the record in its output, from 1. */
  readonly sequence: number;
  /** The parts of the same flow before this one, oldest first. */
  readonly earlier: readonly FlowRecordJson[];
};

/** The object without what is undefined, at any depth. */
function present(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(present);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .map(([name, one]) => [name, present(one)]),
  );
}

/** The `portflow` object; without the service where that is told elsewhere. */
function own(flow: FlowRecordJson, hasService = true): Json {
  const { ip_bytes, payload_bytes } = flow.src;
  return {
    id: flow.id,
    src: { ip_bytes, payload_bytes },
    dst: { ip_bytes: flow.dst.ip_bytes, payload_bytes: flow.dst.payload_bytes },
    interface: flow.interface,
    vlan: flow.vlan,
    tunnel: flow.tunnel,
    icmp: flow.icmp,
    spi: flow.spi,
    direction: flow.direction,
    service: hasService ? flow.service : undefined,
    tcp: flow.tcp,
    ...ending(flow),
  };
}

function ending({
  fragments,
  comments,
  end_reason,
  flow_end_reason,
  part,
  previous_id,
  more,
}: FlowRecordJson) {
  return { fragments, comments, end_reason, flow_end_reason, part, previous_id, more };
}

/** Letters of flags to Suricata's and TCP's bits. */
const BITS: Readonly<Record<string, number>> = {
  F: 0x01,
  S: 0x02,
  R: 0x04,
  P: 0x08,
  A: 0x10,
  U: 0x20,
  E: 0x40,
  C: 0x80,
};
const EVE_FLAGS: readonly (readonly [string, string])[] = [
  ["S", "syn"],
  ["F", "fin"],
  ["R", "rst"],
  ["P", "psh"],
  ["A", "ack"],
  ["U", "urg"],
  ["E", "ecn"],
  ["C", "cwr"],
];

function bits(letters: string): number {
  return [...letters].reduce((sum, letter) => sum | BITS[letter]!, 0);
}

function hex(letters: string): string {
  return bits(letters).toString(16).padStart(2, "0");
}

function eveFlags(letters: string): Json {
  return Object.fromEntries(
    EVE_FLAGS.filter(([letter]) => letters.includes(letter)).map(([, name]) => [name, true]),
  );
}

function eveTime(text: string): string {
  return text.replace(/(\.\d{6})\d{3}Z$/, "$1+0000");
}

/** Eight groups of four digits; IPv4 stays. */
function eveAddress(text: string): string {
  if (!text.includes(":")) return text;
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const plain =
    dotted === null
      ? text
      : dotted[1] +
        [dotted.slice(2, 4), dotted.slice(4, 6)]
          .map(([high, low]) => (Number(high) * 256 + Number(low)).toString(16))
          .join(":");
  const [head = "", tail] = plain.split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":"));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  return [...before, ...zeros, ...after].map((group) => group.padStart(4, "0")).join(":");
}

const EVE_PROTOCOLS: Readonly<Record<string, string>> = {
  "ipv6-icmp": "IPv6-ICMP",
  udplite: "UDPLite",
  "61": "Any",
  ipv4: "IP-in-IP",
  ipv6: "IPv6",
};
const EVE_TUNNELS: Readonly<Record<string, string>> = {
  gre: "GRE",
  pptp: "GRE",
  erspan: "GRE",
  "4in4": "IP-in-IP",
  "4in6": "IP-in-IP",
  "6in4": "IPv6",
  "6in6": "IPv6",
  etherip: "ETHERIP",
  "mpls-in-ip": "MPLS-in-IP",
};
const ANSWERS: Readonly<Record<number, number>> = {
  8: 0,
  0: 8,
  13: 14,
  14: 13,
  128: 129,
  129: 128,
  135: 136,
  133: 134,
};

function eveHeader(flow: FlowRecordJson, event: string, isBack: boolean): Json {
  const [from, to] = isBack ? [flow.dst, flow.src] : [flow.src, flow.dst];
  return {
    timestamp: eveTime(flow.end),
    flow_id: Number(BigInt(`0x${flow.id}`) >> 29n),
    in_iface: flow.interface,
    event_type: event,
    vlan: flow.vlan?.slice(0, 3),
    src_ip: eveAddress(from.ip),
    src_port: from.port,
    dest_ip: eveAddress(to.ip),
    dest_port: to.port,
    ip_v: flow.ip_version,
    proto: EVE_PROTOCOLS[flow.transport] ?? flow.transport.toUpperCase(),
  };
}

/** The index of the end that is a record's source. */
function spiOf({ transport, spi }: FlowRecordJson, isBack: boolean): number | undefined {
  return transport === "esp" ? spi?.[isBack ? "dst" : "src"] : undefined;
}

function ether(flow: FlowRecordJson, isBack: boolean): Json | undefined {
  if (flow.src.mac === undefined) return undefined;
  const [from, to] = isBack ? [flow.dst, flow.src] : [flow.src, flow.dst];
  return { dest_macs: [to.mac], src_macs: [from.mac] };
}

function eveTunnel({ tunnel }: FlowRecordJson): Json | undefined {
  const outermost = tunnel?.[0];
  if (outermost === undefined) return undefined;
  return {
    src_ip: eveAddress(outermost.src),
    dest_ip: eveAddress(outermost.dst),
    proto: EVE_TUNNELS[outermost.type] ?? "UDP",
    depth: tunnel!.length,
  };
}

function wholeSeconds(flow: FlowRecordJson): number {
  return Math.floor(Date.parse(flow.end) / 1000) - Math.floor(Date.parse(flow.start) / 1000);
}

const EVE_REASONS: Readonly<Record<string, string>> = {
  reuse: "tcp_reuse",
  evicted: "forced",
  capture_end: "shutdown",
  interrupted: "shutdown",
};

/** EVE's flow record; the states of TCP are compared elsewhere and taken from `actual`. */
function eve(flow: FlowRecordJson, actual: Json): Json {
  const { icmp, tcp } = flow;
  const hasAnswer = icmp !== undefined && flow.dst.packets > 0;
  const letters = tcp === undefined ? "" : tcp.flags.src + tcp.flags.dst;
  const state = (actual["tcp"] as Json | undefined)?.["state"];
  const flowState = (actual["flow"] as Json)["state"];
  return {
    ...eveHeader(flow, "flow", false),
    icmp_type: icmp?.type,
    icmp_code: icmp?.code,
    response_icmp_type: hasAnswer ? ANSWERS[icmp.type] : undefined,
    response_icmp_code: hasAnswer ? 0 : undefined,
    spi: spiOf(flow, false),
    flow: {
      pkts_toserver: flow.src.packets,
      pkts_toclient: flow.dst.packets,
      bytes_toserver: flow.src.bytes,
      bytes_toclient: flow.dst.bytes,
      start: eveTime(flow.start),
      end: eveTime(flow.end),
      age: wholeSeconds(flow),
      state:
        tcp !== undefined
          ? flowState
          : flow.src.packets > 0 && flow.dst.packets > 0
            ? "established"
            : "new",
      reason: EVE_REASONS[flow.end_reason] ?? "timeout",
      alerted: false,
    },
    ether: ether(flow, false),
    community_id: flow.community_id,
    tcp:
      tcp === undefined
        ? undefined
        : {
            tcp_flags: hex(letters),
            tcp_flags_ts: hex(tcp.flags.src),
            tcp_flags_tc: hex(tcp.flags.dst),
            ...eveFlags(letters),
            state,
            tc_gap: tcp.history.includes("g") ? true : undefined,
            ts_gap: tcp.history.includes("G") ? true : undefined,
          },
    tunnel: eveTunnel(flow),
    portflow: own(flow),
  };
}

function eveNetflow(flow: FlowRecordJson, isBack: boolean): Json {
  const from = isBack ? flow.dst : flow.src;
  const { icmp, tcp, service } = flow;
  const letters = tcp?.flags[isBack ? "dst" : "src"] ?? "";
  const turned = { src: "dst", dst: "src", both: "both" } as const;
  return {
    ...eveHeader(flow, "netflow", isBack),
    icmp_type: icmp === undefined ? undefined : isBack ? ANSWERS[icmp.type] : icmp.type,
    icmp_code: icmp === undefined ? undefined : isBack ? 0 : icmp.code,
    spi: spiOf(flow, isBack),
    netflow: {
      pkts: from.packets,
      bytes: from.bytes,
      start: eveTime(flow.start),
      end: eveTime(flow.end),
      age: wholeSeconds(flow),
    },
    tcp: tcp === undefined ? undefined : { tcp_flags: hex(letters), ...eveFlags(letters) },
    ether: ether(flow, isBack),
    community_id: flow.community_id,
    tunnel: eveTunnel(flow),
    portflow: {
      id: flow.id,
      direction: isBack ? "to_client" : "to_server",
      service: {
        ...service,
        side: service.side === undefined || !isBack ? service.side : turned[service.side],
      },
      ...ending(flow),
    },
  };
}

const OUTCOMES: Readonly<Record<string, string>> = {
  SF: "success",
  S1: "success",
  S2: "success",
  S3: "success",
  RSTO: "success",
  RSTR: "success",
  S0: "failure",
  REJ: "failure",
  RSTOS0: "failure",
  RSTRH: "failure",
  SH: "failure",
  SHR: "failure",
};

function outcome(flow: FlowRecordJson): string | undefined {
  return flow.tcp === undefined ? undefined : (OUTCOMES[flow.tcp.state] ?? "unknown");
}

/** Nanoseconds between two times. */
function nanoseconds(from: string, to: string): bigint {
  const since = (text: string): bigint =>
    BigInt(Date.parse(`${text.slice(0, 19)}Z`)) * 1_000_000n + BigInt(text.slice(20, 29));
  return since(to) - since(from);
}

function ecs(flow: FlowRecordJson, { sequence }: Surroundings, options: ModelOptions): Json {
  const end = (one: FlowRecordJson["src"]): Json => ({
    address: one.ip,
    ip: one.ip,
    port: one.port,
    mac: one.mac?.toUpperCase().replaceAll(":", "-"),
    bytes: one.bytes,
    packets: one.packets,
  });
  const isCertain = flow.direction.certainty === "certain";
  const isFirst = flow.part === undefined || flow.part === 1;
  const vlan = flow.vlan;
  return {
    "@timestamp": flow.end,
    ecs: { version: options.ecsVersion },
    event: {
      kind: "event",
      category: ["network"],
      type: ["connection", ...(isFirst ? ["start"] : []), ...(flow.more === true ? [] : ["end"])],
      action: "network_flow",
      dataset: "portflow.flow",
      module: "portflow",
      provider: "portflow",
      id: flow.id,
      sequence,
      start: flow.start,
      end: flow.end,
      duration: Number(nanoseconds(flow.start, flow.end)),
      reason: flow.end_reason,
      outcome: outcome(flow),
    },
    network: {
      type: `ipv${flow.ip_version}`,
      transport: flow.transport,
      iana_number: String(flow.ip_proto),
      application: flow.service.name?.toLowerCase(),
      bytes: flow.src.bytes + flow.dst.bytes,
      packets: flow.src.packets + flow.dst.packets,
      community_id: flow.community_id,
      vlan: vlan === undefined ? undefined : { id: String(vlan[0]) },
      inner:
        vlan !== undefined && vlan.length > 1 ? { vlan: { id: String(vlan.at(-1)) } } : undefined,
    },
    source: end(flow.src),
    destination: end(flow.dst),
    client: isCertain ? end(flow.src) : undefined,
    server: isCertain ? end(flow.dst) : undefined,
    observer: {
      type: "sensor",
      vendor: "portflow",
      product: "portflow",
      version: VERSION,
      ingress: flow.interface === undefined ? undefined : { interface: { name: flow.interface } },
    },
    related: { ip: [...new Set([flow.src.ip, flow.dst.ip])] },
    portflow: own(flow),
  };
}

const ACTIVITIES: Readonly<Record<string, readonly [number, string]>> = {
  SF: [2, "Close"],
  RSTO: [3, "Reset"],
  RSTR: [3, "Reset"],
  RSTOS0: [3, "Reset"],
  RSTRH: [3, "Reset"],
  S0: [4, "Fail"],
  REJ: [5, "Refuse"],
};

/** Whether an OCSF version is at least another; both of major version 1. */
function isSince(version: string, since: number): boolean {
  return Number(version.split(".")[1]) >= since;
}

function milliseconds(text: string): number {
  return Date.parse(`${text.slice(0, 23)}Z`);
}

function ocsf(flow: FlowRecordJson, around: Surroundings, options: ModelOptions): Json {
  const { service, tcp, src, dst } = flow;
  const version = options.ocsfVersion;
  const [activity, activityName] = (flow.more !== true && tcp !== undefined
    ? ACTIVITIES[tcp.state]
    : undefined) ?? [6, "Traffic"];
  const status = { success: 1, failure: 2, unknown: 0 }[outcome(flow) ?? "unknown"];
  const isNamed = service.name !== undefined;
  const isAt = (side: "src" | "dst"): boolean => service.side === side || service.side === "both";
  const end = (one: FlowRecordJson["src"], side: "src" | "dst"): Json => ({
    ip: one.ip,
    port: one.port,
    mac: one.mac,
    svc_name: isAt(side) ? service.name : undefined,
  });
  const traffic = (flows: readonly FlowRecordJson[]): Json => {
    const sum = (side: "src" | "dst", count: "bytes" | "packets"): number =>
      flows.reduce((total, one) => total + one[side][count], 0);
    return {
      bytes: sum("src", "bytes") + sum("dst", "bytes"),
      bytes_in: sum("dst", "bytes"),
      bytes_out: sum("src", "bytes"),
      packets: sum("src", "packets") + sum("dst", "packets"),
      packets_in: sum("dst", "packets"),
      packets_out: sum("src", "packets"),
    };
  };
  const isPart = flow.part !== undefined;
  return {
    activity_id: activity,
    activity_name: activityName,
    category_uid: 4,
    category_name: "Network Activity",
    class_uid: 4001,
    class_name: "Network Activity",
    type_uid: 400100 + activity,
    type_name: `Network Activity: ${activityName}`,
    severity_id: 1,
    severity: "Informational",
    status_id: status,
    status: ["Unknown", "Success", "Failure"][status!],
    time: milliseconds(flow.end),
    start_time: milliseconds(flow.start),
    end_time: milliseconds(flow.end),
    duration: milliseconds(flow.end) - milliseconds(flow.start),
    metadata: {
      version,
      product: { name: "portflow", vendor_name: "portflow", version: VERSION },
      log_name: "flow",
      uid: flow.id,
      sequence: around.sequence,
    },
    src_endpoint: end(src, "src"),
    dst_endpoint: end(dst, "dst"),
    connection_info: {
      uid: flow.id,
      protocol_num: flow.ip_proto,
      protocol_name: flow.transport,
      protocol_ver_id: flow.ip_version,
      direction_id: 0,
      tcp_flags: tcp === undefined ? undefined : bits(tcp.flags.src + tcp.flags.dst),
      community_uid: isSince(version, 4) ? flow.community_id : undefined,
      flag_history: isSince(version, 4) && tcp?.history !== "" ? tcp?.history : undefined,
    },
    traffic: {
      ...traffic([flow]),
      bytes_missed: isSince(version, 4) ? tcp?.missed_bytes : undefined,
    },
    cumulative_traffic:
      isPart && isSince(version, 7)
        ? {
            ...traffic([...around.earlier, flow]),
            start_time: milliseconds((around.earlier[0] ?? flow).start),
            end_time: milliseconds(flow.end),
          }
        : undefined,
    is_src_dst_assignment_known: isSince(version, 6)
      ? flow.direction.certainty === "certain"
      : undefined,
    enrichments: isNamed
      ? [
          {
            name: service.side === "src" ? "src_endpoint.svc_name" : "dst_endpoint.svc_name",
            value: service.name,
            type: "service",
            provider: service.source,
            data: { service },
          },
        ]
      : undefined,
    unmapped: { portflow: own(flow, !isNamed) },
  };
}

function cim(flow: FlowRecordJson): Json {
  const { src, dst, service, tcp } = flow;
  const letters = tcp === undefined ? "" : tcp.flags.src + tcp.flags.dst;
  const flags = (["SYN", "ACK", "FIN", "RST", "URG", "PSH"] as const).filter((word) =>
    letters.includes(word[0]!),
  );
  const isAt = (side: "src" | "dst"): boolean => service.side === side || service.side === "both";
  return {
    timestamp: flow.end,
    vendor_product: "portflow",
    action: src.packets > 0 && dst.packets > 0 ? "allowed" : undefined,
    src: src.ip,
    src_ip: src.ip,
    src_port: src.port,
    src_mac: src.mac,
    src_svc: isAt("src") ? service.name : undefined,
    dest: dst.ip,
    dest_ip: dst.ip,
    dest_port: dst.port,
    dest_mac: dst.mac,
    dest_svc: isAt("dst") ? service.name : undefined,
    transport: flow.transport,
    protocol: "ip",
    protocol_version: String(flow.ip_version),
    icmp_type: flow.icmp?.type,
    bytes: src.bytes + dst.bytes,
    bytes_in: dst.bytes,
    bytes_out: src.bytes,
    packets: src.packets + dst.packets,
    packets_in: dst.packets,
    packets_out: src.packets,
    duration: flow.duration,
    tcp_flag: flags.length === 0 ? undefined : flags.join(","),
    vlan: flow.vlan?.join(","),
    flow_id: flow.id,
    community_id: flow.community_id,
    portflow: own(flow),
  };
}

/** What the formats were told. */
export type ModelOptions = {
  readonly ecsVersion: string;
  readonly ocsfVersion: string;
};

/**
 * The objects that a format has to write for a flow record, in order.
 * @param actual - what it wrote, for the few values a record doesn't tell
 */
export function expectedOf(
  format: string,
  flow: FlowRecordJson,
  around: Surroundings,
  actual: readonly Json[],
  options: ModelOptions,
): unknown[] {
  const objects = (): Json[] => {
    if (format === "eve") return [eve(flow, actual[0]!)];
    if (format === "eve-netflow") {
      const there = eveNetflow(flow, false);
      return flow.dst.packets > 0 ? [there, eveNetflow(flow, true)] : [there];
    }
    if (format === "ecs") return [ecs(flow, around, options)];
    if (format === "ocsf") return [ocsf(flow, around, options)];
    if (format === "cim") return [cim(flow)];
    throw new Error(`no model of ${format}`);
  };
  return objects().map(present);
}
