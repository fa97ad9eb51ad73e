import { Worker } from "node:worker_threads";
import { moduleBeside } from "../../core/module-beside.ts";
import type { Output } from "../../delivery/output.ts";
import { SLOTS } from "../../service/transport.ts";
import type { UnknownPorts } from "../books/unknown-ports.ts";
import {
  type EncodeRecipe,
  type EncodeReply,
  type EncodeRequest,
  type EncodeThreadData,
  ROWS_WORDS,
} from "./encode-messages.ts";
import { THREAD_LIMITS } from "./thread-limits.ts";
import { ThreadWait } from "./thread-wait.ts";

/** Slots for each thread: one is encoded, the next waits or its octets are written. */
const SLOTS_PER_THREAD = 2;
/** And one that is being filled. */
const MORE_SLOTS = 1;

/**
 * So many records, to come or behind, are worth a thread: its start costs some 0.2 s of processor time,
 * as much as these.
 */
const WORTH_A_THREAD = 1 << 19;
/** So many slots that wait for a thread tell then that one more is needed. */
const BACKLOG = 2;

/** The rows of a slot and what is to be known of them. */
export type RowsOfSlot = Pick<
  Extract<EncodeRequest, { type: "rows" }>,
  "count" | "length" | "extras" | "contexts"
>;

type Member = {
  readonly worker: Worker;
  /** It has loaded what it needs; the first gets slots before that. */
  isReady: boolean;
  /** Slots that it has not encoded yet. */
  pending: number;
  /** Its memory for the records of each slot. */
  records: readonly Uint8Array[];
  /** The names it knows, as JSON. */
  names: string;
};

type Finished = Extract<EncodeReply, { type: "finished" }>;

/**
 * Threads that encode the records of rows. Each takes whole slots; the octets are written here, in the
 * order in which the slots were handed over, so the output is that of one thread. There are only so
 * many slots: a slow output holds everything up, and memory stays bounded.
 */
export class ThreadEncoders {
  private readonly slots: readonly Int32Array[];
  private readonly members: Member[] = [];
  private readonly most: number;
  private readonly data: Omit<EncodeThreadData, "isFirst">;
  private readonly freeSlots: number[];
  /** Slots under way, in order, and what came of them. */
  private readonly order: number[] = [];
  private readonly encoded: (Uint8Array | undefined)[] = [];
  private readonly finished: Finished[] = [];
  private output: Output | undefined;
  private records = 0;
  private isWriting = false;
  private isEnded = false;
  private readonly wait = new ThreadWait();

  /**
   * Starts the threads, or the first of them: the others are then started when they are worth it.
   * @param most - how many; one where records depend on those before
   */
  constructor(
    recipe: EncodeRecipe,
    most: number,
    options: { readonly startsAll: boolean } = { startsAll: false },
  ) {
    const slots = most * SLOTS_PER_THREAD + MORE_SLOTS;
    const rows = new SharedArrayBuffer(slots * ROWS_WORDS * 4);
    const facts = new SharedArrayBuffer(2 * SLOTS * 4);
    const all = Array.from({ length: slots }, (_, i) => i);
    this.slots = all.map((i) => new Int32Array(rows, i * ROWS_WORDS * 4, ROWS_WORDS));
    this.freeSlots = all.slice(1);
    this.most = most;
    this.data = { ...recipe, rows, facts };
    const first = options.startsAll ? most : 1;
    for (let i = 0; i < first; i += 1) this.start();
  }

  /** Where the octets go; before the first slot is handed over. */
  writeTo(output: Output): void {
    this.output = output;
  }

  /** Tells how many records are to come at least, so that there are threads for them. */
  expect(records: number): void {
    if (records > this.members.length * WORTH_A_THREAD) this.startAnother();
  }

  /** True when nobody reads the output any more. */
  get isClosed(): boolean {
    return this.output!.isClosed;
  }

  /** A slot to fill after slot 0, as soon as there is one. @throws what went wrong in a thread or at the output */
  async takeSlot(): Promise<number> {
    await this.wait.until(() => this.freeSlots.length > 0);
    return this.freeSlots.pop()!;
  }

  /** Memory of a slot's rows, each behind the code of its end reason. */
  rowsOf(slot: number): Int32Array {
    return this.slots[slot]!;
  }

  /** Hands a filled slot to the thread that has least to do. */
  encode(slot: number, rows: RowsOfSlot, interfaceNames: readonly (string | undefined)[]): void {
    let member = this.members[0]!;
    for (const one of this.members) if (one.isReady && one.pending < member.pending) member = one;
    const isWorth = this.records > this.members.length * WORTH_A_THREAD;
    if (member.pending >= BACKLOG && isWorth) this.startAnother();
    member.pending += 1;
    this.order.push(slot);
    const names = JSON.stringify(interfaceNames);
    tell(member, {
      type: "rows",
      slot,
      ...rows,
      recordsBefore: this.records,
      interfaceNames: names === member.names ? undefined : [...interfaceNames],
    });
    member.names = names;
    this.records += rows.count;
  }

  /** Waits until everything is written, and adds up what the threads counted. */
  async finish(unknownPorts: UnknownPorts): Promise<void> {
    const needed = this.members.filter(({ isReady }, i) => isReady || i === 0);
    for (const member of needed) tell(member, { type: "finish" });
    await this.wait.until(() => this.finished.length === needed.length && this.order.length === 0);
    for (const { octets, unknownPorts: counts } of this.finished) {
      await this.output!.write(octets);
      unknownPorts.absorb(counts);
    }
    await this.close();
  }

  /** Ends the threads at once. */
  async close(): Promise<void> {
    this.isEnded = true;
    await Promise.all(this.members.map(({ worker }) => worker.terminate()));
  }

  /** Unless there are enough or one is on its way. */
  private startAnother(): void {
    const { members, most } = this;
    if (members.length < most && members.at(-1)!.isReady) this.start();
  }

  private start(): void {
    const { members, data } = this;
    const workerData: EncodeThreadData = { ...data, isFirst: members.length === 0 };
    const worker = new Worker(moduleBeside("encode-thread", import.meta.url), {
      workerData,
      resourceLimits: THREAD_LIMITS,
    });
    const member: Member = { worker, isReady: false, pending: 0, records: [], names: "" };
    worker.on("message", (reply: EncodeReply) => this.hear(member, reply));
    worker.on("error", (error: unknown) => this.wait.fail(error));
    worker.on("exit", () => {
      if (!this.isEnded) this.wait.fail(new Error("a thread that encodes ended before its time"));
    });
    members.push(member);
  }

  private hear(member: Member, reply: EncodeReply): void {
    if (reply.type === "ready") {
      member.isReady = true;
      member.records = reply.records;
    } else if (reply.type === "encoded") {
      member.pending -= 1;
      const { slot, length, moved } = reply;
      this.encoded[slot] = moved ?? member.records[slot]!.subarray(0, length);
      if (!this.isWriting) void this.writeInOrder();
    } else {
      this.finished.push(reply);
      this.wait.notify();
    }
  }

  private async writeInOrder(): Promise<void> {
    this.isWriting = true;
    try {
      for (;;) {
        const slot = this.order[0];
        const next = slot === undefined ? undefined : this.encoded[slot];
        if (slot === undefined || next === undefined) break;
        await this.output!.write(next);
        this.encoded[slot] = undefined;
        this.order.shift();
        this.freeSlots.push(slot);
        this.wait.notify();
      }
    } catch (error: unknown) {
      this.wait.fail(error);
    }
    this.isWriting = false;
  }
}

function tell({ worker }: Member, request: EncodeRequest): void {
  worker.postMessage(request);
}
