import { open, readFile } from "node:fs/promises";
import type { QueuedRecord } from "./queued-record.ts";
import { frameSize, readFrame, readSegmentHeader, SEGMENT_HEADER } from "./spool-frame.ts";

/** Octets read at a time. */
const READ_OCTETS = 1 << 20;

/** A file of the spool. */
export type SpoolSegment = {
  readonly path: string;
  /** Sequence number of its first record. */
  readonly first: number;
  /** Whole records in it. */
  count: number;
  /** Octets of it that are whole records. */
  octets: number;
};

/** What a scan found. */
export type ScannedSegment = {
  readonly segment: SpoolSegment;
  /** Octets behind the last whole record: the rest of one that was being written at a kill, or damage. */
  readonly unreadable: number;
};

/** Counts the whole records of a segment. @returns undefined when not even its header is whole */
export async function scanSegment(path: string): Promise<ScannedSegment | undefined> {
  const octets = await readFile(path);
  const first = readSegmentHeader(octets);
  if (first === undefined) return undefined;
  let at = SEGMENT_HEADER;
  let count = 0;
  for (let frame = readFrame(octets, at); frame !== undefined; frame = readFrame(octets, at)) {
    at = frame.end;
    count += 1;
  }
  return { segment: { path, first, count, octets: at }, unreadable: octets.length - at };
}

/** Where in a segment to read on. */
export type SegmentPosition = { readonly record: number; readonly octets: number };

/** The beginning of any segment. */
export const SEGMENT_START: SegmentPosition = { record: 0, octets: SEGMENT_HEADER };

/**
 * Reads records of a segment, no more than were whole when this was called.
 * @returns the records and the position behind them
 */
export async function readSegment(
  segment: SpoolSegment,
  from: SegmentPosition,
  most: number,
  mostOctets: number,
): Promise<{ readonly records: readonly QueuedRecord[]; readonly next: SegmentPosition }> {
  const { count, octets: end } = segment;
  const records: QueuedRecord[] = [];
  let { record, octets: offset } = from;
  let size = 0;
  const file = await open(segment.path, "r");
  try {
    let wanted = Math.min(READ_OCTETS, end - offset);
    while (record < count && records.length < most && size < mostOctets) {
      const chunk = Buffer.allocUnsafe(Math.min(wanted, end - offset));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, offset);
      const octets = chunk.subarray(0, bytesRead);
      let at = 0;
      while (record < count && records.length < most && size < mostOctets) {
        const frame = readFrame(octets, at);
        if (frame === undefined) break;
        records.push(frame.record);
        size += frame.record.octets.length;
        record += 1;
        at = frame.end;
      }
      if (at === 0) {
        const needed = frameSize(octets, 0);
        // It was whole when it was counted: the file was changed by somebody else.
        if (needed === undefined || needed <= octets.length || octets.length < chunk.length) break;
        wanted = needed;
      } else wanted = READ_OCTETS;
      offset += at;
    }
  } finally {
    await file.close();
  }
  return { records, next: { record, octets: offset } };
}
