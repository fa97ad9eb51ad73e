import { CaptureError } from "../core/errors.ts";
import { newPacketBatch, type PacketBatch } from "../core/packet-batch.ts";
import { newCounters } from "./formats/counters.ts";
import type { OpenOptions } from "./open.ts";
import type {
  CaptureCounters,
  CaptureInterface,
  CaptureProgress,
  CaptureSource,
} from "./source.ts";

/** A capture that takes part in a merge. */
export type CaptureOpening = {
  open(options?: OpenOptions): Promise<CaptureSource>;
  /** Whether it may be opened again and then begins anew: a regular file, not a pipe. */
  readonly reopens: boolean;
};

/** How a lane reads. */
export type LaneOptions = {
  readonly open: OpenOptions;
  /** Packets looked ahead. */
  readonly rows: number;
  /** Closes the capture after its first packet until its turn comes, where it can be opened again. */
  readonly waitsClosed: boolean;
  readonly onError: (error: CaptureError) => void;
};

/** What a source says of its capture. */
type SourceFacts = Pick<CaptureSource, "counters" | "comments" | "interfaces" | "progress">;

const NOTHING_SAID: SourceFacts = {
  counters: newCounters({ files: 0 }),
  interfaces: [],
  progress: { octetsRead: 0, octetsTotal: undefined },
};

/** One capture of a merge: its next packet and what it counted. A damaged one ends early. */
export class MergeLane {
  /** Position among the captures: the smaller one goes first where times are equal. */
  readonly order: number;
  /** No more packets come. */
  isOver = false;
  /**
   * Time of the next packet; of the one before while the next is not known, so that the lane stays the
   * earliest and is read on before another's turn comes.
   */
  seconds = 0;
  nanoseconds = 0;
  /** Packets read on; undefined while the lane waits closed. */
  batch: PacketBatch | undefined;
  /** The next packet in `batch`. */
  row = 0;
  /** Packets of this capture before `batch`. */
  packetsBefore = 0;
  name = "";
  private readonly opening: CaptureOpening;
  private readonly options: LaneOptions;
  private source: CaptureSource | undefined;
  /** What a source said before it was let go; its buffers are not kept. */
  private said: SourceFacts = NOTHING_SAID;
  private isClosed = false;

  constructor(order: number, opening: CaptureOpening, options: LaneOptions) {
    this.order = order;
    this.opening = opening;
    this.options = options;
  }

  get counters(): CaptureCounters {
    return (this.source ?? this.said).counters;
  }

  get interfaces(): readonly CaptureInterface[] {
    return (this.source ?? this.said).interfaces;
  }

  get progress(): CaptureProgress {
    return (this.source ?? this.said).progress;
  }

  get comments(): readonly string[] {
    return (this.source ?? this.said).comments ?? [];
  }

  /** Whether the next packet is at hand, not only its time. */
  get isReady(): boolean {
    return this.batch !== undefined && this.row < this.batch.count;
  }

  /** Finds out when the first packet was. */
  async begin(): Promise<void> {
    await this.readOn();
    if (this.isOver || !this.options.waitsClosed || !this.opening.reopens) return;
    const { octetsTotal } = this.progress;
    await this.letGo();
    this.said = { ...NOTHING_SAID, progress: { octetsRead: 0, octetsTotal } };
  }

  /** Reads the next packets: opens the capture where it waits closed. */
  async readOn(): Promise<void> {
    try {
      if (!(await this.fill())) await this.end();
    } catch (error: unknown) {
      if (!(error instanceof CaptureError)) throw error;
      await this.end();
      this.options.onError(error);
    }
  }

  /** The next packet was taken. */
  moveTo(row: number): void {
    this.row = row;
    const { batch } = this;
    if (batch === undefined || row >= batch.count) return;
    this.seconds = batch.seconds[row]!;
    this.nanoseconds = batch.nanoseconds[row]!;
  }

  /** May be called at any time; a read under way then ends the lane. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.source?.close();
  }

  private async fill(): Promise<boolean> {
    if (this.isClosed) return false;
    this.source ??= await this.opening.open(this.options.open);
    this.name = this.source.name;
    if (this.isClosed) return false;
    this.packetsBefore += this.batch?.count ?? 0;
    this.batch ??= newPacketBatch(this.options.rows);
    if (!(await this.source.fill(this.batch))) return false;
    this.moveTo(0);
    return true;
  }

  private async end(): Promise<void> {
    this.isOver = true;
    await this.letGo();
  }

  private async letGo(): Promise<void> {
    const { source } = this;
    this.batch = undefined;
    this.source = undefined;
    if (source === undefined) return;
    const { counters, comments = [], interfaces, progress } = source;
    this.said = { counters, comments, interfaces, progress };
    await source.close();
  }
}
