import type { Encapsulation } from "./frame-writer.ts";

/** What a workload is made of; the numbers are defaults of the command line. */
export type Workload = {
  readonly what: string;
  readonly packets: number;
  /** Flows for that many packets; other packet counts keep the ratio unless `fixedFlows`. */
  readonly flows: number;
  readonly fixedFlows?: true;
  /** Flows under way at the same time. */
  readonly active: number;
  /** Longest frame: the size mix runs from 60 octets to this. */
  readonly longestFrame: number;
  /** Packets of one flow in a row: 1, or trains that grow with the flow's size. */
  readonly trains: boolean;
  /** Longest flow as a multiple of the mean. */
  readonly longestFlow: number;
  /** Share of UDP among flows of one or two packets, and among the longer ones. */
  readonly udpShortShare: number;
  readonly udpLongShare: number;
  readonly ipv6Share: number;
  readonly encapsulation: Encapsulation;
  /** Every flow is one SYN of a port scan. */
  readonly scan?: true;
};

const MIX: Workload = {
  what: "web, mail, DNS and QUIC traffic of an office, frames of 60 to 1514 octets",
  packets: 4_000_000,
  flows: 200_000,
  active: 10_000,
  longestFrame: 1514,
  trains: true,
  longestFlow: 100,
  udpShortShare: 0.85,
  udpLongShare: 0.3,
  ipv6Share: 0.2,
  encapsulation: "none",
};

/** Workloads by the name the command line knows them by. */
export const WORKLOADS: Readonly<Record<string, Workload>> = {
  mix: MIX,
  small: {
    ...MIX,
    what: "frames of 60 to 90 octets, 20,000 flows at a time picked at random",
    packets: 8_000_000,
    flows: 400_000,
    active: 20_000,
    longestFrame: 90,
    trains: false,
    longestFlow: 5,
  },
  scan: {
    ...MIX,
    what: "a port scan: every packet a SYN of its own flow",
    packets: 3_000_000,
    flows: 3_000_000,
    active: 1,
    ipv6Share: 0,
    udpShortShare: 0,
    scan: true,
  },
  few: {
    ...MIX,
    what: "a thousand long flows",
    flows: 1_000,
    fixedFlows: true,
    active: 1_000,
    trains: false,
    longestFlow: 3,
  },
  long: {
    ...MIX,
    what: "one packet per flow, UDP and TCP, none of them timed out before the end",
    flows: 4_000_000,
    active: 1,
    udpShortShare: 0.5,
  },
  vlan: { ...MIX, what: "mix in 16 VLANs (802.1Q)", encapsulation: "vlan", longestFrame: 1518 },
  tunnel: { ...MIX, what: "mix inside VXLAN and GRE", encapsulation: "tunnel" },
};
