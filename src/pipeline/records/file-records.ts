import { ByteWriter } from "../../core/byte-writer.ts";
import { OutputError } from "../../core/errors.ts";
import type { FileSeries } from "../../delivery/file-series.ts";
import type { OutputBooks } from "../../delivery/output-books.ts";
import type { FlowRecord, Sink } from "../../sink/sink.ts";
import type { RecordOutput } from "./record-output.ts";
import { recordTime } from "./record-time.ts";

/** Octets collected before they are handed over. */
const CHUNK_OCTETS = 1 << 18;

/** When a file of a series has had enough. */
export type RotationRule = {
  /** Octets before compression; a file has at most one record more. */
  readonly octets?: number;
  /**
   * Records of one interval of this length share a file, microseconds: by the end of their flows, or
   * where there is a clock by when they are taken.
   */
  readonly interval?: number;
  /** The time in microseconds since 1970, for a live capture: files then end in silence too. */
  readonly clock?: () => number;
};

/** Octets with the places in them where one file ends and the next begins. */
type Chunk = {
  readonly writer: ByteWriter;
  cuts: { readonly at: number; readonly time: number }[];
};

/** Records into files, each of which is valid on its own: with its heading and its end. */
export class FileRecords implements RecordOutput {
  readonly books: OutputBooks;
  failure: OutputError | undefined;
  private readonly files: FileSeries;
  private readonly newSink: () => Sink;
  private readonly rule: RotationRule;
  private readonly report: (message: string) => void;
  private sink: Sink;
  private filling: Chunk = { writer: new ByteWriter(CHUNK_OCTETS * 2), cuts: [] };
  private spare: Chunk = { writer: new ByteWriter(CHUNK_OCTETS * 2), cuts: [] };
  private turn: Promise<void> = Promise.resolve();
  private readonly timer: NodeJS.Timeout | undefined;
  private hasBegun = false;
  /** Records of all files so far. */
  private position = 0;
  /** Of the file that is being encoded. */
  private isOpen = false;
  private isEmpty = true;
  private octets = 0;
  private time = 0;
  private interval = 0;
  /** Records taken since octets were last handed over. */
  private added = 0;

  /** @param report - tells the user one line */
  constructor(
    newSink: () => Sink,
    files: FileSeries,
    rule: RotationRule,
    books: OutputBooks,
    report: (message: string) => void,
  ) {
    this.newSink = newSink;
    this.files = files;
    this.rule = rule;
    this.books = books;
    this.report = report;
    this.sink = newSink();
    if (rule.clock !== undefined && rule.interval !== undefined) {
      this.timer = setInterval(() => this.tick(), 1000);
      this.timer.unref();
    }
  }

  get isClosed(): boolean {
    return this.failure !== undefined || this.files.isClosed;
  }

  get isFull(): boolean {
    return this.filling.writer.length >= CHUNK_OCTETS;
  }

  add(record: FlowRecord): void {
    const count = this.sink.recordsOf?.(record.view) ?? 1;
    if (this.failure !== undefined) {
      this.books.written += count;
      this.books.dropped += count;
    }
    if (this.isClosed || count === 0) return;
    const time = this.timeOf(record);
    if (this.isDue(time)) this.cut();
    const { writer } = this.filling;
    if (!this.isOpen) this.begin();
    const before = writer.length;
    this.sink.write(record, writer);
    this.note(time, writer.length - before);
    this.position += count;
    this.added += count;
    this.books.written += count;
  }

  addLine(octets: Uint8Array): void {
    if (this.isClosed) return;
    const time = this.rule.clock?.() ?? this.time;
    if (this.isDue(time)) this.cut();
    if (!this.isOpen) this.begin();
    this.filling.writer.raw(octets);
    this.note(time, octets.length);
  }

