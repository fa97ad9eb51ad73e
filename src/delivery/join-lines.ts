import type { QueuedRecord } from "./queued-record.ts";

const NOTHING = new Uint8Array(0);
const LINE_END = Buffer.from("\n");

/**
 * One buffer of records with something in front of and behind each.
 * @param before - a line feed is not added to it
 */
export function joinRecords(
  records: readonly QueuedRecord[],
  before: (record: QueuedRecord) => Uint8Array,
  after: Uint8Array,
): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const record of records) parts.push(before(record), record.octets, after);
  return Buffer.concat(parts);
}

/** Records as lines. */
export function joinLines(records: readonly QueuedRecord[]): Uint8Array {
  return joinRecords(records, () => NOTHING, LINE_END);
}
