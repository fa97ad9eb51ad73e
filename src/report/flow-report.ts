import { secondsOf } from "../analysis/record-time.ts";
import type { FlowRecordJson } from "../sink/flow-record.ts";
import { BusiestFlows } from "../sink/table/busiest-flows.ts";
import { BoundedTotals } from "./bounded-totals.ts";
import { LatencyHistogram } from "./latency-histogram.ts";
import { Timeline } from "./timeline.ts";

/** Clients of a port that are told apart, at most. */
const MOST_CLIENTS = 1000;

/** Sums of flows that have something in common. */
export type Total = {
  flows: number;
  packets: number;
  /** Octets of frames; what totals are sorted by. */
  weight: number;
};

/** One service and transport, or one port without a name. */
export type ServiceSum = Total & {
  readonly name: string;
  readonly transport: string;
  readonly isNamed: boolean;
  readonly port: number | undefined;
  readonly status: string;
  readonly source: string;
  readonly clients: Set<string>;
  readonly servers: Set<string>;
  confidence: string;
  hint: string;
};

/** One address. */
export type HostSum = Total & {
  sent: number;
  received: number;
  began: number;
  answered: number;
};

/** One port of a server whose TCP connections had trouble. */
export type TroubleSum = {
  weight: number;
  flows: number;
  packets: number;
  retransmits: number;
  outOfOrder: number;
  missedBytes: number;
  resets: number;
  unanswered: number;
};

/**
 * Gathers what a report shows, record by record. Memory is bounded: what could grow without end keeps
 * its heaviest entries.
 */
export class FlowReport {
  /** Records, and flows: the later parts of a split flow are no other ones. */
  records = 0;
  flows = 0;
  packets = 0;
  bytes = 0;
  payloadBytes = 0;
  first = "";
  last = "";
  readonly timeline: Timeline = new Timeline();
  readonly services: BoundedTotals<ServiceSum> = new BoundedTotals();
  readonly hosts: BoundedTotals<HostSum> = new BoundedTotals();
  readonly transports: BoundedTotals<Total> = new BoundedTotals();
  readonly confidences: BoundedTotals<Total> = new BoundedTotals();
  readonly reasons: BoundedTotals<Total> = new BoundedTotals();
  readonly directions: BoundedTotals<Total> = new BoundedTotals();
  readonly endReasons: BoundedTotals<Total> = new BoundedTotals();
  readonly tcpStates: BoundedTotals<Total> = new BoundedTotals();
  readonly interfaces: BoundedTotals<Total> = new BoundedTotals();
  readonly trouble: BoundedTotals<TroubleSum> = new BoundedTotals();
  readonly handshakes: LatencyHistogram = new LatencyHistogram();
  readonly tcp: {
    packets: number;
    retransmits: number;
    outOfOrder: number;
    missedBytes: number;
  } = { packets: 0, retransmits: 0, outOfOrder: 0, missedBytes: 0 };
  readonly busiest: BusiestFlows<FlowRecordJson>;

  /** @param listed - busiest flows kept one by one */
  constructor(listed: number) {
    this.busiest = new BusiestFlows(listed);
  }

  /** Adds records. */
  addAll(records: Iterable<FlowRecordJson>): void {
    for (const record of records) this.add(record);
  }

  /** Adds a record. */
  add(record: FlowRecordJson): void {
    const { src, dst } = record;
    const bytes = src.bytes + dst.bytes;
    const packets = src.packets + dst.packets;
    const flows = (record.part ?? 1) === 1 ? 1 : 0;
    this.records += 1;
    this.flows += flows;
    this.packets += packets;
    this.bytes += bytes;
    this.payloadBytes += src.payload_bytes + dst.payload_bytes;
    if (this.first === "" || record.start < this.first) this.first = record.start;
    if (record.end > this.last) this.last = record.end;
    const start = secondsOf(record.start) ?? 0;
    this.timeline.add(start, secondsOf(record.end) ?? start, src.bytes, dst.bytes);
    const count = (totals: BoundedTotals<Total>, key: string): void => {
      addTo(totals.at(key, newTotal), flows, packets, bytes);
    };
    count(this.transports, record.transport);
    count(this.confidences, record.service.confidence);
    count(this.reasons, record.service.reason);
    count(this.directions, `${record.direction.certainty}\n${record.direction.reason}`);
    count(this.endReasons, record.end_reason);
    if (record.interface !== undefined) count(this.interfaces, record.interface);
    if (record.tcp !== undefined) count(this.tcpStates, record.tcp.state);
    this.addService(record, flows, packets, bytes);
    this.addHost(src.ip, src, dst, flows, true);
    this.addHost(dst.ip, dst, src, flows, false);
    this.addTcp(record, flows, packets);
    this.busiest.offer(bytes, () => record);
  }

