import { Flag, Kind } from "./flow-row.ts";
import { isLikelyServerPort } from "./likely-server-port.ts";
import { Mark } from "./staged-packet.ts";
import { TcpFlag } from "./tcp-flags.ts";

const TCP = 6;
const UDP = 17;

/**
 * What a flow's first packet says: flags of the new row, with the decision who is the initiator.
 * The sender is, unless the packet is an answer: a SYN+ACK, or one that comes from a port on which
 * servers are expected to one where they are not (Zeek's rule).
 */
export function firstFlags(kind: number, ports: number, tcpFlags: number, marks: number): number {
  let flags = 0;
  if ((marks & Mark.HasMac) !== 0) flags |= Flag.HasMac;
  if ((marks & Mark.Multicast) !== 0) flags |= Flag.Multicast;
  if ((marks & Mark.Broadcast) !== 0) flags |= Flag.Broadcast;
  if ((kind & Kind.HasPorts) === 0) return flags;
  const protocol = kind & Kind.ProtocolMask;
  if (protocol === TCP) {
    if ((marks & Mark.HasTcp) === 0) return flags | flipByPort(protocol, ports);
    const handshake = tcpFlags & (TcpFlag.Syn | TcpFlag.Ack | TcpFlag.Reset);
    if (handshake === TcpFlag.Syn) return flags | Flag.HalfOpen;
    if (handshake === (TcpFlag.Syn | TcpFlag.Ack)) return flags | Flag.Flipped;
    return flags | flipByPort(protocol, ports);
  }
  // What goes to everybody is no answer.
  if (protocol === UDP && (marks & (Mark.Broadcast | Mark.Multicast)) === 0) {
    return flags | flipByPort(protocol, ports);
  }
  return flags;
}

function flipByPort(protocol: number, ports: number): number {
  const source = ports >>> 16;
  const destination = ports & 0xffff;
  if (isLikelyServerPort(protocol, source) === 0) return 0;
  const bothLikely = isLikelyServerPort(protocol, destination) !== 0;
  if (bothLikely && (protocol !== TCP || source >= destination)) return 0;
  return Flag.Flipped | Flag.FlippedByPort;
}
