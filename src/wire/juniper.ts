import { type DecodedHeaders, Outcome } from "./decoded-headers.ts";
import { PseudoEtherType } from "./ether-type.ts";
import { enterProtocol } from "./ethernet.ts";
import { Fault } from "./fault.ts";
import {
  enterAtm1,
  enterAtm2,
  enterMultilinkFrameRelay,
  enterMultilinkPpp,
} from "./juniper-cookie.ts";
import { Layer } from "./layer.ts";
import { readInt32LittleEndian, readUint16, readUint16LittleEndian } from "./read.ts";
import { fail, notIp } from "./report.ts";

// Junos: 0 "MGC" | 3 flags | 4 length of extensions and they, if flagged | the link layer's frame, or,
// flagged as without, 4 octets of protocol in little-endian order and the packet
const FLAGS = 3;
const EXTENSIONS_LENGTH = 4;
const SHORTEST = 4;
const INCOMING = 0x01;
const NO_LINK_LAYER = 0x02;
const HAS_EXTENSIONS = 0x80;
const PROTOCOL_LENGTH = 4;

// What a service card puts before the IP packet.
const VOICE_LENGTH = 18;
const MONITOR_LENGTH = 8;
const SERVICES_INCOMING_LENGTH = 16;
const SERVICES_OUTGOING_LENGTH = 12;
// GGSN: 0 protocol, little-endian | 2 VLAN
const GGSN_LENGTH = 4;

/**
 * Decodes the header that Juniper's routers put before a frame, one link type for each kind of
 * interface card; `out.nextLayer` tells the kind.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 * @see https://www.tcpdump.org/linktypes.html LINKTYPE_JUNIPER_ETHER and its neighbours
 */
export function decodeJuniper(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < SHORTEST) return fail(out, Fault.LinkHeaderTruncated, start);
  const magic = bytes[start] === 0x4d && readUint16(bytes, start + 1) === 0x4743;
  if (!magic) return fail(out, Fault.LinkHeaderInvalid, start);
  const flags = bytes[start + FLAGS]!;
  let position = start + SHORTEST;
  if ((flags & HAS_EXTENSIONS) !== 0) {
    if (end - position < 2) return fail(out, Fault.LinkHeaderTruncated, start);
    position += 2 + readUint16(bytes, start + EXTENSIONS_LENGTH);
  }
  if (end - position < PROTOCOL_LENGTH) return fail(out, Fault.LinkHeaderTruncated, start);
  if ((flags & NO_LINK_LAYER) !== 0) {
    return enterPacket(position + PROTOCOL_LENGTH, readInt32LittleEndian(bytes, position), out);
  }
  return enterFrame(bytes, position, end, (flags & INCOMING) !== 0, out);
}

/** At least four octets are there. */
function enterFrame(
  bytes: Uint8Array,
  start: number,
  end: number,
  incoming: boolean,
  out: DecodedHeaders,
): number {
  switch (out.nextLayer) {
    case Layer.JuniperEthernet:
      return enter(start, Layer.Ethernet, out);
    case Layer.JuniperPpp:
      return enter(start, Layer.Ppp, out);
    case Layer.JuniperFrameRelay:
      return enter(start, Layer.FrameRelay, out);
    case Layer.JuniperHdlc:
      return enter(start, Layer.CiscoHdlc, out);
    case Layer.JuniperPppoeAtm:
      return enterProtocol(start + 2, readUint16(bytes, start), out);
    case Layer.JuniperGgsn:
      return enterPacket(start + GGSN_LENGTH, readUint16LittleEndian(bytes, start), out);
    case Layer.JuniperAtm1:
      return enterAtm1(bytes, start, end, out);
    case Layer.JuniperAtm2:
      return enterAtm2(bytes, start, end, incoming, out);
    case Layer.JuniperMultilinkPpp:
      return enterMultilinkPpp(bytes, start, end, out);
    case Layer.JuniperMultilinkFrameRelay:
      return enterMultilinkFrameRelay(bytes, start, end, out);
    case Layer.JuniperOther:
      out.outcome = Outcome.UnsupportedLink;
      return -1;
    // The walk over layers finds out when less than the service card's octets are there.
    case Layer.JuniperVoice:
      return enter(start + VOICE_LENGTH, Layer.Ip, out);
    case Layer.JuniperMonitor:
      return enter(start + MONITOR_LENGTH, Layer.Ip, out);
    default: {
      const length = incoming ? SERVICES_INCOMING_LENGTH : SERVICES_OUTGOING_LENGTH;
      return enter(start + length, Layer.Ip, out);
    }
  }
}

function enter(start: number, layer: number, out: DecodedHeaders): number {
  out.nextLayer = layer;
  return start;
}

/** Junos' own numbers for what a packet is. */
function enterPacket(start: number, protocol: number, out: DecodedHeaders): number {
  out.nextLayer = layerOfProtocol(protocol);
  return out.nextLayer === Layer.None ? notIp(out, PseudoEtherType.EncapsulatedOther) : start;
}

function layerOfProtocol(protocol: number): number {
  switch (protocol) {
    case 2:
    case 3: // popped from a label stack
      return Layer.Ipv4;
    case 6:
    case 7:
      return Layer.Ipv6;
    case 4: // to be labelled
    case 5:
    case 8:
      return Layer.Mpls;
    case 200:
      return Layer.PppProtocol;
    case 202:
    case 203:
      return Layer.Llc;
    case 204:
      return Layer.Ethernet;
    case 207:
      return Layer.FrameRelay;
    case 208:
      return Layer.CiscoHdlc;
    default:
      return Layer.None;
  }
}
