import { IpProtocol } from "../../wire/ip-protocol.ts";
/**
 * A flow is a row of 32-bit words in one memory. "0" is the sender of the flow's first packet, "1" the
 * receiver: rows are never turned round, `direction.ts` decides at the end which of the two is the
 * initiator. Where two words follow each other the first is of side 0.
 *
 * What a packet changes lies in the first 32 words, two cache lines: with 20,000 flows active at a time
 * the misses are what a packet costs. TCP flows have 16 colder words behind, TCP over IPv6 16 more.
 * Counters are unsigned 32-bit with the rare carry kept beside the table (`FlowExtra.carries`).
 */
export const Row = {
  /**
   * Port of 0 in the high half, of 1 in the low half; ICMP: type and counterpart (or code); ESP: its
   * index, where that is part of the key.
   */
  Ports: 0,
  /** `Kind` bits; with ports, context and addresses the flow key. */
  Kind: 1,
  /** Number of the VLAN stack and tunnel chain in the context table, below 0 where they are no part of the key. */
  Context: 2,
  /** IPv4 address, or the last word of the IPv6 address. */
  Source: 3,
  Destination: 4,
  /** `Flag` bits; the capture interface in the high 16. */
  Flags: 5,
  /** Neighbours in the timer wheel's bucket. */
  TimerNext: 6,
  TimerPrevious: 7,
  /** Earliest packet time. */
  StartSeconds: 8,
  StartNanoseconds: 9,
  /** Latest packet time. */
  EndSeconds: 10,
  EndNanoseconds: 11,
  /** The packet clock at the last packet: never goes back, so timeouts are measured from it. */
  ClockSeconds: 12,
  ClockNanoseconds: 13,
  /** Counters, two words each. */
  Packets: 14,
  Bytes: 16,
  IpBytes: 18,
  PayloadBytes: 20,
} as const;

/** When the packet clock closed a row that ended, in the words of its timer. */
export const ClosedRow = { Seconds: 6, Nanoseconds: 7 } as const;

/** Counters whose carries `FlowExtra` keeps: the words from `Row.Packets` on. */
export const COUNTERS = 8;

/** The rest of a row of any protocol but TCP. */
export const OtherRow = {
  /** Number of the flow's first packet in the capture, from 1, modulo 2^32; MAC addresses follow. */
  Ordinal: 22,
  Ipv6: 26,
  Size: 32,
} as const;

/**
 * Behind the row of ICMP messages that have no answer, errors among them: key and id of the flow that
 * the first error quotes.
 */
export const QuoteRow = {
  /** `Kind` bits of the quoted packet, 0 while there is none; then its key as in `Row`. */
  Kind: 32,
  Ports: 33,
  Source: 34,
  Destination: 35,
  SourceHigh: 36,
  DestinationHigh: 39,
  /** Id of its flow, where it was open then; all 0 elsewhere. */
  Id: 42,
  /** Later errors of the flow that quoted another one. */
  Others: 45,
  Size: 48,
} as const;

/** The rest of a TCP row: what every packet needs, then, in a line of its own, what few do. */
export const TcpRow = {
  /** Endpoint states, see tcp-state.ts. */
  States: 22,
  /** Union of the flags seen: side 0 in bits 0-7, side 1 in bits 8-15; history letters used above. */
  Flags: 23,
  /** Sequence number of the SYN (or of the first octet, less one): position 0. */
  StartSequence: 24,
  /** Highest sequence number sent. */
  LastSequence: 26,
  /** Highest sequence number acknowledged by the other side. */
  Acknowledged: 28,
  /** How often the positions of the four words before passed 2^32, 8 bits each. */
  Wraps: 30,
  /** Packets of side 1 with a closed window. */
  ZeroWindows1: 31,
  /** Letters of the history, five bits each, six to a word; 0 ends it. */
  History: 32,
  HistoryWords: 4,
  /** Packets with payload that did not move their side on. */
  Retransmits: 36,
  /** Positions of the last FIN's end, modulo 2^32, to tell copies from others. */
  FinMarks: 38,
  /** Packets of side 0 with a closed window. */
  ZeroWindows0: 40,
  /** SYN to the acknowledgement of the SYN+ACK, nanoseconds unsigned; 0 when not measured. */
  HandshakeNanoseconds: 41,
  /** Positions of the last RST, modulo 2^32. */
  ResetMarks: 42,
  Ordinal: 44,
  Ipv6: 48,
  Size: 48,
  SizeIpv6: 64,
} as const;

