import { ContextMirror } from "../../flow/id/context-mirror.ts";
import { type AnnotateOptions, Annotator } from "../annotator.ts";
import type { Books } from "../books/books.ts";
import type { FaultSamples } from "../books/fault-samples.ts";
import type {
  CaptureErrorHandler,
  CaptureFeed,
  CaptureProgressView,
  CaptureToRead,
} from "../capture-feed.ts";
import type { Emitter } from "../emitter.ts";
import { errorOf } from "./capture-failure.ts";
import type { DecodeReply } from "./decode-messages.ts";
import type { ThreadDecoder } from "./thread-decoder.ts";
import type { ThreadEncoders } from "./thread-encoders.ts";

/**
 * The two halves of a packet's way in two threads: another one reads and decodes, this one keeps flows
 * and writes records. Packets come in the same order, so the records are the same.
 */
export class ThreadFeed implements CaptureFeed {
  readonly annotator: Annotator;
  private readonly decoder: ThreadDecoder;
  private readonly encoders: ThreadEncoders | undefined;
  private readonly emitter: Emitter;
  private readonly books: Books;
  private readonly onOpen: (capture: CaptureProgressView) => void;
  private readonly contexts = new ContextMirror();
  private readonly faultSamples: FaultSamples | undefined;
  /** What the other thread reads after the capture that is at its turn here. */
  private askedFor: CaptureToRead | undefined;
  private progress = { octetsRead: 0, octetsTotal: undefined as number | undefined };

  constructor(
    { decoder, encoders }: { readonly decoder: ThreadDecoder; readonly encoders?: ThreadEncoders },
    options: AnnotateOptions & { readonly faultSamples?: FaultSamples },
    books: Books,
    emitter: Emitter,
    onOpen: (capture: CaptureProgressView) => void,
  ) {
    this.decoder = decoder;
    this.encoders = encoders;
    this.annotator = new Annotator(
      { ...options, rowsIn: decoder.memory },
      books,
      emitter,
      this.contexts,
      decoder.secret,
    );
    this.emitter = emitter;
    this.books = books;
    this.onOpen = onOpen;
    this.faultSamples = options.faultSamples;
  }

  async read(
    capture: CaptureToRead,
    onError: CaptureErrorHandler,
    next?: CaptureToRead,
  ): Promise<void> {
    if (this.askedFor !== capture) this.ask(capture);
    this.askedFor = undefined;
    if (next !== undefined) {
      this.decoder.tell({ type: "restart" });
      this.ask(next);
    }
    const packetsBefore = this.books.read;
    while (!this.emitter.isClosed) {
      const reply = await this.decoder.next();
      if (reply === undefined) {
        this.books.read = packetsBefore + this.decoder.group.packetsRead;
        await this.addGroup();
      } else if (reply.type === "opened") this.noteOpened(reply);
      else if (reply.type === "failed") onError(errorOf(reply.failure));
      else if (reply.type === "beside") this.noteBeside(reply);
      else {
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
    if (this.askedFor === undefined) this.decoder.tell({ type: "restart" });
  }

  stop(): void {
    this.decoder.tell({ type: "stop" });
  }

  async close(): Promise<void> {
    await this.decoder.close();
  }

  private ask(capture: CaptureToRead): void {
    if (capture.paths === undefined) throw new Error("another thread can open only paths");
    this.decoder.tell({ type: "read", paths: capture.paths });
    this.askedFor = capture;
  }

  private noteOpened(reply: Extract<DecodeReply, { type: "opened" }>): void {
    this.progress = { octetsRead: 0, octetsTotal: reply.octetsTotal };
    this.onOpen({ name: reply.name, progress: this.progress });
  }

  private noteBeside(reply: Extract<DecodeReply, { type: "beside" }>): void {
    for (const { number, words } of reply.contexts) this.contexts.define(number, words);
    this.emitter.interfaceNames.push(...reply.interfaces);
    if (reply.comments.length > 0) this.annotator.table.comments = new Map(reply.comments);
  }

  private async addGroup(): Promise<void> {
    const { annotator, contexts, decoder } = this;
    const { count, epoch, octetsRead } = decoder.group;
    this.progress.octetsRead = octetsRead;
    await annotator.addStaged(decoder.staged, count);
    this.encoders?.expect(annotator.table.flows);
    decoder.free();
    const unused = contexts.takeUnused();
    if (unused.length > 0) decoder.tell({ type: "unused", contexts: unused, epoch });
  }
}
