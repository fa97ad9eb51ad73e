import type { OpenOptions } from "../capture/open.ts";
import type { CaptureSource } from "../capture/source.ts";
import { nextTurn } from "../core/next-turn.ts";
import type { PacketBatch } from "../core/packet-batch.ts";
import { ContextTable } from "../flow/id/context-table.ts";
import { newHashSecret } from "../flow/packet/flow-hash.ts";
import { GROUP } from "../flow/table/look-ahead.ts";
import { type AnnotateOptions, Annotator, FEW_PACKETS } from "./annotator.ts";
import type { Books } from "./books/books.ts";
import type { FaultSamples } from "./books/fault-samples.ts";
import {
  BATCHES_PER_TURN,
  type CaptureErrorHandler,
  type CaptureFeed,
  type CaptureProgressView,
  type CaptureToRead,
} from "./capture-feed.ts";
import type { Emitter } from "./emitter.ts";
import { stagedWords } from "./staging/layer-stager.ts";
import { newPacketMemory, type PacketRooms } from "./staging/packet-rooms.ts";
import type { StageOptions } from "./staging/stage-options.ts";
import { Stager } from "./staging/stager.ts";

const MILLISECONDS = 1000;
/** A live capture's flows age this often when no packet comes, milliseconds. */
const TICK = 1000;
/** How far their clock then stays behind: packets may wait in the writer's buffer, seconds. */
const LAG = 2;

/** How both halves are done. */
export type LocalFeedOptions = AnnotateOptions &
  StageOptions & {
    readonly faultSamples?: FaultSamples;
    /** Files are read without waiting in between: where other threads have use for the processors. */
    readonly readsAtOnce?: boolean;
  };

/** Both halves of a packet's way in one thread. */
export class LocalFeed implements CaptureFeed {
  readonly annotator: Annotator;
  private readonly stager: Stager;
  private readonly openOptions: OpenOptions;
  private readonly readsAtOnce: boolean;
  private readonly emitter: Emitter;
  private readonly onOpen: (capture: CaptureProgressView) => void;
  private readonly batch: PacketBatch;
  private readonly staged: Int32Array;
  private readonly rooms: PacketRooms;
  private isCompiled = false;
  private isStopped = false;
  private wakeUp: (() => void) | undefined;
  /** When a live capture last had packets or was let age, milliseconds. */
  private lastPackets = 0;
  private lastSettled = 0;
  private ageing: Promise<void> = Promise.resolve();

  constructor(
    options: LocalFeedOptions,
    books: Books,
    emitter: Emitter,
    onOpen: (capture: CaptureProgressView) => void,
  ) {
    const { memory, rooms } = newPacketMemory(stagedWords(GROUP));
    const contexts = new ContextTable({ vlans: rooms.vlans });
    const secret = newHashSecret();
    this.stager = new Stager(options, books, contexts, secret, rooms);
    this.stager.faultSamples = options.faultSamples;
    this.annotator = new Annotator(
      { ...options, rowsIn: memory },
      books,
      emitter,
      contexts,
      secret,
    );
    this.annotator.table.comments = this.stager.comments;
    this.readsAtOnce = options.readsAtOnce === true;
    this.openOptions = {
      comments: options.comments === true,
      blocks: this.readsAtOnce,
      // One capture after the other; after one that is stopped comes no other.
      allocate: rooms.allocate,
    };
    this.rooms = rooms;
    this.batch = rooms.batch;
    this.staged = rooms.staged;
    this.emitter = emitter;
    this.onOpen = onOpen;
  }

