/** What the tag rests on besides ports and addresses; orientation is the record's. */
export const Evidence = {
  /** Nothing: TCP seen mid-stream, UDP, SCTP and DCCP without their opening packets. */
  None: 0,
  /** The source sent a SYN without ACK. */
  Syn: 1,
  /** The destination sent a SYN+ACK. */
  SynAck: 2,
  /** The source sent an SCTP INIT or a DCCP-Request. */
  Init: 3,
  /** An exporter says that the source initiated. */
  InitiatorKnown: 4,
} as const;
export type Evidence = (typeof Evidence)[keyof typeof Evidence];

/**
 * What `classify` looks at; one reused record of numbers. Source and destination are the record's:
 * with any evidence but `None` the source is the initiator.
 */
export type TagInput = {
  /** IP protocol number. */
  protocol: number;
  /** 1 when ports are known. */
  hasPorts: number;
  /** 1 when only non-first fragments were seen. */
  fragmentOnly: number;
  sourcePort: number;
  destinationPort: number;
  /** `Evidence`. */
  evidence: number;
  /** 1 when both ends sent a SYN without ACK: the handshake says nothing then. */
  simultaneousOpen: number;
  /** 1 when the first packet came from the source, 0 when it came from the destination. */
  firstSender: number;
  /** 1 when the first packet's direction counts (UDP, UDP-Lite). */
  isUdpLike: number;
  /** 1 when the first packet went to a multicast or to a broadcast address. */
  destinationMulticast: number;
  destinationBroadcast: number;
  /** 4 or 6, and the addresses as four int32 words, IPv4 in word 3; for rules of some servers only. */
  ipVersion: number;
  source0: number;
  source1: number;
  source2: number;
  source3: number;
  destination0: number;
  destination1: number;
  destination2: number;
  destination3: number;
};

/** An input with every field present. */
export function newTagInput(): TagInput {
  return {
    protocol: 0,
    hasPorts: 0,
    fragmentOnly: 0,
    sourcePort: 0,
    destinationPort: 0,
    evidence: Evidence.None,
    simultaneousOpen: 0,
    firstSender: 1,
    isUdpLike: 0,
    destinationMulticast: 0,
    destinationBroadcast: 0,
    ipVersion: 4,
    source0: 0,
    source1: 0,
    source2: 0,
    source3: 0,
    destination0: 0,
    destination1: 0,
    destination2: 0,
    destination3: 0,
  };
}

/** Which endpoint is the service. */
export const Side = { None: 0, Source: 1, Destination: 2, Both: 3 } as const;
export type Side = (typeof Side)[keyof typeof Side];

/** Public words by `Side`, "" for none. */
export const SideName: readonly string[] = ["", "src", "dst", "both"];

/** How sure the tag is, tagging.md section 5. */
export const Confidence = { None: 0, Low: 1, Medium: 2, High: 3 } as const;
export type Confidence = (typeof Confidence)[keyof typeof Confidence];

/** Public words by `Confidence`. */
export const ConfidenceName: readonly string[] = ["none", "low", "medium", "high"];

/** Standing of the shown name. */
export const Status = { None: 0, Official: 1, Unofficial: 2, Mixed: 3, User: 4 } as const;
export type Status = (typeof Status)[keyof typeof Status];

/** Public words by `Status`, "" for none. */
export const StatusName: readonly string[] = ["", "official", "unofficial", "mixed", "user"];

/** What the registry says of the bare port. */
export const PortStatus = {
  Assigned: 0,
  Unassigned: 1,
  Reserved: 2,
  Deregistered: 3,
  Dynamic: 4,
} as const;
export type PortStatus = (typeof PortStatus)[keyof typeof PortStatus];

/** Public words by `PortStatus`. */
export const PortStatusName: readonly string[] = [
  "assigned",
  "unassigned",
  "reserved",
  "deregistered",
  "dynamic",
];

/** Why a flow has its tag, or none; tagging.md section 6. The words are public and stay. */
export const Reason = {
  Syn: 0,
  SynAck: 1,
  Init: 2,
  InitiatorKnown: 3,
  EqualPorts: 4,
  PortPair: 5,
  MulticastDestination: 6,
  BroadcastDestination: 7,
  ActiveModeSource: 8,
  FirstPacket: 9,
  OnlyRegisteredSide: 10,
  BetterClass: 11,
  LowerPort: 12,
  Popularity: 13,
  EphemeralRegistered: 14,
  WeakRangeOnly: 15,
  NeitherRegistered: 16,
  ResponderUnregistered: 17,
  RegisteredOtherTransport: 18,
  Unassigned: 19,
  Reserved: 20,
  NoPorts: 21,
} as const;
export type Reason = (typeof Reason)[keyof typeof Reason];

/** Public words by `Reason`. `popularity` is kept for a prior that this release doesn't ship. */
export const ReasonName: readonly string[] = [
  "syn",
  "synack",
  "init",
  "initiator-known",
  "equal-ports",
  "port-pair",
  "multicast-destination",
  "broadcast-destination",
  "active-mode-source",
  "first-packet",
  "only-registered-side",
  "better-class",
  "lower-port",
  "popularity",
  "ephemeral-registered",
  "weak-range-only",
  "neither-registered",
  "responder-unregistered",
  "registered-other-transport",
  "unassigned",
  "reserved",
  "no-ports",
];

/** A tag; one reused record of numbers. */
export type Tag = {
  /** 1 when the flow has a name, 0 when the entry only says why it has none. */
  named: number;
  /** Entry number for `serviceEntry`, -1 when there is nothing to say of a port. */
  entry: number;
  /** The service's port, -1 when no side was chosen. */
  port: number;
  /** `Side`. */
  side: number;
  /** `Confidence`. */
  confidence: number;
  /** `Reason`. */
  reason: number;
  /** `Status` of the name. */
  statusCode: number;
  /** 1 when the entry has a hint. */
  hint: number;
};

/** A tag with every field present: no tag, for lack of ports. */
export function newTag(): Tag {
  return {
    named: 0,
    entry: -1,
    port: -1,
    side: Side.None,
    confidence: Confidence.None,
    reason: Reason.NoPorts,
    statusCode: Status.None,
    hint: 0,
  };
}