  private addService(record: FlowRecordJson, flows: number, packets: number, bytes: number): void {
    const { service, transport, src, dst } = record;
    const isNamed = service.name !== undefined;
    const port = service.port ?? (isNamed ? undefined : dst.port);
    const key = `${service.name ?? port ?? ""}\n${transport}\n${isNamed}`;
    const sum = this.services.at(key, () => ({
      flows: 0,
      packets: 0,
      weight: 0,
      name: service.name ?? "",
      transport,
      isNamed,
      port,
      status: service.status ?? "",
      source: service.source ?? "",
      clients: new Set<string>(),
      servers: new Set<string>(),
      confidence: service.confidence,
      hint: service.hint ?? "",
    }));
    addTo(sum, flows, packets, bytes);
    const isTurned = service.side === "src";
    remember(sum.clients, isTurned ? dst.ip : src.ip);
    remember(sum.servers, isTurned ? src.ip : dst.ip);
    if (CONFIDENCES.indexOf(service.confidence) > CONFIDENCES.indexOf(sum.confidence)) {
      sum.confidence = service.confidence;
    }
  }

  private addHost(
    ip: string,
    own: FlowRecordJson["src"],
    other: FlowRecordJson["src"],
    flows: number,
    began: boolean,
  ): void {
    const sum = this.hosts.at(ip, () => ({
      ...newTotal(),
      sent: 0,
      received: 0,
      began: 0,
      answered: 0,
    }));
    addTo(sum, flows, own.packets + other.packets, own.bytes + other.bytes);
    sum.sent += own.bytes;
    sum.received += other.bytes;
    if (began) sum.began += flows;
    else sum.answered += flows;
  }

  private addTcp(record: FlowRecordJson, flows: number, packets: number): void {
    const { tcp, dst } = record;
    if (tcp === undefined) return;
    const retransmits = tcp.retransmits.src + tcp.retransmits.dst;
    const outOfOrder = tcp.out_of_order.src + tcp.out_of_order.dst;
    const isReset = /^RST|^REJ/.test(tcp.state) ? 1 : 0;
    const isUnanswered = tcp.state === "S0" ? 1 : 0;
    this.tcp.packets += packets;
    this.tcp.retransmits += retransmits;
    this.tcp.outOfOrder += outOfOrder;
    this.tcp.missedBytes += tcp.missed_bytes;
    if (tcp.handshake_rtt !== undefined) this.handshakes.add(tcp.handshake_rtt);
    const weight =
      retransmits + outOfOrder + isReset + isUnanswered + (tcp.missed_bytes > 0 ? 1 : 0);
    if (weight === 0) return;
    const sum = this.trouble.at(`${dst.ip}\n${dst.port ?? ""}`, () => ({
      weight: 0,
      flows: 0,
      packets: 0,
      retransmits: 0,
      outOfOrder: 0,
      missedBytes: 0,
      resets: 0,
      unanswered: 0,
    }));
    sum.weight += weight;
    sum.flows += flows;
    sum.packets += packets;
    sum.retransmits += retransmits;
    sum.outOfOrder += outOfOrder;
    sum.missedBytes += tcp.missed_bytes;
    sum.resets += isReset;
    sum.unanswered += isUnanswered;
  }
}

const CONFIDENCES: readonly string[] = ["none", "low", "medium", "high"];

function newTotal(): Total {
  return { flows: 0, packets: 0, weight: 0 };
}

function addTo(total: Total, flows: number, packets: number, bytes: number): void {
  total.flows += flows;
  total.packets += packets;
  total.weight += bytes;
}

function remember(addresses: Set<string>, address: string): void {
  if (addresses.size < MOST_CLIENTS) addresses.add(address);
}
