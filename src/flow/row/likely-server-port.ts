import { IpProtocol } from "../../wire/ip-protocol.ts";

// Ports on which Zeek's analyzers listen by default; a packet that comes from one of them is taken
// for an answer. From the `likely_server_ports` of its protocol scripts; 853 and 784 over UDP are
// left out there on purpose.
const TCP_PORTS = [
  21, 22, 25, 53, 79, 80, 81, 88, 110, 135, 139, 143, 389, 443, 445, 465, 502, 563, 585, 587, 614,
  631, 636, 989, 990, 992, 993, 995, 1080, 1434, 1883, 2811, 3128, 3268, 3306, 3389, 5222, 5223,
  5269, 5432, 5900, 6379, 6666, 6667, 6668, 6669, 8000, 8080, 8888, 20000,
];
const UDP_PORTS = [
  53, 67, 68, 88, 123, 137, 161, 162, 389, 443, 514, 1812, 2123, 2152, 3389, 3544, 4011, 4789, 5060,
  5072, 5353, 5355, 6081, 20000,
];

/** Words of the bits of all ports of a protocol. */
const WORDS = 2048;

/** A bit for each port on which servers are expected: those of TCP, then those of UDP. */
export const LIKELY_SERVERS: Int32Array = likelyServers(TCP_PORTS, UDP_PORTS);

/** The same of other ports. */
export function likelyServers(tcp: readonly number[], udp: readonly number[]): Int32Array {
  const likely = new Int32Array(2 * WORDS);
  for (const port of tcp) likely[port >> 5]! |= 1 << (port & 31);
  for (const port of udp) likely[WORDS + (port >> 5)]! |= 1 << (port & 31);
  return likely;
}

/** The ports on which servers are expected. */
export function likelyServerPorts(protocol: number): readonly number[] {
  if (protocol === IpProtocol.Tcp) return TCP_PORTS;
  return protocol === IpProtocol.Udp ? UDP_PORTS : [];
}

/** Whether servers are expected on a port: 1 or 0. Only TCP and UDP have such ports. */
export function isLikelyServerPort(protocol: number, port: number): number {
  return isLikelyServerIn(LIKELY_SERVERS, protocol, port);
}

/** The same. @param likely - words of `LIKELY_SERVERS`, wherever they lie */
export function isLikelyServerIn(likely: Int32Array, protocol: number, port: number): number {
  if (protocol === IpProtocol.Tcp) return (likely[port >>> 5]! >>> (port & 31)) & 1;
  if (protocol !== IpProtocol.Udp) return 0;
  return (likely[(port >>> 5) + WORDS]! >>> (port & 31)) & 1;
}
