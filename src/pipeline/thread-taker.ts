import { Worker } from "node:worker_threads";
import { OutputError } from "../core/errors.ts";
import type { DescriptorOutput } from "../delivery/output.ts";
import type { FlowContexts } from "../flow/context-table.ts";
import type { FlowExtra } from "../flow/flow-extra.ts";
import { Flag, Row, rowSize } from "../flow/flow-row.ts";
import type { FlowTable } from "../flow/flow-table.ts";
import type { RecordTaker } from "./emitter.ts";
import {
  ENCODE_SLOT_WORDS,
  ENCODE_SLOTS,
  type EncodeRecipe,
  type EncodeReply,
  type EncodeRequest,
  type EncodeThreadData,
} from "./encode-messages.ts";
import { THREAD_LIMITS, threadFile } from "./thread-file.ts";
import type { UnknownPorts } from "./unknown-ports.ts";

/** The largest row and the reason in front of it. */
const MOST_WORDS = 65;

/** Copies rows into shared memory; another thread encodes their records and writes them. */
export class ThreadTaker implements RecordTaker {
  private readonly output: DescriptorOutput;
  private readonly unknownPorts: UnknownPorts;
  private readonly interfaceNames: readonly (string | undefined)[];
  private readonly worker: Worker;
  private readonly slots: readonly Int32Array[];
  private readonly freeSlots: number[];
  private table: FlowTable | undefined;
  private contexts: FlowContexts | undefined;
  private slot = 0;
  private length = 0;
  private count = 0;
  private extras: (readonly [number, FlowExtra])[] = [];
  private usedContexts = new Map<number, Int32Array>();
  private namesSent = "";
  private failure: unknown;
  private isFinished = false;
  private wakeUp: (() => void) | undefined;

  constructor(
    recipe: EncodeRecipe,
    output: DescriptorOutput,
    unknownPorts: UnknownPorts,
    interfaceNames: readonly (string | undefined)[],
  ) {
    this.output = output;
    this.unknownPorts = unknownPorts;
    this.interfaceNames = interfaceNames;
    const memory = new SharedArrayBuffer(ENCODE_SLOTS * ENCODE_SLOT_WORDS * 4);
    this.slots = Array.from(
      { length: ENCODE_SLOTS },
      (_, i) => new Int32Array(memory, i * ENCODE_SLOT_WORDS * 4, ENCODE_SLOT_WORDS),
    );
    this.freeSlots = this.slots.map((_, i) => i).slice(1);
    const { descriptor, path } = output;
    const data: EncodeThreadData = { ...recipe, memory, descriptor, path };
    this.worker = new Worker(threadFile("encode-thread", import.meta.url), {
      workerData: data,
      resourceLimits: THREAD_LIMITS,
    });
    this.worker.on("message", (reply: EncodeReply) => this.hear(reply));
    this.worker.on("error", (error: unknown) => {
      this.failure = error;
      this.wakeUp?.();
    });
  }

  get isClosed(): boolean {
    return this.output.isClosed;
  }

  begin(table: FlowTable, contexts: FlowContexts): void {
    this.table = table;
    this.contexts = contexts;
  }

  take(row: number, endReason: number): boolean {
    const words = this.table!.memory.words;
    const slot = this.slots[this.slot]!;
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
    return this.length + MOST_WORDS <= ENCODE_SLOT_WORDS;
  }

  async ready(): Promise<void> {
    this.send();
    await this.until(() => this.freeSlots.length > 0);
    this.slot = this.freeSlots.pop()!;
  }

  async finish(): Promise<void> {
    this.send();
    this.tell({ type: "finish" });
    await this.until(() => this.isFinished);
    await this.worker.terminate();
  }

  /** Ends the thread at once; for a run that failed. */
  async abandon(): Promise<void> {
    await this.worker.terminate();
  }

  private send(): void {
    const names = JSON.stringify(this.interfaceNames);
    this.tell({
      type: "rows",
      slot: this.slot,
      count: this.count,
      extras: this.extras,
      contexts: [...this.usedContexts],
      interfaceNames: names === this.namesSent ? undefined : [...this.interfaceNames],
    });
    this.namesSent = names;
    this.length = 0;
    this.count = 0;
    this.extras = [];
    this.usedContexts = new Map();
  }

  private tell(request: EncodeRequest): void {
    this.worker.postMessage(request);
  }

  private hear(reply: EncodeReply): void {
    if (reply.type === "failed") this.failure = new OutputError(reply.code, reply.message);
    else {
      if (reply.isClosed) this.output.isClosed = true;
      if (reply.type === "free") this.freeSlots.push(reply.slot);
      else {
        this.unknownPorts.absorb(reply.unknownPorts);
        this.isFinished = true;
      }
    }
    this.wakeUp?.();
  }

  private async until(isTrue: () => boolean): Promise<void> {
    while (this.failure === undefined && !isTrue()) {
      await new Promise<void>((resolve) => {
        this.wakeUp = resolve;
      });
    }
    if (this.failure !== undefined) throw this.failure;
  }
}
