import { EndReason, EndReasonName } from "../../src/flow/ending/end-reason.ts";
import { EndedRows, endedReason, endedRow } from "../../src/flow/ending/ended-rows.ts";
import { EndedSorter } from "../../src/flow/ending/ended-sorter.ts";
import { DEFAULT_TIMEOUTS, type FlowTimeouts } from "../../src/flow/ending/timeouts.ts";
import { FlowTable } from "../../src/flow/flow-table.ts";
import { FlowView } from "../../src/flow/flow-view.ts";
import { ContextTable } from "../../src/flow/id/context-table.ts";
import { flowIdText } from "../../src/flow/id/flow-id.ts";
import type { HashSecret } from "../../src/flow/packet/flow-hash.ts";
import { hashStaged } from "../../src/flow/packet/hash-staged.ts";
import { Staged, stageHeaders } from "../../src/flow/packet/staged-packet.ts";
import { CertaintyName, DirectionReasonName } from "../../src/flow/row/direction.ts";
import { ClosedRow } from "../../src/flow/row/flow-row.ts";
import { GrowableMemory } from "../../src/flow/row/growable-memory.ts";
import { compiledUsualPackets } from "../../src/flow/table/compiled-usual-packets.ts";
import { Fragment, newDecodedHeaders } from "../../src/wire/decoded-headers.ts";

/** Seconds since 1970 at which the times of test packets begin. */
export const EPOCH = 1_700_000_000;
const SECOND = 1e9;

/** One packet as the flow table gets to know it; what is left out is 0. */
export type TestPacket = {
  /** Nanoseconds after `EPOCH`. */
  readonly time: number;
  readonly protocol: number;
  /** Last octet of the addresses. */
  readonly source: number;
  readonly destination: number;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly isIpv6?: boolean;
  readonly vlan?: number;
  readonly isFragment?: boolean;
  /** ICMP. */
  readonly type?: number;
  readonly code?: number;
  /** First SCTP chunk or DCCP packet type. */
  readonly message?: number;
  /** TCP flags as bits. */
  readonly flags?: number;
  readonly sequence?: number;
  readonly acknowledgement?: number;
  readonly window?: number;
  readonly payload?: number;
};

/** One record, with the initiator's part of each pair first. */
export type TestRecord = {
  readonly id: string;
  readonly previousId: string;
  readonly part: number;
  /** `protocol source:port destination:port vlan`; the first is the initiator. */
  readonly flow: string;
  readonly certainty: string;
  readonly directionReason: string;
  readonly packets: readonly [number, number];
  readonly bytes: readonly [number, number];
  readonly ipBytes: readonly [number, number];
  readonly payloadBytes: readonly [number, number];
  /** Nanoseconds after `EPOCH`. */
  readonly start: number;
  readonly end: number;
  readonly closed: number;
  readonly fragments: number;
  readonly reason: string;
  readonly tcp: TcpFacts | undefined;
};

export type TcpFacts = {
  readonly state: string;
  readonly history: string;
  readonly flags: readonly [number, number];
  readonly retransmits: readonly [number, number];
  readonly outOfOrder: readonly [number, number];
  readonly missedBytes: number;
  /** Payload as the sequence numbers show it. */
  readonly sequenceBytes: readonly [number, number];
  /** Nanoseconds; 0 when it was not measured. */
  readonly handshake: number;
};

export type DriveOptions = {
  /** Packets are staged apart from rows, where WebAssembly does not find them. */
  readonly isApart?: boolean;
  readonly timeouts?: Partial<FlowTimeouts>;
  readonly maxFlows?: number;
  readonly memory?: number;
  /** 0 where nothing else is said: every lone SYN is kept short. */
  readonly loneSynsFrom?: number;
  readonly secret?: HashSecret;
  /** Packets handed over at a time; called for each group. */
  readonly group?: () => number;
  readonly endReason?: EndReason;
  /** Seconds since 1970 instead of `EPOCH`. */
  readonly epoch?: number;
};

const FIXED_SECRET: HashSecret = { multiplier: 0x9e3779b1, seed: 7 };
const LARGEST_GROUP = 128;
const STAGED_WORDS = LARGEST_GROUP * Staged.Size;

/** Frame octets on the wire of a test packet. */
export function wireLength(packet: TestPacket): number {
  return 14 + ipLength(packet);
}

/** Octets of its IP datagram. */
export function ipLength(packet: TestPacket): number {
  return (packet.isIpv6 === true ? 40 : 20) + 8 + (packet.payload ?? 0);
}

