/**
 * What begins at an offset. A decoder names the layer above it by writing one of these to
 * `nextLayer` and returning that layer's offset; `decodeLayers` walks on from there.
 */
export const Layer = {
  /** Nothing more to decode: `outcome` says what it came to. */
  None: 0,
  Ipv4: 1,
  Ipv6: 2,
  /** IPv4 or IPv6, as the version nibble says. */
  Ip: 3,
  Ethernet: 4,
  /** Tag control information of a VLAN tag, then an EtherType. */
  Vlan: 5,
  /** IEEE 802.2 LLC. */
  Llc: 7,
  Mpls: 8,
  /** PPPoE session header. */
  PppoeSession: 9,
  /** PPP that may begin with the HDLC address and control octets. */
  Ppp: 10,
  CiscoHdlc: 11,
  FrameRelay: 12,
  /** IEEE 802.11 MAC header. */
  Wifi: 13,
  /** IEEE 802.11 MAC header whose frame control octets are swapped (CAPWAP of some makers). */
  WifiSwapped: 14,
  /** IEEE 802.11 MAC header padded to a multiple of four octets. */
  WifiPadded: 61,
  Radiotap: 15,
  Prism: 16,
  Avs: 17,
  Ppi: 18,
  /** Service instance tag of IEEE 802.1ah, then the customer's Ethernet frame. */
  ProviderBackbone: 19,
  Nsh: 20,
  MacSec: 21,
  Trill: 22,
  /** Fixed number of octets, then an EtherType: VN-tag, E-tag, HSR, R-tag, Cisco metadata. */
  VnTag: 23,
  ETag: 24,
  RedundancyTag: 25,
  CiscoMetadata: 26,
  /** Arista's time stamp of either size, then an EtherType. */
  AristaTimestamp: 63,
  /** BSD address family in four octets of either byte order, then IP. */
  Null: 27,
  LinuxSll: 28,
  LinuxSll2: 29,
  FabricPath: 30,
  Batman: 31,
  /** IEEE 802.3 frame in Bridging Control Protocol's envelope. */
  PppBridged: 32,
  /** PPP whose first octets are a protocol number: no HDLC address and control octets can precede. */
  PppProtocol: 33,
  TokenRing: 34,
  // Headers that only a link type of their own brings.
  Slip: 35,
  Fddi: 36,
  Symantec: 37,
  AtmAdaptation: 38,
  LanEmulation: 39,
  Enc: 40,
  Pflog: 41,
  FibreChannel: 42,
  SunAtm: 43,
  FireWire: 44,
  Docsis: 45,
  PppDirection: 46,
  HdlcDirection: 47,
  FrameRelayDirection: 48,
  Erf: 49,
  Ipnet: 50,
  Nflog: 51,
  NetAnalyzer: 52,
  NetAnalyzerTransparent: 53,
  Infiniband: 54,
  Pktap: 55,
  Mpacket: 56,
  BroadcomTag: 57,
  BroadcomTagInFront: 58,
  Dsa: 59,
  EtherTypedDsa: 60,
  Epon: 62,
  Arcnet: 64,
  ArcnetLinux: 65,
  Tzsp: 66,
  JuniperEthernet: 67,
  JuniperPpp: 68,
  JuniperFrameRelay: 69,
  JuniperHdlc: 70,
  JuniperPppoeAtm: 71,
  JuniperGgsn: 72,
  JuniperVoice: 73,
  JuniperMonitor: 74,
  JuniperServices: 75,
  JuniperAtm1: 76,
  JuniperAtm2: 77,
  JuniperMultilinkPpp: 78,
  JuniperMultilinkFrameRelay: 80,
  /** Juniper's cards of which only packets without a link layer are decoded. */
  JuniperOther: 81,
  MultilinkFrameRelay: 82,
  /** Fibre Channel's own frame header; `FibreChannel` is what RFC 4338 puts behind it. */
  FibreChannelFrame: 83,
  FibreChannelDelimited: 84,
  Gfp: 85,
  Ebhscr: 86,
  ExportedPdu: 87,
  /** RFC 1990 header in front of a PPP protocol number. */
  PppMultilink: 79,
} as const;
export type Layer = (typeof Layer)[keyof typeof Layer];
