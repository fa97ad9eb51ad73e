import type { LogKind } from "./compared-flow.ts";

/** Known reasons for which two programs say different things of the same packets. Public names. */
export const CAUSES: Readonly<Record<string, string>> = {
  closing_packets:
    "Zeek's duration stops when both ends have closed; ours goes on to the last packet",
  zero_duration: "Zeek leaves duration and bytes out when all its packets have the same time",
  sequence_space:
    "Zeek takes TCP's bytes from sequence numbers: no retransmissions, but gaps and guesses",
  gap_rules: "Zeek counts missed bytes only where it saw the connection established",
  beyond_2_gib:
    "from 2 GiB of a connection's side on Zeek takes its numbers for old ones, and loses data and ends",
  bad_checksum: "Zeek leaves packets with a wrong checksum out of everything but the history",
  analysis_limited: "X in Zeek's history: it stopped looking into the connection",
  reassembled: "the other counts a reassembled datagram once; we count every fragment",
  ip_octets_in_tunnel: "Suricata counts a tunnelled packet from its inner IP header on",
  first_sender: "Suricata takes the first packet's sender for the client; we look at ports, too",
  lone_synack:
    "Zeek takes the sender of a SYN+ACK without a SYN for the originator until more comes",
  server_ports: "the direction was inferred from ports or the first packet, by different lists",
  state_words: "Suricata judges a TCP flow by the packets its stream engine took",
  observed_service: "the other says what it saw being spoken; we say what is registered",
  registry: "another registry, date or rules named the port",
  split: "one of the two ended the flow earlier: a timeout, an active timeout or a reuse",
  listed_twice: "one of the logs has the flow more than once, word for word",
  vlan_or_tunnel: "we keep VLANs and tunnels apart; the other has one flow for all of them",
  ports_not_read: "the other reads no ports of this protocol: several of ours are one of its",
  another_seed: "another seed of the Community ID",
  community_id_rules: "Suricata hashes ports where Community ID has none, and orders one-way ICMP",
  other_timeouts: "the two ended the flow for different reasons: other settings",
  outside_the_log: "the flow is before or after what the other log covers",
  protocol_not_logged: "the other program does not log flows of this protocol",
  inside_a_tunnel: "one of the two looked into the tunnel, the other at it; see --tunnels",
};

/** Name of a cause. */
export type Cause = keyof typeof CAUSES & string;

/** Shown names of the programs. */
export const LOG_KIND_NAME: Readonly<Record<LogKind, string>> = {
  portflow: "portflow",
  zeek: "Zeek",
  eve: "Suricata",
};
