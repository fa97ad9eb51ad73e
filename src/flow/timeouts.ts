import { zeekOriginator } from "./direction.ts";
import { Flag, Kind, Row, TcpRow } from "./flow-row.ts";
import { TcpFlag } from "./tcp-flags.ts";

/** Timeouts of flows, in nanoseconds (doubles are exact to 104 days). */
export type FlowTimeouts = {
  /** Idle time after which a flow ends, by protocol. */
  readonly tcp: number;
  /** TCP that people type into, see `isInteractive`; as other TCP unless given. */
  readonly interactive?: number;
  readonly udp: number;
  /** How often it is looked whether DNS over UDP is idle, see `dnsTimeout`; as other UDP unless given. */
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

const TCP = 6;
const UDP = 17;
const UDPLITE = 136;
const ICMP = 1;
const ICMPV6 = 58;
/** Of Zeek's scripts/base/protocols/dns: also NetBIOS's name service, multicast DNS and LLMNR. */
const DNS_PORTS = [53, 137, 5353, 5355];
/** FTP, SSH, Telnet, login. */
const INTERACTIVE_PORTS = [21, 22, 23, 513];

/** Idle timeout in nanoseconds that holds for a row in its present state. */
export function idleTimeout(words: Int32Array, row: number, timeouts: FlowTimeouts): number {
  const flags = words[row + Row.Flags]!;
  if ((flags & Flag.Closed) !== 0) return timeouts.linger;
  switch (words[row + Row.Kind]! & Kind.ProtocolMask) {
    case TCP:
      if ((flags & Flag.HalfOpen) !== 0) return timeouts.unanswered;
      if (timeouts.interactive === undefined || !isInteractive(words, row)) return timeouts.tcp;
      return timeouts.interactive;
    case UDP:
      if (timeouts.dns === undefined || !isDns(words, row)) return timeouts.udp;
      return Math.min(timeouts.udp, dnsTimeout(words, row, timeouts.dns));
    case UDPLITE:
      return timeouts.udp;
    case ICMP:
    case ICMPV6:
      return timeouts.icmp;
    default:
      return timeouts.other;
  }
}

/**
 * Whether TCP goes to a port on which people are waited for, and was answered with a SYN.
 * @see Zeek, scripts/base/protocols/conn/inactivity.zeek
 */
function isInteractive(words: Int32Array, row: number): boolean {
  if (!INTERACTIVE_PORTS.includes(responderPort(words, row))) return false;
  const responder = 1 - zeekOriginator(words, row);
  return ((words[row + TcpRow.Flags]! >>> (responder * 8)) & TcpFlag.Syn) !== 0;
}

/** Whether Zeek takes a UDP flow for DNS, by the responder's port. */
function isDns(words: Int32Array, row: number): boolean {
  return DNS_PORTS.includes(responderPort(words, row));
}

function responderPort(words: Int32Array, row: number): number {
  const ports = words[row + Row.Ports]!;
  return zeekOriginator(words, row) === 0 ? ports & 0xffff : ports >>> 16;
}

/**
 * Zeek looks at a DNS session every `dns` from its first packet on, and ends it when it has been idle for
 * all but a second of that.
 * @see Zeek, DNS_Analyzer::ExpireTimer
 */
function dnsTimeout(words: Int32Array, row: number, dns: number): number {
  const lasted = lastedNanoseconds(words, row);
  return Math.ceil((lasted + dns - SECOND) / dns) * dns - lasted;
}

/** From a row's first packet to its clock. */
function lastedNanoseconds(words: Int32Array, row: number): number {
  const seconds = (words[row + Row.ClockSeconds]! >>> 0) - (words[row + Row.StartSeconds]! >>> 0);
  const rest = words[row + Row.ClockNanoseconds]! - words[row + Row.StartNanoseconds]!;
  return Math.max(0, seconds * SECOND + rest);
}

/**
 * Whether Zeek finds a DNS session idle just now. Its clock is that of the packets: where none came since
 * a look was due, the look is at the packet that has come now.
 * @param clock - of the packets, and the second in which they came before
 */
export function isIdleAtLook(
  words: Int32Array,
  row: number,
  { dns }: FlowTimeouts,
  clock: {
    readonly clockSeconds: number;
    readonly clockNanoseconds: number;
    readonly secondBefore: number;
  },
): boolean {
  const isUdp = (words[row + Row.Kind]! & Kind.ProtocolMask) === UDP;
  if (dns === undefined || !isUdp || !isDns(words, row)) return false;
  const start = words[row + Row.StartSeconds]! >>> 0;
  const startNanoseconds = words[row + Row.StartNanoseconds]!;
  const lasted = lastedNanoseconds(words, row);
  const look = (Math.floor(lasted / dns) + 1) * dns;
  const lookSecond = start + Math.floor((startNanoseconds + look) / SECOND);
  const now = (clock.clockSeconds - start) * SECOND + (clock.clockNanoseconds - startNanoseconds);
  return now >= look && clock.secondBefore < lookSecond && now - lasted >= dns - SECOND;
}
