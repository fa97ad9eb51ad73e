import { CaptureError } from "../core/errors.ts";
import { EndReason } from "../flow/end-reason.ts";
import type { Registry } from "../service/registry.ts";
import type { Output } from "../sink/output.ts";
import type { Sink } from "../sink/sink.ts";
import type { AnnotateOptions } from "./annotator.ts";
import type { Books } from "./books.ts";
import type { CaptureProgressView, CaptureToRead } from "./capture-feed.ts";
import { Emitter } from "./emitter.ts";
import { LocalFeed } from "./local-feed.ts";
import type { StageOptions } from "./stager.ts";
import { ThreadFeed } from "./thread-feed.ts";

/** What a run over captures needs. */
export type ReadCapturesOptions = AnnotateOptions &
  StageOptions & {
    /** Flows go on from one capture to the next, as in a rotated one. */
    readonly merge: boolean;
    readonly registry: Registry;
    readonly sink: Sink;
    readonly output: Output;
    readonly books: Books;
    /** Reads and decodes in a thread of its own; every capture must then have a path. */
    readonly decodeThread?: boolean;
    /** Ends the run with the batch it is at; open flows are written as interrupted. */
    readonly signal?: AbortSignal;
    /** Told of each capture as it is opened. */
    readonly onOpen?: (capture: CaptureProgressView) => void;
    /** Told of a capture that can't be opened or read on; the others are still read. */
    readonly onCaptureError: (error: CaptureError) => void;
  };

/**
 * Reads captures one after the other into one stream of records. Everything that was read of a
 * damaged capture is written. The records are the same in one thread and in two.
 * @throws OutputError when the output can't be written
 */
export async function readCaptures(
  captures: Iterable<CaptureToRead>,
  options: ReadCapturesOptions,
): Promise<void> {
  const { books, signal } = options;
  const emitter = new Emitter(options.registry, options.sink, options.output, books);
  const onOpen = (capture: CaptureProgressView): void => {
    books.files += 1;
    options.onOpen?.(capture);
  };
  const feed =
    options.decodeThread === true
      ? new ThreadFeed(options, books, emitter, onOpen)
      : new LocalFeed(options, books, emitter, onOpen);
  const stop = (): void => feed.stop();
  signal?.addEventListener("abort", stop);
  try {
    for (const capture of captures) {
      if (signal?.aborted === true || emitter.isClosed) break;
      await feed.read(capture).catch((error: unknown) => {
        if (!(error instanceof CaptureError)) throw error;
        options.onCaptureError(error);
      });
      if (!options.merge) {
        await feed.annotator.endFlows(endReason(signal));
        feed.restart();
      }
    }
    await feed.annotator.endFlows(endReason(signal));
    await emitter.finish();
  } finally {
    signal?.removeEventListener("abort", stop);
    await feed.close();
  }
}

function endReason(signal: AbortSignal | undefined): EndReason {
  return signal?.aborted === true ? EndReason.Interrupted : EndReason.CaptureEnd;
}
