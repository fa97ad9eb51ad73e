import type { FlowContexts } from "../flow/context-table.ts";
import type { FlowExtra } from "../flow/flow-extra.ts";
import { Flag, Row } from "../flow/flow-row.ts";
import type { FlowTable } from "../flow/flow-table.ts";
import { copyRow, LARGEST_COPY } from "../flow/row-copy.ts";
import type { RecordTaker } from "./emitter.ts";
import { ROWS_WORDS, SLOT_RECORDS } from "./encode-messages.ts";
import type { ThreadEncoders } from "./thread-encoders.ts";
import type { UnknownPorts } from "./unknown-ports.ts";

/** Copies rows into shared memory, slot by slot; other threads encode their records. */
export class ThreadTaker implements RecordTaker {
  private readonly threads: ThreadEncoders;
  private readonly unknownPorts: UnknownPorts;
  private readonly interfaceNames: readonly (string | undefined)[];
  private table: FlowTable | undefined;
  private contexts: FlowContexts | undefined;
  private slot = 0;
  private words: Int32Array;
  private length = 0;
  private count = 0;
  private extras: (readonly [number, FlowExtra])[] = [];
  private usedContexts = new Map<number, Int32Array>();

  constructor(
    threads: ThreadEncoders,
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
      this.extras.push([at + 1, this.table!.extra(row)]);
    }
    const context = words[row + Row.Context]!;
    if (context !== 0) this.usedContexts.set(context, this.contexts!.get(context)!.words);
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

  private send(): void {
    const { slot, count, length, extras } = this;
    const contexts = [...this.usedContexts];
    this.threads.encode(slot, { count, length, extras, contexts }, this.interfaceNames);
    this.length = 0;
    this.count = 0;
    this.extras = [];
    this.usedContexts = new Map();
  }
}
