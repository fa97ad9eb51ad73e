import type { FlowContexts } from "../flow/context-table.ts";
import type { FlowExtra } from "../flow/flow-extra.ts";
import { Flag, LARGEST_ROW, Row, rowSize } from "../flow/flow-row.ts";
import type { FlowTable } from "../flow/flow-table.ts";
import type { RecordTaker } from "./emitter.ts";
import { ROWS_WORDS, SLOT_RECORDS } from "./encode-messages.ts";
import type { ThreadEncoders } from "./thread-encoders.ts";
import type { UnknownPorts } from "./unknown-ports.ts";

/** The largest row and the reason in front of it. */
const MOST_WORDS: number = LARGEST_ROW + 1;

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
    const slot = this.words;
    const size = rowSize(words[row + Row.Kind]!);
    const at = this.length;
    slot[at] = endReason;
    for (let i = 0; i < size; i += 1) slot[at + 1 + i] = words[row + i]!;
    if ((words[row + Row.Flags]! & Flag.Extra) !== 0) {
      this.extras.push([at + 1, this.table!.extra(row)]);
    }
    const context = words[row + Row.Context]!;
    if (context !== 0) this.usedContexts.set(context, this.contexts!.get(context)!.words);
    this.length = at + 1 + size;
    this.count += 1;
    return this.length + MOST_WORDS <= ROWS_WORDS && this.count < SLOT_RECORDS;
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
