import { CaptureError } from "../core/errors.ts";
import type { DescriptorOutput, Output } from "../delivery/output.ts";
import { EndReason } from "../flow/end-reason.ts";
import type { Registry } from "../service/registry.ts";
import type { Sink } from "../sink/sink.ts";
import type { AnnotateOptions } from "./annotator.ts";
import type { Books } from "./books.ts";
import type { CaptureProgressView, CaptureToRead } from "./capture-feed.ts";
import { Emitter, type RecordTaker } from "./emitter.ts";
import type { EncodeRecipe } from "./encode-messages.ts";
import type { FaultSamples } from "./fault-samples.ts";
import { LocalFeed } from "./local-feed.ts";
import { LocalTaker } from "./local-taker.ts";
import { mergedCapture } from "./merged-capture.ts";
import type { RecordOutput } from "./record-output.ts";
import { SeveralTaker } from "./several-taker.ts";
import type { StageOptions } from "./stager.ts";
import { ThreadFeed } from "./thread-feed.ts";
import { ThreadTaker } from "./thread-taker.ts";

/** Where records go: through one sink to one output, or to several that whoever made them closes. */
export type RecordsTo =
  | { readonly sink: Sink; readonly output: Output; readonly outputs?: undefined }
  | { readonly outputs: readonly RecordOutput[] };

/** What a run over captures needs. */
export type ReadCapturesOptions = AnnotateOptions &
  StageOptions &
  RecordsTo & {
    /** The captures are read as one, in the order of their packets' times. */
    readonly merge: boolean;
    /** Undefined only where another thread encodes. */
    readonly registry: Registry | undefined;
    readonly books: Books;
    /** Gets some of the faulty packets, for people to look at. */
    readonly faultSamples?: FaultSamples;
    /** Reads and decodes in a thread of its own; every capture must then have a path. */
    readonly decodeThread?: boolean;
    /** Encodes and writes in a thread of its own, which makes the same sink and registry from this. */
    readonly encodeThread?: { readonly recipe: EncodeRecipe; readonly output: DescriptorOutput };
    /** Ends the run with the batch it is at; open flows are written as interrupted. */
    readonly signal?: AbortSignal;
    /** Told of each capture as it is opened. */
    readonly onOpen?: (capture: CaptureProgressView) => void;
    /** Told of a capture that can't be opened or read on; the others are still read. */
    readonly onCaptureError: (error: CaptureError) => void;
  };

/**
 * Reads captures, one after the other or merged, into one stream of records. Everything that was read of a
 * damaged capture is written. The records are the same in one thread and in two.
 * @throws OutputError when the output can't be written
 */
export async function readCaptures(
  captures: Iterable<CaptureToRead>,
  options: ReadCapturesOptions,
): Promise<void> {
  const { books, signal } = options;
  const interfaceNames: (string | undefined)[] = [];
  const threadTaker =
    options.encodeThread === undefined
      ? undefined
      : new ThreadTaker(
          options.encodeThread.recipe,
          options.encodeThread.output,
          books.unknownPorts,
          interfaceNames,
        );
  const taker = threadTaker ?? localTaker(options, interfaceNames);
  const emitter = new Emitter(taker, books, interfaceNames);
  const onOpen = (capture: CaptureProgressView): void => options.onOpen?.(capture);
  const feed =
    options.decodeThread === true
      ? new ThreadFeed(options, books, emitter, onOpen)
      : new LocalFeed(options, books, emitter, onOpen);
  const stop = (): void => feed.stop();
  signal?.addEventListener("abort", stop);
  try {
    for (const capture of options.merge ? [mergedCapture([...captures])] : captures) {
      if (signal?.aborted === true || emitter.isClosed) break;
      await feed.read(capture, options.onCaptureError).catch((error: unknown) => {
        if (!(error instanceof CaptureError)) throw error;
        options.onCaptureError(error);
      });
      await feed.annotator.endFlows(endReason(signal));
      feed.restart();
    }
    await feed.annotator.endFlows(endReason(signal));
    await emitter.finish();
  } finally {
    signal?.removeEventListener("abort", stop);
    await Promise.all([feed.close(), threadTaker?.abandon()]);
  }
}

function localTaker(
  options: ReadCapturesOptions,
  interfaceNames: readonly (string | undefined)[],
): RecordTaker {
  const { registry } = options;
  const { unknownPorts } = options.books;
  if (registry === undefined) throw new Error("who encodes must have a registry");
  return options.outputs === undefined
    ? new LocalTaker(registry, options.sink, options.output, unknownPorts, interfaceNames)
    : new SeveralTaker(registry, options.outputs, unknownPorts, interfaceNames);
}

function endReason(signal: AbortSignal | undefined): EndReason {
  return signal?.aborted === true ? EndReason.Interrupted : EndReason.CaptureEnd;
}
