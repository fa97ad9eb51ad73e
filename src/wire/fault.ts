/**
 * What can be wrong with a packet. Codes are internal; the names are public, since they appear in
 * the books, and are never changed.
 */
export const Fault = {
  None: 0,
  EthernetTruncated: 1,
  VlanTruncated: 2,
  LlcTruncated: 3,
  MplsTruncated: 4,
  PppTruncated: 5,
  PppoeTruncated: 6,
  PppoeHeaderInvalid: 7,
  WifiTruncated: 8,
  LinkHeaderTruncated: 9,
  LinkHeaderInvalid: 10,
  LayersTooMany: 11,
  IpTruncated: 12,
  IpVersionUnknown: 13,
  IpLengthBeyondFrame: 14,
  Ipv4Truncated: 15,
  Ipv4VersionWrong: 16,
  Ipv4HeaderLengthTooSmall: 17,
  Ipv4TotalLengthTooSmall: 18,
  Ipv6Truncated: 19,
  Ipv6VersionWrong: 20,
  Ipv6ExtensionTruncated: 21,
  Ipv6ExtensionsTooMany: 22,
  Ipv6JumboLengthInvalid: 23,
  AhTruncated: 24,
  TcpTruncated: 25,
  TcpDataOffsetTooSmall: 26,
  TcpDataOffsetBeyondPacket: 27,
  UdpTruncated: 28,
  UdpLengthTooSmall: 29,
  UdpLengthBeyondPacket: 30,
  UdpLiteTruncated: 31,
  SctpTruncated: 32,
  DccpTruncated: 33,
  DccpDataOffsetInvalid: 34,
  IcmpTruncated: 35,
  EspTruncated: 36,
  UdpLiteCoverageInvalid: 37,
  Ipv4ChecksumWrong: 38,
  TcpChecksumWrong: 39,
  UdpChecksumWrong: 40,
  UdpLiteChecksumWrong: 41,
  IcmpChecksumWrong: 42,
} as const;
export type Fault = (typeof Fault)[keyof typeof Fault];

/** How one fault is reported. */
export type FaultDescription = {
  readonly code: Fault;
  /** snake_case; the key in the books. */
  readonly name: string;
  /** Where in the packet it lies. */
  readonly layer: "link" | "ip" | "transport";
  /** One line for users. */
  readonly meaning: string;
};

function row(
  code: Fault,
  name: string,
  layer: FaultDescription["layer"],
  meaning: string,
): FaultDescription {
  return { code, name, layer, meaning };
}

