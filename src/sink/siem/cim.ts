import type { ByteWriter } from "../../core/byte-writer.ts";
import { type Fragment, fragment } from "../../core/fragment.ts";
import { TimeText } from "../../core/time-text.ts";
import type { FlowView } from "../../flow/flow-view.ts";
import { TcpFlag } from "../../flow/tcp/tcp-flags.ts";
import { Side } from "../../service/tag.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import {
  icmpType,
  showsIcmp,
  showsPorts,
  transportName,
  vlanIds,
  writeAddress,
  writeCommunityId,
  writeDuration,
  writeId,
} from "../flow-text.ts";
import { writePortflowObject } from "../members/portflow-object.ts";
import { ServiceText } from "../members/service-text.ts";
import type { FlowRecord, Sink, SinkOptions } from "../sink.ts";

const QUOTE = 34;

const TIMESTAMP = fragment('{"timestamp":"');
const VENDOR = fragment('","vendor_product":"portflow"');
const ALLOWED = fragment(',"action":"allowed"');
type EndNames = {
  readonly host: Fragment;
  readonly ip: Fragment;
  readonly port: Fragment;
  readonly mac: Fragment;
  readonly service: Fragment;
};
const ENDS: readonly EndNames[] = ["src", "dest"].map((name) => ({
  host: fragment(`,"${name}":"`),
  ip: fragment(`","${name}_ip":"`),
  port: fragment(`,"${name}_port":`),
  mac: fragment(`,"${name}_mac":"`),
  service: fragment(`,"${name}_svc":`),
}));
const TRANSPORT = fragment(',"transport":"');
const VERSIONS = [
  fragment('","protocol":"ip","protocol_version":"4"'),
  fragment('","protocol":"ip","protocol_version":"6"'),
] as const;
const BYTES = fragment(',"bytes":');
const BYTES_IN = fragment(',"bytes_in":');
const BYTES_OUT = fragment(',"bytes_out":');
const PACKETS = fragment(',"packets":');
const PACKETS_IN = fragment(',"packets_in":');
const PACKETS_OUT = fragment(',"packets_out":');
const DURATION = fragment(',"duration":');
const FLOW_ID = fragment(',"flow_id":"');
const COMMUNITY_ID = fragment('","community_id":"');
const PORTFLOW = fragment('",');
const LINE_END = fragment("}\n");

// The values that the model expects, of all flags together.
const FLAG_WORDS: readonly (readonly [number, string])[] = [
  [TcpFlag.Syn, "SYN"],
  [TcpFlag.Ack, "ACK"],
  [TcpFlag.Fin, "FIN"],
  [TcpFlag.Reset, "RST"],
  [TcpFlag.Urgent, "URG"],
  [TcpFlag.Push, "PSH"],
];
const FLAGS = Array.from({ length: 256 }, (_, flags) => {
  const words = FLAG_WORDS.filter(([bit]) => (flags & bit) !== 0).map(([, word]) => word);
  return fragment(words.length === 0 ? "" : `,"tcp_flag":"${words.join(",")}"`);
});

/**
 * Splunk's Common Information Model, data model Network_Traffic, dataset All_Traffic. The registered
 * service is `dest_svc` or `src_svc`, which the model names for the text of a port; `app` is for what
 * was observed and therefore absent. `action` is told only of flows that were answered: those were
 * let through. Bytes and packets in are those from dest to src.
 * @see Splunk CIM, Network_Traffic.json
 */
export function newCimSink(options: SinkOptions): Sink {
  const times = new TimeText();
  const services = new ServiceText();
  return {
    begin() {},
    write(record, out) {
      const view = record.view;
      out.put(TIMESTAMP);
      times.write(out, view.endSeconds, view.endNanoseconds);
      out.put(VENDOR);
      if (view.packets(0) > 0 && view.packets(1) > 0) out.put(ALLOWED);
      writeEnd(record, 0, out);
      writeEnd(record, 1, out);
      out.put(TRANSPORT);
      out.text(transportName(view));
      out.put(VERSIONS[view.isIpv6 ? 1 : 0]);
      if (showsIcmp(view)) out.text(`,"icmp_type":${icmpType(view)}`);
      writeCounts(view, out);
      if (view.protocol === IpProtocol.Tcp) out.put(FLAGS[view.tcpFlags(0) | view.tcpFlags(1)]!);
      if (view.context !== undefined || view.extra !== undefined) {
        const vlan = vlanIds(view);
        if (vlan.length > 0) out.text(`,"vlan":"${vlan.join(",")}"`);
      }
      out.put(FLOW_ID);
      writeId(view, out);
      out.put(COMMUNITY_ID);
      writeCommunityId(view, options.communityIdSeed, out);
      out.put(PORTFLOW);
      writePortflowObject(record, services, options, out);
      out.put(LINE_END);
    },
    end() {},
  };
}

function writeEnd(record: FlowRecord, end: 0 | 1, out: ByteWriter): void {
  const { view, tag, entry } = record;
  const names = ENDS[end]!;
  out.put(names.host);
  writeAddress(view, end, out);
  out.put(names.ip);
  writeAddress(view, end, out);
  out.byte(QUOTE);
  if (showsPorts(view)) {
    out.put(names.port);
    out.integer(end === 0 ? view.sourcePort : view.destinationPort);
  }
  if (view.hasMac) {
    out.put(names.mac);
    out.mac(view.macHigh(end), view.macLow(end));
    out.byte(QUOTE);
  }
  const isService =
    tag.side === Side.Both || tag.side === (end === 0 ? Side.Source : Side.Destination);
  if (tag.named !== 0 && isService && entry?.name !== undefined) {
    out.put(names.service);
    out.jsonString(entry.name);
  }
}

function writeCounts(view: FlowView, out: ByteWriter): void {
  out.put(BYTES);
  out.integer(view.bytes(0) + view.bytes(1));
  out.put(BYTES_IN);
  out.integer(view.bytes(1));
  out.put(BYTES_OUT);
  out.integer(view.bytes(0));
  out.put(PACKETS);
  out.integer(view.packets(0) + view.packets(1));
  out.put(PACKETS_IN);
  out.integer(view.packets(1));
  out.put(PACKETS_OUT);
  out.integer(view.packets(0));
  out.put(DURATION);
  writeDuration(view, out);
}
