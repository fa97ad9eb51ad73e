import { EndedRows, endedReason, endedRow } from "../flow/ending/ended-rows.ts";
import { EndedSorter } from "../flow/ending/ended-sorter.ts";
import type { FlowTable } from "../flow/flow-table.ts";
import type { FlowContexts } from "../flow/id/context-table.ts";
import { ClosedRow, Row, TcpRow } from "../flow/row/flow-row.ts";
import type { Books } from "./books/books.ts";

/** Rows brought near at a time. */
const LOOK_AHEAD = 64;
const LATEST_SECOND = 0xffffffff;

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
    this.collectDue(table, seconds, nanoseconds);
    if (!this.hasBegun) taker.begin(table, contexts);
    this.hasBegun = true;
    if (due.count === 0) return;
    const { words } = table.memory;
    const sorter = new EndedSorter(due.entries, due.count, {
      words,
      contexts,
      extras: table.extras,
    });
    // Whatever happens meanwhile, nothing can be added before this is done.
    const isLast = table.flows === 0 && table.ended.count === 0;
    for (let i = 0; i < due.count; i += 1) {
      if (i % LOOK_AHEAD === 0) {
        sorter.sortTo(Math.min(due.count, i + LOOK_AHEAD));
        this.lookAhead(words, i);
      }
      const row = endedRow(due.entries[i]!);
      const reason = endedReason(due.entries[i]!);
      const isReady = taker.take(row, reason);
      books.flows += 1;
      books.endReasons[reason]! += 1;
      if (isLast) table.releaseFacts(row);
      else table.release(row);
      if (!isReady) await taker.ready();
    }
    due.clear();
    if (isLast) table.releaseAll();
  }

  /** Hands on what was collected: the names of interfaces may change their meaning after this. */
  async settle(): Promise<void> {
    if (this.hasBegun) await this.taker.ready();
  }

  /** Waits until everything is written. */
  async finish(): Promise<void> {
    await this.taker.finish();
  }

  private collectDue(table: FlowTable, seconds: number, nanoseconds: number): void {
    const { due } = this;
    const { ended } = table;
    const { words } = table.memory;
    if (seconds > LATEST_SECOND) {
      due.takeAll(ended);
      return;
    }
    due.count = 0;
    let kept = 0;
    for (let i = 0; i < ended.count; i += 1) {
      const entry = ended.entries[i]!;
      const row = endedRow(entry);
      const closed = words[row + ClosedRow.Seconds]! >>> 0;
      const isDue =
        closed < seconds ||
        (closed === seconds && words[row + ClosedRow.Nanoseconds]! < nanoseconds);
      if (isDue) due.push(entry);
      else {
        ended.entries[kept] = entry;
        kept += 1;
      }
    }
    ended.count = kept;
  }

  /** Rows lie all over memory: reads that don't wait for each other bring the next ones near. */
  private lookAhead(words: Int32Array, from: number): void {
    const { entries, count } = this.due;
    const end = Math.min(count, from + LOOK_AHEAD);
    let sum = 0;
    for (let i = from; i < end; i += 1) {
      const row = endedRow(entries[i]!);
      sum ^= words[row]! ^ words[row + Row.Bytes]! ^ words[row + TcpRow.History]!;
    }
    this.touched = sum | 0;
  }
}
