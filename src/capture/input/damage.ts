import { CaptureError } from "../../core/errors.ts";
import type { ReadFailure } from "./octet-reader.ts";

/** A capture that ends inside a record. */
export class TruncatedCaptureError extends CaptureError {
  /** Octets the record has by its own account, its header included; the header's size where that was cut. */
  readonly needs: number;
  /** Octets of it that are there. */
  readonly has: number;

  /**
   * @param what - the record, with its article: "a packet block"
   * @param offset - where it begins
   */
  constructor(path: string, what: string, offset: number, needs: number, has: number) {
    super(
      "PF_CAPTURE_TRUNCATED",
      path,
      offset,
      `${path}: ends inside ${what} at byte ${offset} (needs ${needs}, has ${has})`,
    );
    this.needs = needs;
    this.has = has;
  }
}

/**
 * A record that contradicts the format or itself.
 * @param what - what is wrong, in words that read well before "at byte N"
 * @param offset - where the record begins
 * @param unread - octets from there to the end of the capture, where that is known
 */
export function damagedCapture(
  path: string,
  what: string,
  offset: number,
  unread?: number,
): CaptureError {
  const left = unread === undefined ? "" : `; ${unread} octets from there on were not read`;
  return new CaptureError(
    "PF_CAPTURE_DAMAGED",
    path,
    offset,
    `${path}: damaged: ${what} at byte ${offset}${left}`,
  );
}

/** The sentence a failed read begins, completed with the offset of the first octet that could not be had. */
export function unreadableCapture(
  path: string,
  offset: number,
  failure: ReadFailure,
): CaptureError {
  return new CaptureError(
    failure.code,
    path,
    offset,
    `${path}: ${failure.message} at byte ${offset}${failure.ofWhat}`,
    failure,
  );
}
