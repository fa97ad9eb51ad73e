import { IpProtocol } from "../wire/ip-protocol.ts";
import { Mark, Staged } from "./packet/staged-packet.ts";
import type { ExtraOf, FlowExtra } from "./row/flow-extra.ts";
import { Kind, Row } from "./row/flow-row.ts";
import { bothClosed } from "./tcp/tcp-closing.ts";
import { isPowerOfTen } from "./tcp/tcp-letters.ts";

// What Zeek leaves out of a connection's counts: packets with a wrong checksum or a broken header, and
// fragments, which it counts as the datagram that they make once it is whole. The flow's own counters
// have them all.

/** Octets of the headers of UDP and ICMP, which Zeek takes off a datagram that was put together. */
const DATAGRAM_HEADER = 8;
/** Octets of IPv6's fragment header, which a whole datagram has no more. */
const FRAGMENT_HEADER = 8;

/** Kinds of `FlowExtra.uncounted`: each of side 0, then of side 1. */
export const Uncounted = { Packets: 0, IpBytes: 2, PayloadBytes: 4 } as const;

/** UDP's letters, as `tcp-history.ts` codes them. */
export const UdpLetter = { Data: 4, BadChecksum: 7, Side1: 16 } as const;

/** Marks of packets that Zeek does not take as they are. */
const LEFT_OUT: number =
  Mark.BadChecksum | Mark.PartOfDatagram | Mark.Unseen | Mark.Refused | Mark.CutMessage;
/** Of these the ones that no connection of Zeek's hears. */
const UNHEARD: number = Mark.BadChecksum | Mark.Unseen | Mark.Refused;

/** Whether Zeek does not take a packet as it is. */
export function isLeftOut(marks: number): boolean {
  return (marks & LEFT_OUT) !== 0;
}

/** Whether a packet does not move Zeek's clock of its flow: nobody hears it, or its datagram is not whole. */
export function isUnheard(staged: Int32Array, at: number): boolean {
  const marks = staged[at + Staged.Marks]!;
  const isPiece = (marks & Mark.PartOfDatagram) !== 0 && staged[at + Staged.DatagramLength] === 0;
  return isPiece || (marks & UNHEARD) !== 0;
}

/** Notes a packet that Zeek does not take as it is, before the flow counts it. */
export function leaveOut(
  words: Int32Array,
  row: number,
  side: number,
  staged: Int32Array,
  at: number,
  extraOf: ExtraOf,
): void {
  const protocol = words[row + Row.Kind]! & Kind.ProtocolMask;
  const marks = staged[at + Staged.Marks]!;
  const isUnseen = (marks & Mark.Unseen) !== 0;
  const isCut = (marks & (Mark.CutMessage | UNHEARD)) === Mark.CutMessage;
  const isBad = (marks & Mark.BadChecksum) !== 0 && !isUnseen;
  if (isBad && !isVerified(protocol)) return;
  const extra = extraOf(row);
  if (isCut) {
    extra.refused += 1;
    addUncounted(extra, side, 1, staged[at + Staged.IpLength]!, 0);
    return;
  }
  if (isUnseen) extra.unseen += 1;
  else if (isBad || (marks & Mark.Refused) !== 0) extra.refused += 1;
  keepLastTime(words, row, staged, at, extra);
  addUncounted(extra, side, 1, staged[at + Staged.IpLength]!, staged[at + Staged.PayloadLength]!);
  if (isBad && protocol === IpProtocol.Udp) noteUdpChecksum(words, row, side, extra);
}

/**
 * Notes a packet that is earlier than one before it, before the flow counts it: to Zeek the last packet of
 * the capture is the last, whatever its time.
 */
export function noteLate(
  words: Int32Array,
  row: number,
  staged: Int32Array,
  at: number,
  extraOf: ExtraOf,
): void {
  const seconds = staged[at + Staged.Seconds]! >>> 0;
  const nanoseconds = staged[at + Staged.Nanoseconds]!;
  const endSeconds = words[row + Row.EndSeconds]! >>> 0;
  const isEarlier =
    seconds < endSeconds ||
    (seconds === endSeconds && nanoseconds < words[row + Row.EndNanoseconds]!);
  const isTcp = (words[row + Row.Kind]! & Kind.ProtocolMask) === IpProtocol.Tcp;
  if (!isEarlier || (isTcp && bothClosed(words, row))) return;
  extraOf(row).lastCounted = { seconds, nanoseconds };
}

