/** Exact counts of a generated workload: what any reader of the file must find. */
export type Expectation = {
  packets: number;
  /** Octets of all frames on the wire, which the file holds in full. */
  octets: number;
  /** Different bidirectional 5-tuples; inside a tunnel, those of the inner packets. */
  flows: number;
  /** Different 5-tuples of the tunnels' own packets; 0 when there are no tunnels. */
  outerFlows: number;
  tcpFlows: number;
  udpFlows: number;
  ipv4Flows: number;
  ipv6Flows: number;
  tcpPackets: number;
  udpPackets: number;
  ipv4Packets: number;
  ipv6Packets: number;
  peakActiveFlows: number;
  /** Unix time of the first and last packet, whole seconds. */
  firstSecond: number;
  lastSecond: number;
};

/** All counts at zero. */
export function newExpectation(): Expectation {
  return {
    packets: 0,
    octets: 0,
    flows: 0,
    outerFlows: 0,
    tcpFlows: 0,
    udpFlows: 0,
    ipv4Flows: 0,
    ipv6Flows: 0,
    tcpPackets: 0,
    udpPackets: 0,
    ipv4Packets: 0,
    ipv6Packets: 0,
    peakActiveFlows: 0,
    firstSecond: 0,
    lastSecond: 0,
  };
}
