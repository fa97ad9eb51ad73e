import type { OutputBooks } from "../../delivery/output-books.ts";
import type { RecordOutput } from "../../pipeline/records/record-output.ts";
import { type Outputs, openOutputs } from "../outputs/open-outputs.ts";
import { standardIo } from "../process/io.ts";
import type { CaptureOptions } from "./capture-options.ts";

const MICROSECONDS = 1000;

/** The outputs of a live capture. */
export type LiveOutputs = Omit<Outputs, "records"> & {
  readonly records: readonly RecordOutput[];
  readonly books: readonly OutputBooks[];
};

const NO_OUTPUTS: LiveOutputs = {
  records: [],
  books: [],
  isClosed: false,
  reopen: () => Promise.resolve(),
  hasten: () => undefined,
  close: () => Promise.resolve(true),
  abandon: () => undefined,
};

/**
 * Opens the outputs of a live capture. They follow the wall clock and, unless told otherwise, wait for
 * room on a full disk: what then does not fit the ring is counted as dropped.
 * @throws UsageError, OutputError when one can't be opened
 */
export async function openLiveOutputs(
  options: CaptureOptions,
  complain: (message: string) => void,
): Promise<LiveOutputs> {
  // The screen is taken: records go where they were asked to go, or nowhere.
  if (options.top === true && options.output === undefined) return NO_OUTPUTS;
  const waiting = { ...options, onFull: options.onFull ?? "wait" } as const;
  const clock = (): number => Date.now() * MICROSECONDS;
  const outputs = await openOutputs(waiting, { ...standardIo(), complain }, clock);
  const { records } = outputs;
  if (records.outputs === undefined) throw new Error("a live capture has outputs of its own");
  return {
    records: records.outputs,
    books: outputs.books,
    get isClosed() {
      return outputs.isClosed;
    },
    reopen: outputs.reopen,
    hasten: outputs.hasten,
    close: outputs.close,
    abandon: outputs.abandon,
  };
}
