import { Layer } from "./layer.ts";

/** EtherTypes the decoders act on (IEEE registration authority, public listing). */
export const EtherType = {
  Ipv4: 0x0800,
  Arp: 0x0806,
  Ipv6: 0x86dd,
  Vlan: 0x8100,
  MplsUnicast: 0x8847,
  MplsMulticast: 0x8848,
  MacSec: 0x88e5,
  Nsh: 0x894f,
  TransparentEthernet: 0x6558,
} as const;
export type EtherType = (typeof EtherType)[keyof typeof EtherType];

/** Numbers below the smallest EtherType (1536): what carries no IP and has no EtherType of its own. */
export const PseudoEtherType = {
  /** Plus the destination service access point, 0 to 255. */
  Llc: 0x100,
  NovellRaw: 0x200,
  CiscoSnap: 0x201,
  OtherSnap: 0x202,
  /** PPP protocols that are not IP, by what they are for. */
  PppControl: 0x210,
  PppCompressed: 0x211,
  PppEncrypted: 0x212,
  PppMultilink: 0x213,
  PppOther: 0x214,
  MplsOther: 0x220,
  WifiManagement: 0x230,
  WifiControl: 0x231,
  WifiNoData: 0x232,
  WifiProtected: 0x233,
  WifiFragment: 0x234,
  FrameRelayOther: 0x240,
  AddressFamilyOther: 0x250,
  Netlink: 0x260,
  Can: 0x261,
  MacFrame: 0x280,
  EncapsulatedOther: 0x2a0,
} as const;
export type PseudoEtherType = (typeof PseudoEtherType)[keyof typeof PseudoEtherType];

/** The smallest number that is an EtherType rather than an IEEE 802.3 length. */
export const SMALLEST_ETHER_TYPE = 1536;

/**
 * The layer an EtherType announces.
 * @returns `Layer.None` for what carries no IP or is not decoded
 */
export function layerOfEtherType(etherType: number): number {
  switch (etherType) {
    case 0x0800:
      return Layer.Ipv4;
    case 0x86dd:
      return Layer.Ipv6;
    case 0x8100: // IEEE 802.1Q
    case 0x88a8: // IEEE 802.1ad
    case 0x9100: // before 802.1ad, still in use
    case 0x9200:
    case 0x9300:
      return Layer.Vlan;
    case 0x8847:
    case 0x8848:
      return Layer.Mpls;
    case 0x8864:
      return Layer.PppoeSession;
    case 0x880b:
      return Layer.Ppp;
    case 0x6558:
      return Layer.Ethernet;
    case 0x88e7:
      return Layer.ProviderBackbone;
    case 0x88e5:
      return Layer.MacSec;
    case 0x8926:
      return Layer.VnTag;
    case 0x893f:
      return Layer.ETag;
    case 0x892f: // HSR
    case 0xf1c1: // IEEE 802.1CB
      return Layer.RedundancyTag;
    case 0x8909:
      return Layer.CiscoMetadata;
    case 0x894f:
      return Layer.Nsh;
    case 0x22f3:
      return Layer.Trill;
    case 0x8903:
      return Layer.FabricPath;
    case 0x4305:
      return Layer.Batman;
    case 0x890d:
      return Layer.Wifi;
    case 0x8870: // LLC in jumbo frames
      return Layer.Llc;
    case 0x6559: // frame relay in GRE, RFC 1701
      return Layer.FrameRelay;
    case 0xd28b:
      return Layer.AristaTimestamp;
    default:
      return Layer.None;
  }
}
