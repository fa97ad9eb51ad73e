import { IpProtocol } from "../../wire/ip-protocol.ts";
import { Mark, Staged } from "../packet/staged-packet.ts";
import { Flag, Kind } from "../row/flow-row.ts";
import { isLikelyServerIn } from "../row/likely-server-port.ts";
import { TcpFlag } from "../tcp/tcp-flags.ts";

const ALL_ONES = -1;

/**
 * What a flow's first packet says: flags of the new row, with Zeek's decision who is the originator.
 * The sender is, unless the packet looks like an answer: it is no bare SYN and comes from a port on
 * which servers are expected to one where they are not. What goes to 255.255.255.255 is no answer.
 * @param likely - `LIKELY_SERVERS`
 */
export function firstFlags(staged: Int32Array, at: number, likely: Int32Array): number {
  const kind = staged[at + Staged.Kind]!;
  const marks = staged[at + Staged.Marks]!;
  let flags = 0;
  if ((marks & Mark.HasMac) !== 0) flags |= Flag.HasMac;
  if ((marks & Mark.Multicast) !== 0) flags |= Flag.Multicast;
  if ((marks & Mark.Broadcast) !== 0) flags |= Flag.Broadcast;
  if ((kind & Kind.HasPorts) === 0) return flags;
  const protocol = kind & Kind.ProtocolMask;
  const isHeard = (marks & Mark.HasTcp) !== 0;
  const tcpFlags = isHeard ? staged[at + Staged.TcpFlags]! : 0;
  if (protocol === IpProtocol.Tcp && (tcpFlags & (TcpFlag.Syn | TcpFlag.Ack)) === TcpFlag.Syn) {
    return (tcpFlags & TcpFlag.Reset) === 0 ? flags | Flag.HalfOpen : flags;
  }
  if (protocol !== IpProtocol.Tcp && protocol !== IpProtocol.Udp) return flags;
  const isBroadcast = (kind & Kind.Ipv6) === 0 && staged[at + Staged.Destination] === ALL_ONES;
  const ports = staged[at + Staged.Ports]!;
  if (isBroadcast || !isAnswerByPort(likely, protocol, ports, tcpFlags)) return flags;
  return flags | Flag.Flipped | Flag.FlippedByPort;
}

/** Whether a packet is the second of a handshake: whatever its ports, its sender is the responder. */
export function isSynAck(staged: Int32Array, at: number): boolean {
  if ((staged[at + Staged.Marks]! & Mark.HasTcp) === 0) return false;
  const handshake = TcpFlag.Syn | TcpFlag.Ack | TcpFlag.Reset;
  return (staged[at + Staged.TcpFlags]! & handshake) === (TcpFlag.Syn | TcpFlag.Ack);
}

function isAnswerByPort(
  likely: Int32Array,
  protocol: number,
  ports: number,
  tcpFlags: number,
): boolean {
  const source = ports >>> 16;
  const destination = ports & 0xffff;
  if (isLikelyServerIn(likely, protocol, source) === 0) return false;
  if (isLikelyServerIn(likely, protocol, destination) === 0) return true;
  // Both look like servers: the lower port is believed, but not where a SYN+ACK may be a scan.
  return protocol === IpProtocol.Tcp && (tcpFlags & TcpFlag.Syn) === 0 && source < destination;
}
