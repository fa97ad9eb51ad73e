import { communityIdOf, icmpPort } from "../analysis/community-id-text.ts";
import { secondsOf } from "../analysis/record-time.ts";
import { ByteWriter } from "../core/byte-writer.ts";
import { eveProtocolName } from "../sink/eve/eve-protocol.ts";
import { writeTcpFlags } from "../sink/flow-text.ts";
import { ipProtocolName } from "../wire/ip-protocol.ts";
import type { ComparedFlow, Ends } from "./compared-flow.ts";

/** What is read of an EVE record of type `flow`. @see Suricata, src/output-json-flow.c */
export type EveRecord = {
  readonly event_type?: unknown;
  readonly src_ip?: unknown;
  readonly src_port?: unknown;
  readonly dest_ip?: unknown;
  readonly dest_port?: unknown;
  readonly proto?: unknown;
  readonly icmp_type?: unknown;
  readonly icmp_code?: unknown;
  readonly app_proto?: unknown;
  readonly community_id?: unknown;
  readonly vlan?: unknown;
  readonly tunnel?: unknown;
  readonly flow?: Readonly<Record<string, unknown>>;
  readonly tcp?: Readonly<Record<string, unknown>>;
};

/** Numbers by Suricata's words, by IANA's keywords, and by the words of protocols(5) that differ. */
const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ...Array.from(
    { length: 256 },
    (_, number) => [eveProtocolName(number).toLowerCase(), number] as const,
  ).filter(([word]) => word !== "any"),
  ...Array.from({ length: 256 }, (_, number) => [ipProtocolName(number), number] as const),
  ["ip-in-ip", 4],
  ["ipencap", 4],
]);
/** Words of `app_proto` that name nothing. */
const NO_PROTOCOL = new Set(["failed", "unknown"]);

/**
 * A flow of Suricata's.
 * @returns what is wrong with it, or the flow
 */
export function eveFlow(record: EveRecord, label: string): ComparedFlow | string {
  const { src_ip, dest_ip, proto } = record;
  if (typeof src_ip !== "string" || typeof dest_ip !== "string")
    return "src_ip or dest_ip is missing";
  if (typeof proto !== "string") return "proto is missing";
  const protocol = PROTOCOLS.get(proto.toLowerCase()) ?? (/^\d+$/.test(proto) ? Number(proto) : -1);
  const icmpType = whole(record.icmp_type);
  const icmpCode = whole(record.icmp_code) ?? 0;
  const sourcePort = whole(record.src_port);
  const destinationPort = whole(record.dest_port);
  const key = communityIdOf({
    protocol,
    sourceAddress: src_ip,
    destinationAddress: dest_ip,
    sourcePort: icmpType ?? sourcePort,
    destinationPort:
      icmpType === undefined ? destinationPort : icmpPort(protocol, icmpType, icmpCode),
  });
  if (key === undefined) return "src_ip or dest_ip is no address";
  const flow = record.flow ?? {};
  const service = record.app_proto;
  return {
    label,
    key,
    communityId: words(record.community_id),
    start: timeOf(flow["start"]),
    end: timeOf(flow["end"]),
    duration: undefined,
    timeGrain: undefined,
    protocol,
    ends: [
      { ip: src_ip, port: sourcePort },
      { ip: dest_ip, port: destinationPort },
    ],
    packets: pair(flow, "pkts_toserver", "pkts_toclient"),
    bytes: pair(flow, "bytes_toserver", "bytes_toclient"),
    ipBytes: undefined,
    payloadBytes: undefined,
    missedBytes: undefined,
    state: words(flow["state"]),
    history: undefined,
    flags: flagsOf(record.tcp),
    age: whole(flow["age"]),
    service: typeof service === "string" && !NO_PROTOCOL.has(service) ? service : undefined,
    tunnel: record.tunnel === undefined ? undefined : JSON.stringify(record.tunnel),
    vlan: Array.isArray(record.vlan) ? record.vlan.join(";") : undefined,
    endReason: words(flow["reason"]),
    byTheirRules: false,
    facts: undefined,
  };
}

function timeOf(value: unknown): number | undefined {
  return typeof value === "string" ? secondsOf(value) : undefined;
}

function pair(
  flow: Readonly<Record<string, unknown>>,
  first: string,
  second: string,
): Ends<number> | undefined {
  const [a, b] = [whole(flow[first]), whole(flow[second])];
  // Suricata states both or none: of a member that was taken out of the log nothing is known.
  return a === undefined || b === undefined ? undefined : [a, b];
}

function flagsOf(tcp: Readonly<Record<string, unknown>> | undefined): Ends<string> | undefined {
  const [toServer, toClient] = [tcp?.["tcp_flags_ts"], tcp?.["tcp_flags_tc"]];
  if (typeof toServer !== "string" || typeof toClient !== "string") return undefined;
  return [letters(toServer), letters(toClient)];
}

function letters(hex: string): string {
  const out = new ByteWriter(16);
  writeTcpFlags(Number.parseInt(hex, 16), out);
  return out.toString();
}

function whole(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function words(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
