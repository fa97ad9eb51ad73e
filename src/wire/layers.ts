import { decodeArcnet } from "./arcnet.ts";
import { decodeAristaTimestamp } from "./arista.ts";
import { decodeAtmAdaptation, decodeLanEmulation, decodeSunAtm } from "./atm.ts";
import { decodePktap, decodePpi } from "./capture-wrapper.ts";
import { type DecodedHeaders, Outcome } from "./decoded-headers.ts";
import { decodeDocsis } from "./docsis.ts";
import { decodeErf } from "./erf.ts";
import { decodeEthernet } from "./ethernet.ts";
import { decodeBackbone, decodeEthernetTag, decodeMacSec } from "./ethernet-tag.ts";
import { decodeExportedPdu } from "./exported-pdu.ts";
import { Fault } from "./fault.ts";
import { decodeFibreChannelFrame } from "./fibre-channel.ts";
import { decodeFrameRelay } from "./frame-relay.ts";
import { decodeGfp } from "./gfp.ts";
import { decodeCiscoHdlc, skipDirection } from "./hdlc.ts";
import { decodeEnc, decodeIpnet, decodeNflog, decodePflog } from "./host-capture.ts";
import { decodeIpv4 } from "./ipv4.ts";
import { decodeIpv6 } from "./ipv6.ts";
import { decodeJuniper } from "./juniper.ts";
import { Layer } from "./layer.ts";
import { decodeLinkPrefix } from "./link-prefix.ts";
import { decodeLinuxSll, decodeLinuxSll2 } from "./linux-sll.ts";
import { decodeLlc } from "./llc.ts";
import { decodeLoopback } from "./loopback.ts";
import { decodeMpls } from "./mpls.ts";
import { decodeMultilinkFrameRelay } from "./multilink-frame-relay.ts";
import { decodeNsh } from "./nsh.ts";
import {
  decodePpp,
  decodePppBridged,
  decodePppDirection,
  decodePppMultilink,
  decodePppProtocol,
} from "./ppp.ts";
import { decodePppoe } from "./pppoe.ts";
import { fail } from "./report.ts";
import { decodeSwitchTag } from "./switch-tag.ts";
import { decodeFddi, decodeFibreChannel, decodeTokenRing } from "./token-ring.ts";
import { decodeTzsp } from "./tzsp.ts";
import { decodeVlan } from "./vlan.ts";
import { decodeWifi } from "./wifi.ts";
import { decodePrism, decodeRadiotap } from "./wifi-capture.ts";

/** Headers below IP that are followed in one packet; a real stack has a handful. */
const MOST_LAYERS = 32;

/**
 * Walks from `out.nextLayer` at `start` through every layer below IP, then IP and its transport.
 * @param start - octet offset of that layer in `bytes`
 * @returns `out.outcome`
 */
export function decodeLayers(bytes: Uint8Array, start: number, out: DecodedHeaders): number {
  let position = start;
  for (let count = 0; count < MOST_LAYERS; count++) {
    position = decodeLayer(bytes, position, out.capturedEnd, out);
    if (position < 0) return out.outcome;
  }
  fail(out, Fault.LayersTooMany, position);
  return out.outcome;
}

