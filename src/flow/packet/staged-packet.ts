import type { DecodedHeaders } from "../../wire/decoded-headers.ts";
import { Fragment } from "../../wire/decoded-headers.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { Kind } from "../row/flow-row.ts";
import { icmpCounterpart } from "./icmp-pair.ts";

/**
 * What the flow table needs of a packet, as 32 words. Packets are staged in groups before the table
 * is touched, so that the memory reads of the whole group can overlap, and so that a group could be
 * handed to another thread as it is.
 */
export const Staged = {
  Hash: 0,
  Ports: 1,
  Kind: 2,
  Context: 3,
  /** Last words of the addresses, then the three others of each (IPv6 only). */
  Source: 4,
  Destination: 5,
  SourceHigh: 6,
  DestinationHigh: 9,
  Seconds: 12,
  Nanoseconds: 13,
  ClockSeconds: 14,
  ClockNanoseconds: 15,
  WireLength: 16,
  IpLength: 17,
  PayloadLength: 18,
  Ordinal: 19,
  Marks: 20,
  Interface: 21,
  TcpFlags: 22,
  TcpSequence: 23,
  TcpAcknowledgement: 24,
  TcpWindow: 25,
  MacHigh: 26,
  MacSourceLow: 27,
  MacDestinationLow: 28,
  MessageType: 29,
  /** Of a fragment that makes its datagram whole: the datagram's IP length; else 0. */
  DatagramLength: 30,
  Size: 32,
} as const;

/** Bits of `Staged.Marks`. */
export const Mark = {
  HasMac: 1,
  HasTcp: 2,
  Fragment: 4,
  Multicast: 8,
  Broadcast: 16,
  BadChecksum: 32,
  /** SCTP chunk type or DCCP packet type was read. */
  HasMessage: 64,
  /** No packet, but the header that the ICMP error behind it quotes: only key and clock are there. */
  Quote: 128,
  /** An ICMP error whose quote stands before it. */
  Quoting: 256,
  /** The first fragment of a datagram. */
  FirstFragment: 512,
  /** A fragment that is counted with its datagram. */
  PartOfDatagram: 1024,
  /** `Staged.MessageType` is the security parameter index of ESP or AH. */
  HasSpi: 2048,
  /** Somebody left a comment on the packet. */
  Commented: 4096,
  /** Payload that the capture holds in part, or not at all, and that counts as missed. */
  CutPayload: 8192,
  /** Zeek discards it before it looks for a connection. */
  Unseen: 16384,
  /** Zeek finds its connection, but doesn't let that have it. */
  Refused: 32768,
  /** What a tunnel carries, behind the layer that carries it, which is staged as well. */
  Inside: 65536,
  /** ICMP that the snaplen cut: it lengthens Zeek's connection, which does not count it as a packet. */
  CutMessage: 131072,
} as const;

/** What a packet may be marked with that has nothing rare about it. */
export const USUAL_MARKS: number = Mark.HasMac | Mark.HasTcp | Mark.Multicast | Mark.Broadcast;

const ALL_ONES = -1;
const LARGEST_INTERFACE = 0xffff;

/**
 * Writes the words of one packet, but for the hash (`hashStaged`) and for times, wire length, ordinal
 * and interface, which belong to the capture (`stageCapture`). Ports of a later fragment must have been joined before.
 * @param at - first word of the packet in `staged`
 * @param bySpi - whether the security parameter index tells flows of ESP apart, as ports do
 */
