/** One endpoint of a flow; its counts are of the packets it sent. */
export type EndpointJson = {
  /** Address, IPv6 in the notation of RFC 5952. */
  ip: string;
  /** Absent where the transport has no ports or they could not be read. */
  port?: number;
  /** Lower case with colons; absent where the link layer has none. */
  mac?: string;
  packets: number;
  /** Octets of frames on the wire. */
  bytes: number;
  /** Octets of IP datagrams. */
  ip_bytes: number;
  /** Octets above the transport header. */
  payload_bytes: number;
};

/** One tunnel around a flow. */
export type TunnelJson = {
  /** Public name: vxlan, gre, gtp-u ... */
  type: string;
  /** VNI, key; absent where the tunnel has none, or another one for each direction, as GTP. */
  id?: number;
  /** Ends of the tunnel, the lower address first. */
  src: string;
  dst: string;
};

/** Who began a flow. */
export type DirectionJson = {
  certainty: "certain" | "inferred" | "unknown";
  reason:
    | "syn"
    | "synack"
    | "init"
    | "multicast-destination"
    | "broadcast-destination"
    | "server-port"
    | "first-packet"
    | "mid-stream";
};

/** Standing of a service's name. */
export type ServiceStatusJson = "official" | "unofficial" | "mixed" | "user";

/** Registry that a name comes from. */
export type ServiceSourceJson = "user" | "curated" | "list" | "iana";

/** Another service that claims the port. */
export type CandidateJson = {
  name: string;
  status: ServiceStatusJson;
  source: ServiceSourceJson;
};

/** The service registered for a flow's port: what is registered, never proof of what was spoken. */
export type ServiceJson = {
  /** Familiar keyword; absent when the flow has no name. */
  name?: string;
  /** Port that was looked up; absent when none was chosen. */
  port?: number;
  side?: "src" | "dst" | "both";
  description?: string;
  status?: ServiceStatusJson;
  source?: ServiceSourceJson;
  confidence: "none" | "low" | "medium" | "high";
  reason:
    | "syn"
    | "synack"
    | "init"
    | "initiator-known"
    | "equal-ports"
    | "port-pair"
    | "multicast-destination"
    | "broadcast-destination"
    | "active-mode-source"
    | "first-packet"
    | "only-registered-side"
    | "better-class"
    | "lower-port"
    | "popularity"
    | "ephemeral-registered"
    | "weak-range-only"
    | "neither-registered"
    | "responder-unregistered"
    | "registered-other-transport"
    | "unassigned"
    | "reserved"
    | "no-ports";
  /** Every other claimant of that port and transport, best first; absent when there is none. */
  candidates?: CandidateJson[];
  /** The registry's own word, where it differs from `name`. */
  registered_name?: string;
  aliases?: string[];
  port_status?: "assigned" | "unassigned" | "reserved" | "deregistered" | "dynamic";
  /** YYYY-MM-DD of `source`. */
  source_date?: string;
  /** The port's name for another transport, in words. */
  hint?: string;
};

/** ICMP and ICMPv6. */
export type IcmpJson = {
  type: number;
  code: number;
  quoted?: QuotedPacketJson;
};

/** The packet that an ICMP error is about, as the first error of the flow quotes it. */
export type QuotedPacketJson = {
  src: string;
  src_port?: number;
  dst: string;
  dst_port?: number;
  transport: string;
  community_id: string;
  /** Id of the flow it belongs to; absent where that was not open when the error came. */
  id?: string;
  /** Later errors of this flow that quote a packet of another flow. */
  others?: number;
};

/** A value of each endpoint. */
export type BothEndsJson<Value> = {
  src: Value;
  dst: Value;
};

/** What is known of a TCP connection. */
export type TcpJson = {
  /** Zeek's conn_state. */
  state:
    | "S0"
    | "S1"
    | "SF"
    | "REJ"
    | "S2"
    | "S3"
    | "RSTO"
    | "RSTR"
    | "RSTOS0"
    | "RSTRH"
    | "SH"
    | "SHR"
    | "OTH";
  /** Zeek's history letters. */
  history: string;
  /** Flags each end sent, letters of SAPFRUEC. */
  flags: BothEndsJson<string>;
  /** Packets. */
  retransmits: BothEndsJson<number>;
  out_of_order: BothEndsJson<number>;
  /** Octets that were acknowledged but never captured. */
  missed_bytes: number;
  /** Seconds; absent when the handshake was not seen as a whole. */
  handshake_rtt?: number;
};

/**
 * A flow record as a line of NDJSON has it, schema `portflow.flow/1`. Absent beats null: a field that
 * is not known or does not apply is left out. The reference is `schema/FIELDS.md`.
 */
export type FlowRecordJson = {
  type: "flow";
  schema: "portflow.flow/1";
  /** Unique in a capture, the same in every run over it. */
  id: string;
  /** Community ID, version 1. */
  community_id: string;
  /** RFC 3339, UTC, nanoseconds: first and last packet. */
  start: string;
  end: string;
  /** Seconds. */
  duration: number;
  ip_version: 4 | 6;
  /** IANA keyword in lower case, or the number as text. */
  transport: string;
  ip_proto: number;
  /** Initiator. */
  src: EndpointJson;
  /** Responder. */
  dst: EndpointJson;
  /** Capture interface. */
  interface?: string;
  /** VLAN ids, outermost first. */
  vlan?: number[];
  /** Tunnels, outermost first. */
  tunnel?: TunnelJson[];
  icmp?: IcmpJson;
  /** Security parameter indexes of IPsec, by who sent them. */
  spi?: { src?: number; dst?: number };
  direction: DirectionJson;
  service: ServiceJson;
  tcp?: TcpJson;
  /** Packets that were IP fragments. */
  fragments?: number;
  /** Comments on packets of the capture, where they were asked for. */
  comments?: { packet: number; text: string }[];
  end_reason:
    | "closed"
    | "reset"
    | "reuse"
    | "idle"
    | "active"
    | "evicted"
    | "capture_end"
    | "interrupted";
  /** IPFIX information element 136. */
  flow_end_reason: 1 | 2 | 3 | 4 | 5;
  /** Number of this part, from 1, of a flow that an active timeout split. */
  part?: number;
  /** Id of the part before. */
  previous_id?: string;
  /** Another part follows. */
  more?: true;
};