/** Every fault once, at the index of its code minus one. */
export const FAULTS: readonly FaultDescription[] = [
  row(Fault.EthernetTruncated, "ethernet_truncated", "link", "the Ethernet header is cut off"),
  row(Fault.VlanTruncated, "vlan_truncated", "link", "a VLAN tag is cut off"),
  row(Fault.LlcTruncated, "llc_truncated", "link", "the LLC or SNAP header is cut off"),
  row(Fault.MplsTruncated, "mpls_truncated", "link", "the MPLS label stack is cut off"),
  row(Fault.PppTruncated, "ppp_truncated", "link", "the PPP header is cut off"),
  row(Fault.PppoeTruncated, "pppoe_truncated", "link", "the PPPoE header is cut off"),
  row(
    Fault.PppoeHeaderInvalid,
    "pppoe_header_invalid",
    "link",
    "the PPPoE version, type or code is not that of a session packet",
  ),
  row(Fault.WifiTruncated, "wifi_truncated", "link", "the IEEE 802.11 header is cut off"),
  row(
    Fault.LinkHeaderTruncated,
    "link_header_truncated",
    "link",
    "another link-layer header is cut off",
  ),
  row(
    Fault.LinkHeaderInvalid,
    "link_header_invalid",
    "link",
    "a link-layer header contradicts itself",
  ),
  row(
    Fault.LayersTooMany,
    "layers_too_many",
    "link",
    "more headers below IP than any network stacks up",
  ),
  row(Fault.IpTruncated, "ip_truncated", "ip", "the packet ends where an IP header should begin"),
  row(
    Fault.IpVersionUnknown,
    "ip_version_unknown",
    "ip",
    "the version where an IP header should begin is neither 4 nor 6",
  ),
  row(
    Fault.IpLengthBeyondFrame,
    "ip_length_beyond_frame",
    "ip",
    "the IP length is larger than what was on the wire",
  ),
  row(Fault.Ipv4Truncated, "ipv4_truncated", "ip", "the IPv4 header, options included, is cut off"),
  row(
    Fault.Ipv4VersionWrong,
    "ipv4_version_wrong",
    "ip",
    "an IPv4 header was announced but its version is not 4",
  ),
  row(
    Fault.Ipv4HeaderLengthTooSmall,
    "ipv4_header_length_too_small",
    "ip",
    "the IPv4 header length is below 20 octets",
  ),
  row(
    Fault.Ipv4TotalLengthTooSmall,
    "ipv4_total_length_too_small",
    "ip",
    "the IPv4 total length is smaller than the header",
  ),
  row(Fault.Ipv6Truncated, "ipv6_truncated", "ip", "the IPv6 header is cut off"),
  row(
    Fault.Ipv6VersionWrong,
    "ipv6_version_wrong",
    "ip",
    "an IPv6 header was announced but its version is not 6",
  ),
  row(
    Fault.Ipv6ExtensionTruncated,
    "ipv6_extension_truncated",
    "ip",
    "an IPv6 extension header is cut off; protocol is that header's number",
  ),
  row(
    Fault.Ipv6ExtensionsTooMany,
    "ipv6_extensions_too_many",
    "ip",
    "more IPv6 extension headers than are followed",
  ),
  row(
    Fault.Ipv6JumboLengthInvalid,
    "ipv6_jumbo_length_invalid",
    "ip",
    "payload length 0 and a hop-by-hop header, but no valid jumbo payload option",
  ),
  row(Fault.AhTruncated, "ah_truncated", "ip", "the authentication header is cut off"),
  row(Fault.TcpTruncated, "tcp_truncated", "transport", "the TCP header is cut off"),
  row(
    Fault.TcpDataOffsetTooSmall,
    "tcp_data_offset_too_small",
    "transport",
    "the TCP data offset is below 20 octets",
  ),
  row(
    Fault.TcpDataOffsetBeyondPacket,
    "tcp_data_offset_beyond_packet",
    "transport",
    "the TCP data offset points past the IP datagram",
  ),
  row(Fault.UdpTruncated, "udp_truncated", "transport", "the UDP header is cut off"),
  row(
    Fault.UdpLengthTooSmall,
    "udp_length_too_small",
    "transport",
    "the UDP length is below 8 octets",
  ),
  row(
    Fault.UdpLengthBeyondPacket,
    "udp_length_beyond_packet",
    "transport",
    "the UDP length is larger than the IP payload",
  ),
  row(Fault.UdpLiteTruncated, "udplite_truncated", "transport", "the UDP-Lite header is cut off"),
  row(Fault.SctpTruncated, "sctp_truncated", "transport", "the SCTP common header is cut off"),
  row(Fault.DccpTruncated, "dccp_truncated", "transport", "the DCCP header is cut off"),
  row(
    Fault.DccpDataOffsetInvalid,
    "dccp_data_offset_invalid",
    "transport",
    "the DCCP data offset is below 12 octets or points past the IP datagram",
  ),
  row(Fault.IcmpTruncated, "icmp_truncated", "transport", "the ICMP header is cut off"),
  row(Fault.EspTruncated, "esp_truncated", "transport", "the ESP header is cut off"),
  row(
    Fault.UdpLiteCoverageInvalid,
    "udplite_coverage_invalid",
    "transport",
    "the UDP-Lite checksum covers less than the header, or more than there is",
  ),
  row(
    Fault.Ipv4ChecksumWrong,
    "ipv4_checksum_wrong",
    "ip",
    "the checksum of the IPv4 header does not fit it",
  ),
  row(
    Fault.TcpChecksumWrong,
    "tcp_checksum_wrong",
    "transport",
    "the TCP checksum does not fit the segment, and was not left to a network card",
  ),
  row(
    Fault.UdpChecksumWrong,
    "udp_checksum_wrong",
    "transport",
    "the UDP checksum does not fit the datagram, and was not left to a network card",
  ),
  row(
    Fault.UdpLiteChecksumWrong,
    "udplite_checksum_wrong",
    "transport",
    "the UDP-Lite checksum does not fit what it covers",
  ),
  row(
    Fault.IcmpChecksumWrong,
    "icmp_checksum_wrong",
    "transport",
    "the ICMP checksum does not fit the message",
  ),
];

/**
 * The public name of a fault code.
 * @returns `none` for 0 and `unknown` for a number that is no code
 */
export function faultName(code: number): string {
  if (code === Fault.None) return "none";
  return FAULTS[code - 1]?.name ?? "unknown";
}
