import { etherTypeName } from "./ether-type-name.ts";
import { Layer } from "./layer.ts";

/** One link type of the tcpdump.org registry. */
export type LinkTypeDescription = {
  /** LINKTYPE_* number, as capture files hold it. */
  readonly linkType: number;
  /** The registry's name in lower case with hyphens. */
  readonly name: string;
  /** `Layer` a packet begins with; `Layer.None` when portflow does not decode this link type. */
  readonly layer: number;
};

function row(linkType: number, name: string, layer: number = Layer.None): LinkTypeDescription {
  return { linkType, name, layer };
}

/**
 * Link types by number.
 * @see https://www.tcpdump.org/linktypes.html
 */
export const LINK_TYPES: readonly LinkTypeDescription[] = [
  row(0, "null", Layer.Null),
  row(1, "ethernet", Layer.Ethernet),
  row(2, "exp-ethernet"),
  row(3, "ax25"),
  row(4, "pronet"),
  row(5, "chaos"),
  row(6, "ieee802-5", Layer.TokenRing),
  row(7, "arcnet-bsd", Layer.Arcnet),
  row(8, "slip", Layer.Slip),
  row(9, "ppp", Layer.Ppp),
  row(10, "fddi", Layer.Fddi),
  row(11, "atm-rfc1483-dlt", Layer.AtmAdaptation),
  row(12, "raw-dlt", Layer.Ip),
  row(13, "enc-dlt", Layer.Enc),
  row(14, "raw-openbsd", Layer.Ip),
  row(19, "atm-clip-dlt", Layer.Ip),
  row(50, "ppp-hdlc", Layer.Ppp),
  row(51, "ppp-ether", Layer.PppoeSession),
  row(99, "symantec-firewall", Layer.Symantec),
  row(100, "atm-rfc1483", Layer.AtmAdaptation),
  row(101, "raw", Layer.Ip),
  row(102, "slip-bsdos"),
  row(103, "ppp-bsdos"),
  row(104, "cisco-hdlc", Layer.CiscoHdlc),
  row(105, "ieee802-11", Layer.Wifi),
  row(106, "atm-clip", Layer.Ip),
  row(107, "frame-relay", Layer.FrameRelay),
  row(108, "loop", Layer.Null),
  row(109, "enc", Layer.Enc),
  row(110, "lane8023", Layer.LanEmulation),
  row(111, "hippi"),
  row(112, "hdlc", Layer.CiscoHdlc),
  row(113, "linux-sll", Layer.LinuxSll),
  row(114, "localtalk"),
  row(115, "econet"),
  row(116, "ipfilter"),
  row(117, "pflog", Layer.Pflog),
  row(118, "cisco-ios"),
  row(119, "ieee802-11-prism", Layer.Prism),
  row(120, "ieee802-11-aironet"),
  row(121, "hhdlc"),
  row(122, "ip-over-fc", Layer.FibreChannel),
  row(123, "sunatm", Layer.SunAtm),
  row(124, "rio"),
  row(125, "pci-exp"),
  row(126, "aurora"),
  row(127, "ieee802-11-radiotap", Layer.Radiotap),
  row(128, "tzsp", Layer.Tzsp),
  row(129, "arcnet-linux", Layer.ArcnetLinux),
  row(130, "juniper-mlppp", Layer.JuniperMultilinkPpp),
  row(131, "juniper-mlfr", Layer.JuniperMultilinkFrameRelay),
  row(132, "juniper-es", Layer.JuniperOther),
  row(133, "juniper-ggsn", Layer.JuniperGgsn),
  row(134, "juniper-mfr", Layer.JuniperOther),
  row(135, "juniper-atm2", Layer.JuniperAtm2),
  row(136, "juniper-services", Layer.JuniperServices),
  row(137, "juniper-atm1", Layer.JuniperAtm1),
  row(138, "apple-ip-over-ieee1394", Layer.FireWire),
  row(139, "mtp2-with-phdr"),
  row(140, "mtp2"),
  row(141, "mtp3"),
  row(142, "sccp"),
  row(143, "docsis", Layer.Docsis),
  row(144, "linux-irda"),
  row(145, "ibm-sp"),
  row(146, "ibm-sn"),
  ...Array.from({ length: 16 }, (_, index) => row(147 + index, `user${index}`)),
  row(163, "ieee802-11-avs", Layer.Avs),
  row(164, "juniper-monitor", Layer.JuniperMonitor),
  row(165, "bacnet-ms-tp"),
  row(166, "ppp-pppd", Layer.PppDirection),
  row(167, "juniper-pppoe", Layer.JuniperEthernet),
  row(168, "juniper-pppoe-atm", Layer.JuniperPppoeAtm),
  row(169, "gprs-llc"),
  row(170, "gpf-t", Layer.Gfp),
  row(171, "gpf-f", Layer.Gfp),
  row(172, "gcom-t1e1"),
  row(173, "gcom-serial"),
  row(174, "juniper-pic-peer"),
  row(175, "erf-eth", Layer.Erf),
  row(176, "erf-pos", Layer.Erf),
  row(177, "linux-lapd"),
  row(178, "juniper-ether", Layer.JuniperEthernet),
  row(179, "juniper-ppp", Layer.JuniperPpp),
  row(180, "juniper-frelay", Layer.JuniperFrameRelay),
  row(181, "juniper-chdlc", Layer.JuniperHdlc),
  row(182, "mfr", Layer.MultilinkFrameRelay),
  row(183, "juniper-vp", Layer.JuniperVoice),
  row(184, "a429"),
  row(185, "a653-icm"),
  row(186, "usb-freebsd"),
  row(187, "bluetooth-hci-h4"),
  row(188, "ieee802-16-mac-cps"),
  row(189, "usb-linux"),
  row(190, "can20b"),
  row(191, "ieee802-15-4-linux"),
  row(192, "ppi", Layer.Ppi),
  row(193, "ieee802-16-mac-cps-radio"),
  row(194, "juniper-ism"),
  row(195, "ieee802-15-4-withfcs"),
  row(196, "sita"),
  row(197, "erf", Layer.Erf),
  row(198, "raif1"),
  row(199, "ipmb-kontron"),
  row(200, "juniper-st"),
  row(201, "bluetooth-hci-h4-with-phdr"),
  row(202, "ax25-kiss"),
  row(203, "lapd"),
  row(204, "ppp-with-dir", Layer.PppDirection),
  row(205, "c-hdlc-with-dir", Layer.HdlcDirection),
  row(206, "frelay-with-dir", Layer.FrameRelayDirection),
  row(207, "lapb-with-dir"),
  row(209, "ipmb-linux"),
  row(210, "flexray"),
  row(211, "most"),
  row(212, "lin"),
  row(213, "x2e-serial"),
  row(214, "x2e-xoraya"),
  row(215, "ieee802-15-4-nonask-phy"),
  row(216, "linux-evdev"),
  row(217, "gsmtap-um"),
  row(218, "gsmtap-abis"),
  row(219, "mpls", Layer.Mpls),
  row(220, "usb-linux-mmapped"),
  row(221, "dect"),
  row(222, "aos"),
  row(223, "wihart"),
  row(224, "fc-2", Layer.FibreChannelFrame),
  row(225, "fc-2-with-frame-delims", Layer.FibreChannelDelimited),
  row(226, "ipnet", Layer.Ipnet),
  row(227, "can-socketcan"),
  row(228, "ipv4", Layer.Ipv4),
  row(229, "ipv6", Layer.Ipv6),
  row(230, "ieee802-15-4-nofcs"),
  row(231, "dbus"),
  row(232, "juniper-vs"),
  row(233, "juniper-srx-e2e"),
  row(234, "juniper-fibrechannel"),
  row(235, "dvb-ci"),
  row(236, "mux27010"),
  row(237, "stanag-5066-d-pdu"),
  row(238, "juniper-atm-cemic"),
  row(239, "nflog", Layer.Nflog),
  row(240, "netanalyzer", Layer.NetAnalyzer),
  row(241, "netanalyzer-transparent", Layer.NetAnalyzerTransparent),
  row(242, "ipoib", Layer.Infiniband),
  row(243, "mpeg-2-ts"),
  row(244, "ng40"),
  row(245, "nfc-llcp"),
  row(246, "pfsync"),
  row(247, "infiniband"),
  row(248, "sctp"),
  row(249, "usbpcap"),
  row(250, "rtac-serial"),
  row(251, "bluetooth-le-ll"),
  row(252, "wireshark-upper-pdu", Layer.ExportedPdu),
  row(253, "netlink"),
  row(254, "bluetooth-linux-monitor"),
  row(255, "bluetooth-bredr-bb"),
  row(256, "bluetooth-le-ll-with-phdr"),
  row(257, "profibus-dl"),
  row(258, "pktap", Layer.Pktap),
  row(259, "epon", Layer.Epon),
  row(260, "ipmi-hpm-2"),
  row(261, "zwave-r1-r2"),
  row(262, "zwave-r3"),
  row(263, "wattstopper-dlm"),
  row(264, "iso-14443"),
  row(265, "rds"),
  row(266, "usb-darwin"),
  row(267, "openflow"),
  row(268, "sdlc"),
  row(269, "ti-lln-sniffer"),
  row(270, "loratap"),
  row(271, "vsock"),
  row(272, "nordic-ble"),
  row(273, "docsis31-xra31"),
  row(274, "ethernet-mpacket", Layer.Mpacket),
  row(275, "displayport-aux"),
  row(276, "linux-sll2", Layer.LinuxSll2),
  row(277, "sercos-monitor"),
  row(278, "openvizsla"),
  row(279, "ebhscr", Layer.Ebhscr),
  row(280, "vpp-dispatch"),
  row(281, "dsa-tag-brcm", Layer.BroadcomTag),
  row(282, "dsa-tag-brcm-prepend", Layer.BroadcomTagInFront),
  row(283, "ieee802-15-4-tap"),
  row(284, "dsa-tag-dsa", Layer.Dsa),
  row(285, "dsa-tag-edsa", Layer.EtherTypedDsa),
  row(286, "elee"),
  row(287, "zwave-serial"),
  row(288, "usb-2-0"),
  row(289, "atsc-alp"),
  row(290, "etw"),
  row(291, "netanalyzer-ng"),
  row(292, "zboss-ncp"),
  row(293, "usb-2-0-low-speed"),
  row(294, "usb-2-0-full-speed"),
  row(295, "usb-2-0-high-speed"),
  row(296, "auerswald-log"),
  row(297, "zwave-tap"),
  row(298, "silabs-debug-channel"),
  row(299, "fira-uci"),
  row(300, "mdb"),
  row(301, "dect-nr"),
];