/**
 * A TCP flow over IPv4 of nothing but one SYN, in one line: key, flags and timer as in `Row`, then what
 * makes the whole row. The packet's time is the clock's, and stands where the clock does.
 */
export const LoneSynRow = {
  Sequence: 8,
  /** TCP flags in the lowest 8 bits, then frame and datagram length, 12 each. */
  Lengths: 9,
  Ordinal: 10,
  MacHigh: 11,
  StartSeconds: 12,
  StartNanoseconds: 13,
  MacSourceLow: 14,
  MacDestinationLow: 15,
  Size: 16,
} as const;

/** Words of the packet number and, behind it, the MAC addresses. */
export function ordinalOffset(kind: number): number {
  if ((kind & Kind.LoneSyn) !== 0) return LoneSynRow.Ordinal;
  return (kind & Kind.ProtocolMask) === IpProtocol.Tcp ? TcpRow.Ordinal : OtherRow.Ordinal;
}

/** From `ordinalOffset`: first two octets of both addresses, last four of 0, last four of 1. */
export const MAC_HIGH = 1;
export const MAC_SOURCE_LOW = 2;
export const MAC_DESTINATION_LOW = 3;

/** Word offset of the upper three words of the source's IPv6 address; the destination's follow. */
export function ipv6Offset(kind: number): number {
  return (kind & Kind.ProtocolMask) === IpProtocol.Tcp ? TcpRow.Ipv6 : OtherRow.Ipv6;
}
/** Word offset, from the IPv6 part, of the destination's words. */
export const IPV6_DESTINATION_OFFSET = 3;

/** Word offset of the start of a flow of this kind. */
export function startOffset(kind: number): number {
  return (kind & Kind.LoneSyn) === 0 ? Row.StartSeconds : LoneSynRow.StartSeconds;
}

/** Words of the largest row. */
export const LARGEST_ROW: number = TcpRow.SizeIpv6;

/** Words of a row of this kind; a multiple of 16, so that rows start on cache lines. */
export function rowSize(kind: number): number {
  if ((kind & Kind.OneWay) !== 0) return QuoteRow.Size;
  if ((kind & Kind.LoneSyn) !== 0) return LoneSynRow.Size;
  if ((kind & Kind.ProtocolMask) !== IpProtocol.Tcp) return OtherRow.Size;
  return (kind & Kind.Ipv6) === 0 ? TcpRow.Size : TcpRow.SizeIpv6;
}

/** Bits of `Row.Kind`. */
export const Kind = {
  ProtocolMask: 0xff,
  Ipv6: 0x100,
  /** Ports were read (or ICMP type and code). */
  HasPorts: 0x200,
  /** ICMP without a counterpart type: the two directions are two flows (Community ID's rule). */
  OneWay: 0x400,
  /** The row is a `LoneSynRow`; no packet has this bit. */
  LoneSyn: 0x800,
} as const;

/** Bits of `Row.Flags`. */
export const Flag = {
  HasMac: 0x1,
  /** The first packet went to a multicast or broadcast address. */
  Multicast: 0x2,
  Broadcast: 0x4,
  /** The flow has an entry in the table of rare facts: fragments, parts, long histories. */
  Extra: 0x8,
  /** TCP: handshake packets seen, by sender. */
  SynBy0: 0x10,
  SynBy1: 0x20,
  SynAckBy0: 0x40,
  SynAckBy1: 0x80,
  /** SCTP INIT or DCCP Request, by sender. */
  InitBy0: 0x100,
  InitBy1: 0x200,
  /** The conversation is over; only the linger time is left. */
  Closed: 0x400,
  /** Ended by a reset rather than by both FINs. */
  Reset: 0x800,
  /** Side 1 is the initiator. */
  Flipped: 0x1000,
  /** TCP: nothing but SYNs so far; such a flow is dropped soon. */
  HalfOpen: 0x2000,
  /** Flipped because the first packet came from a port that servers use. */
  FlippedByPort: 0x4000,
  /** The row ended and waits to be written: it takes no more packets. */
  Ended: 0x8000,
  InterfaceShift: 16,
} as const;
