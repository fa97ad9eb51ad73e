import { IpProtocol } from "../../wire/ip-protocol.ts";
import { zeekOriginator } from "../row/direction.ts";
import { Kind, Row, TcpRow } from "../row/flow-row.ts";
import { TcpFlag } from "../tcp/tcp-flags.ts";

// Timers of Zeek's that go by what a connection is taken for.

/** Of Zeek's scripts/base/protocols/dns: also NetBIOS's name service, multicast DNS and LLMNR. */
const DNS_PORTS = [53, 137, 5353, 5355];
/** FTP, SSH, Telnet, login. */
const INTERACTIVE_PORTS = [21, 22, 23, 513];

/** Nanoseconds in a second. */
const SECOND = 1_000_000_000;

/**
 * Whether TCP goes to a port on which people are waited for, and was answered with a SYN.
 * @see Zeek, scripts/base/protocols/conn/inactivity.zeek
 */
export function isInteractive(words: Int32Array, row: number): boolean {
  if (!INTERACTIVE_PORTS.includes(responderPort(words, row))) return false;
  const responder = 1 - zeekOriginator(words, row);
  return ((words[row + TcpRow.Flags]! >>> (responder * 8)) & TcpFlag.Syn) !== 0;
}

/** Whether Zeek takes a UDP flow for DNS, by the responder's port. */
export function isDns(words: Int32Array, row: number): boolean {
  return DNS_PORTS.includes(responderPort(words, row));
}

function responderPort(words: Int32Array, row: number): number {
  const ports = words[row + Row.Ports]!;
  return zeekOriginator(words, row) === 0 ? ports & 0xffff : ports >>> 16;
}

/**
 * How long a DNS session may be idle just now, in nanoseconds: Zeek looks at it every `dns` from its first
 * packet on, and ends it when it has been idle for all but a second of that.
 * @see Zeek, DNS_Analyzer::ExpireTimer
 */
export function dnsTimeout(words: Int32Array, row: number, dns: number): number {
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
 * @param dns - how often it looks, nanoseconds
 * @param clock - of the packets, and the second in which they came before
 */
export function isIdleAtLook(
  words: Int32Array,
  row: number,
  dns: number,
  clock: {
    readonly seconds: number;
    readonly nanoseconds: number;
    readonly secondBefore: number;
  },
): boolean {
  const isUdp = (words[row + Row.Kind]! & Kind.ProtocolMask) === IpProtocol.Udp;
  if (!isUdp || !isDns(words, row)) return false;
  const start = words[row + Row.StartSeconds]! >>> 0;
  const startNanoseconds = words[row + Row.StartNanoseconds]!;
  const lasted = lastedNanoseconds(words, row);
  const look = (Math.floor(lasted / dns) + 1) * dns;
  const lookSecond = start + Math.floor((startNanoseconds + look) / SECOND);
  const now = (clock.seconds - start) * SECOND + (clock.nanoseconds - startNanoseconds);
  return now >= look && clock.secondBefore < lookSecond && now - lasted >= dns - SECOND;
}
