/**
 * Encapsulations that carry IP above IP. Codes are internal, names are public. NVGRE can't be told
 * from GRE with a key and counts as `gre`.
 */
export const Tunnel = {
  None: 0,
  Ipv4InIpv4: 1,
  Ipv4InIpv6: 2,
  Ipv6InIpv4: 3,
  Ipv6InIpv6: 4,
  Gre: 5,
  Pptp: 6,
  Erspan: 7,
  Wccp: 8,
  EtherIp: 9,
  MplsInIp: 10,
  EthernetInIp: 11,
  L2tpv3: 12,
  L2tp: 13,
  Vxlan: 14,
  VxlanGpe: 15,
  Geneve: 16,
  GtpU: 17,
  Teredo: 18,
  Ayiya: 19,
  MplsInUdp: 20,
  GreInUdp: 21,
  Capwap: 22,
  Tzsp: 23,
  Lisp: 24,
  Amt: 25,
  MobileIp: 26,
} as const;
export type Tunnel = (typeof Tunnel)[keyof typeof Tunnel];

// Index is the code.
const NAMES: readonly string[] = [
  "none",
  "4in4",
  "4in6",
  "6in4",
  "6in6",
  "gre",
  "pptp",
  "erspan",
  "wccp",
  "etherip",
  "mpls-in-ip",
  "ethernet-in-ip",
  "l2tpv3",
  "l2tp",
  "vxlan",
  "vxlan-gpe",
  "geneve",
  "gtp-u",
  "teredo",
  "ayiya",
  "mpls-in-udp",
  "gre-in-udp",
  "capwap",
  "tzsp",
  "lisp",
  "amt",
  "mobile-ip",
];

/**
 * The public name of a tunnel code, as it appears in a flow's `tunnel` list.
 * @returns `unknown` for a number that is no code
 */
export function tunnelName(code: number): string {
  return NAMES[code] ?? "unknown";
}

/**
 * Whether a tunnel's id, where it has one, names the tunnel in both directions. Receivers of GTP-U,
 * L2TP and PPTP each choose an id of their own.
 */
export function hasIdOfBothDirections(code: number): boolean {
  switch (code) {
    case Tunnel.Pptp:
    case Tunnel.L2tp:
    case Tunnel.L2tpv3:
    case Tunnel.GtpU:
      return false;
    default:
      return true;
  }
}
