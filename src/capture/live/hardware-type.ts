// ARPHRD_* of linux/if_arp.h: how Linux names what an interface's frames begin with.

/** Ethernet, and the loopback interface, whose frames look the same. */
export const HARDWARE_ETHERNET = 1;
export const HARDWARE_LOOPBACK = 772;

const LINK_ETHERNET = 1;
const LINK_RAW_IP = 101;
const LINK_UNKNOWN = 147;
const ETHER_TYPE_IPV4 = 0x0800;
const ETHER_TYPE_IPV6 = 0x86dd;

/** Frames that are captured with their own link header. */
const OWN_LINK_HEADER: ReadonlyMap<number, number> = new Map([
  [HARDWARE_ETHERNET, LINK_ETHERNET],
  [HARDWARE_LOOPBACK, LINK_ETHERNET],
  [280, 227], // CAN
  [801, 105], // IEEE 802.11
  [802, 119], // IEEE 802.11 after a Prism header
  [803, 127], // IEEE 802.11 after a radiotap header
  [804, 195], // IEEE 802.15.4
]);

/** How to take the frames of an interface. */
export type LinkChoice = {
  /** LINKTYPE_* number of what is taken. */
  readonly linkType: number;
  /** Whether to begin at the network header, because what is before it has no fixed form (PPP, tunnels). */
  readonly fromNetwork: boolean;
};

/**
 * What a frame is taken as.
 * @param hardware - ARPHRD_* number
 * @param protocol - EtherType of what follows the link header
 */
export function linkChoice(hardware: number, protocol: number): LinkChoice {
  const own = OWN_LINK_HEADER.get(hardware);
  if (own !== undefined) return { linkType: own, fromNetwork: false };
  if (protocol === ETHER_TYPE_IPV4 || protocol === ETHER_TYPE_IPV6) {
    return { linkType: LINK_RAW_IP, fromNetwork: true };
  }
  return { linkType: LINK_UNKNOWN, fromNetwork: true };
}

/** LINKTYPE_* number of an interface that carries IP. */
export function linkTypeOfHardware(hardware: number): number {
  return linkChoice(hardware, ETHER_TYPE_IPV4).linkType;
}
