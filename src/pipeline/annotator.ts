import type { CaptureSource } from "../capture/source.ts";
import { newPacketBatch, type PacketBatch } from "../core/packet-batch.ts";
import { ContextTable } from "../flow/context-table.ts";
import { EndReason } from "../flow/end-reason.ts";
import { type HashSecret, newHashSecret } from "../flow/flow-hash.ts";
import { FlowTable } from "../flow/flow-table.ts";
import { FragmentTable } from "../flow/fragment-table.ts";
import { Staged, stageHeaders } from "../flow/staged-packet.ts";
import type { FlowTimeouts } from "../flow/timeouts.ts";
import { decodeFrame, decodeTunnel } from "../wire/decode.ts";
import {
  type DecodedHeaders,
  Fragment,
  newDecodedHeaders,
  Outcome,
} from "../wire/decoded-headers.ts";
import type { Books } from "./books.ts";
import type { Emitter } from "./emitter.ts";

/** Tunnel layers followed at most. */
const TUNNEL_DEPTH = 8;
/** Packets staged before the table is touched: their words fit the first-level cache with room to spare. */
const GROUP = 128;
const EVERY_SECOND = 0x1_0000_0000;
const LARGEST_INTERFACE = 0xffff;

/** Which of a tunnelled packet's flows counts it. */
export type TunnelPolicy = "inner" | "outer" | "both";

/** How packets become flows. */
export type AnnotateOptions = {
  readonly timeouts: FlowTimeouts;
  readonly maxFlows: number;
  readonly useVlanKey: boolean;
  readonly tunnels: TunnelPolicy;
};

/**
 * The way of a packet: decoded, staged, added to its flow; and of a flow: ended by the packet clock,
 * handed to the emitter. One loop, batch by batch; nothing is allocated for a packet.
 */
export class Annotator {
  readonly table: FlowTable;
  private readonly contexts = new ContextTable();
  private readonly secret: HashSecret = newHashSecret();
  private readonly fragments = new FragmentTable(this.secret);
  private readonly options: AnnotateOptions;
  private readonly books: Books;
  private readonly emitter: Emitter;
  private readonly batch: PacketBatch = newPacketBatch();
  private readonly layers: DecodedHeaders[] = [];
  private readonly staged = new Int32Array((GROUP + TUNNEL_DEPTH + 1) * Staged.Size);
  private stagedCount = 0;
  /** Packets of the capture before the batch. */
  private packetsBefore = 0;
  private clockSeconds = 0;
  private clockNanoseconds = 0;
  private hasClock = false;
  private drainedSecond = -1;
  private isStopped = false;
  private wakeUp: ((hasPackets: boolean) => void) | undefined;

  constructor(options: AnnotateOptions, books: Books, emitter: Emitter) {
    this.options = options;
    this.books = books;
    this.emitter = emitter;
    this.table = new FlowTable({
      timeouts: options.timeouts,
      secret: this.secret,
      contexts: this.contexts,
      maxFlows: options.maxFlows,
    });
    for (let i = 0; i <= TUNNEL_DEPTH; i += 1) this.layers.push(newDecodedHeaders());
  }

  /** Asks a run to end with the batch it is at; one that waits for packets ends at once. */
  stop(): void {
    this.isStopped = true;
    this.wakeUp?.(false);
  }

  /** True when `stop` was called, or nobody reads the output any more. */
  get isOver(): boolean {
    return this.isStopped || this.emitter.isClosed;
  }

  /**
   * Reads a capture to its end. Its flows stay open until `endFlows`.
   * @throws CaptureError when the capture is damaged; what came before is in the table
   */
  async readCapture(source: CaptureSource): Promise<void> {
    const interfacesBefore = this.emitter.interfaceNames.length;
    try {
      while (!this.isOver && (await this.fillOrStop(source))) {
        this.nameInterfaces(source, interfacesBefore);
        await this.addBatch(interfacesBefore);
      }
    } finally {
      this.closeBooks(source);
    }
  }

