import type { OutputBooks } from "../../delivery/output-books.ts";
import type { FlowRecord } from "../../sink/sink.ts";

/** One of several outputs: takes every record and brings it to its place. */
export type RecordOutput = {
  readonly books: OutputBooks;
  /** True when it wants no more records: it failed, or its reader went away. */
  readonly isClosed: boolean;
  /** Whether `flush` is due. */
  readonly isFull: boolean;
  /** Takes a record, which is valid until this returns. */
  add(record: FlowRecord): void;
  /** Adds a line that is no record, its end included; where the output is one of lines. */
  addLine?(octets: Uint8Array): void;
  /** Adds whole records that were encoded elsewhere; where the output is one of lines. */
  addEncoded?(octets: Uint8Array, records: number): void;
  /** Hands over what there is; settled when there is room for more. Calls wait for each other. */
  flush(): Promise<void>;
  /** Ends the file that is open, where it has files, and begins another. */
  reopen(): Promise<void>;
  /** The run ends: from now on room is waited for with patience only. */
  hasten?(): void;
  /** Brings everything to its place. A failure is told and remembered, not thrown. */
  close(): Promise<void>;
  /** Gives everything up that is not in its place yet, for a run that failed. */
  abandon(): void;
  /** What made it fail, when it did. */
  readonly failure: Error | undefined;
};
