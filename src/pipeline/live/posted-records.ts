import { ByteWriter } from "../../core/byte-writer.ts";
import { newOutputBooks, type OutputBooks } from "../../delivery/output-books.ts";
import type { FlowRecord, Sink } from "../../sink/sink.ts";
import type { RecordOutput } from "../records/record-output.ts";
import { CHUNKS_UNDER_WAY } from "./fanout-messages.ts";

/** Octets collected before they are handed over. */
const CHUNK_OCTETS = 1 << 18;

/**
 * Encodes records for an output that another thread writes. That thread also writes what stands before
 * the first record and after the last one.
 */
export class PostedRecords implements RecordOutput {
  readonly books: OutputBooks;
  readonly failure: undefined;
  isClosed = false;
  private readonly sink: Sink;
  private readonly post: (octets: Uint8Array<ArrayBuffer>, records: number) => void;
  private readonly writer = new ByteWriter(CHUNK_OCTETS * 2);
  private records = 0;
  private underWay = 0;
  private wakeUp: (() => void) | undefined;

  /** @param post - sends whole records; the octets are the receiver's from then on */
  constructor(
    destination: string,
    format: string,
    sink: Sink,
    post: (octets: Uint8Array<ArrayBuffer>, records: number) => void,
  ) {
    this.books = newOutputBooks(destination, format);
    this.sink = sink;
    this.post = post;
    sink.begin(this.writer);
    this.writer.length = 0;
  }

  get isFull(): boolean {
    return this.writer.length >= CHUNK_OCTETS;
  }

  add(record: FlowRecord): void {
    if (this.isClosed) return;
    this.sink.write(record, this.writer);
    this.records += this.sink.recordsOf?.(record.view) ?? 1;
  }

  async flush(): Promise<void> {
    const { writer, records } = this;
    if (writer.length > 0) {
      const octets = new Uint8Array(writer.length);
      octets.set(writer.bytes.subarray(0, writer.length));
      writer.length = 0;
      this.records = 0;
      this.underWay += 1;
      this.post(octets, records);
    }
    while (this.underWay >= CHUNKS_UNDER_WAY) {
      await new Promise<void>((resolve) => {
        this.wakeUp = resolve;
      });
    }
  }

  /** A chunk has been taken. @param isClosed - whether nobody wants more */
  taken(isClosed: boolean): void {
    this.underWay -= 1;
    this.isClosed ||= isClosed;
    this.wakeUp?.();
  }

  reopen(): Promise<void> {
    return this.flush();
  }

  close(): Promise<void> {
    return this.flush();
  }

  abandon(): void {
    this.writer.length = 0;
  }
}
