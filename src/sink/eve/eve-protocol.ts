import { IpProtocol, ipProtocolName } from "../../wire/ip-protocol.ts";

// Suricata's spelling where it is not IANA's keyword in capitals (src/util-proto-name.c).
const SPELLINGS: ReadonlyMap<number, string> = new Map([
  [4, "IP-in-IP"],
  [41, "IPv6"],
  [43, "IPv6-Route"],
  [44, "IPv6-Frag"],
  [53, "SwIPe"],
  [55, "MOBILE"],
  [58, "IPv6-ICMP"],
  [59, "IPv6-NoNxt"],
  [60, "IPv6-Opts"],
  [61, "Any"],
  [63, "Any"],
  [68, "Any"],
  [71, "IPCU"],
  [84, "TTP"],
  [90, "Sprite-RPC"],
  [94, "OS"],
  [99, "Any"],
  [108, "IPComp"],
  [110, "Compaq-Peer"],
  [111, "IPX-in-IP"],
  [114, "Any"],
  [124, "IS-IS"],
  [135, "Mobility"],
  [136, "UDPLite"],
  [137, "MPLS-in-IP"],
  [138, "manet"],
  [140, "Shim6"],
  [143, "Ethernet"],
]);
/** Suricata knows no names above this number. */
const LAST_NAMED = 143;

const NAMES: readonly string[] = Array.from({ length: 256 }, (_, protocol) =>
  protocol > LAST_NAMED
    ? String(protocol)
    : (SPELLINGS.get(protocol) ?? ipProtocolName(protocol).toUpperCase()),
);

/** Suricata's name of an IP protocol, or its number as text. */
export function eveProtocolName(protocol: number): string {
  return NAMES[protocol]!;
}

const TUNNEL_PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ["4in4", 4],
  ["4in6", 4],
  ["6in4", 41],
  ["6in6", 41],
  ["gre", IpProtocol.Gre],
  ["pptp", IpProtocol.Gre],
  ["erspan", IpProtocol.Gre],
  ["wccp", IpProtocol.Gre],
  ["etherip", 97],
  ["mpls-in-ip", 137],
  ["ethernet-in-ip", 143],
  ["l2tpv3", 115],
]);

/** Suricata's name of the protocol that carries a tunnel of portflow's name; most go over UDP. */
export function eveTunnelProtocol(type: string): string {
  return eveProtocolName(TUNNEL_PROTOCOLS.get(type) ?? IpProtocol.Udp);
}
