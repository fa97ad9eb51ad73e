import type { ByteWriter } from "../../core/byte-writer.ts";
import { type Fragment, fragment } from "../../core/fragment.ts";
import type { TimeText } from "../../core/time-text.ts";
import type { FlowView } from "../../flow/flow-view.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import {
  icmpCode,
  icmpType,
  showsIcmp,
  showsPorts,
  type TunnelText,
  tunnelLayers,
  vlanIds,
} from "../flow-text.ts";
import type { FlowRecord } from "../sink.ts";
import { eveProtocolName, eveTunnelProtocol } from "./eve-protocol.ts";

const COLON = 58;
const QUOTE = 34;
/** Suricata keeps three VLAN ids at most. */
const MOST_VLANS = 3;

const TIMESTAMP = fragment('{"timestamp":"');
const FLOW_ID = fragment('","flow_id":');
const INTERFACE = fragment(',"in_iface":');
const SOURCE = fragment('"src_ip":"');
const SOURCE_PORT = fragment('","src_port":');
const DESTINATION = fragment('"dest_ip":"');
const DESTINATION_PORT = fragment('","dest_port":');
const COMMA = fragment(",");
const VERSIONS = [fragment(',"ip_v":4,"proto":"'), fragment(',"ip_v":6,"proto":"')] as const;
const ZONE = fragment("+0000");
const SPI = fragment(',"spi":');
const ETHER = fragment(',"ether":{"dest_macs":["');
const SOURCE_MACS = fragment('"],"src_macs":["');
const ETHER_END = fragment('"]}');

/** Suricata's kinds of records about flows, as the members they begin with. */
export const EveEvent: { readonly Flow: Fragment; readonly Netflow: Fragment } = {
  Flow: fragment(',"event_type":"flow",'),
  Netflow: fragment(',"event_type":"netflow",'),
};

/**
 * Suricata's time: UTC offset instead of Z, microseconds, cut off rather than rounded so that no
 * record ends before its packets.
 */
export function writeEveTime(
  times: TimeText,
  seconds: number,
  nanoseconds: number,
  out: ByteWriter,
): void {
  times.writeSecond(out, seconds);
  out.nineDigits(nanoseconds);
  out.length -= 3;
  out.put(ZONE);
}

/** Suricata's 51-bit flow number, always positive: the first bits of the flow's id. */
function eveFlowId(view: FlowView): number {
  return (view.id[0]! >>> 0) * 0x8_0000 + (view.id[1]! >>> 13) || 1;
}

/**
 * Writes what EVE records begin with, from the time to the protocol.
 * @param from - end that is the record's source: 0, or 1 for the way back
 */
export function writeEveHeader(
  record: FlowRecord,
  event: Fragment,
  from: number,
  times: TimeText,
  out: ByteWriter,
): void {
  const view = record.view;
  out.put(TIMESTAMP);
  writeEveTime(times, view.endSeconds, view.endNanoseconds, out);
  out.put(FLOW_ID);
  out.integer(eveFlowId(view));
  if (record.interfaceName !== undefined) {
    out.put(INTERFACE);
    out.jsonString(record.interfaceName);
  }
  out.put(event);
  if (view.context !== undefined || view.extra !== undefined) {
    const vlan = vlanIds(view).slice(0, MOST_VLANS);
    if (vlan.length > 0) out.text(`"vlan":[${vlan.join(",")}],`);
  }
  const hasPorts = showsPorts(view);
  out.put(SOURCE);
  writeEveAddress(view, from, out);
  if (hasPorts) writePort(SOURCE_PORT, from === 0 ? view.sourcePort : view.destinationPort, out);
  else out.byte(QUOTE);
  out.put(COMMA);
  out.put(DESTINATION);
  writeEveAddress(view, 1 - from, out);
  if (hasPorts) {
    writePort(DESTINATION_PORT, from === 0 ? view.destinationPort : view.sourcePort, out);
  } else out.byte(QUOTE);
  out.put(VERSIONS[view.isIpv6 ? 1 : 0]);
  out.text(eveProtocolName(view.protocol));
  out.byte(QUOTE);
}

