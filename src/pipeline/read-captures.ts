import { CaptureError } from "../core/errors.ts";
import type { Output } from "../delivery/output.ts";
import { EndReason } from "../flow/ending/end-reason.ts";
import type { Registry } from "../service/registry.ts";
import type { Sink } from "../sink/sink.ts";
import type { Books } from "./books/books.ts";
import type { FaultSamples } from "./books/fault-samples.ts";
import type { CaptureFeed, CaptureProgressView, CaptureToRead } from "./capture-feed.ts";
import { Emitter, type RecordTaker } from "./emitter.ts";
import { LocalFeed, type LocalFeedOptions } from "./local-feed.ts";
import { mergedCapture } from "./merged-capture.ts";
import { LocalTaker } from "./records/local-taker.ts";
import type { RecordOutput } from "./records/record-output.ts";
import { SeveralTaker } from "./records/several-taker.ts";
import type { ThreadDecoder } from "./threads/thread-decoder.ts";
import type { ThreadEncoders } from "./threads/thread-encoders.ts";
import type { ThreadFeed } from "./threads/thread-feed.ts";

/** Where records go: through one sink to one output, or to several that whoever made them closes. */
export type RecordsTo =
  | { readonly sink: Sink; readonly output: Output; readonly outputs?: undefined }
  | { readonly outputs: readonly RecordOutput[] };

/** Threads that share a run's work with the one that keeps flows. */
export type ReadThreads = {
  /** Reads and decodes; every capture must then have a path, and it was told the same options. */
  readonly decoder: ThreadDecoder;
  /** Encode for a single plain output, with the same registry, through sinks of the same making. */
  readonly encoders?: ThreadEncoders;
};

/** What comes of a run over captures, besides records, and what ends it. */
export type RunWatch = {
  readonly books: Books;
  /** Gets some of the faulty packets, for people to look at. */
  readonly faultSamples?: FaultSamples;
  /** Ends the run with the batch it is at; open flows are written as interrupted. */
  readonly signal?: AbortSignal;
  /** Told of each capture as it is opened, or of all of them when they are read as one. */
  readonly onOpen?: (capture: CaptureProgressView) => void;
  /**
   * Told of a capture that can't be opened or read on, in the order of the captures; the others are
   * still read.
   */
  readonly onCaptureError: (error: CaptureError) => void;
};

/** What a run over captures needs. */
export type ReadCapturesOptions = LocalFeedOptions &
  RecordsTo &
  RunWatch & {
    /** The captures are read as one, in the order of their packets' times. */
    readonly merge: boolean;
    /** Undefined only where other threads encode. */
    readonly registry: Registry | undefined;
    /** Started for this run, which ends them. */
    readonly threads?: ReadThreads;
  };

/**
 * Reads captures, one after the other or merged, into one stream of records. Everything that was read of a
 * damaged capture is written. The records are the same in one thread and in several.
 * @throws OutputError when the output can't be written
 */
export async function readCaptures(
  captures: Iterable<CaptureToRead>,
  options: ReadCapturesOptions,
): Promise<void> {
  const { books, signal, threads } = options;
  const interfaceNames: (string | undefined)[] = [];
  const taker = await takerFor(options, interfaceNames);
  const emitter = new Emitter(taker, books, interfaceNames);
  const onOpen = (capture: CaptureProgressView): void => options.onOpen?.(capture);
  const feed = await feedFor(options, emitter, onOpen);
  const stop = (): void => feed.stop();
  signal?.addEventListener("abort", stop);
  try {
    const inOrder = options.merge ? [mergedCapture([...captures])] : [...captures];
    for (const [i, capture] of inOrder.entries()) {
      if (signal?.aborted === true || emitter.isClosed) break;
      await readCapture(feed, capture, options, inOrder[i + 1]);
    }
    await feed.annotator.endFlows(endReason(signal));
    await emitter.finish();
  } finally {
    signal?.removeEventListener("abort", stop);
    await Promise.all([feed.close(), threads?.encoders?.close()]);
  }
}

/** Reads one of several captures that have nothing to do with each other: its flows end with it. */
export async function readCapture(
  feed: CaptureFeed,
  capture: CaptureToRead,
  { signal, onCaptureError }: Pick<RunWatch, "signal" | "onCaptureError">,
  next?: CaptureToRead,
): Promise<void> {
  await feed.read(capture, onCaptureError, next).catch((error: unknown) => {
    if (!(error instanceof CaptureError)) throw error;
    onCaptureError(error);
  });
  await feed.annotator.endFlows(endReason(signal));
  feed.restart();
}

async function feedFor(
  options: ReadCapturesOptions,
  emitter: Emitter,
  onOpen: (capture: CaptureProgressView) => void,
): Promise<LocalFeed | ThreadFeed> {
  const { books, threads } = options;
  if (threads === undefined) return new LocalFeed(options, books, emitter, onOpen);
  const { ThreadFeed } = await import("./threads/thread-feed.ts");
  return new ThreadFeed(threads, options, books, emitter, onOpen);
}

async function takerFor(
  options: ReadCapturesOptions,
  interfaceNames: readonly (string | undefined)[],
): Promise<RecordTaker> {
  const { registry, threads } = options;
  const { unknownPorts } = options.books;
  if (options.outputs === undefined && threads?.encoders !== undefined) {
    threads.encoders.writeTo(options.output);
    const { ThreadTaker } = await import("./threads/thread-taker.ts");
    return new ThreadTaker(threads.encoders, unknownPorts, interfaceNames);
  }
  if (registry === undefined) throw new Error("who encodes must have a registry");
  return options.outputs === undefined
    ? new LocalTaker(registry, options.sink, options.output, unknownPorts, interfaceNames)
    : new SeveralTaker(registry, options.outputs, unknownPorts, interfaceNames);
}

function endReason(signal: AbortSignal | undefined): EndReason {
  return signal?.aborted === true ? EndReason.Interrupted : EndReason.CaptureEnd;
}
