import { IpProtocol } from "../../wire/ip-protocol.ts";
import { Flag, Kind, Row } from "../row/flow-row.ts";
import { dnsTimeout, isDns, isInteractive } from "./zeek-timers.ts";

/** Timeouts of flows, in nanoseconds (doubles are exact to 104 days). */
export type FlowTimeouts = {
  /** Idle time after which a flow ends, by protocol. */
  readonly tcp: number;
  /** TCP that people type into, see zeek-timers.ts; as other TCP unless given. */
  readonly interactive?: number;
  readonly udp: number;
  /** How often it is looked whether DNS over UDP is idle, see zeek-timers.ts; as other UDP unless given. */
  readonly dns?: number;
  readonly icmp: number;
  /** Every other IP protocol. */
  readonly other: number;
  /** A TCP flow of nothing but SYNs, from its first packet. */
  readonly unanswered: number;
  /** A TCP, SCTP or DCCP flow that is over, from the packet that ended it. */
  readonly linger: number;
  /** Longest time a record may cover; Infinity for off. */
  readonly active: number;
};

/** Nanoseconds in a second. */
export const SECOND = 1_000_000_000;

/** Zeek's times: TCP 5 minutes, 5 seconds for what was never answered and after the end, UDP and others a minute. */
export const DEFAULT_TIMEOUTS: FlowTimeouts = {
  tcp: 300 * SECOND,
  udp: 60 * SECOND,
  icmp: 30 * SECOND,
  other: 60 * SECOND,
  unanswered: 5 * SECOND,
  linger: 5 * SECOND,
  active: Number.POSITIVE_INFINITY,
};

/**
 * Zeek's own for ICMP, DNS and interactive TCP, too: `icmp_inactivity_timeout`, `dns_session_timeout`,
 * `Conn::port_inactivity_timeouts`.
 */
export const ZEEK_TIMEOUTS: FlowTimeouts = {
  ...DEFAULT_TIMEOUTS,
  icmp: 60 * SECOND,
  dns: 10 * SECOND,
  interactive: 3600 * SECOND,
};

/** Idle timeout in nanoseconds that holds for a row in its present state. */
export function idleTimeout(words: Int32Array, row: number, timeouts: FlowTimeouts): number {
  const flags = words[row + Row.Flags]!;
  if ((flags & Flag.Closed) !== 0) return timeouts.linger;
  switch (words[row + Row.Kind]! & Kind.ProtocolMask) {
    case IpProtocol.Tcp:
      if ((flags & Flag.HalfOpen) !== 0) return timeouts.unanswered;
      if (timeouts.interactive === undefined || !isInteractive(words, row)) return timeouts.tcp;
      return timeouts.interactive;
    case IpProtocol.Udp:
      if (timeouts.dns === undefined || !isDns(words, row)) return timeouts.udp;
      return Math.min(timeouts.udp, dnsTimeout(words, row, timeouts.dns));
    case IpProtocol.UdpLite:
      return timeouts.udp;
    case IpProtocol.Icmp:
    case IpProtocol.Icmpv6:
      return timeouts.icmp;
    default:
      return timeouts.other;
  }
}
