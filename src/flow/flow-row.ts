/**
 * A flow is a row of 32-bit words in one memory. The first 32 words (two cache lines) are the same
 * for every flow; TCP flows have 32 more, IPv6 flows 16 more behind those. "0" is the sender of the
 * flow's first packet, "1" the receiver: rows are never turned round, `direction.ts` decides at the
 * end which of the two is the initiator. Counters of 64 bits are doubles, exact to 2^53.
 */
export const Row = {
  /** Port of 0 in the high half, of 1 in the low half; ICMP: type and counterpart (or code). */
  Ports: 0,
  /** `Kind` bits; with ports, context and addresses the flow key. */
  Kind: 1,
  /** Number of the VLAN stack and tunnel chain in the context table. */
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
  Packets: 14,
  Bytes: 16,
  IpBytes: 20,
  PayloadBytes: 24,
  /** Number of the flow's first packet in the capture, from 1, modulo 2^32. */
  Ordinal: 28,
  MacHigh: 29,
  MacSourceLow: 30,
  MacDestinationLow: 31,
  /** Words of the common part. */
  Size: 32,
} as const;

/**
 * Words of the TCP part, behind the common one. Where two words follow each other the first is of
 * side 0. Sequence positions are relative to the side's first sequence number and held as doubles,
 * so that flows of more than 4 GiB stay exact.
 */
export const TcpRow = {
  /** Endpoint states, see tcp-state.ts. */
  States: 32,
  /** Union of the flags seen: side 0 in bits 0-7, side 1 in bits 8-15; history letters used above. */
  Flags: 33,
  /** Sequence number of the SYN (or of the first octet, less one). */
  StartSequence: 34,
  /** Highest position sent. */
  LastPosition: 36,
  /** Highest position acknowledged by the other side. */
  AcknowledgedPosition: 40,
  /** Letters of the history, five bits each, six to a word; 0 ends it. Everything up to here shares a cache line. */
  History: 44,
  HistoryWords: 4,
  /** Packets with payload that brought nothing new. */
  Retransmits: 48,
  /** Packets that filled a hole left by later ones. */
  OutOfOrder: 50,
  /** Packets with a closed window, gaps, bad checksums: 16 bits a side, side 0 low, saturating. */
  ZeroWindows: 52,
  Gaps: 53,
  BadChecksums: 54,
  /** Octets that were acknowledged but never captured, both sides; a double. */
  MissedBytes: 56,
  /** SYN to the acknowledgement of the SYN+ACK, nanoseconds as a double; 0 when not measured. */
  HandshakeNanoseconds: 58,
  /** Position (low 32 bits) of the last FIN and of the last RST, to tell repeats from copies. */
  LastFin: 60,
  LastReset: 62,
  Size: 64,
} as const;

/** Words of the IPv6 part: the first three words of each address. */
export const IPV6_WORDS = 16;
const IPV6_DESTINATION = 3;

/** Word offset of the IPv6 part in a row of this kind. */
export function ipv6Offset(kind: number): number {
  return (kind & Kind.ProtocolMask) === 6 ? TcpRow.Size : Row.Size;
}
/** Word offset, from the IPv6 part, of the destination's words. */
export const IPV6_DESTINATION_OFFSET: number = IPV6_DESTINATION;

/** Words of a row of this kind; a multiple of 16, so that rows start on cache lines. */
export function rowSize(kind: number): number {
  const base = (kind & Kind.ProtocolMask) === 6 ? TcpRow.Size : Row.Size;
  return (kind & Kind.Ipv6) === 0 ? base : base + IPV6_WORDS;
}

/** Bits of `Row.Kind`. */
export const Kind = {
  ProtocolMask: 0xff,
  Ipv6: 0x100,
  /** Ports were read (or ICMP type and code). */
  HasPorts: 0x200,
  /** ICMP without a counterpart type: the two directions are two flows (Community ID's rule). */
  OneWay: 0x400,
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
