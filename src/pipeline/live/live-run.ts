import type { LiveInterface } from "../../capture/live/live-interface.ts";
import { nextTurn } from "../../core/next-turn.ts";
import type { PacketBatch } from "../../core/packet-batch.ts";
import { EndReason } from "../../flow/ending/end-reason.ts";
import { ContextTable } from "../../flow/id/context-table.ts";
import { newHashSecret } from "../../flow/packet/flow-hash.ts";
import { GROUP } from "../../flow/table/look-ahead.ts";
import { type AnnotateOptions, Annotator } from "../annotator.ts";
import type { Books } from "../books/books.ts";
import type { FaultSamples } from "../books/fault-samples.ts";
import { liveBooksOf } from "../books/live-books.ts";
import { Emitter, type RecordTaker } from "../emitter.ts";
import { stagedWords } from "../staging/layer-stager.ts";
import { newPacketMemory } from "../staging/packet-rooms.ts";
import type { StageOptions } from "../staging/stage-options.ts";
import { Stager } from "../staging/stager.ts";
import { LiveWait } from "./live-wait.ts";

const MILLISECONDS = 1000;
const NANOSECONDS_IN_MILLISECOND = 1_000_000;
/** The wall clock moves flows on this often when packets don't, milliseconds. */
const TICK = 1000;
/** How far flows' clock stays behind the wall clock: a packet may wait in the ring that long, milliseconds. */
const LAG = 500;
/** The event loop gets a turn at least this often, milliseconds. */
const TURN = 20;
/** How long sealed interfaces are waited for, milliseconds. */
const DRAIN = 2000;
const DRAIN_STEP = 10;
/** The wall clock was set back when it is this far behind the packets, seconds. */
const SET_BACK = 10;
/** Numbers of interfaces that rows have room for. */
const INTERFACES = 65_536;

/** What a live run needs. */
export type LiveRunOptions = AnnotateOptions &
  StageOptions & {
    readonly interfaces: readonly LiveInterface[];
    readonly books: Books;
    readonly faultSamples?: FaultSamples;
    /** Packets after which the run ends. */
    readonly packets?: number;
    /** Ends the run; open flows are written as interrupted. */
    readonly signal?: AbortSignal;
    /** Sees every batch before its packets are added to flows; its octets live until the promise is settled. */
    readonly onBatch?: (batch: PacketBatch, from: LiveInterface) => Promise<void> | undefined;
    /** Told once of what is worth telling: a link that changed, a clock that was set back. */
    readonly onNotice: (notice: string) => void;
  };

/**
 * Listens to interfaces until it is told to stop: packets to flows, flows to records. Packets are
 * taken in the order in which they come, one interface after the other; flows also age when no packet
 * comes. A slow output holds the run up; what then does not fit the ring is counted as dropped.
 */
export class LiveRun {
  private readonly interfaceNames: (string | undefined)[];
  /** Numbers of interfaces set aside for each thing that is listened to; `any` may need many. */
  private readonly interfacesEach: number;
  private readonly options: LiveRunOptions;
  private readonly emitter: Emitter;
  private readonly annotator: Annotator;
  private readonly stager: Stager;
  private readonly waiting: LiveWait;
  private readonly batch: PacketBatch;
  private readonly staged: Int32Array;
  private readonly told = new Map<LiveInterface, string>();
  private readonly tasks: (() => Promise<void>)[] = [];
  private isStopped = false;
  private nextTick = 0;
  private lastTurn = 0;

  /**
   * @param taker - takes the records
   * @param interfaceNames - names of interfaces by number, shared with the taker; filled here
   */
  constructor(options: LiveRunOptions, taker: RecordTaker, interfaceNames: (string | undefined)[]) {
    const { memory, rooms } = newPacketMemory(stagedWords(GROUP));
    const contexts = new ContextTable({ vlans: rooms.vlans });
    const secret = newHashSecret();
    const { books, interfaces } = options;
    this.options = options;
    this.batch = rooms.batch;
    this.staged = rooms.staged;
    this.interfaceNames = interfaceNames;
    this.interfacesEach = Math.floor(INTERFACES / Math.max(1, options.interfaces.length));
    this.emitter = new Emitter(taker, books, interfaceNames);
    this.annotator = new Annotator(
      { ...options, rowsIn: memory },
      books,
      this.emitter,
      contexts,
      secret,
    );
    this.stager = new Stager(options, books, contexts, secret, rooms);
    this.stager.faultSamples = options.faultSamples;
    this.stager.beginCapture(interfaces.map(({ name }) => name).join(","));
    this.waiting = new LiveWait(interfaces);
  }

  /** Flows that are open now. */
  get flows(): number {
    return this.annotator.table.flows;
  }

  /** Octets of memory that flows take. */
  get flowOctets(): number {
    return this.annotator.table.octets;
  }

  /** Brings into the books what the interfaces and the flow table say now. */
  refreshBooks(): void {
    const { books, interfaces } = this.options;
    const { stager, annotator } = this;
    books.live = liveBooksOf(interfaces);
    books.interfaces = interfaces.reduce((sum, one) => sum + one.interfaces.length, 0);
    books.bytes = interfaces.reduce((sum, one) => sum + one.octets, 0);
    books.peakFlows = Math.max(books.peakFlows, annotator.table.peakFlows);
    books.evictions = annotator.table.evictions;
    if (stager.clockSeconds >= 0) books.noteTime(stager.clockSeconds, stager.clockNanoseconds);
  }

  /** Ends the run after the batch it is at. */
  stop(): void {
    this.isStopped = true;
    this.waiting.wake();
  }

