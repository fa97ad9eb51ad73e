import type { CaptureSource } from "../../capture/source.ts";
import { type OutputBooks, outputBooksJson } from "../../delivery/output-books.ts";
import { EndReasonName } from "../../flow/ending/end-reason.ts";
import { EvictionCauseName } from "../../flow/ending/eviction-cause.ts";
import { etherTypeName } from "../../wire/ether-type-name.ts";
import { faultName } from "../../wire/fault.ts";
import { linkTypeName } from "../../wire/link-type.ts";
import { visitCounted } from "./counted-numbers.ts";
import { InterfaceBooks } from "./interface-books.ts";
import { type LiveBooks, liveBooksJson } from "./live-books.ts";
import { UnknownPorts } from "./unknown-ports.ts";
import type { UnknownPort } from "./unknown-ports-report.ts";

const NUMBERS_16 = 65536;
const NUMBERS_8 = 256;

const COUNTED = [
  "read",
  "flowed",
  "filtered",
  "truncated",
  "fragments",
  "noPorts",
  "extraLayers",
  "orphanFragments",
  "timeWentBackwards",
  "wrongToZeek",
  "files",
  "sections",
  "interfaces",
  "bytes",
  "packetsWithoutTime",
  "timesClamped",
  "capturedOctets",
  "inbound",
  "outbound",
] as const;
const COUNTED_BY_NUMBER = ["notIp", "malformed", "unsupportedLink", "faults"] as const;

/** The part of the books that is about captures and packets. */
export type BookCounts = Pick<
  Books,
  | (typeof COUNTED)[number]
  | (typeof COUNTED_BY_NUMBER)[number]
  | "dropped"
  | "byInterface"
  | "hasTime"
  | "firstSeconds"
  | "firstNanoseconds"
  | "lastSeconds"
  | "lastNanoseconds"
>;

/** The part that is about flows; unnamed ports have a form of their own. */
export type FlowCounts = Pick<Books, "flows" | "peakFlows" | "endReasons" | "evictions">;

/** All that a run in another thread counted. */
export type RunCounts = BookCounts & FlowCounts;

/**
 * The books of a run: every packet read is in exactly one bin. Counters are typed arrays indexed by
 * the numbers that packets carry, so that counting costs an addition.
 */
export class Books {
  read = 0;
  flowed = 0;
  filtered = 0;
  readonly notIp: Float64Array = new Float64Array(NUMBERS_16);
  readonly malformed: Float64Array = new Float64Array(NUMBERS_8);
  readonly unsupportedLink: Float64Array = new Float64Array(NUMBERS_16);
  /** Faults of packets that reached a flow all the same, and of what was inside tunnels. */
  readonly faults: Float64Array = new Float64Array(NUMBERS_8);
  /** Of the flowed packets: cut by the snaplen, IP fragments, without ports. */
  truncated = 0;
  fragments = 0;
  noPorts = 0;
  /** Flow entries beyond one a packet, with `--tunnels both`. */
  extraLayers = 0;
  /** Later fragments whose first was not seen. */
  orphanFragments = 0;
  timeWentBackwards = 0;
  /** Packets with a checksum that only Zeek's rules hold to be wrong: a network card was to fill it in, mostly. */
  wrongToZeek = 0;
  /** Ports of flows without a name. */
  readonly unknownPorts: UnknownPorts = new UnknownPorts();
  readonly endReasons: Float64Array = new Float64Array(EndReasonName.length);
  flows = 0;
  peakFlows = 0;
  /** Flows that gave way to others, by `EvictionCause`. */
  evictions: Float64Array = new Float64Array(EvictionCauseName.length);
  files = 0;
  sections = 0;
  interfaces = 0;
  bytes = 0;
  packetsWithoutTime = 0;
  timesClamped = 0;
  /** Octets of packets that the captures hold: what the snaplen left of them. */
  capturedOctets = 0;
  /** Packets marked as received and as sent by the capturing side. */
  inbound = 0;
  outbound = 0;
  /** What captures say of their interfaces. */
  readonly byInterface: InterfaceBooks = new InterfaceBooks();
  /** Packets that capturing interfaces report as dropped; undefined when none says so. */
  dropped: number | undefined;
  /** What became of the records of each output, where there are several or other ones than a file. */
  outputs: readonly OutputBooks[] = [];
  /** What is known of a live capture's losses; undefined for files. */
  live: LiveBooks | undefined;
  firstSeconds = 0;
  firstNanoseconds = 0;
  lastSeconds = 0;
  lastNanoseconds = 0;
  hasTime = false;

  /** Widens the span of packet times. */
  noteTime(seconds: number, nanoseconds: number): void {
    const isEarlier =
      seconds < this.firstSeconds ||
      (seconds === this.firstSeconds && nanoseconds < this.firstNanoseconds);
    const isLater =
      seconds > this.lastSeconds ||
      (seconds === this.lastSeconds && nanoseconds > this.lastNanoseconds);
    if (isEarlier || !this.hasTime) {
      this.firstSeconds = seconds;
      this.firstNanoseconds = nanoseconds;
    }
    if (isLater || !this.hasTime) {
      this.lastSeconds = seconds;
      this.lastNanoseconds = nanoseconds;
    }
    this.hasTime = true;
  }

