import type { ByteWriter } from "../core/byte-writer.ts";
import { fragment } from "../core/fragment.ts";
import { TimeText } from "../core/time-text.ts";
import type { FlowView } from "../flow/flow-view.ts";
import { writeDirection } from "./direction-object.ts";
import { writeEndMembers } from "./end-members.ts";
import {
  showsIcmp,
  showsPorts,
  transportName,
  writeAddress,
  writeCommunityId,
  writeDuration,
  writeId,
} from "./flow-text.ts";
import { writeIcmpObject } from "./icmp-object.ts";
import { ServiceText } from "./service-text.ts";
import type { Sink, SinkOptions } from "./sink.ts";
import { writeSurroundings } from "./surroundings-members.ts";
import { writeTcpObject } from "./tcp-object.ts";

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
const LINE_END = fragment("}\n");

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
      if (showsIcmp(view)) writeIcmpObject(record, out, options);
      if (view.extra !== undefined) writeSpi(view, out);
      writeDirection(view, out);
      out.put(COMMA);
      services.write(record, out);
      if (view.protocol === TCP) writeTcpObject(view, out);
      writeEndMembers(record, out);
      out.put(LINE_END);
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

function writeSpi(view: FlowView, out: ByteWriter): void {
  const source = view.spi(0);
  const destination = view.spi(1);
  if (source !== 0 && destination !== 0) {
    out.text(`,"spi":{"src":${source},"dst":${destination}}`);
  } else if (source !== 0) out.text(`,"spi":{"src":${source}}`);
  else if (destination !== 0) out.text(`,"spi":{"dst":${destination}}`);
}
