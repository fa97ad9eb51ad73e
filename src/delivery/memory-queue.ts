import type { QueuedRecord, RecordQueue } from "./queued-record.ts";

/** Given up at a time when there is no room. */
const DROPPED_TOGETHER = 1000;

/** A queue that is gone with the process. @param capacity - octets */
export function newMemoryQueue(capacity: number): RecordQueue {
  let taken: readonly QueuedRecord[] = [];
  let waiting: QueuedRecord[] = [];
  let octets = 0;
  let waitingOctets = 0;
  return {
    get pending() {
      return taken.length + waiting.length;
    },
    get waiting() {
      return waiting.length;
    },
    get waitingOctets() {
      return waitingOctets;
    },
    place: undefined,
    async append(records) {
      const size = sizeOf(records);
      if (octets > 0 && octets + size > capacity) return false;
      octets += size;
      waitingOctets += size;
      for (const record of records) waiting.push(record);
      return true;
    },
    async take(most, mostOctets) {
      const count = countWithin(waiting, most, mostOctets);
      const records = waiting.slice(0, count);
      waiting = waiting.slice(count);
      waitingOctets -= sizeOf(records);
      taken = taken.length === 0 ? records : [...taken, ...records];
      return records;
    },
    async acknowledge() {
      octets -= sizeOf(taken);
      taken = [];
    },
    async dropOldest() {
      const dropped = waiting.slice(0, DROPPED_TOGETHER);
      waiting = waiting.slice(dropped.length);
      octets -= sizeOf(dropped);
      waitingOctets -= sizeOf(dropped);
      return dropped.length;
    },
    async setAside() {},
    async close() {},
  };
}

/** How many of the first records are no more than so many and so large; one at least. */
function countWithin(records: readonly QueuedRecord[], most: number, mostOctets: number): number {
  let octets = 0;
  let count = 0;
  for (const record of records) {
    octets += record.octets.length;
    if (count > 0 && (count >= most || octets > mostOctets)) break;
    count += 1;
  }
  return count;
}

function sizeOf(records: readonly QueuedRecord[]): number {
  let size = 0;
  for (const record of records) size += record.octets.length;
  return size;
}
