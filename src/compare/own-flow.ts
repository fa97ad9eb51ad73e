import { communityIdOf, icmpPort } from "../analysis/community-id-text.ts";
import { secondsOf, wholeSecondsOf } from "../analysis/record-time.ts";
import type { EndpointJson, FlowRecordJson } from "../sink/flow-record.ts";
import { IpProtocol } from "../wire/ip-protocol.ts";
import type { ComparedEnd, ComparedFlow, LogKind } from "./compared-flow.ts";
import { type ZeekColumn, zeekFlow } from "./zeek-flow.ts";
import type { WithZeekView } from "./zeek-view.ts";

/** How our records begin an IPv6 address that maps one of IPv4. */
const MAPPED = "::ffff:";
const RESETS = /^RST|^REJ/;

/**
 * A record of portflow's, in the words of the log that it is compared with.
 * @param portless - protocols whose ports that log doesn't have: then ours don't count either
 * @returns undefined when its addresses are none, or that program knows of no such flow
 */
export function ownFlow(
  record: FlowRecordJson & WithZeekView,
  kind: LogKind,
  portless: ReadonlySet<number> = new Set(),
): ComparedFlow | undefined {
  const flow = nativeFlow(record, kind, portless);
  const { zeek } = record;
  if (flow === undefined || zeek === undefined) return flow;
  if (zeek === null) return undefined;
  const seen = zeekFlow(zeekColumn(zeek, portless), record.id);
  if (typeof seen === "string") return undefined;
  const { facts, service, tunnel, vlan } = flow;
  return {
    ...seen,
    byTheirRules: true,
    facts,
    service: service ?? seen.service,
    tunnel: tunnel ?? seen.tunnel,
    vlan,
  };
}

/** Of transports that Zeek has no word for our form keeps the ports apart: older versions have some. */
function zeekColumn(
  zeek: Readonly<Record<string, unknown>>,
  portless: ReadonlySet<number>,
): ZeekColumn {
  const isPorted = zeek["transport_orig_p"] !== undefined;
  if (!isPorted || portless.has(Number(zeek["ip_proto"]))) return (name) => zeek[name];
  const moved = {
    ...zeek,
    proto: zeek["transport"],
    "id.orig_p": zeek["transport_orig_p"],
    "id.resp_p": zeek["transport_resp_p"],
  };
  return (name) => moved[name as keyof typeof moved];
}

function nativeFlow(
  record: FlowRecordJson,
  kind: LogKind,
  portless: ReadonlySet<number>,
): ComparedFlow | undefined {
  const { tcp, service, icmp, direction } = record;
  const hasNoPorts = portless.has(record.ip_proto);
  const [source, destination] = kind === "zeek" ? zeekEnds(record) : [record.src, record.dst];
  const src = hasNoPorts ? withoutPort(source) : source;
  const dst = hasNoPorts ? withoutPort(destination) : destination;
  const key = communityIdOf({
    protocol: record.ip_proto,
    sourceAddress: src.ip,
    destinationAddress: dst.ip,
    ...(icmp === undefined
      ? { sourcePort: src.port, destinationPort: dst.port }
      : {
          sourcePort: icmp.type,
          destinationPort: icmpPort(record.ip_proto, icmp.type, icmp.code),
        }),
  });
  const start = secondsOf(record.start);
  const end = secondsOf(record.end);
  if (key === undefined || start === undefined || end === undefined) return undefined;
  return {
    label: record.id,
    key,
    communityId: source === record.src ? record.community_id : key,
    start,
    end,
    duration: record.duration,
    timeGrain: undefined,
    protocol: record.ip_proto,
    ends: [endOf(src), endOf(dst)],
    packets: [src.packets, dst.packets],
    bytes: [src.bytes, dst.bytes],
    ipBytes: [src.ip_bytes, dst.ip_bytes],
    payloadBytes: [src.payload_bytes, dst.payload_bytes],
    missedBytes: tcp?.missed_bytes,
    state: stateIn(record, kind),
    history: historyIn(record, kind),
    flags: tcp === undefined ? undefined : [tcp.flags.src, tcp.flags.dst],
    age: wholeSecondsOf(record.end) - wholeSecondsOf(record.start),
    service: service.name,
    tunnel: record.tunnel === undefined ? undefined : JSON.stringify(record.tunnel),
    vlan: record.vlan?.join(";"),
    endReason: record.end_reason,
    byTheirRules: false,
    facts: {
      directionReason: direction.reason,
      isCertain: direction.certainty === "certain",
      retransmits: tcp === undefined ? [0, 0] : [tcp.retransmits.src, tcp.retransmits.dst],
      outOfOrder: tcp === undefined ? [0, 0] : [tcp.out_of_order.src, tcp.out_of_order.dst],
      fragments: record.fragments ?? 0,
      sourceDate: service.source_date,
    },
  };
}

/** Both ends; to Zeek those whose IPv6 addresses map IPv4 are IPv4. */
function zeekEnds({ src, dst }: FlowRecordJson): readonly [EndpointJson, EndpointJson] {
  if (!src.ip.startsWith(MAPPED) || !dst.ip.startsWith(MAPPED)) return [src, dst];
  const unmapped = (end: EndpointJson) => ({ ...end, ip: end.ip.slice(MAPPED.length) });
  return [unmapped(src), unmapped(dst)];
}

function withoutPort({ port: _port, ...rest }: EndpointJson): EndpointJson {
  return rest;
}

function endOf({ ip, port }: EndpointJson): ComparedEnd {
  return { ip, port };
}

/** The state that the other program has a word for. */
function stateIn({ ip_proto, src, dst, tcp }: FlowRecordJson, kind: LogKind): string | undefined {
  if (kind === "portflow") return tcp?.state;
  if (kind === "eve") {
    if (tcp === undefined) return src.packets > 0 && dst.packets > 0 ? "established" : "new";
    if (tcp.state === "SF" || RESETS.test(tcp.state)) return "closed";
    const isAnswered = tcp.flags.src.includes("S") && tcp.flags.dst.includes("S");
    return isAnswered && tcp.flags.src.includes("A") ? "established" : "new";
  }
  if (ip_proto === IpProtocol.Tcp) return tcp?.state;
  // Zeek calls a UDP endpoint active once it sent something, and judges no other protocol.
  if (ip_proto !== IpProtocol.Udp) return "OTH";
  if (src.packets === 0) return "SHR";
  return dst.packets > 0 ? "SF" : "S0";
}

function historyIn(record: FlowRecordJson, kind: LogKind): string | undefined {
  if (record.ip_proto === IpProtocol.Tcp) return record.tcp?.history;
  if (record.ip_proto !== IpProtocol.Udp || kind !== "zeek") return undefined;
  const flip = record.direction.reason === "server-port" ? "^" : "";
  return `${flip}${record.src.packets > 0 ? "D" : ""}${record.dst.packets > 0 ? "d" : ""}`;
}