  /** Adds what a capture says of itself, at its end. */
  noteCapture(source: CaptureSource): void {
    const { counters, interfaces } = source;
    this.files += counters.files;
    this.bytes += counters.bytes;
    this.sections += counters.sections;
    this.packetsWithoutTime += counters.packetsWithoutTime;
    this.timesClamped += counters.timesClamped;
    this.capturedOctets += counters.capturedOctets;
    this.inbound += counters.inbound;
    this.outbound += counters.outbound;
    this.byInterface.add(source);
    this.interfaces += interfaces.length;
    for (const { droppedPackets } of interfaces) {
      if (droppedPackets !== undefined) this.dropped = (this.dropped ?? 0) + droppedPackets;
    }
  }

  /** Adds what another thread counted of captures and packets; its flows are 0. */
  absorb(other: BookCounts): void {
    for (const name of COUNTED) this[name] += other[name];
    for (const name of COUNTED_BY_NUMBER) addTo(this[name], other[name]);
    this.byInterface.absorb(other.byInterface);
    if (other.dropped !== undefined) this.dropped = (this.dropped ?? 0) + other.dropped;
    if (!other.hasTime) return;
    this.noteTime(other.firstSeconds, other.firstNanoseconds);
    this.noteTime(other.lastSeconds, other.lastNanoseconds);
  }

  /** Adds what another thread counted of flows; how their peaks go together is for the caller to say. */
  absorbFlows({ flows, endReasons, evictions }: FlowCounts): void {
    this.flows += flows;
    addTo(this.endReasons, endReasons);
    addTo(this.evictions, evictions);
  }

  /** What `absorb` takes, as it passes between threads. */
  counts(): BookCounts {
    return { ...this };
  }

  /** What `absorb` and `absorbFlows` take, as it passes between threads. */
  runCounts(): RunCounts {
    const counts: RunCounts & { unknownPorts: undefined } = { ...this, unknownPorts: undefined };
    return counts;
  }

  /** Packets without a usable IP header, packets that are not IP, and those of link types not decoded. */
  get notFlowed(): number {
    return sum(this.notIp) + sum(this.malformed) + sum(this.unsupportedLink);
  }

  /** Flows that gave way to others for lack of room. */
  get evicted(): number {
    return sum(this.evictions);
  }

  /** Whether every packet read is in exactly one bin. */
  get balanced(): boolean {
    return this.read === this.flowed + this.filtered + this.notFlowed;
  }

  /** Whether any packet was faulty. */
  get hasFaults(): boolean {
    return sum(this.malformed) + sum(this.faults) > 0;
  }

  /**
   * The books as the public JSON object.
   * @param wallSeconds - since the start of the run
   * @param unknownPorts - where they were asked for
   */
  toJson(wallSeconds: number, cpuSeconds: number, unknownPorts?: readonly UnknownPort[]): object {
    return {
      type: "stats",
      schema: "portflow.stats/1",
      packets: {
        read: this.read,
        flowed: this.flowed,
        filtered: this.filtered,
        not_ip: named(this.notIp, etherTypeName),
        malformed: named(this.malformed, faultName),
        unsupported_link: named(this.unsupportedLink, linkTypeName),
      },
      balanced: this.balanced,
      details: {
        truncated: this.truncated,
        fragments: this.fragments,
        orphan_fragments: this.orphanFragments,
        no_ports: this.noPorts,
        extra_layers: this.extraLayers,
      },
      faults: named(this.faults, faultName),
      flows: {
        total: this.flows,
        by_end_reason: named(this.endReasons, (code) => EndReasonName[code]!),
        peak: this.peakFlows,
        evicted: this.evicted,
        evicted_by_cause: named(this.evictions, (code) => EvictionCauseName[code]!),
      },
      capture: {
        files: this.files,
        sections: this.sections,
        interfaces: this.interfaces,
        bytes: this.bytes,
        ...(this.hasTime
          ? {
              first_time: timeText(this.firstSeconds, this.firstNanoseconds),
              last_time: timeText(this.lastSeconds, this.lastNanoseconds),
            }
          : {}),
        time_went_backwards: this.timeWentBackwards,
        packets_without_time: this.packetsWithoutTime,
        times_clamped: this.timesClamped,
        captured_bytes: this.capturedOctets,
        ...(this.inbound + this.outbound === 0
          ? {}
          : { inbound: this.inbound, outbound: this.outbound }),
        ...(this.dropped === undefined ? {} : { dropped: this.dropped }),
        ...this.byInterface.toJson(),
        ...(this.live === undefined ? {} : liveBooksJson(this.live)),
      },
      ...(this.outputs.length === 0 ? {} : { outputs: this.outputs.map(outputBooksJson) }),
      seconds: { wall: round(wallSeconds), cpu: round(cpuSeconds) },
      packets_per_second: wallSeconds > 0 ? Math.round(this.read / wallSeconds) : 0,
      ...(unknownPorts === undefined ? {} : { unknown_ports: unknownPorts }),
    };
  }
}

/** The counters that are not 0, by name. */
export function named(
  counts: Float64Array,
  name: (code: number) => string,
): Record<string, number> {
  const result: Record<string, number> = {};
  visitCounted(counts, (code, count) => {
    result[name(code)] = (result[name(code)] ?? 0) + count;
  });
  return result;
}

function addTo(total: Float64Array, more: Float64Array): void {
  for (let i = 0; i < more.length; i += 1) total[i]! += more[i]!;
}

function sum(counts: Float64Array): number {
  let total = 0;
  visitCounted(counts, (_code, count) => {
    total += count;
  });
  return total;
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

function timeText(seconds: number, nanoseconds: number): string {
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  return `${whole}.${String(nanoseconds).padStart(9, "0")}Z`;
}
