import { Worker } from "node:worker_threads";
import { moduleBeside } from "../core/module-beside.ts";
import { type HashSecret, newHashSecret } from "../flow/flow-hash.ts";
import type { GrowableMemory } from "../flow/growable-memory.ts";
import {
  type DecodeReply,
  type DecodeRequest,
  type DecodeThreadData,
  SLOTS_WORDS,
  slotsIn,
} from "./decode-messages.ts";
import { newPacketMemory } from "./packet-rooms.ts";
import type { StageOptions } from "./stage-options.ts";
import { THREAD_LIMITS } from "./thread-limits.ts";
import { ThreadWait } from "./thread-wait.ts";

/** A thread that reads captures, decodes their packets and stages them in slots of shared memory. */
export class ThreadDecoder {
  readonly secret: HashSecret = newHashSecret();
  /** The slots are in it, and there is room for rows. */
  readonly memory: GrowableMemory;
  private readonly slots: readonly Int32Array[];
  private readonly worker: Worker;
  private readonly replies: DecodeReply[] = [];
  private readonly wait = new ThreadWait();
  private isEnded = false;

  /** Starts the thread. @param mostSamples - faulty packets that are shown at most */
  constructor(options: StageOptions, mostSamples: number) {
    const { memory, rooms, place } = newPacketMemory(SLOTS_WORDS);
    this.memory = memory;
    this.slots = slotsIn(rooms.staged);
    const data: DecodeThreadData = {
      place,
      secret: this.secret,
      options: {
        useVlanKey: options.useVlanKey,
        useTunnelKey: options.useTunnelKey !== false,
        tellsSurroundings: options.tellsSurroundings === true,
        tunnels: options.tunnels,
        fragments: options.fragments ?? "join",
        checksums: options.checksums,
        comments: options.comments === true,
        zeekRules: options.zeekRules === true,
        spiKey: options.spiKey === true,
        ...(options.filter === undefined ? {} : { filter: options.filter }),
      },
      faultSamples: mostSamples,
    };
    this.worker = new Worker(moduleBeside("decode-thread", import.meta.url), {
      workerData: data,
      resourceLimits: THREAD_LIMITS,
    });
    this.worker.on("message", (reply: DecodeReply) => {
      this.replies.push(reply);
      this.wait.notify();
    });
    this.worker.on("error", (error: unknown) => this.wait.fail(error));
    this.worker.on("exit", () => {
      if (!this.isEnded) this.wait.fail(new Error("the thread that decodes ended before its time"));
    });
  }

  /** Staged packets. */
  stagedIn(slot: number): Int32Array {
    return this.slots[slot]!;
  }

  tell(request: DecodeRequest): void {
    this.worker.postMessage(request);
  }

  /** What it says next. @throws what went wrong in it */
  async nextReply(): Promise<DecodeReply> {
    await this.wait.until(() => this.replies.length > 0);
    return this.replies.shift()!;
  }

  /** Ends the thread at once. */
  async close(): Promise<void> {
    this.isEnded = true;
    await this.worker.terminate();
  }
}