/**
 * Link types of other formats that have no LINKTYPE_* number: 256 of each from here on, of which none is
 * decoded. `src/capture/formats/foreign-link-type.ts` gives the numbers.
 */
const FOREIGN: ReadonlyMap<number, string> = new Map([
  [0xfa00, "snoop-datalink"],
  [0xfb00, "erf-type"],
  [0xfc00, "netmon-media"],
]);

// Index is the link type: one lookup per packet, and only link-type.ts knows the numbers.
const LAYERS: Uint8Array = layersByNumber();

function layersByNumber(): Uint8Array {
  const layers = new Uint8Array(512);
  for (const { linkType, layer } of LINK_TYPES) layers[linkType] = layer;
  return layers;
}

/**
 * The layer a packet of this link type begins with.
 * @returns `Layer.None` for link types that are unknown or not decoded
 */
export function layerOfLinkType(linkType: number): number {
  return linkType >= 0 && linkType < 512 ? LAYERS[linkType]! : Layer.None;
}

/**
 * The registry's name of a link type, in lower case.
 * @returns `linktype-` and the number where the registry has none, `snoop-datalink-` and the like and the
 *   number there where it is another format's
 */
export function linkTypeName(linkType: number): string {
  for (const description of LINK_TYPES) {
    if (description.linkType === linkType) return description.name;
  }
  const foreign = FOREIGN.get(linkType & 0xff00);
  return foreign === undefined ? `linktype-${linkType}` : `${foreign}-${linkType & 0xff}`;
}

/**
 * What a packet with outcome `NotIp` is counted as.
 * @param etherType - `etherType` of its record
 * @returns the EtherType's name, or the link type's with `-other` where there is no EtherType
 */
export function notIpName(linkType: number, etherType: number): string {
  return etherType === 0 ? `${linkTypeName(linkType)}-other` : etherTypeName(etherType);
}
