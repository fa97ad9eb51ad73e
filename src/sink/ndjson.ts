import type { ByteWriter } from "../core/byte-writer.ts";
import { fragment } from "../core/fragment.ts";
import { TimeText } from "../core/time-text.ts";
import { CertaintyName, DirectionReasonName } from "../flow/direction.ts";
import { EndReason, EndReasonName, IpfixEndReason } from "../flow/end-reason.ts";
import type { FlowView } from "../flow/flow-view.ts";
import {
  icmpCode,
  icmpType,
  showsIcmp,
  showsPorts,
  transportName,
  tunnelLayers,
  vlanIds,
  writeAddress,
  writeCommunityId,
  writeDuration,
  writeHandshake,
  writeHistory,
  writeId,
  writeTcpFlags,
  writeTunnelAddress,
} from "./flow-text.ts";
import { ServiceText } from "./service-text.ts";
import type { FlowRecord, Sink, SinkOptions } from "./sink.ts";

const TCP = 6;
const QUOTE = 34;
const CLOSE = 125;

const OPEN = fragment('{"type":"flow","schema":"portflow.flow/1","id":"');
const COMMUNITY_ID = fragment('","community_id":"');
const START = fragment('","start":"');
const END = fragment('","end":"');
const DURATION = fragment('","duration":');
const IPV4 = fragment(',"ip_version":4,"transport":"');
const IPV6 = fragment(',"ip_version":6,"transport":"');
const IP_PROTO = fragment('","ip_proto":');
const ENDPOINTS = [fragment(',"src":{"ip":"'), fragment(',"dst":{"ip":"')] as const;
const PORT = fragment(',"port":');
const MAC = fragment(',"mac":"');
const PACKETS = fragment(',"packets":');
const BYTES = fragment(',"bytes":');
const IP_BYTES = fragment(',"ip_bytes":');
const PAYLOAD_BYTES = fragment(',"payload_bytes":');
const INTERFACE = fragment(',"interface":');
const COMMA = fragment(",");
const TCP_STATE = fragment(',"tcp":{"state":"');
const HISTORY = fragment('","history":"');
const FLAGS = fragment('","flags":{"src":"');
const FLAGS_DESTINATION = fragment('","dst":"');
const RETRANSMITS = fragment('"},"retransmits":{"src":');
const DESTINATION = fragment(',"dst":');
const OUT_OF_ORDER = fragment('},"out_of_order":{"src":');
const MISSED_BYTES = fragment('},"missed_bytes":');
const NOTHING_LOST = fragment(
  '"},"retransmits":{"src":0,"dst":0},"out_of_order":{"src":0,"dst":0},"missed_bytes":0',
);
const HANDSHAKE = fragment(',"handshake_rtt":');
const FRAGMENTS = fragment(',"fragments":');

const DIRECTIONS = CertaintyName.map((certainty) =>
  DirectionReasonName.map((reason) =>
    fragment(`,"direction":{"certainty":"${certainty}","reason":"${reason}"}`),
  ),
);
const END_REASONS = EndReasonName.map((name, code) =>
  fragment(`,"end_reason":"${name}","flow_end_reason":${IpfixEndReason[code]}`),
);

/**
 * portflow's own records, one JSON object a line, keys in the order of the public contract. Written
 * by hand into octets: JSON.stringify takes seven times as long.
 */
export function newNdjsonSink(options: SinkOptions): Sink {
  const times = new TimeText();
  const services = new ServiceText();
  return {
    begin() {},
    write(record, out) {
      const view = record.view;
      out.put(OPEN);
      writeId(view, out);
      out.put(COMMUNITY_ID);
      writeCommunityId(view, options.communityIdSeed, out);
      out.put(START);
      times.write(out, view.startSeconds, view.startNanoseconds);
      out.put(END);
      times.write(out, view.endSeconds, view.endNanoseconds);
      out.put(DURATION);
      writeDuration(view, out);
      out.put(view.isIpv6 ? IPV6 : IPV4);
      out.text(transportName(view));
      out.put(IP_PROTO);
      out.integer(view.protocol);
      writeEndpoint(view, 0, out);
      writeEndpoint(view, 1, out);
      if (record.interfaceName !== undefined) {
        out.put(INTERFACE);
        out.jsonString(record.interfaceName);
      }
      writeSurroundings(view, out);
      if (showsIcmp(view)) out.text(`,"icmp":{"type":${icmpType(view)},"code":${icmpCode(view)}}`);
      out.put(DIRECTIONS[view.direction.certainty]![view.direction.reason]!);
      out.put(COMMA);
      services.write(record, out);
      if (view.protocol === TCP) writeTcp(view, out);
      writeEnd(record, out);
    },
    end() {},
  };
}

