import { endpointHash, flowHash, type HashSecret } from "../flow/flow-hash.ts";
import { Kind } from "../flow/flow-row.ts";
import { Mark, Staged } from "../flow/staged-packet.ts";
import { IpProtocol } from "../wire/ip-protocol.ts";
import { foldSum, halves, wordSum } from "../wire/ones-complement.ts";
import { NAT_TRAVERSAL_PORT } from "../wire/transport.ts";
import { isTunnelPort } from "../wire/udp-tunnel.ts";

// Octet offsets: IEEE 802.3 clause 3, RFC 791 section 3.1, RFC 8200 section 3, RFC 9293 section 3.1,
// RFC 768. Neighbouring fields are read as one word.
const SOURCE_MAC = 6;
const TYPE = 12;
const IP = 14;
const IPV4_LENGTH = 20;
const IPV6_LENGTH = 40;
const TCP_LENGTH = 20;
const TCP_CHECKSUM = 16;
const UDP_LENGTH = 8;
const UDP_CHECKSUM = 6;
/** EtherType IPv4, version 4, five words of header. */
const IPV4_WITHOUT_OPTIONS = 0x080045;
/** EtherType IPv6, version 6. */
const IPV6 = 0x86dd6;
/** More fragments, or an offset. */
const FRAGMENT = 0x3fff;
/** What a sum over data and its right checksum comes to. */
const RIGHT = 0xffff;

/**
 * The usual packet in few reads: TCP or UDP right behind IPv6 or behind IPv4 without options, in an
 * Ethernet frame without tags, captured whole, no fragment, no tunnel, and nothing wrong with it. Writes
 * the words that `stageHeaders` writes after `decodeFrame`, without the record between them: 100 ns a
 * packet instead of 230. Whatever is not so is left to those two.
 * @param view - of the same octets as `bytes`
 * @param start - octet offset of the packet
 * @param capturedEnd - `start` + octets in the capture
 * @param at - first word of the packet in `staged`
 * @param verifies - whether its checksums are to be right
 * @returns false when it is another case; what stands at `at` then means nothing
 */
export function stagePlainFrame(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  capturedEnd: number,
  staged: Int32Array,
  at: number,
  secret: HashSecret,
  verifies: boolean,
): boolean {
  if (capturedEnd - start < IP + IPV4_LENGTH + UDP_LENGTH) return false;
  if (capturedEnd > view.byteLength) return false;
  const typeAndVersion = view.getInt32(start + TYPE);
  const isIpv4 = typeAndVersion >>> 8 === IPV4_WITHOUT_OPTIONS;
  if (!isIpv4 && typeAndVersion >>> 12 !== IPV6) return false;
  const destinationMacHigh = view.getUint16(start);
  const destinationMacLow = view.getInt32(start + 2);
  staged[at + Staged.MacHigh] = (view.getUint16(start + SOURCE_MAC) << 16) | destinationMacHigh;
  staged[at + Staged.MacSourceLow] = view.getInt32(start + SOURCE_MAC + 2);
  staged[at + Staged.MacDestinationLow] = destinationMacLow;
  staged[at + Staged.Context] = 0;
  staged[at + Staged.DatagramLength] = 0;

  const ip = start + IP;
  const pseudo = isIpv4
    ? stageIpv4(view, ip, capturedEnd, staged, at, secret, verifies)
    : stageIpv6(view, ip, capturedEnd, staged, at, secret);
  if (pseudo < 0) return false;
  let marks: number = Mark.HasMac;
  if (isIpv4) {
    const destination = staged[at + Staged.Destination]!;
    const isBroadcastFrame = destinationMacLow === -1 && destinationMacHigh === 0xffff;
    if (destination >>> 28 === 14) marks |= Mark.Multicast;
    else if (destination === -1 || isBroadcastFrame) marks |= Mark.Broadcast;
  } else if (staged[at + Staged.DestinationHigh]! >>> 24 === 255) marks |= Mark.Multicast;

  const packetEnd = ip + staged[at + Staged.IpLength]!;
  const transport = ip + (isIpv4 ? IPV4_LENGTH : IPV6_LENGTH);
  if ((staged[at + Staged.Kind]! & Kind.ProtocolMask) === IpProtocol.Tcp) {
    staged[at + Staged.Marks] = marks | Mark.HasTcp;
    return stageTcp(bytes, view, transport, packetEnd, staged, at, verifies ? pseudo : -1);
  }
  staged[at + Staged.Marks] = marks;
  return stageUdp(bytes, view, transport, packetEnd, staged, at, verifies ? pseudo : -1);
}

/** @returns the sum of the addresses, -1 for another case */
function stageIpv4(
  view: DataView,
  ip: number,
  capturedEnd: number,
  staged: Int32Array,
  at: number,
  secret: HashSecret,
  verifies: boolean,
): number {
  const versionAndLength = view.getInt32(ip);
  const idAndFragment = view.getInt32(ip + 4);
  const lifeAndProtocol = view.getInt32(ip + 8);
  const length = versionAndLength & 0xffff;
  const protocol = (lifeAndProtocol >>> 16) & 0xff;
  if ((idAndFragment & FRAGMENT) !== 0 || ip + length > capturedEnd) return -1;
  if (protocol !== IpProtocol.Tcp && protocol !== IpProtocol.Udp) return -1;
  const source = view.getInt32(ip + 12);
  const destination = view.getInt32(ip + 16);
  const ports = view.getInt32(ip + IPV4_LENGTH);
  const addresses = halves(source) + halves(destination);
  if (verifies) {
    const others = halves(versionAndLength) + halves(idAndFragment) + halves(lifeAndProtocol);
    if (foldSum(addresses + others) !== RIGHT) return -1;
  }
  const kind = protocol | Kind.HasPorts;
  staged[at + Staged.Ports] = ports;
  staged[at + Staged.Kind] = kind;
  staged[at + Staged.Source] = source;
  staged[at + Staged.Destination] = destination;
  staged[at + Staged.IpLength] = length;
  const endpoint0 = endpointHash(secret, 0, 0, 0, source, ports >>> 16);
  const endpoint1 = endpointHash(secret, 0, 0, 0, destination, ports & 0xffff);
  staged[at + Staged.Hash] = flowHash(secret, endpoint0, endpoint1, kind, 0);
  return addresses;
}

