/** Transports that have a port registry of their own; the numbers index per-port tables. */
export const Transport = { Tcp: 0, Udp: 1, Sctp: 2, Dccp: 3 } as const;
export type Transport = (typeof Transport)[keyof typeof Transport];

/** IANA keywords by `Transport`. */
export const TransportName: readonly string[] = ["tcp", "udp", "sctp", "dccp"];

/** All four transports as a mask of `1 << Transport`. */
export const EVERY_TRANSPORT = 0b1111;

/** Ports of one transport; slot = transport * PORTS + port. */
export const PORTS = 65536;

/** Slots over all four transports. */
export const SLOTS: number = 4 * PORTS;

/**
 * Transport whose registry names the ports of an IP protocol, -1 when its packets carry no ports.
 * UDP-Lite (136) uses UDP's numbers, RFC 3828 section 7.
 */
export function transportOfProtocol(protocol: number): number {
  switch (protocol) {
    case 6:
      return Transport.Tcp;
    case 17:
    case 136:
      return Transport.Udp;
    case 132:
      return Transport.Sctp;
    case 33:
      return Transport.Dccp;
    default:
      return -1;
  }
}

/** `Transport` of a keyword in lower case (udplite counts as udp), -1 when it is none. */
export function transportOfName(name: string): number {
  return name === "udplite" ? Transport.Udp : TransportName.indexOf(name);
}

/** Mask of a comma-separated list of keywords, 0 when any of them is unknown or repeated. */
export function transportMask(list: string): number {
  let mask = 0;
  for (const name of list.split(",")) {
    const transport = transportOfName(name);
    if (transport < 0 || (mask & (1 << transport)) !== 0) return 0;
    mask |= 1 << transport;
  }
  return mask;
}

/** Keywords of a mask, in `Transport` order. */
export function transportsOfMask(mask: number): string[] {
  return TransportName.filter((_name, transport) => (mask & (1 << transport)) !== 0);
}
