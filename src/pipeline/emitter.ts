import type { FlowContexts } from "../flow/context-table.ts";
import { EndedRows } from "../flow/ended-rows.ts";
import { Row, TcpRow } from "../flow/flow-row.ts";
import type { FlowTable } from "../flow/flow-table.ts";
import { sortEnded } from "../flow/sort-ended.ts";
import type { Books } from "./books.ts";

/** Rows brought near at a time. */
const LOOK_AHEAD = 64;

/** Where ended rows go, in the order of their records: encoded here, or sent to another thread. */
export type RecordTaker = {
  /** True when nobody wants more records. */
  readonly isClosed: boolean;
  /** The table and its contexts, before the first row. */
  begin(table: FlowTable, contexts: FlowContexts): void;
  /**
   * Takes a row that lives until this returns.
   * @returns false when `ready` is to be awaited before the next
   */
  take(row: number, endReason: number): boolean;
  ready(): Promise<void>;
  /** Waits until everything is written. */
  finish(): Promise<void>;
};

/**
 * Takes ended rows out of a table and hands them on in order. A slow output holds everything up, so
 * memory stays bounded.
 */
export class Emitter {
  /** Names of the capture's interfaces by index. */
  readonly interfaceNames: (string | undefined)[];
  private readonly taker: RecordTaker;
  private readonly books: Books;
  private readonly due = new EndedRows();
  private hasBegun = false;
  /** Sum of what `lookAhead` read; public so that no compiler may leave the reads out. */
  touched = 0;

  /** @param interfaceNames - shared with the taker */
  constructor(taker: RecordTaker, books: Books, interfaceNames: (string | undefined)[]) {
    this.taker = taker;
    this.books = books;
    this.interfaceNames = interfaceNames;
  }

  /** True when nobody wants more records. */
  get isClosed(): boolean {
    return this.taker.isClosed;
  }

  /**
   * Hands on the rows that were closed before a time of the packet clock: nothing can be closed
   * earlier than that any more, so their order is final.
   */
  async drain(
    table: FlowTable,
    contexts: FlowContexts,
    seconds: number,
    nanoseconds: number,
  ): Promise<void> {
    const { due, taker, books } = this;
    this.collectDue(table.ended, seconds, nanoseconds);
    if (!this.hasBegun) taker.begin(table, contexts);
    this.hasBegun = true;
    if (due.count === 0) return;
    const order = sortEnded(due, table.memory.words, contexts, table.extras);
    for (let i = 0; i < order.length; i += 1) {
      if (i % LOOK_AHEAD === 0) this.lookAhead(table, order, i);
      const at = order[i]!;
      const row = due.rows[at]!;
      const reason = due.reasons[at]!;
      const isReady = taker.take(row, reason);
      books.flows += 1;
      books.endReasons[reason]! += 1;
      table.release(row);
      if (!isReady) await taker.ready();
    }
  }

  /** Hands on what was collected: the names of interfaces may change their meaning after this. */
  async settle(): Promise<void> {
    if (this.hasBegun) await this.taker.ready();
  }

  /** Waits until everything is written. */
  async finish(): Promise<void> {
    await this.taker.finish();
  }

  private collectDue(ended: EndedRows, seconds: number, nanoseconds: number): void {
    const { due } = this;
    due.count = 0;
    due.reserve(ended.count);
    let kept = 0;
    for (let i = 0; i < ended.count; i += 1) {
      const isDue =
        ended.seconds[i]! < seconds ||
        (ended.seconds[i] === seconds && ended.nanoseconds[i]! < nanoseconds);
      if (isDue) due.pushFrom(ended, i);
      else {
        ended.rows[kept] = ended.rows[i]!;
        ended.reasons[kept] = ended.reasons[i]!;
        ended.seconds[kept] = ended.seconds[i]!;
        ended.nanoseconds[kept] = ended.nanoseconds[i]!;
        kept += 1;
      }
    }
    ended.count = kept;
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
}