  async read(capture: CaptureToRead, onError: CaptureErrorHandler): Promise<void> {
    const source = await this.openOrStop(capture, onError);
    if (source === undefined) return;
    this.onOpen(source);
    this.stager.beginCapture(source.name, source);
    const { interfaceNames } = this.emitter;
    const firstInterface = interfaceNames.length;
    try {
      let batches = 0;
      while (!this.isOver && (await this.fillNext(source, capture.isLive === true))) {
        for (let i = interfaceNames.length - firstInterface; i < source.interfaces.length; i += 1) {
          interfaceNames.push(source.interfaces[i]!.name);
        }
        if (this.batch.count > FEW_PACKETS) await this.compile();
        await this.addBatch(firstInterface);
        batches += 1;
        if (this.readsAtOnce && batches % BATCHES_PER_TURN === 0) await nextTurn();
      }
    } finally {
      this.stager.endCapture(source);
      // A read that waits for a silent pipe can't be called back: who stopped it doesn't wait for it.
      const closing = source.close();
      if (this.isStopped) closing.catch(() => undefined);
      else await closing;
    }
  }

  /** Has the next captures' packets counted, and samples of the faulty ones kept, elsewhere than before. */
  countInto(books: Books, faultSamples: FaultSamples | undefined): void {
    this.stager.countInto(books);
    this.stager.faultSamples = faultSamples;
  }

  restart(): void {
    this.stager.restart();
    this.annotator.restart();
  }

  stop(): void {
    this.isStopped = true;
    this.wakeUp?.();
  }

  async close(): Promise<void> {}

  /** Loads what makes many packets quicker. */
  private async compile(): Promise<void> {
    if (this.isCompiled) return;
    this.isCompiled = true;
    const { compiledPlainRows } = await import("./staging/compiled-plain-rows.ts");
    this.stager.useCompiled(compiledPlainRows(this.rooms));
  }

  private get isOver(): boolean {
    return this.isStopped || this.emitter.isClosed;
  }

  private async addBatch(firstInterface: number): Promise<void> {
    const { stager, batch, staged } = this;
    for (let row = 0; row < batch.count; ) {
      stager.stagedCount = 0;
      row = stager.stageRows(batch, row, firstInterface, staged, GROUP);
      await this.annotator.addStaged(staged, stager.stagedCount);
      if (stager.comments.size > 0) stager.comments.clear();
    }
    stager.endBatch(batch);
  }

  /** Opening waits for the first octets, which may never come. @returns undefined after `stop` */
  private openOrStop(
    capture: CaptureToRead,
    onError: CaptureErrorHandler,
  ): Promise<CaptureSource | undefined> {
    return new Promise((resolve, reject) => {
      const opening = capture.open(this.openOptions, onError);
      this.wakeUp = () => {
        resolve(undefined);
        opening.then((source) => source.close()).catch(() => undefined);
      };
      opening.then(resolve, reject);
    });
  }

  private async fillNext(source: CaptureSource, isLive: boolean): Promise<boolean> {
    if (!isLive) return this.fillOrStop(source);
    if (performance.now() - this.lastSettled > TICK) await this.settle();
    const timer = setInterval(() => {
      this.ageing = this.ageing.then(() => this.age());
      // Awaited below; until then a failure must not count as unhandled.
      this.ageing.catch(() => undefined);
    }, TICK);
    try {
      return await this.fillOrStop(source);
    } finally {
      clearInterval(timer);
      await this.ageing;
      this.lastPackets = performance.now();
    }
  }

  /** Flows whose time is up end when no packet comes, and what is encoded is written. */
  private async age(): Promise<void> {
    const { stager, annotator } = this;
    const silence = Math.floor((performance.now() - this.lastPackets) / MILLISECONDS) - LAG;
    if (stager.clockSeconds < 0) return;
    const { flows, ended } = annotator.table;
    if (silence > 0 && flows + ended.count > 0) {
      await annotator.advance(stager.clockSeconds + silence, stager.clockNanoseconds);
    }
    await this.settle();
  }

  private async settle(): Promise<void> {
    this.lastSettled = performance.now();
    await this.emitter.settle();
  }

  /** Waits for packets or for `stop`. (A race with one lasting promise would leave a reaction behind for every batch.) */
  private fillOrStop(source: CaptureSource): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.wakeUp = () => resolve(false);
      source.fill(this.batch).then(resolve, reject);
    });
  }
}
