import type { CaptureCounters } from "../source.ts";

/** Counters of a capture that was just begun. */
export function newCounters(facts: Partial<CaptureCounters> = {}): CaptureCounters {
  return {
    files: 1,
    bytes: 0,
    sections: 0,
    packetsWithoutTime: 0,
    timesClamped: 0,
    capturedOctets: 0,
    inbound: 0,
    outbound: 0,
    ...facts,
  };
}

/** What several captures counted together. */
export function sumOfCounters(all: Iterable<CaptureCounters>): CaptureCounters {
  const sum = newCounters({ files: 0 });
  for (const one of all) {
    for (const name of Object.keys(sum) as (keyof CaptureCounters)[]) sum[name] += one[name];
  }
  return sum;
}
