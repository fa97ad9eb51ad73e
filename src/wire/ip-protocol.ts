/** IANA protocol numbers the decoders act on. */
export const IpProtocol = {
  HopByHop: 0,
  Icmp: 1,
  Ipv4: 4,
  Tcp: 6,
  Udp: 17,
  Dccp: 33,
  Ipv6: 41,
  Ipv6Routing: 43,
  Ipv6Fragment: 44,
  Gre: 47,
  Esp: 50,
  Ah: 51,
  Icmpv6: 58,
  Ipv6Destination: 60,
  EtherIp: 97,
  L2tpv3: 115,
  Sctp: 132,
  UdpLite: 136,
  MplsInIp: 137,
  Ethernet: 143,
} as const;
export type IpProtocol = (typeof IpProtocol)[keyof typeof IpProtocol];

// IANA "Assigned Internet Protocol Numbers", keywords in lower case, from 0 up. 61, 63, 68, 99 and
// 114 stand for "any ..." and have no keyword. 89 is OSPFIGP there; everybody says OSPF.
const KEYWORDS: readonly string[] = [
  ..."hopopt icmp igmp ggp ipv4 st tcp cbt egp igp bbn-rcc-mon nvp-ii pup argus emcon xnet".split(
    " ",
  ),
  ..."chaos udp mux dcn-meas hmp prm xns-idp trunk-1 trunk-2 leaf-1 leaf-2 rdp irtp".split(" "),
  ..."iso-tp4 netblt mfe-nsp merit-inp dccp 3pc idpr xtp ddp idpr-cmtp tp++ il ipv6".split(" "),
  ..."sdrp ipv6-route ipv6-frag idrp rsvp gre dsr bna esp ah i-nlsp swipe narp".split(" "),
  ..."min-ipv4 tlsp skip ipv6-icmp ipv6-nonxt ipv6-opts - cftp - sat-expak kryptolan".split(" "),
  ..."rvd ippc - sat-mon visa ipcv cpnx cphb wsn pvp br-sat-mon sun-nd wb-mon wb-expak".split(" "),
  ..."iso-ip vmtp secure-vmtp vines iptm nsfnet-igp dgp tcf eigrp ospf sprite-rpc larp".split(" "),
  ..."mtp ax.25 ipip micp scc-sp etherip encap - gmtp ifmp pnni pim aris scps qnx a/n".split(" "),
  ..."ipcomp snp compaq-peer ipx-in-ip vrrp pgm - l2tp ddx iatp stp srp uti smp sm ptp".split(" "),
  ..."isis-over-ipv4 fire crtp crudp sscopmce iplt sps pipe sctp fc rsvp-e2e-ignore".split(" "),
  ..."mobility-header udplite mpls-in-ip manet hip shim6 wesp rohc ethernet aggfrag".split(" "),
  ..."nsh homa bit-emu".split(" "),
];

/**
 * The IANA keyword of an IP protocol number, in lower case.
 * @param protocol - 0 to 255
 * @returns the keyword, or the number as text where IANA has none
 * @see https://www.iana.org/assignments/protocol-numbers
 */
export function ipProtocolName(protocol: number): string {
  const keyword = KEYWORDS[protocol];
  return keyword === undefined || keyword === "-" ? String(protocol) : keyword;
}