function writePort(name: Fragment, port: number, out: ByteWriter): void {
  out.put(name);
  out.integer(port);
}

/** Suricata writes all eight groups of an IPv6 address, four digits each. */
function writeEveAddress(view: FlowView, end: number, out: ByteWriter): void {
  if (!view.isIpv6) {
    out.ipv4(view.addressWord(end, 3));
    return;
  }
  writeWords(
    view.addressWord(end, 0),
    view.addressWord(end, 1),
    view.addressWord(end, 2),
    view.addressWord(end, 3),
    out,
  );
}

function writeWords(
  word0: number,
  word1: number,
  word2: number,
  word3: number,
  out: ByteWriter,
): void {
  writeGroups(word0, out);
  out.byte(COLON);
  writeGroups(word1, out);
  out.byte(COLON);
  writeGroups(word2, out);
  out.byte(COLON);
  writeGroups(word3, out);
}

function writeGroups(word: number, out: ByteWriter): void {
  out.hex(word >>> 16, 4);
  out.byte(COLON);
  out.hex(word & 0xffff, 4);
}

/**
 * Writes the ICMP members of a flow record: those of the first packet and, when something came
 * back, the type that answers it. Code 0 is what answers have.
 */
export function writeEveIcmp(view: FlowView, out: ByteWriter): void {
  if (!showsIcmp(view)) return;
  out.text(`,"icmp_type":${icmpType(view)},"icmp_code":${icmpCode(view)}`);
  if (view.packets(1) === 0) return;
  out.text(`,"response_icmp_type":${icmpAnswer(view)},"response_icmp_code":0`);
}

/** Writes the ICMP members of a netflow record. */
export function writeEveNetflowIcmp(view: FlowView, from: number, out: ByteWriter): void {
  if (!showsIcmp(view)) return;
  const type = from === 0 ? icmpType(view) : icmpAnswer(view);
  out.text(`,"icmp_type":${type},"icmp_code":${from === 0 ? icmpCode(view) : 0}`);
}

/** Flows of paired messages hold the answer's type where others have the destination port. */
function icmpAnswer(view: FlowView): number {
  return view.destinationPort;
}

/** Writes the security parameter index that an end of an ESP flow sends with. */
export function writeEveSpi(view: FlowView, end: number, out: ByteWriter): void {
  const spi = view.protocol === IpProtocol.Esp ? view.spi(end) : 0;
  if (spi === 0) return;
  out.put(SPI);
  out.integer(spi);
}

/** Writes `,"ether":{...}` for a record whose source is `from`. */
export function writeEveEther(view: FlowView, from: number, out: ByteWriter): void {
  if (!view.hasMac) return;
  out.put(ETHER);
  out.mac(view.macHigh(1 - from), view.macLow(1 - from));
  out.put(SOURCE_MACS);
  out.mac(view.macHigh(from), view.macLow(from));
  out.put(ETHER_END);
}

/**
 * Writes `,"tunnel":{...}`, the outermost tunnel as Suricata's packet records have it. Its ends are
 * those of the tunnel, the lower address first: a flow's packets cross it both ways.
 */
export function writeEveTunnel(view: FlowView, out: ByteWriter): void {
  if (view.context === undefined) return;
  const layers = tunnelLayers(view);
  const outermost = layers[0];
  if (outermost === undefined) return;
  out.text(',"tunnel":{"src_ip":"');
  writeTunnelEnd(outermost, outermost.source, out);
  out.text('","dest_ip":"');
  writeTunnelEnd(outermost, outermost.destination, out);
  out.text(`","proto":"${eveTunnelProtocol(outermost.type)}","depth":${layers.length}}`);
}

function writeTunnelEnd(layer: TunnelText, at: number, out: ByteWriter): void {
  const { words } = layer;
  if (!layer.isIpv6) out.ipv4(words[at + 3]!);
  else writeWords(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!, out);
}
