import type { FlowTable } from "../../flow/flow-table.ts";
import type { FlowContexts } from "../../flow/id/context-table.ts";
import { Flag, Row } from "../../flow/row/flow-row.ts";
import { copyRow, LARGEST_COPY } from "../../flow/row/row-copy.ts";
import type { UnknownPorts } from "../books/unknown-ports.ts";
import type { RecordTaker } from "../emitter.ts";
import { ROWS_WORDS, SLOT_RECORDS } from "./encode-messages.ts";
import type { ThreadEncoders } from "./thread-encoders.ts";
import { type ToldExtra, toldOf } from "./told-extra.ts";

/** Who encodes the rows of slots. */
type Encoders = Pick<ThreadEncoders, "rowsOf" | "takeSlot" | "encode" | "finish" | "isClosed">;

/** Copies rows into shared memory, slot by slot; other threads encode their records. */
export class ThreadTaker implements RecordTaker {
  private readonly threads: Encoders;
  private readonly unknownPorts: UnknownPorts;
  private readonly interfaceNames: readonly (string | undefined)[];
  private table: FlowTable | undefined;
  private contexts: FlowContexts | undefined;
  private slot = 0;
  private words: Int32Array;
  private length = 0;
  private count = 0;
  private extras: (readonly [number, ToldExtra])[] = [];
  /** Surroundings of rows in the slot, and what number each has there. */
  private readonly slotContexts = new Map<Int32Array, number>();

  constructor(
    threads: Encoders,
    unknownPorts: UnknownPorts,
    interfaceNames: readonly (string | undefined)[],
  ) {
    this.threads = threads;
    this.unknownPorts = unknownPorts;
    this.interfaceNames = interfaceNames;
    this.words = threads.rowsOf(0);
  }

  get isClosed(): boolean {
    return this.threads.isClosed;
  }

  begin(table: FlowTable, contexts: FlowContexts): void {
    this.table = table;
    this.contexts = contexts;
  }

  take(row: number, endReason: number): boolean {
    const words = this.table!.memory.words;
    const at = this.length;
    this.length = copyRow(words, row, endReason, this.words, at);
    if ((words[row + Row.Flags]! & Flag.Extra) !== 0) {
      this.extras.push([at + 1, toldOf(this.table!.extra(row))]);
    }
    const context = words[row + Row.Context]!;
    if (context !== 0) this.words[at + 1 + Row.Context] = this.numberInSlot(context);
    this.count += 1;
    return this.length + LARGEST_COPY <= ROWS_WORDS && this.count < SLOT_RECORDS;
  }

  async ready(): Promise<void> {
    if (this.count === 0) return;
    this.send();
    this.slot = await this.threads.takeSlot();
    this.words = this.threads.rowsOf(this.slot);
  }

  async finish(): Promise<void> {
    if (this.count > 0) this.send();
    await this.threads.finish(this.unknownPorts);
  }

  /**
   * A number that stays the context's for the whole slot: the table's own one may come to mean another
   * as soon as the last row with it was taken.
   */
  private numberInSlot(context: number): number {
    const { slotContexts } = this;
    const { words } = this.contexts!.get(context)!;
    let number = slotContexts.get(words);
    if (number === undefined) {
      number = slotContexts.size + 1;
      slotContexts.set(words, number);
    }
    return number;
  }

  private send(): void {
    const { slot, count, length, extras } = this;
    const contexts = [...this.slotContexts].map(([words, number]) => [number, words] as const);
    this.threads.encode(slot, { count, length, extras, contexts }, this.interfaceNames);
    this.length = 0;
    this.count = 0;
    this.extras = [];
    this.slotContexts.clear();
  }
}
