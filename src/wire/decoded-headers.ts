/** What decoding one layer chain came to. */
export const Outcome = {
  /** An IP header with both addresses was read: the packet belongs to a flow. */
  Flow: 1,
  /** Whole as far as it goes, but not IP; `etherType` says what. */
  NotIp: 2,
  /** No usable IP header; `fault` says why. */
  Malformed: 3,
  /** portflow does not decode this link type. */
  UnsupportedLink: 4,
} as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** Role of a packet in IP fragmentation. An IPv6 atomic fragment (offset 0, no more) is `None`. */
export const Fragment = { None: 0, First: 1, Later: 2 } as const;
export type Fragment = (typeof Fragment)[keyof typeof Fragment];

/**
 * Everything the decoders say about one packet; one reused record per tunnel depth, overwritten for
 * every packet. All fields are numbers so that the shape never changes. Fields beyond the reach of
 * `outcome` keep stale values: read only what the outcome and the flags promise.
 */
export type DecodedHeaders = {
  outcome: number;
  /** EtherType for `NotIp` (0 when the link has none: then `notIpName` of link-type.ts tells). */
  etherType: number;
  /** Code from fault.ts, 0 for none. May be set with `Outcome.Flow` too: ports unread, lengths that lie. */
  fault: number;
  /** Octet offset, from the start of the packet, of the field that shows the fault. */
  faultOffset: number;

  /** 1 when both MAC addresses were read. Each is high 16 bits (first two octets), low 32 bits. */
  hasMac: number;
  sourceMacHigh: number;
  sourceMacLow: number;
  destinationMacHigh: number;
  destinationMacLow: number;
  /** Number of VLAN tags, at most 4 are kept; ids are 12 bits, outermost first. */
  vlanCount: number;
  vlan0: number;
  vlan1: number;
  vlan2: number;
  vlan3: number;

  /** 4 or 6. */
  ipVersion: number;
  /** Addresses as four big-endian int32 words; IPv4 in word 3, the others then 0. */
  source0: number;
  source1: number;
  source2: number;
  source3: number;
  destination0: number;
  destination1: number;
  destination2: number;
  destination3: number;
  /** IANA protocol number of the transport, after IPv6 extension headers and AH. */
  protocol: number;
  /** IP datagram octets as the header says (length 0: to the end of the frame on the wire; jumbograms: the option). */
  ipLength: number;
  /** `Fragment`; `fragmentId` is the 16-bit (IPv4) or 32-bit (IPv6) identification, as int32. */
  fragment: number;
  fragmentId: number;
  /** Of fragments: the protocol number that the header with the offset announces, the same in all of a datagram. */
  fragmentProtocol: number;
  /** Of a fragment: octets of the datagram's payload before it, and 1 when more come after it. */
  fragmentOffset: number;
  hasMoreFragments: number;
  /** 1 when the capture holds fewer octets of the IP datagram than it has (snaplen). */
  truncated: number;

  /** Offset of the IP header, and of what follows IP's headers where that was looked at (no later fragment). */
  ipStart: number;
  transportStart: number;
  /** 1 when the ports below were read. ICMP: no ports. */
  hasPorts: number;
  sourcePort: number;
  destinationPort: number;
  /** Offset of the first octet above the transport header (above IP where no transport header was read). */
  payloadStart: number;
  /** Octets above the transport header as the headers say, captured or not. */
  payloadLength: number;
  /** 1 when the TCP header below was read as a whole (20 octets). */
  hasTcp: number;
  /** The eight classic flag bits, CWR ECE URG ACK PSH RST SYN FIN from high to low. */
  tcpFlags: number;
  /** Sequence and acknowledgement numbers as int32. */
  tcpSequence: number;
  tcpAcknowledgement: number;
  tcpWindow: number;
  /** 1 when ICMP type and code were read (protocols 1 and 58). */
  hasIcmp: number;
  icmpType: number;
  icmpCode: number;
  /** ICMP identifier of echo-like messages, 0 otherwise. */
  icmpId: number;
  /** First SCTP chunk type or DCCP packet type; -1 when not read. */
  messageType: number;
  /** Security parameter index of ESP or AH as int32, 0 when not read. */
  spi: number;

  /** Encapsulation found above IP (or below the next IP header), see tunnel.ts; 0 for none. */
  tunnelType: number;
  /** Where the encapsulated headers begin and end, and the tunnel's own id (VNI, TEID, GRE key), int32; -1 for none. */
  tunnelStart: number;
  tunnelEnd: number;
  tunnelId: number;
  /** `Layer` that begins at `tunnelStart`; read only when `tunnelType` is not 0. */
  tunnelLayer: number;

  /** Working state of the decoders: `Layer` that comes next, 0 when there is none. */
  nextLayer: number;
  /** Working state: where the packet begins in its array. */
  frameStart: number;
  /** Working state: first octet past what the capture holds of the current layer's content. */
  capturedEnd: number;
  /** Working state: first octet past what was on the wire of it; never smaller than `capturedEnd`. */
  wireEnd: number;
};

/** A record with every field present, so that all records share one shape. */
export function newDecodedHeaders(): DecodedHeaders {
  return {
    outcome: 0,
    etherType: 0,
    fault: 0,
    faultOffset: 0,
    hasMac: 0,
    sourceMacHigh: 0,
    sourceMacLow: 0,
    destinationMacHigh: 0,
    destinationMacLow: 0,
    vlanCount: 0,
    vlan0: 0,
    vlan1: 0,
    vlan2: 0,
    vlan3: 0,
    ipVersion: 0,
    source0: 0,
    source1: 0,
    source2: 0,
    source3: 0,
    destination0: 0,
    destination1: 0,
    destination2: 0,
    destination3: 0,
    protocol: 0,
    ipLength: 0,
    fragment: 0,
    fragmentId: 0,
    fragmentProtocol: 0,
    fragmentOffset: 0,
    hasMoreFragments: 0,
    truncated: 0,
    ipStart: 0,
    transportStart: 0,
    hasPorts: 0,
    sourcePort: 0,
    destinationPort: 0,
    payloadStart: 0,
    payloadLength: 0,
    hasTcp: 0,
    tcpFlags: 0,
    tcpSequence: 0,
    tcpAcknowledgement: 0,
    tcpWindow: 0,
    hasIcmp: 0,
    icmpType: 0,
    icmpCode: 0,
    icmpId: 0,
    messageType: 0,
    spi: 0,
    tunnelType: 0,
    tunnelStart: 0,
    tunnelEnd: 0,
    tunnelId: 0,
    tunnelLayer: 0,
    nextLayer: 0,
    frameStart: 0,
    capturedEnd: 0,
    wireEnd: 0,
  };
}
