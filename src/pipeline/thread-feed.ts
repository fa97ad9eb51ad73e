import { Worker } from "node:worker_threads";
import { CaptureError } from "../core/errors.ts";
import { ContextMirror } from "../flow/context-mirror.ts";
import { newHashSecret } from "../flow/flow-hash.ts";
import { type AnnotateOptions, Annotator } from "./annotator.ts";
import type { Books } from "./books.ts";
import type {
  CaptureErrorHandler,
  CaptureFeed,
  CaptureProgressView,
  CaptureToRead,
} from "./capture-feed.ts";
import {
  type CaptureFailure,
  type DecodeReply,
  type DecodeRequest,
  type DecodeThreadData,
  SLOT_WORDS,
  SLOTS,
} from "./decode-messages.ts";
import type { Emitter } from "./emitter.ts";
import type { FaultSamples } from "./fault-samples.ts";
import type { StageOptions } from "./stager.ts";
import { THREAD_LIMITS, threadFile } from "./thread-file.ts";

/**
 * The two halves of a packet's way in two threads: another one reads and decodes, this one keeps flows
 * and writes records. Packets come in the same order, so the records are the same.
 */
export class ThreadFeed implements CaptureFeed {
  readonly annotator: Annotator;
  private readonly emitter: Emitter;
  private readonly books: Books;
  private readonly onOpen: (capture: CaptureProgressView) => void;
  private readonly contexts = new ContextMirror();
  private readonly slots: readonly Int32Array[];
  private readonly faultSamples: FaultSamples | undefined;
  private readonly worker: Worker;
  private readonly replies: DecodeReply[] = [];
  private wakeUp: (() => void) | undefined;
  private workerError: unknown;
  private progress = { octetsRead: 0, octetsTotal: undefined as number | undefined };

  constructor(
    options: AnnotateOptions & StageOptions & { readonly faultSamples?: FaultSamples },
    books: Books,
    emitter: Emitter,
    onOpen: (capture: CaptureProgressView) => void,
  ) {
    const memory = new SharedArrayBuffer(SLOTS * SLOT_WORDS * 4);
    const secret = newHashSecret();
    this.slots = Array.from(
      { length: SLOTS },
      (_, i) => new Int32Array(memory, i * SLOT_WORDS * 4, SLOT_WORDS),
    );
    this.annotator = new Annotator(options, books, emitter, this.contexts, secret);
    this.emitter = emitter;
    this.books = books;
    this.onOpen = onOpen;
    this.faultSamples = options.faultSamples;
    const data: DecodeThreadData = {
      memory,
      secret,
      options: {
        useVlanKey: options.useVlanKey,
        tunnels: options.tunnels,
        fragments: options.fragments ?? "join",
        checksums: options.checksums,
        comments: options.comments === true,
        missesCutPayload: options.missesCutPayload === true,
        ...(options.filter === undefined ? {} : { filter: options.filter }),
      },
      faultSamples: options.faultSamples?.most ?? 0,
    };
    this.worker = new Worker(threadFile("decode-thread", import.meta.url), {
      workerData: data,
      resourceLimits: THREAD_LIMITS,
    });
    this.worker.on("message", (reply: DecodeReply) => {
      this.replies.push(reply);
      this.wakeUp?.();
    });
    this.worker.on("error", (error: unknown) => {
      this.workerError = error;
      this.wakeUp?.();
    });
  }

  async read(capture: CaptureToRead, onError: CaptureErrorHandler): Promise<void> {
    if (capture.paths === undefined) throw new Error("another thread can open only paths");
    const firstInterface = this.emitter.interfaceNames.length;
    const packetsBefore = this.books.read;
    this.tell({ type: "read", paths: capture.paths, firstInterface });
    for (;;) {
      const reply = await this.nextReply();
      if (reply === undefined) return;
      if (reply.type === "opened") this.noteOpened(reply);
      else if (reply.type === "failed") onError(errorOf(reply.failure));
      else if (reply.type === "group") {
        this.books.read = packetsBefore + reply.packetsRead;
        await this.addGroup(reply);
      } else {
        this.books.read = packetsBefore;
        this.books.absorb(reply.books);
        for (const sample of reply.faultSamples) this.faultSamples?.add(sample);
        if (reply.failure === undefined) return;
        throw errorOf(reply.failure);
      }
    }
  }

  restart(): void {
    this.annotator.restart();
    this.tell({ type: "restart" });
  }

  stop(): void {
    this.tell({ type: "stop" });
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private tell(request: DecodeRequest): void {
    this.worker.postMessage(request);
  }

  /** @returns undefined when nobody reads the output any more */
  private async nextReply(): Promise<DecodeReply | undefined> {
    for (;;) {
      if (this.workerError !== undefined) throw this.workerError;
      if (this.emitter.isClosed) return undefined;
      const reply = this.replies.shift();
      if (reply !== undefined) return reply;
      await new Promise<void>((resolve) => {
        this.wakeUp = resolve;
      });
    }
  }

  private noteOpened(reply: Extract<DecodeReply, { type: "opened" }>): void {
    this.progress = { octetsRead: 0, octetsTotal: reply.octetsTotal };
    this.onOpen({ name: reply.name, progress: this.progress });
  }

  private async addGroup(reply: Extract<DecodeReply, { type: "group" }>): Promise<void> {
    for (const { number, words } of reply.contexts) this.contexts.define(number, words);
    this.emitter.interfaceNames.push(...reply.interfaces);
    this.annotator.table.comments = new Map(reply.comments);
    this.progress.octetsRead = reply.octetsRead;
    await this.annotator.addStaged(this.slots[reply.slot]!, reply.count);
    this.tell({
      type: "free",
      slot: reply.slot,
      unused: this.contexts.takeUnused(),
      epoch: reply.epoch,
    });
  }
}

function errorOf({ code, path, offset, message }: CaptureFailure): CaptureError {
  return new CaptureError(code, path, offset, message);
}
