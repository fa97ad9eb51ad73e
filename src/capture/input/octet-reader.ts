import type { CaptureProgress } from "../source.ts";

/** Where the octets of a capture come from: a file, a pipe, a decompressor. */
export type OctetReader = {
  /** Octets of the underlying file; a decompressor shows those of its compressed input. */
  readonly progress: CaptureProgress;
  /**
   * Reads 1 to `length` octets into `target` from `start` on. One call at a time.
   * @returns the number read, 0 at the end and for ever after
   * @throws ReadFailure, or CaptureError where the message needs no offset
   */
  read(target: Uint8Array, start: number, length: number): Promise<number>;
  /**
   * The same without a promise, where no read waits for somebody to write: of a regular file. It
   * blocks the thread for as long as the disk takes.
   * @throws ReadFailure
   */
  readonly readNow?: ((target: Uint8Array, start: number, length: number) => number) | undefined;
  /**
   * Reads octets from anywhere, where they lie in a plain file; `read` goes on from where it was.
   * @returns the number read, 0 from the end of the file on
   * @throws ReadFailure
   */
  readonly readAt?:
    | ((target: Uint8Array, start: number, length: number, offset: number) => number)
    | undefined;
  /** Releases what is held; a read under way ends with what it has or 0. May be called more than once. */
  close(): Promise<void>;
};

/**
 * Octets can't be had any more: an I/O error, damaged compressed data. Only the window knows the
 * offset, so it completes the sentence: `message` reads well before "at byte N".
 * Damaged compressed data is found at an offset of what was in it: `ofWhat` says so.
 */
export class ReadFailure extends Error {
  /** Code of the CaptureError this becomes. */
  readonly code: string;
  /** What "at byte N" counts in, with a blank before it; empty for the file itself. */
  readonly ofWhat: string;

  constructor(code: string, message: string, cause?: unknown, ofWhat = "") {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "ReadFailure";
    this.code = code;
    this.ofWhat = ofWhat;
  }
}
