import type { OctetReader } from "../capture/input/octet-reader.ts";
import { CaptureError } from "../core/errors.ts";
import type { Output } from "../delivery/output.ts";
import type { Registry } from "../service/registry.ts";
import { ChunkedOutput } from "./chunked-output.ts";
import { LineAnnotator } from "./line-annotator.ts";
import { copyOctets } from "./line-edit.ts";
import { LineOutcome } from "./line-outcome.ts";
import { LineWindow } from "./line-window.ts";
import type { LogBooks } from "./log-books.ts";

const LINE_FEED = 10;
/** UTF-8's, which some editors leave at the beginning of a file. */
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** One log. */
export type Log = {
  /** What to call it in messages. */
  readonly name: string;
  readonly open: () => Promise<OctetReader>;
};

/** What a run over flow logs needs. */
export type AnnotateLogsOptions = {
  readonly registry: Registry;
  readonly output: Output;
  readonly books: LogBooks;
  /** Ends the run behind the line it is at; logs that may be silent have to listen to it themselves. */
  readonly signal?: AbortSignal;
  /** Octets a line may have, where it is not the usual limit. */
  readonly longestLine?: number;
  /** Told of each malformed line. */
  readonly onMalformed: (name: string, line: number, complaint: string) => void;
  /** Told of a log that can't be opened or read on; the others are still read. */
  readonly onLogError: (error: CaptureError) => void;
};

/**
 * Tags the flows of logs anew, line by line, in the order given. Lines that are no flows come out as
 * they are, and so does every octet of a flow's line that is not the tag.
 * @throws OutputError when the output can't be written
 */
export async function annotateLogs(
  logs: Iterable<Log>,
  options: AnnotateLogsOptions,
): Promise<void> {
  const { signal, output } = options;
  const run = new Run(options);
  for (const log of logs) {
    if (signal?.aborted === true || output.isClosed) break;
    try {
      await run.annotate(log);
    } catch (error: unknown) {
      if (!(error instanceof CaptureError)) throw error;
      options.onLogError(error);
    }
  }
  await run.finish();
}

class Run {
  private readonly options: AnnotateLogsOptions;
  private readonly annotator: LineAnnotator;
  private readonly chunks: ChunkedOutput;
  /** Whether the log before ended without a line feed: the next line must not be joined to its last. */
  private isLineOpen = false;

  constructor(options: AnnotateLogsOptions) {
    this.options = options;
    this.annotator = new LineAnnotator(options.registry);
    this.chunks = new ChunkedOutput(options.output);
  }

  async annotate(log: Log): Promise<void> {
    const { signal, output, books } = this.options;
    const { chunks } = this;
    const reader = await log.open();
    const window = new LineWindow(log.name, reader, this.options.longestLine);
    this.annotator.restart();
    books.logs += 1;
    try {
      while ((await window.fill()) && signal?.aborted !== true && !output.isClosed) {
        while (window.next()) {
          this.annotateLine(log, window);
          if (chunks.isFull) await chunks.flush();
        }
        // Of a log that grows nobody knows when the next line comes.
        await chunks.flush();
      }
    } finally {
      books.bytes += window.octets;
      await reader.close();
    }
  }

  finish(): Promise<void> {
    return this.chunks.finish();
  }

  private annotateLine(log: Log, window: LineWindow): void {
    const { annotator, options } = this;
    const out = this.chunks.writer;
    const { bytes, end } = window;
    if (this.isLineOpen) out.byte(LINE_FEED);
    let { start } = window;
    if (window.line === 1 && hasByteOrderMark(bytes, start, end)) {
      copyOctets(bytes, start, start + BYTE_ORDER_MARK.length, out);
      start += BYTE_ORDER_MARK.length;
    }
    const written = out.length;
    const outcome = annotator.annotate(bytes, start, end, out);
    if (out.length === written) copyOctets(bytes, start, end, out);
    if (window.hasLineFeed) out.byte(LINE_FEED);
    this.isLineOpen = !window.hasLineFeed;
    options.books.count(outcome, annotator.format, annotator.isNamed);
    if (outcome === LineOutcome.Malformed) {
      options.onMalformed(log.name, window.line, annotator.complaint);
    }
  }
}

function hasByteOrderMark(bytes: Buffer, start: number, end: number): boolean {
  const to = start + BYTE_ORDER_MARK.length;
  return to <= end && BYTE_ORDER_MARK.equals(bytes.subarray(start, to));
}
