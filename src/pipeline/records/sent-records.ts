import { ByteWriter } from "../../core/byte-writer.ts";
import { OutputError } from "../../core/errors.ts";
import type { OutputBooks } from "../../delivery/output-books.ts";
import type { QueuedRecord } from "../../delivery/queued-record.ts";
import type { Sender } from "../../delivery/sender.ts";
import { flowIdText } from "../../flow/id/flow-id.ts";
import type { FlowRecord, Sink } from "../../sink/sink.ts";
import type { RecordOutput } from "./record-output.ts";
import { recordTime } from "./record-time.ts";

const LINE_FEED = 10;
/** Records handed to the queue together. */
const GROUP = 500;
/** The longest that a record waits for its group, milliseconds. */
const GROUP_TIME = 500;

/** Records to a sender, one by one, each with its id and time. */
export class SentRecords implements RecordOutput {
  readonly books: OutputBooks;
  failure: OutputError | undefined;
  private readonly sender: Sender;
  private readonly sink: Sink;
  private readonly report: (message: string) => void;
  private readonly writer = new ByteWriter();
  private records: QueuedRecord[] = [];
  private turn: Promise<void> = Promise.resolve();
  private readonly timer: NodeJS.Timeout;

  /** @param sink - of a format of one line a record */
  constructor(sink: Sink, sender: Sender, books: OutputBooks, report: (message: string) => void) {
    this.sink = sink;
    this.sender = sender;
    this.books = books;
    this.report = report;
    sink.begin(this.writer);
    this.timer = setInterval(() => void this.flush(), GROUP_TIME);
    this.timer.unref();
  }

  get isClosed(): boolean {
    return this.failure !== undefined;
  }

  get isFull(): boolean {
    return this.records.length >= GROUP;
  }

  add(record: FlowRecord): void {
    // What the format has no record of is no message either: an empty one is refused with its whole batch.
    if (this.sink.recordsOf?.(record.view) === 0) return;
    this.books.written += 1;
    if (this.failure !== undefined) {
      this.books.dropped += 1;
      return;
    }
    const { writer } = this;
    writer.length = 0;
    this.sink.write(record, writer);
    const end = writer.bytes[writer.length - 1] === LINE_FEED ? writer.length - 1 : writer.length;
    this.records.push({
      id: flowIdText(record.view.id),
      time: recordTime(record.view),
      octets: writer.bytes.slice(0, end),
    });
  }

  flush(): Promise<void> {
    this.turn = this.turn.then(() => this.handOver());
    return this.turn;
  }

  reopen(): Promise<void> {
    return this.flush();
  }

  hasten(): void {
    this.sender.hasten();
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
    await this.sender.close().catch((error: unknown) => this.fail(error));
  }

  abandon(): void {
    clearInterval(this.timer);
    void this.sender.abandon();
  }

  private async handOver(): Promise<void> {
    const { records } = this;
    this.records = [];
    if (this.failure !== undefined) return;
    await this.sender.append(records).catch((error: unknown) => {
      this.books.dropped += records.length;
      this.fail(error);
    });
  }

  private fail(error: unknown): void {
    if (!(error instanceof OutputError)) throw error;
    if (this.failure === undefined) this.report(error.message);
    this.failure = error;
  }
}
