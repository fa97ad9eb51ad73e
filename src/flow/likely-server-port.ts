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

const TCP = 6;
const UDP = 17;
const tcpTable = table(TCP_PORTS);
const udpTable = table(UDP_PORTS);

/** The ports on which servers are expected. */
export function likelyServerPorts(protocol: number): readonly number[] {
  if (protocol === TCP) return TCP_PORTS;
  return protocol === UDP ? UDP_PORTS : [];
}

/** Whether servers are expected on a port: 1 or 0. Only TCP and UDP have such ports. */
export function isLikelyServerPort(protocol: number, port: number): number {
  if (protocol === TCP) return tcpTable[port]!;
  return protocol === UDP ? udpTable[port]! : 0;
}

function table(ports: readonly number[]): Uint8Array {
  const bits = new Uint8Array(65536);
  for (const port of ports) bits[port] = 1;
  return bits;
}
