import type { ByteWriter } from "../../core/byte-writer.ts";
import { fragment } from "../../core/fragment.ts";
import { packageVersion } from "../../core/package-version.ts";
import { EndReason } from "../../flow/ending/end-reason.ts";
import type { FlowView } from "../../flow/flow-view.ts";
import { Certainty } from "../../flow/row/direction.ts";
import { Side } from "../../service/tag.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import {
  showsPorts,
  transportName,
  writeAddress,
  writeCommunityId,
  writeHistory,
  writeId,
} from "../flow-text.ts";
import { writePortflowObject } from "../members/portflow-object.ts";
import { ServiceText } from "../members/service-text.ts";
import type { FlowRecord, Sink, SinkOptions } from "../sink.ts";
import { OCSF_VERSION } from "./format-versions.ts";
import { activityOf, ocsfFeatures } from "./ocsf-activity.ts";
import { writeOcsfCumulative, writeOcsfTraffic } from "./ocsf-traffic.ts";
import { tcpOutcome } from "./tcp-outcome.ts";

const QUOTE = 34;
const CLOSE = 125;

const STATUSES = ["Unknown", "Success", "Failure"].map((caption, id) =>
  fragment(`,"status_id":${id},"status":"${caption}"`),
);
const TIME = fragment(',"time":');
const START_TIME = fragment(',"start_time":');
const END_TIME = fragment(',"end_time":');
const DURATION = fragment(',"duration":');
const UID = fragment(',"uid":"');
const SEQUENCE = fragment('","sequence":');
const ENDPOINTS = [fragment('},"src_endpoint":{"ip":"'), fragment(',"dst_endpoint":{"ip":"')];
const PORT = fragment(',"port":');
const MAC = fragment(',"mac":"');
const SERVICE_NAME = fragment(',"svc_name":');
const CONNECTION = fragment(',"connection_info":{"uid":"');
const PROTOCOL_NUMBER = fragment('","protocol_num":');
const PROTOCOL_NAME = fragment(',"protocol_name":"');
const VERSIONS = [
  fragment('","protocol_ver_id":4,"direction_id":0'),
  fragment('","protocol_ver_id":6,"direction_id":0'),
] as const;
const TCP_FLAGS = fragment(',"tcp_flags":');
const COMMUNITY_UID = fragment(',"community_uid":"');
const FLAG_HISTORY = fragment(',"flag_history":"');
const KNOWN = [
  fragment(',"is_src_dst_assignment_known":false'),
  fragment(',"is_src_dst_assignment_known":true'),
] as const;
const ENRICHMENT_NAMES = [
  fragment(',"enrichments":[{"name":"src_endpoint.svc_name","value":'),
  fragment(',"enrichments":[{"name":"dst_endpoint.svc_name","value":'),
] as const;
const PROVIDER = fragment(',"type":"service","provider":"');
const DATA = fragment('","data":{');
const ENRICHMENT_END = fragment("}}]");
const UNMAPPED = fragment(',"unmapped":{');
const LINE_END = fragment("}}\n");

/**
 * OCSF Network Activity (class 4001). The registered service is `svc_name` of the end it belongs to,
 * with an enrichment that says who registered it; `app_protocol_name` is for what was inspected and
 * therefore absent. Attributes that a version does not have yet are left out.
 * @see OCSF schema, events/network/network_activity.json and the objects it refers to
 */
export function newOcsfSink(options: SinkOptions): Sink {
  const services = new ServiceText();
  const version = options.ocsfVersion ?? OCSF_VERSION;
  const features = ocsfFeatures(version);
  const metadata = fragment(
    `,"metadata":{"version":${JSON.stringify(version)},"product":{"name":"portflow","vendor_name":"portflow","version":${JSON.stringify(packageVersion())}},"log_name":"flow"`,
  );
  let sequence = 0;

  function writeConnection(view: FlowView, out: ByteWriter): void {
    out.put(CONNECTION);
    writeId(view, out);
    out.put(PROTOCOL_NUMBER);
    out.integer(view.protocol);
    out.put(PROTOCOL_NAME);
    out.text(transportName(view));
    out.put(VERSIONS[view.isIpv6 ? 1 : 0]);
    if (view.protocol === IpProtocol.Tcp) {
      out.put(TCP_FLAGS);
      out.integer(view.tcpFlags(0) | view.tcpFlags(1));
    }
    if (features.hasCommunityUid) {
      out.put(COMMUNITY_UID);
      writeCommunityId(view, options.communityIdSeed, out);
      out.byte(QUOTE);
      if (view.protocol === IpProtocol.Tcp && view.historyLength > 0) {
        out.put(FLAG_HISTORY);
        writeHistory(view, out);
        out.byte(QUOTE);
      }
    }
    out.byte(CLOSE);
  }

  return {
    begin() {},
    write(record, out) {
      const view = record.view;
      const state = view.protocol === IpProtocol.Tcp ? view.connectionState : "";
      const isInterim = view.endReason === EndReason.Active;
      out.put(activityOf(isInterim ? "" : state));
      out.put(STATUSES[tcpOutcome(view, state)]!);
      writeTimes(view, out);
      out.put(metadata);
      out.put(UID);
      writeId(view, out);
      out.put(SEQUENCE);
      sequence += 1;
      out.integer(sequence);
      writeEndpoint(record, 0, out);
      writeEndpoint(record, 1, out);
      writeConnection(view, out);
      writeOcsfTraffic(view, features, out);
      if (features.hasCumulativeTraffic) writeOcsfCumulative(view, out);
      if (features.hasAssignment) {
        out.put(KNOWN[view.direction.certainty === Certainty.Certain ? 1 : 0]);
      }
      const isEnriched = writeEnrichment(record, services, out);
      out.put(UNMAPPED);
      writePortflowObject(record, isEnriched ? undefined : services, options, out);
      out.put(LINE_END);
    },
    skip(records) {
      sequence += records;
    },
    end() {},
  };
}

function writeTimes(view: FlowView, out: ByteWriter): void {
  const start = view.startSeconds * 1000 + Math.floor(view.startNanoseconds / 1e6);
  const end = view.endSeconds * 1000 + Math.floor(view.endNanoseconds / 1e6);
  out.put(TIME);
  out.integer(end);
  out.put(START_TIME);
  out.integer(start);
  out.put(END_TIME);
  out.integer(end);
  out.put(DURATION);
  out.integer(end - start);
}

function writeEndpoint(record: FlowRecord, end: 0 | 1, out: ByteWriter): void {
  const view = record.view;
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
  const name = record.tag.named === 0 ? undefined : record.entry?.name;
  if (name !== undefined && isServiceEnd(record, end)) {
    out.put(SERVICE_NAME);
    out.jsonString(name);
  }
  out.byte(CLOSE);
}

/** Whether the service is at that end; where the ports are equal it is at both. */
function isServiceEnd({ tag }: FlowRecord, end: 0 | 1): boolean {
  return tag.side === Side.Both || tag.side === (end === 0 ? Side.Source : Side.Destination);
}

/** Where the service's name comes from. @returns whether there was anything to tell */
function writeEnrichment(record: FlowRecord, services: ServiceText, out: ByteWriter): boolean {
  const { tag, entry } = record;
  if (tag.named === 0 || entry?.name === undefined) return false;
  out.put(ENRICHMENT_NAMES[tag.side === Side.Source ? 0 : 1]);
  out.jsonString(entry.name);
  out.put(PROVIDER);
  out.text(entry.source ?? "");
  out.put(DATA);
  services.write(record, out);
  out.put(ENRICHMENT_END);
  return true;
}
