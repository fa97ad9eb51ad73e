import { ByteWriter } from "../../core/byte-writer.ts";
import type { Output } from "../../delivery/output.ts";
import type { ViewedRows } from "../../flow/flow-view.ts";
import type { FlowContexts } from "../../flow/id/context-table.ts";
import { Flag, Row } from "../../flow/row/flow-row.ts";
import { copyRow, LARGEST_COPY } from "../../flow/row/row-copy.ts";
import type { Registry } from "../../service/registry.ts";
import type { Sink } from "../../sink/sink.ts";
import type { UnknownPorts } from "../books/unknown-ports.ts";
import { RecordMaker } from "./record-maker.ts";
import { RowRecords } from "./row-records.ts";

/** Octets collected before they are handed to the output. */
const CHUNK_OCTETS = 1 << 18;
const ROOM_OCTETS = CHUNK_OCTETS * 2;
/** Words of rows that are encoded at once: the records of some 120 lone SYNs, which fit behind a chunk. */
const ROWS_WORDS = 2048;

/**
 * Sends the records of rows through a sink to an output. Rows as most are are collected, where the sink
 * encodes many at once. While one chunk is being written the next one is encoded.
 */
export class RecordEncoder {
  private readonly sink: Sink;
  private readonly output: Output;
  private readonly table: ViewedRows;
  private readonly maker: RecordMaker;
  private readonly rowRecords: RowRecords;
  private readonly interfaceNames: readonly (string | undefined)[];
  /** Words of rows that wait. */
  private waiting = 0;
  private encoding: ByteWriter;
  private writing: ByteWriter;
  private pending: Promise<void> = Promise.resolve();

  /** @param interfaceNames - by index; what waits has those of the time when it is flushed */
  constructor(
    registry: Registry,
    sink: Sink,
    output: Output,
    unknownPorts: UnknownPorts,
    table: ViewedRows,
    contexts: FlowContexts,
    interfaceNames: readonly (string | undefined)[],
  ) {
    this.sink = sink;
    this.output = output;
    this.table = table;
    this.interfaceNames = interfaceNames;
    this.maker = new RecordMaker(registry, unknownPorts, table, contexts);
    this.rowRecords = new RowRecords(
      registry,
      unknownPorts,
      sink,
      contexts,
      new Map(),
      () => interfaceNames,
    );
    const rooms = sink.rooms?.(2, ROOM_OCTETS);
    this.encoding = new ByteWriter(rooms?.[0] ?? ROOM_OCTETS);
    this.writing = new ByteWriter(rooms?.[1] ?? ROOM_OCTETS);
    sink.begin(this.encoding);
  }

  /** True when a chunk is full: `flush` is due. */
  get isFull(): boolean {
    return this.encoding.length >= CHUNK_OCTETS;
  }

  /** Encodes the record of an ended row, at once or later. */
  encode(row: number, endReason: number): void {
    const { words } = this.table.memory;
    const to = this.rowRecords.rows?.words;
    const isRare = (words[row + Row.Flags]! & Flag.Extra) !== 0 || words[row + Row.Context] !== 0;
    if (to === undefined || isRare) {
      this.encodeWaiting();
      this.sink.write(this.maker.make(row, endReason, this.interfaceNames), this.encoding);
      return;
    }
    this.waiting = copyRow(words, row, endReason, to, this.waiting);
    if (this.waiting + LARGEST_COPY > ROWS_WORDS) this.encodeWaiting();
  }

  /** Hands over what is encoded, when the chunk before is out. */
  async flush(): Promise<void> {
    this.encodeWaiting();
    await this.pending;
    if (this.encoding.length === 0) return;
    const full = this.encoding;
    this.encoding = this.writing;
    this.writing = full;
    this.encoding.length = 0;
    this.pending = this.output.write(full.bytes.subarray(0, full.length));
    // Its failure is met by the next await; until then it must not count as unhandled.
    this.pending.catch(() => undefined);
  }

  /** Writes what the sink says at the end, and waits until everything is out. */
  async finish(): Promise<void> {
    this.encodeWaiting();
    this.sink.end(this.encoding);
    await this.flush();
    await this.pending;
  }

  private encodeWaiting(): void {
    if (this.waiting === 0) return;
    this.rowRecords.write(this.rowRecords.rows!.words, this.waiting, this.encoding);
    this.waiting = 0;
  }
}