/** @returns the sum of the addresses, -1 for another case */
function stageIpv6(
  view: DataView,
  ip: number,
  capturedEnd: number,
  staged: Int32Array,
  at: number,
  secret: HashSecret,
): number {
  const lengthAndNext = view.getInt32(ip + 4);
  const length = (lengthAndNext >>> 16) + IPV6_LENGTH;
  const protocol = (lengthAndNext >>> 8) & 0xff;
  if (length < IPV6_LENGTH + UDP_LENGTH || ip + length > capturedEnd) return -1;
  if (protocol !== IpProtocol.Tcp && protocol !== IpProtocol.Udp) return -1;
  const source0 = view.getInt32(ip + 8);
  const source1 = view.getInt32(ip + 12);
  const source2 = view.getInt32(ip + 16);
  const source3 = view.getInt32(ip + 20);
  const target0 = view.getInt32(ip + 24);
  const target1 = view.getInt32(ip + 28);
  const target2 = view.getInt32(ip + 32);
  const target3 = view.getInt32(ip + 36);
  const ports = view.getInt32(ip + IPV6_LENGTH);
  const kind = protocol | Kind.HasPorts | Kind.Ipv6;
  staged[at + Staged.Ports] = ports;
  staged[at + Staged.Kind] = kind;
  staged[at + Staged.Source] = source3;
  staged[at + Staged.Destination] = target3;
  staged[at + Staged.SourceHigh] = source0;
  staged[at + Staged.SourceHigh + 1] = source1;
  staged[at + Staged.SourceHigh + 2] = source2;
  staged[at + Staged.DestinationHigh] = target0;
  staged[at + Staged.DestinationHigh + 1] = target1;
  staged[at + Staged.DestinationHigh + 2] = target2;
  staged[at + Staged.IpLength] = length;
  const endpoint0 = endpointHash(secret, source0, source1, source2, source3, ports >>> 16);
  const endpoint1 = endpointHash(secret, target0, target1, target2, target3, ports & 0xffff);
  staged[at + Staged.Hash] = flowHash(secret, endpoint0, endpoint1, kind, 0);
  const sources = halves(source0) + halves(source1) + halves(source2) + halves(source3);
  return sources + halves(target0) + halves(target1) + halves(target2) + halves(target3);
}

/** @param addresses - their sum, -1 where the checksum does not matter */
function stageTcp(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  packetEnd: number,
  staged: Int32Array,
  at: number,
  addresses: number,
): boolean {
  const length = packetEnd - start;
  if (length < TCP_LENGTH) return false;
  const offsetFlagsWindow = view.getInt32(start + 12);
  const headerLength = (offsetFlagsWindow >>> 26) & 0x3c;
  if (headerLength < TCP_LENGTH || headerLength > length) return false;
  if (addresses >= 0) {
    // 0 was left to the network card.
    if (view.getUint16(start + TCP_CHECKSUM) === 0) return false;
    const sum = addresses + IpProtocol.Tcp + length + wordSum(bytes, start, packetEnd);
    if (foldSum(sum) !== RIGHT) return false;
  }
  staged[at + Staged.PayloadLength] = length - headerLength;
  staged[at + Staged.TcpFlags] = (offsetFlagsWindow >>> 16) & 0xff;
  staged[at + Staged.TcpWindow] = offsetFlagsWindow & 0xffff;
  staged[at + Staged.TcpSequence] = view.getInt32(start + 4);
  staged[at + Staged.TcpAcknowledgement] = view.getInt32(start + 8);
  return true;
}

/** @param addresses - their sum, -1 where the checksum does not matter */
function stageUdp(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  packetEnd: number,
  staged: Int32Array,
  at: number,
  addresses: number,
): boolean {
  if (packetEnd - start < UDP_LENGTH) return false;
  const ports = staged[at + Staged.Ports]!;
  const sourcePort = ports >>> 16;
  const destinationPort = ports & 0xffff;
  if (isTunnelPort(sourcePort) || isTunnelPort(destinationPort)) return false;
  if (sourcePort === NAT_TRAVERSAL_PORT || destinationPort === NAT_TRAVERSAL_PORT) return false;
  const length = view.getUint16(start + 4);
  if (length < UDP_LENGTH || length > packetEnd - start) return false;
  if (addresses >= 0) {
    if (view.getUint16(start + UDP_CHECKSUM) === 0) {
      // None was made, as it should have been over IPv6.
      if ((staged[at + Staged.Kind]! & Kind.Ipv6) !== 0) return false;
    } else {
      const sum = addresses + IpProtocol.Udp + length + wordSum(bytes, start, start + length);
      if (foldSum(sum) !== RIGHT) return false;
    }
  }
  staged[at + Staged.PayloadLength] = length - UDP_LENGTH;
  return true;
}