/** A table that is fed test packets, and gives records in the order in which they are written. */
export class Driver {
  readonly contexts: ContextTable = new ContextTable();
  readonly table: FlowTable;
  readonly records: TestRecord[] = [];
  private readonly options: DriveOptions;
  private readonly secret: HashSecret;
  private readonly epoch: number;
  private readonly staged: Int32Array;
  private readonly headers = newDecodedHeaders();
  private readonly view: FlowView;
  private readonly due = new EndedRows();
  private readonly rest = new EndedRows();
  private clock = Number.NEGATIVE_INFINITY;
  private ordinal = 0;

  constructor(options: DriveOptions = {}) {
    this.options = options;
    this.secret = options.secret ?? FIXED_SECRET;
    this.epoch = options.epoch ?? EPOCH;
    const memory = new GrowableMemory(STAGED_WORDS + (1 << 16));
    const taken = new Int32Array(memory.words.buffer, memory.take(STAGED_WORDS * 4), STAGED_WORDS);
    this.staged = options.isApart === true ? new Int32Array(STAGED_WORDS) : taken;
    this.table = new FlowTable({
      rowsIn: memory,
      timeouts: { ...DEFAULT_TIMEOUTS, ...options.timeouts },
      secret: this.secret,
      contexts: this.contexts,
      maxFlows: options.maxFlows ?? Number.POSITIVE_INFINITY,
      memory: options.memory ?? Number.POSITIVE_INFINITY,
      loneSynsFrom: options.loneSynsFrom ?? 0,
    });
    this.table.useCompiled(compiledUsualPackets(memory));
    this.view = new FlowView(this.table, this.contexts);
  }

  /** Adds packets, in groups; takes the records whose order is final. */
  add(packets: readonly TestPacket[]): void {
    for (let i = 0; i < packets.length; ) {
      const size = Math.min(this.options.group?.() ?? LARGEST_GROUP, packets.length - i);
      for (let k = 0; k < size; k += 1) this.stage(packets[i + k]!, k * Staged.Size);
      for (let done = 0; done < size; ) {
        done += this.table.update(this.staged, done * Staged.Size, size - done);
        if (this.table.isFull) this.take(Number.POSITIVE_INFINITY);
      }
      this.take(this.epoch + Math.floor(this.clock / SECOND));
      this.contexts.reclaim();
      i += size;
    }
  }

  /** Records of rows that ended and wait for their order to be final. */
  waiting(): TestRecord[] {
    const { ended } = this.table;
    return Array.from({ length: ended.count }, (_, i) => {
      return this.recordOf(ended.entries[i]!);
    });
  }

  /** Ends all flows. */
  end(): readonly TestRecord[] {
    this.table.endAll(this.options.endReason ?? EndReason.CaptureEnd);
    this.take(Number.POSITIVE_INFINITY);
    this.contexts.reclaim();
    return this.records;
  }

  /** Begins a capture of its own, after `end`. */
  restart(): void {
    this.table.restartClock();
    this.clock = Number.NEGATIVE_INFINITY;
    this.ordinal = 0;
  }

  private stage(packet: TestPacket, at: number): void {
    const { headers, staged } = this;
    const isIcmp = packet.protocol === 1 || packet.protocol === 58;
    headers.ipVersion = packet.isIpv6 === true ? 6 : 4;
    headers.source0 = packet.isIpv6 === true ? 0x20010db8 : 0;
    headers.source3 = 0x0a000000 + packet.source;
    headers.destination0 = headers.source0;
    headers.destination3 = 0x0a000000 + packet.destination;
    headers.protocol = packet.protocol;
    headers.hasPorts = packet.sourcePort === undefined ? 0 : 1;
    headers.sourcePort = packet.sourcePort ?? 0;
    headers.destinationPort = packet.destinationPort ?? 0;
    headers.hasIcmp = isIcmp && packet.type !== undefined ? 1 : 0;
    headers.icmpType = packet.type ?? 0;
    headers.icmpCode = packet.code ?? 0;
    headers.messageType = packet.message ?? -1;
    headers.hasTcp = packet.protocol === 6 && packet.flags !== undefined ? 1 : 0;
    headers.tcpFlags = packet.flags ?? 0;
    headers.tcpSequence = (packet.sequence ?? 0) | 0;
    headers.tcpAcknowledgement = (packet.acknowledgement ?? 0) | 0;
    headers.tcpWindow = packet.window ?? 1000;
    headers.payloadLength = packet.payload ?? 0;
    headers.ipLength = ipLength(packet);
    headers.fragment = packet.isFragment === true ? Fragment.First : Fragment.None;
    headers.vlanCount = packet.vlan === undefined ? 0 : 1;
    headers.vlan0 = packet.vlan ?? 0;
    this.contexts.begin(headers, true);
    stageHeaders(staged, at, headers, this.contexts.number());
    hashStaged(
      staged,
      at / Staged.Size,
      at / Staged.Size + 1,
      this.secret.multiplier,
      this.secret.seed,
    );
    this.clock = Math.max(this.clock, packet.time);
    this.ordinal += 1;
    const seconds = Math.floor(packet.time / SECOND);
    const clockSeconds = Math.floor(this.clock / SECOND);
    staged[at + Staged.Seconds] = this.epoch + seconds;
    staged[at + Staged.Nanoseconds] = packet.time - seconds * SECOND;
    staged[at + Staged.ClockSeconds] = this.epoch + clockSeconds;
    staged[at + Staged.ClockNanoseconds] = this.clock - clockSeconds * SECOND;
    staged[at + Staged.WireLength] = wireLength(packet);
    staged[at + Staged.Ordinal] = this.ordinal;
    staged[at + Staged.Interface] = 0;
  }