export function stageHeaders(
  staged: Int32Array,
  at: number,
  headers: DecodedHeaders,
  context: number,
  bySpi = false,
): void {
  let kind = headers.protocol;
  let sourcePort = 0;
  let destinationPort = 0;
  if (headers.hasPorts !== 0) {
    kind |= Kind.HasPorts;
    sourcePort = headers.sourcePort;
    destinationPort = headers.destinationPort;
  } else if (
    headers.hasIcmp !== 0 &&
    (headers.protocol === IpProtocol.Icmp || headers.protocol === IpProtocol.Icmpv6)
  ) {
    const counterpart = icmpCounterpart(headers.protocol, headers.icmpType);
    kind |= counterpart < 0 ? Kind.HasPorts | Kind.OneWay : Kind.HasPorts;
    sourcePort = headers.icmpType;
    destinationPort = counterpart < 0 ? headers.icmpCode : counterpart;
  } else if (bySpi && headers.protocol === IpProtocol.Esp) {
    sourcePort = headers.spi >>> 16;
    destinationPort = headers.spi & 0xffff;
  }
  if (headers.ipVersion === 6) {
    kind |= Kind.Ipv6;
    staged[at + Staged.SourceHigh] = headers.source0;
    staged[at + Staged.SourceHigh + 1] = headers.source1;
    staged[at + Staged.SourceHigh + 2] = headers.source2;
    staged[at + Staged.DestinationHigh] = headers.destination0;
    staged[at + Staged.DestinationHigh + 1] = headers.destination1;
    staged[at + Staged.DestinationHigh + 2] = headers.destination2;
  }
  staged[at + Staged.Ports] = (sourcePort << 16) | destinationPort;
  staged[at + Staged.Kind] = kind;
  staged[at + Staged.Context] = context;
  staged[at + Staged.Source] = headers.source3;
  staged[at + Staged.Destination] = headers.destination3;
  staged[at + Staged.IpLength] = headers.ipLength;
  staged[at + Staged.PayloadLength] = headers.payloadLength;
  staged[at + Staged.TcpFlags] = headers.tcpFlags;
  staged[at + Staged.TcpSequence] = headers.tcpSequence;
  staged[at + Staged.TcpAcknowledgement] = headers.tcpAcknowledgement;
  staged[at + Staged.TcpWindow] = headers.tcpWindow;
  staged[at + Staged.MacHigh] = (headers.sourceMacHigh << 16) | headers.destinationMacHigh;
  staged[at + Staged.MacSourceLow] = headers.sourceMacLow;
  staged[at + Staged.MacDestinationLow] = headers.destinationMacLow;
  staged[at + Staged.MessageType] = headers.messageType < 0 ? headers.spi : headers.messageType;
  staged[at + Staged.Marks] = marksOf(headers);
  staged[at + Staged.DatagramLength] = 0;
}

/**
 * Writes what the capture says of a packet.
 * @param at - first word of the packet in `staged`
 * @param clockSeconds - of the packet clock
 * @param ordinal - the packet's number in the run, from 1
 * @param interfaceNumber - in the run; the highest that is told is 65,535
 */
export function stageCapture(
  staged: Int32Array,
  at: number,
  seconds: number,
  nanoseconds: number,
  clockSeconds: number,
  clockNanoseconds: number,
  wireLength: number,
  ordinal: number,
  interfaceNumber: number,
): void {
  staged[at + Staged.Seconds] = seconds;
  staged[at + Staged.Nanoseconds] = nanoseconds;
  staged[at + Staged.ClockSeconds] = clockSeconds;
  staged[at + Staged.ClockNanoseconds] = clockNanoseconds;
  staged[at + Staged.WireLength] = wireLength;
  staged[at + Staged.Ordinal] = ordinal;
  staged[at + Staged.Interface] = Math.min(interfaceNumber, LARGEST_INTERFACE);
}

function marksOf(headers: DecodedHeaders): number {
  let marks = 0;
  if (headers.hasTcp !== 0) marks |= Mark.HasTcp;
  if (headers.messageType >= 0) marks |= Mark.HasMessage;
  else if (headers.spi !== 0) marks |= Mark.HasSpi;
  if (headers.fragment !== Fragment.None) marks |= Mark.Fragment;
  if (headers.fragment === Fragment.First) marks |= Mark.FirstFragment;
  if (headers.hasMac !== 0) marks |= Mark.HasMac;
  if (headers.ipVersion === 4) {
    if (headers.destination3 >>> 28 === 14) marks |= Mark.Multicast;
    // A subnet's broadcast address can't be told from the address alone; its frame can.
    else if (headers.destination3 === ALL_ONES || isBroadcastFrame(headers)) {
      marks |= Mark.Broadcast;
    }
  } else if (headers.destination0 >>> 24 === 255) marks |= Mark.Multicast;
  return marks;
}

function isBroadcastFrame(headers: DecodedHeaders): boolean {
  return (
    headers.hasMac !== 0 &&
    headers.destinationMacLow === ALL_ONES &&
    headers.destinationMacHigh === 0xffff
  );
}
