import type { ByteWriter } from "../../core/byte-writer.ts";
import { fragment } from "../../core/fragment.ts";
import { packageVersion } from "../../core/package-version.ts";
import { TimeText } from "../../core/time-text.ts";
import { EndReason, EndReasonName } from "../../flow/ending/end-reason.ts";
import type { FlowView } from "../../flow/flow-view.ts";
import { Certainty } from "../../flow/row/direction.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import {
  showsPorts,
  transportName,
  vlanIds,
  writeAddress,
  writeCommunityId,
  writeDurationNanoseconds,
  writeId,
} from "../flow-text.ts";
import { writePortflowObject } from "../members/portflow-object.ts";
import { ServiceText } from "../members/service-text.ts";
import type { FlowRecord, Sink, SinkOptions } from "../sink.ts";
import { ECS_VERSION } from "./format-versions.ts";
import { tcpOutcome } from "./tcp-outcome.ts";

const QUOTE = 34;
const COMMA = 44;
const DASH = 45;
const CLOSE = 125;

const TIMESTAMP = fragment('{"@timestamp":"');
// event.type by whether the record is the first and the last one of its flow.
const TYPES = [
  '["connection"]',
  '["connection","start"]',
  '["connection","end"]',
  '["connection","start","end"]',
];
const FIRST = 1;
const LAST = 2;
const EVENT_ID = fragment(',"id":"');
const SEQUENCE = fragment('","sequence":');
const START = fragment(',"start":"');
const END = fragment('","end":"');
const DURATION = fragment('","duration":');
const REASONS = EndReasonName.map((name) => fragment(`,"reason":"${name}"`));
const OUTCOMES = ["unknown", "success", "failure"].map((word) => fragment(`,"outcome":"${word}"`));
const NETWORKS = [
  fragment('},"network":{"type":"ipv4","transport":"'),
  fragment('},"network":{"type":"ipv6","transport":"'),
] as const;
const NUMBER = fragment('","iana_number":"');
const APPLICATION = fragment('","application":');
const APPLICATION_END = fragment(',"bytes":');
const NETWORK_BYTES = fragment('","bytes":');
const NETWORK_PACKETS = fragment(',"packets":');
const COMMUNITY_ID = fragment(',"community_id":"');
const ENDPOINTS = [fragment('"source":{"address":"'), fragment('"destination":{"address":"')];
const COPIES = [fragment(',"client":'), fragment(',"server":')] as const;
const IP = fragment('","ip":"');
const PORT = fragment(',"port":');
const MAC = fragment(',"mac":"');
const BYTES = fragment(',"bytes":');
const PACKETS = fragment(',"packets":');
const RELATED = fragment(',"related":{"ip":["');
const NEXT_ADDRESS = fragment('","');
const RELATED_END = fragment('"]},');
const LINE_END = fragment("}\n");

const UPPER_OCTETS = Array.from({ length: 256 }, (_, octet) =>
  fragment(octet.toString(16).padStart(2, "0").toUpperCase()),
);

/**
 * Elastic Common Schema, nested objects. `@timestamp` is the time of the last packet. The registered
 * service is `network.application`, which ECS defines for names told from ports too;
 * `network.protocol` is for what was observed and therefore absent. Names of client and server are
 * given only where the packets say who is who.
 * @see ECS field reference: event, network, source, destination, client, server, observer, related
 */
export function newEcsSink(options: SinkOptions): Sink {
  const times = new TimeText();
  const services = new ServiceText();
  const version = JSON.stringify(options.ecsVersion ?? ECS_VERSION);
  const events = TYPES.map((types) =>
    fragment(
      `","ecs":{"version":${version}},"event":{"kind":"event","category":["network"],"type":${types},"action":"network_flow","dataset":"portflow.flow","module":"portflow","provider":"portflow"`,
    ),
  );
  const observer = `,"observer":{"type":"sensor","vendor":"portflow","product":"portflow","version":${JSON.stringify(packageVersion())}`;
  const observerAlone = fragment(`${observer}}`);
  const observerInterface = fragment(`${observer},"ingress":{"interface":{"name":`);
  let sequence = 0;

  function writeEvent(view: FlowView, out: ByteWriter): void {
    const isFirst = view.extra === undefined || view.extra.part <= 1;
    const isLast = view.endReason !== EndReason.Active;
    out.put(events[(isFirst ? FIRST : 0) | (isLast ? LAST : 0)]!);
    out.put(EVENT_ID);
    writeId(view, out);
    out.put(SEQUENCE);
    sequence += 1;
    out.integer(sequence);
    out.put(START);
    times.write(out, view.startSeconds, view.startNanoseconds);
    out.put(END);
    times.write(out, view.endSeconds, view.endNanoseconds);
    out.put(DURATION);
    writeDurationNanoseconds(view, out);
    out.put(REASONS[view.endReason]!);
    if (view.protocol === IpProtocol.Tcp)
      out.put(OUTCOMES[tcpOutcome(view, view.connectionState)]!);
  }

  return {
    begin() {},
    write(record, out) {
      const view = record.view;
      out.put(TIMESTAMP);
      times.write(out, view.endSeconds, view.endNanoseconds);
      writeEvent(view, out);
      writeNetwork(record, options.communityIdSeed, out);
      writeEndpoints(view, out);
      if (record.interfaceName === undefined) out.put(observerAlone);
      else {
        out.put(observerInterface);
        out.jsonString(record.interfaceName);
        out.text("}}}");
      }
      writeRelated(view, out);
      writePortflowObject(record, services, options, out);
      out.put(LINE_END);
    },
    skip(records) {
      sequence += records;
    },
    end() {},
  };
}