  /** What was closed before this second of the clock, in order; the rest waits, as in the pipeline. */
  private take(second: number): void {
    const { ended } = this.table;
    const { due, rest } = this;
    due.count = 0;
    rest.count = 0;
    for (let i = 0; i < ended.count; i += 1) {
      const entry = ended.entries[i]!;
      (this.closed(entry) < (second - this.epoch) * SECOND ? due : rest).push(entry);
    }
    if (due.count === 0) return;
    ended.count = 0;
    for (let i = 0; i < rest.count; i += 1) ended.push(rest.entries[i]!);
    const { memory, extras } = this.table;
    new EndedSorter(due.entries, due.count, {
      words: memory.words,
      contexts: this.contexts,
      extras,
    }).sortTo(due.count);
    for (let i = 0; i < due.count; i += 1) {
      const entry = due.entries[i]!;
      this.records.push(this.recordOf(entry));
      this.table.release(endedRow(entry));
    }
  }

  /** Nanoseconds after the epoch. */
  private closed(entry: number): number {
    const { words } = this.table.memory;
    const row = endedRow(entry);
    const seconds = (words[row + ClosedRow.Seconds]! >>> 0) - this.epoch;
    return seconds * SECOND + words[row + ClosedRow.Nanoseconds]!;
  }

  private recordOf(entry: number): TestRecord {
    this.view.load(endedRow(entry), endedReason(entry));
    return recordOf(this.view, this.closed(entry), this.epoch);
  }
}

/** All records of packets. */
export function drive(
  packets: readonly TestPacket[],
  options: DriveOptions = {},
): readonly TestRecord[] {
  const driver = new Driver(options);
  driver.add(packets);
  return driver.end();
}

function recordOf(view: FlowView, closed: number, epoch: number): TestRecord {
  const both = (of: (end: number) => number): readonly [number, number] => [of(0), of(1)];
  const port = (value: number): string => (view.hasPorts ? `:${value}` : "");
  const address = (end: number): string =>
    `${view.isIpv6 ? "v6-" : ""}${view.addressWord(end, 3) & 255}`;
  const vlan = view.context === undefined ? 0 : view.context.words[1]!;
  return {
    id: flowIdText(view.id),
    previousId: view.extra?.previousId ?? "",
    part: view.extra?.part ?? 1,
    flow: `${view.protocol} ${address(0)}${port(view.sourcePort)} ${address(1)}${port(view.destinationPort)} ${vlan}`,
    certainty: CertaintyName[view.direction.certainty]!,
    directionReason: DirectionReasonName[view.direction.reason]!,
    packets: both((end) => view.packets(end)),
    bytes: both((end) => view.bytes(end)),
    ipBytes: both((end) => view.ipBytes(end)),
    payloadBytes: both((end) => view.payloadBytes(end)),
    start: (view.startSeconds - epoch) * SECOND + view.startNanoseconds,
    end: (view.endSeconds - epoch) * SECOND + view.endNanoseconds,
    closed,
    fragments: view.extra?.fragments ?? 0,
    reason: EndReasonName[view.endReason]!,
    tcp: view.protocol === 6 ? tcpOf(view) : undefined,
  };
}

function tcpOf(view: FlowView): TcpFacts {
  return {
    state: view.connectionState,
    history: String.fromCharCode(...view.history.subarray(0, view.historyLength)),
    flags: [view.tcpFlags(0), view.tcpFlags(1)],
    retransmits: [view.retransmits(0), view.retransmits(1)],
    outOfOrder: [view.outOfOrder(0), view.outOfOrder(1)],
    missedBytes: view.missedBytes,
    sequenceBytes: [view.sequenceBytes(0), view.sequenceBytes(1)],
    handshake: view.handshakeNanoseconds,
  };
}
