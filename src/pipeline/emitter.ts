import { ByteWriter } from "../core/byte-writer.ts";
import type { FlowContexts } from "../flow/context-table.ts";
import { EndedRows } from "../flow/ended-rows.ts";
import { Row, TcpRow } from "../flow/flow-row.ts";
import type { FlowTable } from "../flow/flow-table.ts";
import { FlowView } from "../flow/flow-view.ts";
import { sortEnded } from "../flow/sort-ended.ts";
import type { Registry } from "../service/registry.ts";
import { entryByNumber } from "../service/service-entry.ts";
import { newTag } from "../service/tag.ts";
import type { Output } from "../sink/output.ts";
import type { FlowRecord, Sink } from "../sink/sink.ts";
import type { Books } from "./books.ts";
import { tagFlow } from "./tag-flow.ts";

/** Octets collected before they are handed to the output. */
const CHUNK_OCTETS = 1 << 18;
/** Rows brought near at a time. */
const LOOK_AHEAD = 64;

/**
 * Takes ended rows out of a table, in order, tags them and sends them through a sink to an output.
 * While one chunk is being written the next one is encoded; a slow output holds everything up, so
 * memory stays bounded.
 */
export class Emitter {
  /** Names of the capture's interfaces by index. */
  interfaceNames: (string | undefined)[] = [];
  private readonly registry: Registry;
  private readonly sink: Sink;
  private readonly output: Output;
  private readonly books: Books;
  private encoding = new ByteWriter(CHUNK_OCTETS * 2);
  private writing = new ByteWriter(CHUNK_OCTETS * 2);
  private pending: Promise<void> = Promise.resolve();
  private readonly due = new EndedRows();
  /** Sum of what `lookAhead` read; public so that no compiler may leave the reads out. */
  touched = 0;

  constructor(registry: Registry, sink: Sink, output: Output, books: Books) {
    this.registry = registry;
    this.sink = sink;
    this.output = output;
    this.books = books;
    sink.begin(this.encoding);
  }

  /** True when nobody wants more records. */
  get isClosed(): boolean {
    return this.output.isClosed;
  }

  /**
   * Writes the rows that were closed before `second` of the packet clock: nothing can be closed
   * earlier than that any more, so their order is final.
   */
  async drain(table: FlowTable, contexts: FlowContexts, second: number): Promise<void> {
    const { ended } = table;
    const { due } = this;
    due.count = 0;
    let kept = 0;
    for (let i = 0; i < ended.count; i += 1) {
      if (ended.seconds[i]! < second) due.pushFrom(ended, i);
      else {
        ended.rows[kept] = ended.rows[i]!;
        ended.reasons[kept] = ended.reasons[i]!;
        ended.seconds[kept] = ended.seconds[i]!;
        ended.nanoseconds[kept] = ended.nanoseconds[i]!;
        kept += 1;
      }
    }
    ended.count = kept;
    if (due.count === 0) return;
    const order = sortEnded(due, table.memory.words, contexts);
    const view = new FlowView(table, contexts);
    const tag = newTag();
    const record: FlowRecord = { view, tag, entry: undefined, interfaceName: undefined };
    for (let i = 0; i < order.length; i += 1) {
      if (i % LOOK_AHEAD === 0) this.lookAhead(table, order, i);
      const at = order[i]!;
      const row = due.rows[at]!;
      const reason = due.reasons[at]!;
      view.load(row, reason);
      tagFlow(this.registry, view, tag);
      if (tag.named === 0) this.books.unknownPorts.add(view);
      record.entry = tag.entry < 0 ? undefined : entryByNumber(this.registry, tag.entry);
      record.interfaceName = this.interfaceNames[view.interfaceIndex];
      this.sink.write(record, this.encoding);
      this.books.flows += 1;
      this.books.endReasons[reason]! += 1;
      table.release(row);
      if (this.encoding.length >= CHUNK_OCTETS) await this.flush();
    }
  }

  /** Rows lie all over memory: reads that don't wait for each other bring the next ones near. */
  private lookAhead(table: FlowTable, order: Int32Array, from: number): void {
    const words = table.memory.words;
    const end = Math.min(order.length, from + LOOK_AHEAD);
    let sum = 0;
    for (let i = from; i < end; i += 1) {
      const row = this.due.rows[order[i]!]!;
      sum += words[row]! + words[row + Row.Bytes]! + words[row + TcpRow.History]!;
    }
    this.touched = sum | 0;
  }

  /** Writes what the sink says at the end, and waits until everything is out. */
  async finish(): Promise<void> {
    this.sink.end(this.encoding);
    await this.flush();
    await this.pending;
  }

  /** Hands over what is encoded, when the chunk before is out. */
  async flush(): Promise<void> {
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
}
