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
  private ordinal = 0;
  private clockSeconds = 0;
  private clockNanoseconds = 0;
  private drainedSecond = -1;
  private isStopped = false;

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

  /** Asks a run to end with the batch it is at. */
  stop(): void {
    this.isStopped = true;
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
      while (!this.isOver && (await source.fill(this.batch))) {
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
    this.ordinal = 0;
    this.clockSeconds = 0;
    this.clockNanoseconds = 0;
    this.drainedSecond = -1;
    this.emitter.interfaceNames.length = 0;
    this.table.restartClock();
  }

  private nameInterfaces(source: CaptureSource, before: number): void {
    const names = this.emitter.interfaceNames;
    for (let i = names.length - before; i < source.interfaces.length; i += 1) {
      names.push(source.interfaces[i]!.name);
    }
  }

  private closeBooks(source: CaptureSource): void {
    const { books } = this;
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
    for (let i = 0; i < batch.count; ) {
      const end = Math.min(batch.count, i + GROUP);
      for (; i < end; i += 1) this.addPacket(i, firstInterface);
      table.update(this.staged, this.stagedCount);
      this.stagedCount = 0;
      if (this.clockSeconds !== this.drainedSecond && table.ended.count > 0) {
        this.drainedSecond = this.clockSeconds;
        await this.emitter.drain(table, this.contexts, this.clockSeconds);
      }
    }
  }

  private addPacket(i: number, firstInterface: number): void {
    const { batch, books } = this;
    const start = batch.start[i]!;
    const seconds = batch.seconds[i]!;
    const nanoseconds = batch.nanoseconds[i]!;
    const capturedEnd = start + batch.capturedLength[i]!;
    this.ordinal += 1;
    books.read += 1;
    this.moveClock(seconds, nanoseconds);
    const headers = this.layers[0]!;
    const outcome = decodeFrame(
      batch.bytes,
      start,
      capturedEnd,
      start + batch.wireLength[i]!,
      batch.linkType[i]!,
      headers,
    );
    if (outcome !== Outcome.Flow) {
      if (outcome === Outcome.NotIp) books.notIp[headers.etherType]! += 1;
      else if (outcome === Outcome.Malformed) books.malformed[headers.fault]! += 1;
      else books.unsupportedLink[batch.linkType[i]! & 0xffff]! += 1;
      return;
    }
    books.flowed += 1;
    const stagedBefore = this.stagedCount;
    this.contexts.begin(headers, this.options.useVlanKey);
    if (headers.tunnelType === 0 || this.options.tunnels === "outer") this.stage(headers, seconds);
    else this.stageLayers(headers, capturedEnd, seconds);
    for (let at = stagedBefore; at < this.stagedCount; at += 1) {
      const word = at * Staged.Size;
      this.staged[word + Staged.Seconds] = seconds;
      this.staged[word + Staged.Nanoseconds] = nanoseconds;
      this.staged[word + Staged.ClockSeconds] = this.clockSeconds;
      this.staged[word + Staged.ClockNanoseconds] = this.clockNanoseconds;
      this.staged[word + Staged.WireLength] = batch.wireLength[i]!;
      this.staged[word + Staged.Ordinal] = this.ordinal;
      this.staged[word + Staged.Interface] = Math.min(
        firstInterface + batch.interfaceIndex[i]!,
        LARGEST_INTERFACE,
      );
    }
  }

  /** The packet clock is the latest time so far; packets that lag behind are counted. */
  private moveClock(seconds: number, nanoseconds: number): void {
    const { books } = this;
    if (seconds === this.clockSeconds && nanoseconds >= this.clockNanoseconds) {
      this.clockNanoseconds = nanoseconds;
    } else if (seconds > this.clockSeconds) {
      this.clockSeconds = seconds;
      this.clockNanoseconds = nanoseconds;
    } else if (books.hasTime) books.timeWentBackwards += 1;
    if (books.hasTime) {
      if (
        seconds < books.firstSeconds ||
        (seconds === books.firstSeconds && nanoseconds < books.firstNanoseconds)
      ) {
        books.firstSeconds = seconds;
        books.firstNanoseconds = nanoseconds;
      }
      if (
        seconds > books.lastSeconds ||
        (seconds === books.lastSeconds && nanoseconds > books.lastNanoseconds)
      ) {
        books.lastSeconds = seconds;
        books.lastNanoseconds = nanoseconds;
      }
      return;
    }
    books.hasTime = true;
    books.firstSeconds = seconds;
    books.firstNanoseconds = nanoseconds;
    books.lastSeconds = seconds;
    books.lastNanoseconds = nanoseconds;
  }

  /** Follows a packet into its tunnels; what is broken inside belongs to the layer that holds it. */
  private stageLayers(outermost: DecodedHeaders, capturedEnd: number, seconds: number): void {
    let outer = outermost;
    const isBoth = this.options.tunnels === "both";
    if (isBoth) this.stage(outer, seconds);
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
        this.stage(outer, seconds);
        this.books.extraLayers += 1;
      }
    }
    if (!isBoth) this.stage(outer, seconds);
  }

  private stage(headers: DecodedHeaders, seconds: number): void {
    const { books } = this;
    const context = this.contexts.number();
    if (headers.fragment !== Fragment.None) this.joinFragment(headers, context, seconds);
    if (headers.fault !== 0) books.faults[headers.fault]! += 1;
    if (headers.truncated !== 0) books.truncated += 1;
    if (headers.hasPorts === 0) books.noPorts += 1;
    stageHeaders(this.staged, this.stagedCount * Staged.Size, headers, context, this.secret);
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