  /** Has something done between two batches, when no record is being written. */
  between(task: () => Promise<void>): void {
    this.tasks.push(task);
    this.waiting.wake();
  }

  /**
   * Runs to the end; the interfaces are closed then.
   * @throws OutputError when records can't be written
   */
  async run(): Promise<void> {
    const { signal, interfaces } = this.options;
    const stop = (): void => this.stop();
    signal?.addEventListener("abort", stop);
    if (signal?.aborted === true) this.stop();
    try {
      await this.annotator.begin();
      await this.listen();
      await this.drain();
      await this.annotator.endFlows(
        signal?.aborted === true ? EndReason.Interrupted : EndReason.CaptureEnd,
      );
      await this.emitter.finish();
    } finally {
      signal?.removeEventListener("abort", stop);
      this.refreshBooks();
      for (const one of interfaces) one.close();
    }
  }

  private get isOver(): boolean {
    return this.isStopped || this.emitter.isClosed || this.packetsLeft <= 0;
  }

  private get packetsLeft(): number {
    return (this.options.packets ?? Number.POSITIVE_INFINITY) - this.options.books.read;
  }

  private async listen(): Promise<void> {
    this.nextTick = performance.now() + TICK;
    while (!this.isOver) {
      const taken = await this.takeAll();
      const now = performance.now();
      if (now >= this.nextTick) {
        this.nextTick = now + TICK;
        await this.tick(taken === 0);
      }
      for (let task = this.tasks.shift(); task !== undefined; task = this.tasks.shift()) {
        await task();
      }
      this.noteLinks();
      if (taken === 0) {
        if (this.options.interfaces.every(({ linkState }) => linkState === "gone")) return;
        await this.waiting.wait(Math.max(1, this.nextTick - performance.now()));
      } else if (now - this.lastTurn > TURN) {
        await nextTurn();
        this.lastTurn = performance.now();
      }
    }
  }

  /** A batch of every interface that has one. @returns packets */
  private async takeAll(): Promise<number> {
    const { batch } = this;
    let taken = 0;
    for (const [i, one] of this.options.interfaces.entries()) {
      if (this.packetsLeft <= 0) break;
      one.take(batch);
      if (batch.count === 0) continue;
      taken += batch.count;
      await this.add(one, i * this.interfacesEach);
    }
    return taken;
  }

  private async add(from: LiveInterface, firstInterface: number): Promise<void> {
    const { stager, batch, staged, interfaceNames } = this;
    batch.count = Math.min(batch.count, this.packetsLeft);
    // Of this batch's alone: `any` has met very many after some months, where containers come and go.
    let last = -1;
    for (let row = 0; row < batch.count; row += 1) {
      const index = batch.interfaceIndex[row]!;
      if (index !== last) interfaceNames[firstInterface + index] = from.interfaces[index]!.name;
      last = index;
    }
    await this.options.onBatch?.(batch, from);
    for (let row = 0; row < batch.count; ) {
      stager.stagedCount = 0;
      row = stager.stageRows(batch, row, firstInterface, staged, GROUP);
      await this.annotator.addStaged(staged, stager.stagedCount);
    }
    stager.endBatch(batch);
  }

  /** Once a second. @param isIdle - nothing waits, so that every packet older than the lag was seen */
  private async tick(isIdle: boolean): Promise<void> {
    const { annotator, emitter, stager } = this;
    const milliseconds = Date.now() - LAG;
    const seconds = Math.floor(milliseconds / MILLISECONDS);
    if (stager.clockSeconds - seconds > SET_BACK) await this.followClockBack(seconds);
    else if (isIdle && annotator.table.flows + annotator.table.ended.count > 0) {
      const rest = milliseconds - seconds * MILLISECONDS;
      await annotator.advance(seconds, rest * NANOSECONDS_IN_MILLISECOND);
    }
    await emitter.settle();
  }

  /** Flows can't age while the clock is behind them, so they end. */
  private async followClockBack(seconds: number): Promise<void> {
    const by = this.stager.clockSeconds - seconds;
    this.options.onNotice(
      `the clock was set back by ${by} s; open flows are written as interrupted`,
    );
    const names = [...this.interfaceNames];
    await this.annotator.endFlows(EndReason.Interrupted);
    this.annotator.restart();
    this.stager.restartClock();
    this.interfaceNames.push(...names);
  }

  /** Packets that are in are taken, those that come later are not let in. */
  private async drain(): Promise<void> {
    const { interfaces } = this.options;
    if (this.packetsLeft <= 0) return;
    for (const one of interfaces) if (one.linkState !== "gone") one.seal();
    const deadline = performance.now() + DRAIN;
    for (;;) {
      const taken = await this.takeAll();
      if (this.packetsLeft <= 0 || this.emitter.isClosed) return;
      if (taken > 0) continue;
      if (interfaces.every(({ isDrained }) => isDrained) || performance.now() > deadline) return;
      await this.waiting.wait(DRAIN_STEP);
    }
  }

  private noteLinks(): void {
    for (const one of this.options.interfaces) {
      if ((this.told.get(one) ?? "up") === one.linkState) continue;
      this.told.set(one, one.linkState);
      const { name, trouble } = one;
      if (one.linkState === "down") {
        this.options.onNotice(`${name}: is down; capturing goes on when it is up again`);
      } else if (one.linkState === "up") this.options.onNotice(`${name}: is up again`);
      else this.options.onNotice(`${name}: ${trouble ?? "no more packets come"}`);
    }
  }
}