/** Notes, after it was counted, that Zeek counts a packet of a flow of which it leaves some out. */
export function noteCounted(
  words: Int32Array,
  row: number,
  side: number,
  staged: Int32Array,
  at: number,
  wasClosed: boolean,
  extra: FlowExtra,
): void {
  const protocol = words[row + Row.Kind]! & Kind.ProtocolMask;
  const whole = staged[at + Staged.DatagramLength]!;
  if ((staged[at + Staged.Marks]! & Mark.PartOfDatagram) !== 0) {
    if (whole === 0) return;
    addUncounted(extra, side, -1, -whole, -payloadOf(protocol, staged, at, whole));
  }
  const seconds = staged[at + Staged.Seconds]! >>> 0;
  const nanoseconds = staged[at + Staged.Nanoseconds]!;
  const isFirst = countedPackets(words, row, extra) === 1 && extra.refused === 0;
  if (extra.lastCounted !== undefined && !wasClosed) extra.lastCounted = { seconds, nanoseconds };
  // Zeek's connection begins with it; what the flow had before was not seen, or not whole.
  if (isFirst && extra.uncounted.length > 0) extra.firstCounted = { seconds, nanoseconds };
  const isFirstOfUdp = protocol === IpProtocol.Udp && countedOf(words, row, side, extra) === 1;
  if (isFirstOfUdp && extra.badChecksums0 + extra.badChecksums1 > 0) {
    extra.history.push(UdpLetter.Data | (side === 0 ? 0 : UdpLetter.Side1));
  }
}

/** Whether Zeek has seen nothing of a flow so far. */
export function isUnseen(words: Int32Array, row: number, extra: FlowExtra): boolean {
  return extra.unseen === words[row + Row.Packets]! + words[row + Row.Packets + 1]!;
}

/** Zeek verifies no other checksums. */
function isVerified(protocol: number): boolean {
  return (
    protocol === IpProtocol.Tcp ||
    protocol === IpProtocol.Udp ||
    protocol === IpProtocol.Icmp ||
    protocol === IpProtocol.Icmpv6
  );
}

function addUncounted(
  extra: FlowExtra,
  side: number,
  packets: number,
  ipBytes: number,
  payloadBytes: number,
): void {
  const { uncounted } = extra;
  while (uncounted.length < 6) uncounted.push(0);
  uncounted[Uncounted.Packets + side]! += packets;
  uncounted[Uncounted.IpBytes + side]! += ipBytes;
  uncounted[Uncounted.PayloadBytes + side]! += payloadBytes;
}

/** The time of the last packet that counts, from before the flow gets one that doesn't. */
function keepLastTime(
  words: Int32Array,
  row: number,
  staged: Int32Array,
  at: number,
  extra: FlowExtra,
): void {
  if (extra.lastCounted !== undefined) return;
  const isTcp = (words[row + Row.Kind]! & Kind.ProtocolMask) === IpProtocol.Tcp;
  if (isTcp && bothClosed(words, row)) return;
  const isFirst = words[row + Row.Packets] === 0 && words[row + Row.Packets + 1] === 0;
  extra.lastCounted = {
    seconds: (isFirst ? staged[at + Staged.Seconds]! : words[row + Row.EndSeconds]!) >>> 0,
    nanoseconds: isFirst ? staged[at + Staged.Nanoseconds]! : words[row + Row.EndNanoseconds]!,
  };
}

/** UDP has letters of its own only where one is for a checksum; before that, data came first. */
function noteUdpChecksum(words: Int32Array, row: number, side: number, extra: FlowExtra): void {
  const { history } = extra;
  if (extra.badChecksums0 + extra.badChecksums1 === 0) {
    // This packet itself was taken off already, and is not counted yet.
    if (countedOf(words, row, 0, extra) + (side === 0 ? 1 : 0) > 0) history.push(UdpLetter.Data);
    if (countedOf(words, row, 1, extra) + (side === 1 ? 1 : 0) > 0) {
      history.push(UdpLetter.Data | UdpLetter.Side1);
    }
  }
  if (side === 0) extra.badChecksums0 += 1;
  else extra.badChecksums1 += 1;
  const count = side === 0 ? extra.badChecksums0 : extra.badChecksums1;
  if (!isPowerOfTen(count)) return;
  history.push(UdpLetter.BadChecksum | (side === 0 ? 0 : UdpLetter.Side1));
}

function countedOf(words: Int32Array, row: number, side: number, extra: FlowExtra): number {
  return (
    (words[row + Row.Packets + side]! >>> 0) - (extra.uncounted[Uncounted.Packets + side] ?? 0)
  );
}

function countedPackets(words: Int32Array, row: number, extra: FlowExtra): number {
  return countedOf(words, row, 0, extra) + countedOf(words, row, 1, extra);
}

/** Payload of a UDP or ICMP datagram that is whole now; of others Zeek does not count it so. */
function payloadOf(protocol: number, staged: Int32Array, at: number, whole: number): number {
  if (protocol !== IpProtocol.Udp && protocol !== IpProtocol.Icmp && protocol !== IpProtocol.Icmpv6)
    return 0;
  const isFirst = (staged[at + Staged.Marks]! & Mark.FirstFragment) !== 0;
  const isIpv6 = (staged[at + Staged.Kind]! & Kind.Ipv6) !== 0;
  let headers = staged[at + Staged.IpLength]! - staged[at + Staged.PayloadLength]!;
  if (isFirst) headers -= DATAGRAM_HEADER;
  if (isIpv6) headers -= FRAGMENT_HEADER;
  return whole - headers - DATAGRAM_HEADER;
}