function writeEndpoint(view: FlowView, end: number, out: ByteWriter): void {
  out.put(ENDPOINTS[end]!);
  writeAddress(view, end, out);
  out.byte(QUOTE);
  if (showsPorts(view)) {
    out.put(PORT);
    out.integer(end === 0 ? view.sourcePort : view.destinationPort);
  }
  if (view.hasMac) {
    out.put(MAC);
    out.mac(view.macHigh(end), view.macLow(end));
    out.byte(QUOTE);
  }
  out.put(PACKETS);
  out.integer(view.packets(end));
  out.put(BYTES);
  out.integer(view.bytes(end));
  out.put(IP_BYTES);
  out.integer(view.ipBytes(end));
  out.put(PAYLOAD_BYTES);
  out.integer(view.payloadBytes(end));
  out.byte(CLOSE);
}

function writeSurroundings(view: FlowView, out: ByteWriter): void {
  if (view.context === undefined && view.extra === undefined) return;
  const vlan = vlanIds(view);
  if (vlan.length > 0) out.text(`,"vlan":[${vlan.join(",")}]`);
  const layers = tunnelLayers(view);
  if (layers.length === 0) return;
  out.text(',"tunnel":[');
  layers.forEach((layer, i) => {
    out.text(`${i === 0 ? "" : ","}{"type":"${layer.type}"`);
    if (layer.id !== undefined) out.text(`,"id":${layer.id}`);
    out.text(',"src":"');
    writeTunnelAddress(layer, layer.source, out);
    out.text('","dst":"');
    writeTunnelAddress(layer, layer.destination, out);
    out.text('"}');
  });
  out.text("]");
}

function writeTcp(view: FlowView, out: ByteWriter): void {
  out.put(TCP_STATE);
  out.text(view.connectionState);
  out.put(HISTORY);
  writeHistory(view, out);
  out.put(FLAGS);
  writeTcpFlags(view.tcpFlags(0), out);
  out.put(FLAGS_DESTINATION);
  writeTcpFlags(view.tcpFlags(1), out);
  const retransmits = view.retransmits(0) + view.retransmits(1);
  const outOfOrder = view.outOfOrder(0) + view.outOfOrder(1);
  // Most connections lose nothing: one copy instead of nine.
  if (retransmits + outOfOrder + view.missedBytes === 0) out.put(NOTHING_LOST);
  else writeLosses(view, out);
  if (view.handshakeNanoseconds > 0) {
    out.put(HANDSHAKE);
    writeHandshake(view, out);
  }
  out.byte(CLOSE);
}

function writeLosses(view: FlowView, out: ByteWriter): void {
  out.put(RETRANSMITS);
  out.integer(view.retransmits(0));
  out.put(DESTINATION);
  out.integer(view.retransmits(1));
  out.put(OUT_OF_ORDER);
  out.integer(view.outOfOrder(0));
  out.put(DESTINATION);
  out.integer(view.outOfOrder(1));
  out.put(MISSED_BYTES);
  out.integer(view.missedBytes);
}

function writeEnd(record: FlowRecord, out: ByteWriter): void {
  const view = record.view;
  const extra = view.extra;
  if (extra !== undefined && extra.fragments > 0) {
    out.put(FRAGMENTS);
    out.integer(extra.fragments);
  }
  out.put(END_REASONS[view.endReason]!);
  const isContinued = view.endReason === EndReason.Active;
  if (isContinued || (extra !== undefined && extra.part > 1)) {
    out.text(`,"part":${extra?.part ?? 1}`);
    if (extra !== undefined && extra.previousId !== "") {
      out.text(`,"previous_id":"${extra.previousId}"`);
    }
    if (isContinued) out.text(',"more":true');
  }
  out.text("}\n");
}
