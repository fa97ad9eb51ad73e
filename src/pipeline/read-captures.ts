import type { CaptureSource } from "../capture/source.ts";
import { CaptureError } from "../core/errors.ts";
import { EndReason } from "../flow/end-reason.ts";
import type { Registry } from "../service/registry.ts";
import type { Output } from "../sink/output.ts";
import type { Sink } from "../sink/sink.ts";
import { type AnnotateOptions, Annotator } from "./annotator.ts";
import type { Books } from "./books.ts";
import { Emitter } from "./emitter.ts";

/** What a run over captures needs. */
export type ReadCapturesOptions = AnnotateOptions & {
  /** Flows go on from one capture to the next, as in a rotated one. */
  readonly merge: boolean;
  readonly registry: Registry;
  readonly sink: Sink;
  readonly output: Output;
  readonly books: Books;
  /** Ends the run with the batch it is at; open flows are written as interrupted. */
  readonly signal?: AbortSignal;
  /** Told of each capture as it is opened. */
  readonly onOpen?: (source: CaptureSource) => void;
  /** Told of a capture that can't be opened or read on; the others are still read. */
  readonly onCaptureError: (error: CaptureError) => void;
};

/**
 * Reads captures one after the other into one stream of records. Everything that was read of a
 * damaged capture is written.
 * @param captures - functions that open them, in order
 * @throws OutputError when the output can't be written
 */
export async function readCaptures(
  captures: Iterable<() => Promise<CaptureSource>>,
  options: ReadCapturesOptions,
): Promise<void> {
  const { books, signal } = options;
  const emitter = new Emitter(options.registry, options.sink, options.output, books);
  const annotator = new Annotator(options, books, emitter);
  const stop = (): void => annotator.stop();
  signal?.addEventListener("abort", stop);
  try {
    for (const open of captures) {
      if (annotator.isOver) break;
      await readOne(open, annotator, options);
      if (!options.merge) {
        await annotator.endFlows(endReason(signal));
        annotator.restart();
      }
    }
    await annotator.endFlows(endReason(signal));
    await emitter.finish();
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

async function readOne(
  open: () => Promise<CaptureSource>,
  annotator: Annotator,
  options: ReadCapturesOptions,
): Promise<void> {
  let source: CaptureSource | undefined;
  try {
    source = await open();
    options.books.files += 1;
    options.onOpen?.(source);
    await annotator.readCapture(source);
  } catch (error: unknown) {
    if (!(error instanceof CaptureError)) throw error;
    options.onCaptureError(error);
  } finally {
    // A read that waits for a silent pipe can't be called back: an interrupted run doesn't wait for it.
    const closing = source?.close();
    if (options.signal?.aborted !== true) await closing;
    else closing?.catch(() => undefined);
  }
}

function endReason(signal: AbortSignal | undefined): EndReason {
  return signal?.aborted === true ? EndReason.Interrupted : EndReason.CaptureEnd;
}