  /** Ends the flows that are open and writes every record there is. */
  async endFlows(reason: EndReason = EndReason.CaptureEnd): Promise<void> {
    this.table.endAll(reason);
    await this.emitter.drain(this.table, this.contexts, EVERY_SECOND);
    this.books.peakFlows = Math.max(this.books.peakFlows, this.table.peakFlows);
    this.books.evicted = this.table.evictions;
  }

  /** Begins a capture whose packets have nothing to do with those before; its flows must have ended. */
  restart(): void {
    this.packetsBefore = 0;
    this.hasClock = false;
    this.clockSeconds = 0;
    this.clockNanoseconds = 0;
    this.drainedSecond = -1;
    this.emitter.interfaceNames.length = 0;
    this.table.restartClock();
  }

  /** Waits for packets or for `stop`. (A race with one lasting promise would leave a reaction behind for every batch.) */
  private fillOrStop(source: CaptureSource): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.wakeUp = resolve;
      source.fill(this.batch).then(resolve, reject);
    });
  }

  private nameInterfaces(source: CaptureSource, before: number): void {
    const names = this.emitter.interfaceNames;
    for (let i = names.length - before; i < source.interfaces.length; i += 1) {
      names.push(source.interfaces[i]!.name);
    }
  }

  private closeBooks(source: CaptureSource): void {
    const { books } = this;
    if (this.hasClock) books.noteTime(this.clockSeconds, this.clockNanoseconds);
    books.bytes += source.counters.bytes;
    books.sections += source.counters.sections;
    books.packetsWithoutTime += source.counters.packetsWithoutTime;
    books.timesClamped += source.counters.timesClamped;
    books.interfaces += source.interfaces.length;
    for (const { droppedPackets } of source.interfaces) {
      if (droppedPackets !== undefined) books.dropped = (books.dropped ?? 0) + droppedPackets;
    }
  }

  private async addBatch(firstInterface: number): Promise<void> {
    const { batch, table } = this;
    for (let from = 0; from < batch.count; from += GROUP) {
      this.decodeGroup(from, Math.min(batch.count, from + GROUP), firstInterface);
      table.update(this.staged, this.stagedCount);
      this.stagedCount = 0;
      if (this.clockSeconds !== this.drainedSecond && table.ended.count > 0) {
        this.drainedSecond = this.clockSeconds;
        await this.emitter.drain(table, this.contexts, this.clockSeconds);
      }
    }
    this.books.read += batch.count;
    this.packetsBefore += batch.count;
  }

  /** Decodes and stages rows of the batch. The columns are read into locals once: it is the hottest loop. */
  private decodeGroup(from: number, to: number, firstInterface: number): void {
    const { bytes, start, capturedLength, wireLength, seconds, nanoseconds, linkType } = this.batch;
    const { books, contexts } = this;
    const headers = this.layers[0]!;
    const followsTunnels = this.options.tunnels !== "outer";
    for (let i = from; i < to; i += 1) {
      const first = start[i]!;
      const capturedEnd = first + capturedLength[i]!;
      this.moveClock(seconds[i]!, nanoseconds[i]!);
      const wireEnd = first + wireLength[i]!;
      const outcome = decodeFrame(bytes, first, capturedEnd, wireEnd, linkType[i]!, headers);
      if (outcome !== Outcome.Flow) {
        this.countUnflowed(outcome, headers, linkType[i]!);
        continue;
      }
      books.flowed += 1;
      const hasTunnel = followsTunnels && headers.tunnelType !== 0;
      if (headers.vlanCount === 0 && !hasTunnel) this.stage(headers, 0, i, firstInterface);
      else {
        contexts.begin(headers, this.options.useVlanKey);
        if (hasTunnel) this.stageLayers(headers, capturedEnd, i, firstInterface);
        else this.stage(headers, contexts.number(), i, firstInterface);
      }
    }
  }

  private countUnflowed(outcome: number, headers: DecodedHeaders, linkType: number): void {
    const { books } = this;
    if (outcome === Outcome.NotIp) books.notIp[headers.etherType]! += 1;
    else if (outcome === Outcome.Malformed) books.malformed[headers.fault]! += 1;
    else books.unsupportedLink[linkType & 0xffff]! += 1;
  }

  /** The packet clock is the latest time so far; packets that lag behind are counted. */
  private moveClock(seconds: number, nanoseconds: number): void {
    if (seconds === this.clockSeconds && nanoseconds >= this.clockNanoseconds) {
      this.clockNanoseconds = nanoseconds;
      return;
    }
    const { books } = this;
    if (seconds > this.clockSeconds) {
      this.clockSeconds = seconds;
      this.clockNanoseconds = nanoseconds;
    } else if (this.hasClock) books.timeWentBackwards += 1;
    this.hasClock = true;
    // Only a packet that is the first, or late, can be the earliest.
    books.noteTime(seconds, nanoseconds);
  }

  /** Follows a packet into its tunnels; what is broken inside belongs to the layer that holds it. */
  private stageLayers(
    outermost: DecodedHeaders,
    capturedEnd: number,
    i: number,
    firstInterface: number,
  ): void {
    let outer = outermost;
    const isBoth = this.options.tunnels === "both";
    if (isBoth) this.stage(outer, this.contexts.number(), i, firstInterface);
    for (let depth = 1; depth <= TUNNEL_DEPTH && outer.tunnelType !== 0; depth += 1) {
      const inner = this.layers[depth]!;
      if (decodeTunnel(this.batch.bytes, outer, inner, capturedEnd) !== Outcome.Flow) {
        if (inner.fault !== 0) this.books.faults[inner.fault]! += 1;
        break;
      }
      if (inner.hasMac === 0 && outer.hasMac !== 0) copyMac(outer, inner);
      this.contexts.addTunnel(outer);
      outer = inner;
      if (isBoth) {
        this.stage(outer, this.contexts.number(), i, firstInterface);
        this.books.extraLayers += 1;
      }
    }
    if (!isBoth) this.stage(outer, this.contexts.number(), i, firstInterface);
  }

  private stage(headers: DecodedHeaders, context: number, i: number, firstInterface: number): void {
    const { batch, books, staged } = this;
    const seconds = batch.seconds[i]!;
    if (headers.fragment !== Fragment.None) this.joinFragment(headers, context, seconds);
    if (headers.fault !== 0) books.faults[headers.fault]! += 1;
    if (headers.truncated !== 0) books.truncated += 1;
    if (headers.hasPorts === 0) books.noPorts += 1;
    const at = this.stagedCount * Staged.Size;
    stageHeaders(staged, at, headers, context, this.secret);
    staged[at + Staged.Seconds] = seconds;
    staged[at + Staged.Nanoseconds] = batch.nanoseconds[i]!;
    staged[at + Staged.ClockSeconds] = this.clockSeconds;
    staged[at + Staged.ClockNanoseconds] = this.clockNanoseconds;
    staged[at + Staged.WireLength] = batch.wireLength[i]!;
    staged[at + Staged.Ordinal] = this.packetsBefore + i + 1;
    staged[at + Staged.Interface] = Math.min(
      firstInterface + batch.interfaceIndex[i]!,
      LARGEST_INTERFACE,
    );
    this.stagedCount += 1;
  }

  private joinFragment(headers: DecodedHeaders, context: number, seconds: number): void {
    this.books.fragments += 1;
    if (headers.fragment === Fragment.First) {
      if (headers.hasPorts !== 0) this.fragments.remember(headers, context, seconds);
    } else if (!this.fragments.join(headers, context, seconds)) this.books.orphanFragments += 1;
  }
}

function copyMac(from: DecodedHeaders, to: DecodedHeaders): void {
  to.hasMac = 1;
  to.sourceMacHigh = from.sourceMacHigh;
  to.sourceMacLow = from.sourceMacLow;
  to.destinationMacHigh = from.destinationMacHigh;
  to.destinationMacLow = from.destinationMacLow;
}
