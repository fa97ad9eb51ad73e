import { communityIdOf } from "../analysis/community-id-text.ts";
import { secondsOf } from "../analysis/record-time.ts";
import { digitsAt } from "../core/digits-at.ts";
import { IpProtocol } from "../wire/ip-protocol.ts";
import type { ComparedFlow, Ends } from "./compared-flow.ts";

/** Columns of a conn.log by name, as texts or JSON values. */
export type ZeekColumn = (name: string) => unknown;

const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ["tcp", 6],
  ["udp", 17],
  ["icmp", 1],
  ["sctp", 132],
]);
/** As seconds the year 5138, as milliseconds 1973. */
const LEAST_MILLISECONDS = 1e11;
/** Digits of numbers that are read one by one: no rounding comes into it. */
const MOST_SHORT = 15;

/**
 * A connection of Zeek's conn.log.
 * @param column - its values by name; undefined or null for unset ones
 * @returns what is wrong with it, or the flow
 */
export function zeekFlow(column: ZeekColumn, label: string): ComparedFlow | string {
  const originator = text(column("id.orig_h"));
  const responder = text(column("id.resp_h"));
  if (originator === undefined || responder === undefined) return "id.orig_h or id.resp_h is unset";
  const protocol = protocolOf(column, originator);
  if (protocol === undefined) return "proto is unset";
  // Of transports that it doesn't know Zeek reads neither ports nor payload: both are 0 then.
  const isUnknown = column("proto") === "unknown_transport";
  const originatorPort = isUnknown ? undefined : count(column("id.orig_p"));
  const responderPort = isUnknown ? undefined : count(column("id.resp_p"));
  if (!isUnknown && !(isPort(column("id.orig_p")) && isPort(column("id.resp_p")))) {
    return "id.orig_p or id.resp_p is no port";
  }
  const key = communityIdOf({
    protocol,
    sourceAddress: originator,
    destinationAddress: responder,
    sourcePort: originatorPort,
    destinationPort: responderPort,
  });
  if (key === undefined) return "id.orig_h or id.resp_h is no address";
  const { start, grain } = timeOf(column("ts"));
  const duration = number(column("duration"));
  const packets = pair(column, "orig_pkts", "resp_pkts");
  const isIcmp = protocol === IpProtocol.Icmp || protocol === IpProtocol.Icmpv6;
  const tunnels = column("tunnel_parents");
  const tunnel = Array.isArray(tunnels) ? tunnels.join(",") : text(tunnels);
  return {
    label,
    key,
    communityId: text(column("community_id")),
    start,
    end: endTime(start, duration, packets),
    duration,
    timeGrain: grain,
    protocol,
    ends: [
      { ip: originator, port: isIcmp ? undefined : originatorPort },
      { ip: responder, port: isIcmp ? undefined : responderPort },
    ],
    packets,
    bytes: undefined,
    ipBytes: pair(column, "orig_ip_bytes", "resp_ip_bytes"),
    payloadBytes: isUnknown ? undefined : pair(column, "orig_bytes", "resp_bytes"),
    missedBytes: protocol === IpProtocol.Tcp ? count(column("missed_bytes")) : undefined,
    state: text(column("conn_state")),
    history: isIcmp ? undefined : text(column("history")),
    flags: undefined,
    age: undefined,
    service: text(column("service")),
    tunnel: tunnel === "" ? undefined : tunnel,
    vlan: undefined,
    endReason: undefined,
    byTheirRules: false,
    facts: undefined,
  };
}

/** Without a duration one packet has an end; of more nobody knows whether they came at once or the column is missing. */
function endTime(
  start: number | undefined,
  duration: number | undefined,
  packets: Ends<number> | undefined,
): number | undefined {
  if (start === undefined) return undefined;
  if (duration !== undefined) return start + duration;
  return packets !== undefined && packets[0] + packets[1] <= 1 ? start : undefined;
}

/** `proto`, or `ip_proto` where newer versions of Zeek have it. */
function protocolOf(column: ZeekColumn, originator: string): number | undefined {
  const exact = count(column("ip_proto"));
  if (exact !== undefined) return exact;
  const word = text(column("proto"));
  if (word === undefined) return undefined;
  if (word === "icmp" && originator.includes(":")) return IpProtocol.Icmpv6;
  return PROTOCOLS.get(word) ?? -1;
}

function pair(column: ZeekColumn, first: string, second: string): Ends<number> | undefined {
  const [a, b] = [count(column(first)), count(column(second))];
  // Zeek states both or none: of a column that was taken out of the log nothing is known.
  return a === undefined || b === undefined ? undefined : [a, b];
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function number(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  const short = shortWhole(value);
  if (short >= 0) return short;
  return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value) ? Number(value) : undefined;
}

/** What most numbers are: a few digits. @returns -1 for anything else */
function shortWhole(text: string): number {
  const { length } = text;
  return length === 0 || length > MOST_SHORT ? -1 : digitsAt(text, 0, length);
}

function count(value: unknown): number | undefined {
  const found = number(value);
  return found !== undefined && found >= 0 ? found : undefined;
}

/** Whether a value is unset or a port; of ICMP it is a type or a code. */
function isPort(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  const found = number(value);
  return found !== undefined && Number.isInteger(found) && found >= 0 && found <= 65_535;
}

type Moment = { readonly start: number | undefined; readonly grain: number | undefined };

/**
 * Zeek writes seconds, or with json_timestamps a date or whole milliseconds.
 * @see Zeek, src/threading/formatters/JSON.cc
 */
function timeOf(value: unknown): Moment {
  const found = number(value);
  if (found === undefined) {
    return { start: typeof value === "string" ? secondsOf(value) : undefined, grain: undefined };
  }
  return found < LEAST_MILLISECONDS
    ? { start: found, grain: undefined }
    : { start: found / 1000, grain: 0.001 };
}
