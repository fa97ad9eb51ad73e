import { Worker } from "node:worker_threads";
import { moduleBeside } from "../../core/module-beside.ts";
import { nextTurn } from "../../core/next-turn.ts";
import { type HashSecret, newHashSecret } from "../../flow/packet/flow-hash.ts";
import type { GrowableMemory } from "../../flow/row/growable-memory.ts";
import { newPacketMemory } from "../staging/packet-rooms.ts";
import type { StageOptions } from "../staging/stage-options.ts";
import {
  type DecodeReply,
  type DecodeRequest,
  type DecodeThreadData,
  type DecodeWake,
  type PlacedReply,
  SLOTS_WORDS,
  slotsIn,
} from "./decode-messages.ts";
import { type GroupNote, GroupRing } from "./group-ring.ts";
import { THREAD_LIMITS } from "./thread-limits.ts";
import { ThreadWait } from "./thread-wait.ts";

/** So many groups after which other events are let in, where nothing had to be waited for: some 2 ms. */
const GROUPS_PER_TURN = 4;

/** A thread that reads captures, decodes their packets and stages them in slots of shared memory. */
export class ThreadDecoder {
  readonly secret: HashSecret = newHashSecret();
  /** The slots are in it, and there is room for rows. */
  readonly memory: GrowableMemory;
  private readonly slots: readonly Int32Array[];
  private readonly worker: Worker;
  private readonly note: GroupNote = { count: 0, told: 0, epoch: 0, packetsRead: 0, octetsRead: 0 };
  private readonly ring = new GroupRing();
  private readonly replies: PlacedReply[] = [];
  /** Replies that were taken, modulo 2^32. */
  private heard = 0;
  private groupsOfTurn = 0;
  private readonly wait = new ThreadWait();
  private isEnded = false;

  /** Starts the thread. @param mostSamples - faulty packets that are shown at most */
  constructor(options: StageOptions, mostSamples: number) {
    const { memory, rooms, place } = newPacketMemory(SLOTS_WORDS);
    this.memory = memory;
    this.slots = slotsIn(rooms.staged);
    const data: DecodeThreadData = {
      place,
      ring: this.ring.shared,
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
    this.worker.on("message", (message: PlacedReply | DecodeWake) => {
      if ("reply" in message) this.replies.push(message);
      this.wait.notify();
    });
    this.worker.on("error", (error: unknown) => this.wait.fail(error));
    this.worker.on("exit", () => {
      if (!this.isEnded) this.wait.fail(new Error("the thread that decodes ended before its time"));
    });
  }

  tell(request: DecodeRequest): void {
    this.worker.postMessage(request);
  }

  /**
   * What it says next.
   * @returns undefined for a group, which `group` tells of and `staged` has, until `free`
   * @throws what went wrong in it
   */
  async next(): Promise<DecodeReply | undefined> {
    if (this.groupsOfTurn >= GROUPS_PER_TURN) {
      await nextTurn();
      this.groupsOfTurn = 0;
    }
    if (!this.hasNext()) {
      await this.wait.until(() => this.hasNext() || (!this.ring.wait() && this.hasNext()));
      this.groupsOfTurn = 0;
    }
    if (!this.hasReply()) return undefined;
    this.heard = (this.heard + 1) | 0;
    return this.replies.shift()!.reply;
  }

  /** What is to be known of the group. */
  get group(): Readonly<GroupNote> {
    return this.note;
  }

  /** Staged packets of the group. */
  get staged(): Int32Array {
    return this.slots[this.ring.slot]!;
  }

  /** The group's slot may be filled again. */
  free(): void {
    this.groupsOfTurn += 1;
    this.ring.free();
  }

  /** Ends the thread at once. */
  async close(): Promise<void> {
    this.isEnded = true;
    await this.worker.terminate();
  }

  private hasNext(): boolean {
    return this.hasReply() || this.hasGroup();
  }

  private hasReply(): boolean {
    return this.replies.length > 0 && this.replies[0]!.groups === this.ring.groups;
  }

  /** Whether there is a group, and what was said before it has been heard. */
  private hasGroup(): boolean {
    return this.ring.peek(this.note) && this.note.told === this.heard;
  }
}