  addEncoded(octets: Uint8Array, records: number): void {
    if (this.failure !== undefined) {
      this.books.written += records;
      this.books.dropped += records;
    }
    if (this.isClosed) return;
    if (!this.isOpen) this.begin();
    this.filling.writer.raw(octets);
    this.note(this.rule.clock?.() ?? this.time, octets.length);
    this.added += records;
    this.books.written += records;
  }

  flush(): Promise<void> {
    // Whoever waits goes on when the octets before these are out: two buffers take turns.
    const before = this.turn;
    this.turn = before.then(() => this.handOver());
    return before;
  }

  async reopen(): Promise<void> {
    if (!this.isEmpty && this.files.isRegular) this.cut();
    await this.flush();
    await this.turn;
  }

  hasten(): void {
    this.files.hasten();
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    // A run without records leaves an empty file under a plain name, but no numbered one.
    if (!this.hasBegun && !this.files.isNumbered) this.begin();
    if (this.isOpen) this.cut();
    await this.flush();
    await this.turn;
    if (this.failure !== undefined) return;
    await this.files.close().catch((error: unknown) => this.fail(error));
  }

  abandon(): void {
    clearInterval(this.timer);
    const kept = this.files.abandon();
    if (kept !== undefined) this.report(`${this.books.output}: what was written is in ${kept}`);
  }

  /**
   * Which interval a record belongs to. The clock ends files: a flow that ended by its timeout would
   * begin another for an interval that is over, which the next tick would end again.
   */
  private timeOf({ view }: FlowRecord): number {
    const { interval, clock } = this.rule;
    return interval === undefined || clock === undefined ? recordTime(view) : clock();
  }

  private isDue(time: number): boolean {
    if (this.isEmpty || !this.files.isRegular) return false;
    const { octets, interval } = this.rule;
    if (octets !== undefined && this.octets >= octets) return true;
    return interval !== undefined && Math.floor(time / interval) > this.interval;
  }

  /** Of what the open file holds, records or lines: the first says what it is called and when it ends. */
  private note(time: number, octets: number): void {
    if (this.isEmpty) {
      const { interval } = this.rule;
      this.interval = interval === undefined ? 0 : Math.floor(time / interval);
      this.time = interval === undefined ? time : this.interval * interval;
    }
    this.isEmpty = false;
    this.octets += octets;
  }

  /** Ends the file that is being encoded and begins the next one. */
  private cut(): void {
    const { writer, cuts } = this.filling;
    this.sink.end(writer);
    cuts.push({ at: writer.length, time: this.time });
    this.sink = this.newSink();
    this.sink.skip?.(this.position);
    this.isOpen = false;
    this.isEmpty = true;
    this.octets = 0;
  }

  private begin(): void {
    this.sink.begin(this.filling.writer);
    this.isOpen = true;
    this.hasBegun = true;
  }

  private tick(): void {
    if (!this.isDue(this.rule.clock!())) return;
    this.cut();
    void this.flush();
  }

  private async handOver(): Promise<void> {
    if (this.failure !== undefined) return;
    const full = this.filling;
    this.filling = this.spare;
    this.spare = full;
    const records = this.added;
    this.added = 0;
    try {
      await this.writeChunk(full);
      if (!this.files.isClosed) this.books.sent += records;
    } catch (error: unknown) {
      this.fail(error);
    }
    full.writer.length = 0;
    full.cuts = [];
  }

  private async writeChunk({ writer, cuts }: Chunk): Promise<void> {
    let from = 0;
    for (const { at, time } of cuts) {
      await this.files.write(writer.bytes.subarray(from, at));
      await this.files.endFile(time);
      from = at;
    }
    await this.files.write(writer.bytes.subarray(from, writer.length));
  }

  private fail(error: unknown): void {
    if (!(error instanceof OutputError)) throw error;
    const kept = this.files.abandon();
    this.books.dropped = this.books.written - this.books.sent;
    this.failure = error;
    this.report(
      kept === undefined ? error.message : `${error.message}; what was written is in ${kept}`,
    );
  }
}