function decodeLayer(bytes: Uint8Array, start: number, end: number, out: DecodedHeaders): number {
  switch (out.nextLayer) {
    case Layer.Ipv4:
      return decodeIpv4(bytes, start, end, out);
    case Layer.Ipv6:
      return decodeIpv6(bytes, start, end, out);
    case Layer.Ip:
      return decodeIp(bytes, start, end, out);
    case Layer.Ethernet:
      return decodeEthernet(bytes, start, end, out);
    case Layer.Vlan:
      return decodeVlan(bytes, start, end, out);
    case Layer.Llc:
      return decodeLlc(bytes, start, end, out);
    case Layer.Null:
      return decodeLoopback(bytes, start, end, out);
    case Layer.LinuxSll:
      return decodeLinuxSll(bytes, start, end, out);
    case Layer.LinuxSll2:
      return decodeLinuxSll2(bytes, start, end, out);
    case Layer.Mpls:
      return decodeMpls(bytes, start, end, out);
    case Layer.PppoeSession:
      return decodePppoe(bytes, start, end, out);
    case Layer.Ppp:
      return decodePpp(bytes, start, end, out);
    case Layer.PppProtocol:
      return decodePppProtocol(bytes, start, end, out);
    case Layer.PppBridged:
      return decodePppBridged(bytes, start, end, out);
    case Layer.PppMultilink:
      return decodePppMultilink(bytes, start, end, out);
    case Layer.PppDirection:
      return decodePppDirection(bytes, start, end, out);
    case Layer.CiscoHdlc:
      return decodeCiscoHdlc(bytes, start, end, out);
    case Layer.FrameRelay:
      return decodeFrameRelay(bytes, start, end, out);
    case Layer.Wifi:
    case Layer.WifiSwapped:
    case Layer.WifiPadded:
      return decodeWifi(bytes, start, end, out);
    case Layer.Radiotap:
      return decodeRadiotap(bytes, start, end, out);
    case Layer.Prism:
    case Layer.Avs:
      return decodePrism(bytes, start, end, out);
    case Layer.Ppi:
      return decodePpi(bytes, start, end, out);
    case Layer.Pktap:
      return decodePktap(bytes, start, end, out);
    case Layer.VnTag:
    case Layer.ETag:
    case Layer.RedundancyTag:
    case Layer.CiscoMetadata:
      return decodeEthernetTag(bytes, start, end, out);
    case Layer.ProviderBackbone:
    case Layer.Trill:
    case Layer.FabricPath:
    case Layer.Batman:
      return decodeBackbone(bytes, start, end, out);
    case Layer.AristaTimestamp:
      return decodeAristaTimestamp(bytes, start, end, out);
    case Layer.MacSec:
      return decodeMacSec(bytes, start, end, out);
    case Layer.Nsh:
      return decodeNsh(bytes, start, end, out);
    case Layer.TokenRing:
      return decodeTokenRing(bytes, start, end, out);
    case Layer.Fddi:
      return decodeFddi(bytes, start, end, out);
    case Layer.FibreChannel:
      return decodeFibreChannel(bytes, start, end, out);
    case Layer.AtmAdaptation:
      return decodeAtmAdaptation(bytes, start, end, out);
    case Layer.SunAtm:
      return decodeSunAtm(bytes, start, end, out);
    case Layer.LanEmulation:
      return decodeLanEmulation(bytes, start, end, out);
    case Layer.Enc:
      return decodeEnc(bytes, start, end, out);
    case Layer.Pflog:
      return decodePflog(bytes, start, end, out);
    case Layer.Ipnet:
      return decodeIpnet(bytes, start, end, out);
    case Layer.Nflog:
      return decodeNflog(bytes, start, end, out);
    case Layer.Dsa:
    case Layer.EtherTypedDsa:
    case Layer.BroadcomTag:
      return decodeSwitchTag(bytes, start, end, out);
    case Layer.Docsis:
      return decodeDocsis(bytes, start, end, out);
    case Layer.Erf:
      return decodeErf(bytes, start, end, out);
    case Layer.HdlcDirection:
    case Layer.FrameRelayDirection:
      return skipDirection(start, end, out);
    case Layer.Slip:
    case Layer.BroadcomTagInFront:
    case Layer.NetAnalyzer:
    case Layer.NetAnalyzerTransparent:
    case Layer.Mpacket:
    case Layer.Epon:
    case Layer.FireWire:
    case Layer.Infiniband:
    case Layer.Symantec:
    case Layer.Ebhscr:
      return decodeLinkPrefix(bytes, start, end, out);
    case Layer.Arcnet:
    case Layer.ArcnetLinux:
      return decodeArcnet(bytes, start, end, out);
    case Layer.Tzsp:
      return decodeTzsp(bytes, start, end, out);
    case Layer.JuniperEthernet:
    case Layer.JuniperPpp:
    case Layer.JuniperFrameRelay:
    case Layer.JuniperHdlc:
    case Layer.JuniperPppoeAtm:
    case Layer.JuniperGgsn:
    case Layer.JuniperVoice:
    case Layer.JuniperMonitor:
    case Layer.JuniperServices:
    case Layer.JuniperAtm1:
    case Layer.JuniperAtm2:
    case Layer.JuniperMultilinkPpp:
    case Layer.JuniperMultilinkFrameRelay:
    case Layer.JuniperOther:
      return decodeJuniper(bytes, start, end, out);
    case Layer.MultilinkFrameRelay:
      return decodeMultilinkFrameRelay(bytes, start, end, out);
    case Layer.FibreChannelFrame:
    case Layer.FibreChannelDelimited:
      return decodeFibreChannelFrame(bytes, start, end, out);
    case Layer.Gfp:
      return decodeGfp(bytes, start, end, out);
    case Layer.ExportedPdu:
      return decodeExportedPdu(bytes, start, end, out);
    default:
      out.outcome = Outcome.UnsupportedLink;
      return -1;
  }
}

/** IPv4 or IPv6 by the version in the first four bits. */
function decodeIp(bytes: Uint8Array, start: number, end: number, out: DecodedHeaders): number {
  if (start >= end) return fail(out, Fault.IpTruncated, start);
  const version = bytes[start]! >> 4;
  if (version === 4) return decodeIpv4(bytes, start, end, out);
  if (version === 6) return decodeIpv6(bytes, start, end, out);
  return fail(out, Fault.IpVersionUnknown, start);
}
