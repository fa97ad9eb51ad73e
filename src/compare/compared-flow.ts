/** A value of the initiator and one of the responder. */
export type Ends<Value> = readonly [Value, Value];

/** One end of a flow as logs name it. */
export type ComparedEnd = { readonly ip: string; readonly port: number | undefined };

/** What only portflow says: evidence for causes. */
export type ComparedFacts = {
  readonly directionReason: string;
  readonly isCertain: boolean;
  readonly retransmits: Ends<number>;
  readonly outOfOrder: Ends<number>;
  readonly fragments: number;
  readonly sourceDate: string | undefined;
};

/**
 * What two logs can both say of a flow, whichever wrote it. What a log doesn't say is undefined, and
 * then it is not compared. Every flow has every member, so that all are of one form to the engine.
 */
export type ComparedFlow = {
  /** What to call it: the line of the other log, the id of a record of ours. */
  readonly label: string;
  /** Computed from the tuple, seed 0: what flows are joined by. */
  readonly key: string;
  /** Community ID that the log gives. */
  readonly communityId: string | undefined;
  /** Seconds since 1970. */
  readonly start: number | undefined;
  readonly end: number | undefined;
  /** Seconds. */
  readonly duration: number | undefined;
  /** Seconds by which its times may be off, where the log has coarse ones. */
  readonly timeGrain: number | undefined;
  /** IP protocol number, -1 when the log only says that it is none it knows. */
  readonly protocol: number;
  readonly ends: Ends<ComparedEnd>;
  readonly packets: Ends<number> | undefined;
  /** Octets of frames. */
  readonly bytes: Ends<number> | undefined;
  /** Octets of IP datagrams. */
  readonly ipBytes: Ends<number> | undefined;
  /** Octets above the transport header, as the log counts them. */
  readonly payloadBytes: Ends<number> | undefined;
  readonly missedBytes: number | undefined;
  /** Zeek's conn_state, or Suricata's state of a flow. */
  readonly state: string | undefined;
  /** Zeek's history letters. */
  readonly history: string | undefined;
  /** Letters SAPFRUEC by end. */
  readonly flags: Ends<string> | undefined;
  /** Whole seconds between the seconds of start and end, as Suricata counts. */
  readonly age: number | undefined;
  readonly service: string | undefined;
  /** The tunnels around it in the log's own words; absent outside of tunnels. */
  readonly tunnel: string | undefined;
  readonly vlan: string | undefined;
  readonly endReason: string | undefined;
  /** It was made by the other program's rules: how ours differ from those explains nothing. */
  readonly byTheirRules: boolean;
  /** More of what only portflow says: evidence for causes. */
  readonly facts: ComparedFacts | undefined;
};

/** Programs whose logs are understood. */
export type LogKind = "portflow" | "zeek" | "eve";