function writeNetwork(record: FlowRecord, seed: number, out: ByteWriter): void {
  const { view, entry, tag } = record;
  out.put(NETWORKS[view.isIpv6 ? 1 : 0]);
  out.text(transportName(view));
  out.put(NUMBER);
  out.integer(view.protocol);
  if (tag.named !== 0 && entry?.name !== undefined) {
    out.put(APPLICATION);
    // Values of this field are lower case; the user's own spelling is in portflow.service.name.
    out.jsonString(entry.name.toLowerCase());
    out.put(APPLICATION_END);
  } else out.put(NETWORK_BYTES);
  out.integer(view.bytes(0) + view.bytes(1));
  out.put(NETWORK_PACKETS);
  out.integer(view.packets(0) + view.packets(1));
  out.put(COMMUNITY_ID);
  writeCommunityId(view, seed, out);
  out.byte(QUOTE);
  if (view.context !== undefined || view.extra !== undefined) writeVlans(view, out);
  out.byte(CLOSE);
}

/** The outermost VLAN and, where there are several, the innermost. */
function writeVlans(view: FlowView, out: ByteWriter): void {
  const ids = vlanIds(view);
  if (ids.length === 0) return;
  out.text(`,"vlan":{"id":"${ids[0]}"}`);
  if (ids.length > 1) out.text(`,"inner":{"vlan":{"id":"${ids.at(-1)}"}}`);
}

/** Source and destination; and, where it is certain that these are client and server, both again. */
function writeEndpoints(view: FlowView, out: ByteWriter): void {
  out.byte(COMMA);
  const source = writeEndpoint(view, 0, out);
  const sourceEnd = out.length;
  out.byte(COMMA);
  const destination = writeEndpoint(view, 1, out);
  const destinationEnd = out.length;
  if (view.direction.certainty !== Certainty.Certain) return;
  out.put(COPIES[0]);
  repeat(out, source, sourceEnd);
  out.put(COPIES[1]);
  repeat(out, destination, destinationEnd);
}

/** @returns where the endpoint's object begins in the buffer */
function writeEndpoint(view: FlowView, end: 0 | 1, out: ByteWriter): number {
  const name = ENDPOINTS[end]!;
  const start = out.length + name.length - OBJECT_START.length;
  out.put(name);
  const address = out.length;
  writeAddress(view, end, out);
  const addressEnd = out.length;
  out.put(IP);
  repeat(out, address, addressEnd);
  out.byte(QUOTE);
  if (showsPorts(view)) {
    out.put(PORT);
    out.integer(end === 0 ? view.sourcePort : view.destinationPort);
  }
  if (view.hasMac) {
    out.put(MAC);
    writeMac(view.macHigh(end), view.macLow(end), out);
    out.byte(QUOTE);
  }
  out.put(BYTES);
  out.integer(view.bytes(end));
  out.put(PACKETS);
  out.integer(view.packets(end));
  out.byte(CLOSE);
  return start;
}
const OBJECT_START = '{"address":"';

function writeRelated(view: FlowView, out: ByteWriter): void {
  out.put(RELATED);
  const first = out.length;
  writeAddress(view, 0, out);
  const firstEnd = out.length;
  out.put(NEXT_ADDRESS);
  const second = out.length;
  writeAddress(view, 1, out);
  if (isSame(out.bytes, first, firstEnd, second, out.length)) out.length = firstEnd;
  out.put(RELATED_END);
}

function isSame(
  bytes: Uint8Array,
  first: number,
  firstEnd: number,
  second: number,
  secondEnd: number,
): boolean {
  if (firstEnd - first !== secondEnd - second) return false;
  for (let i = 0; i < firstEnd - first; i += 1) {
    if (bytes[first + i] !== bytes[second + i]) return false;
  }
  return true;
}

/** Writes once more what stands between two places of the buffer. */
function repeat(out: ByteWriter, from: number, to: number): void {
  out.reserve(to - from);
  out.bytes.copyWithin(out.length, from, to);
  out.length += to - from;
}

/** RFC 7042: capitals, dashes. */
function writeMac(high: number, low: number, out: ByteWriter): void {
  out.put(UPPER_OCTETS[(high >>> 8) & 255]!);
  out.byte(DASH);
  out.put(UPPER_OCTETS[high & 255]!);
  for (let shift = 24; shift >= 0; shift -= 8) {
    out.byte(DASH);
    out.put(UPPER_OCTETS[(low >>> shift) & 255]!);
  }
}
