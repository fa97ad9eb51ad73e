import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EndReason, EndReasonName, IpfixEndReason } from "../../../src/flow/ending/end-reason.ts";
import {
  EndedRows,
  endedEntry,
  endedReason,
  endedRow,
} from "../../../src/flow/ending/ended-rows.ts";
import { EndedSorter } from "../../../src/flow/ending/ended-sorter.ts";
import { ContextTable } from "../../../src/flow/id/context-table.ts";
import { flowId, flowIdText, ID_WORDS } from "../../../src/flow/id/flow-id.ts";
import { ClosedRow, Row } from "../../../src/flow/row/flow-row.ts";
import { GrowableMemory } from "../../../src/flow/row/growable-memory.ts";
import { SeededRandom } from "../../support/seeded-random.ts";

const ROW_WORDS = 64;
const seconds = fc.oneof(
  fc.constantFrom(0, 1, 2047, 2048, 0x7fffffff, 0x80000000, 0xffffffff),
  fc.integer({ min: 1_700_000_000, max: 1_700_000_003 }),
);
const nanoseconds = fc.oneof(fc.constantFrom(0, 1, 999_999_999), fc.nat({ max: 999_999_999 }));
const entry = fc.record({
  closedSeconds: seconds,
  closedNanoseconds: nanoseconds,
  startSeconds: seconds,
  startNanoseconds: nanoseconds,
});

describe("EndedSorter", () => {
  it("orders by closing time, start and id, as a comparison sort does", () => {
    const contexts = new ContextTable();
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 200 }), fc.nat({ max: 3 }), (entries, ties) => {
        const memory = new GrowableMemory((entries.length * (ties + 1) + 2) * ROW_WORDS);
        const { words } = memory;
        const ended = new EndedRows();
        const keys: (readonly (number | string)[])[] = [];
        // Each entry also with the same times and other addresses.
        for (let tie = 0; tie <= ties; tie += 1) {
          for (const one of entries) {
            const row = (keys.length + 1) * ROW_WORDS;
            words[row + Row.Kind] = 17;
            words[row + Row.Source] = keys.length;
            words[row + Row.StartSeconds] = one.startSeconds;
            words[row + Row.StartNanoseconds] = one.startNanoseconds;
            words[row + ClosedRow.Seconds] = one.closedSeconds;
            words[row + ClosedRow.Nanoseconds] = one.closedNanoseconds;
            ended.push(endedEntry(row, EndReason.Idle));
            const id = new Int32Array(ID_WORDS);
            flowId(words, row, contexts, undefined, id);
            const { closedSeconds, closedNanoseconds, startSeconds, startNanoseconds } = one;
            keys.push([
              closedSeconds,
              closedNanoseconds,
              startSeconds,
              startNanoseconds,
              flowIdText(id),
            ]);
          }
        }
        const wanted = keys.map((_, i) => i).sort((a, b) => compare(keys[a]!, keys[b]!));
        new EndedSorter(ended.entries, ended.count, { words, contexts, extras: new Map() }).sortTo(
          ended.count,
        );
        const sorted = [...ended.entries.subarray(0, ended.count)];
        expect(sorted.map((row) => endedRow(row) / ROW_WORDS - 1)).toEqual(wanted);
        expect(sorted.every((row) => endedReason(row) === EndReason.Idle)).toBe(true);
      }),
      { numRuns: 60, seed: 8 },
    );
  });
});

describe("EndedSorter of many", () => {
  const contexts = new ContextTable();
  const random = new SeededRandom(5);
  it.each<readonly [string, number, (i: number) => readonly [number, number, number, number]]>([
    ["all closed at once, starts mixed up", 9000, () => [9, 9, random.below(3), random.below(1e9)]],
    ["starts a nanosecond apart", 9000, () => [9, 9, 2 ** 32 - 1, random.below(9000)]],
    ["a bucket for each time", 40_000, () => [9, 9, 5, random.below(300)]],
    ["very many", 40_000, () => [9, 9, random.below(3), random.below(1e9)]],
    ["very many at few times", 40_000, () => [random.below(2), 7, 5, random.below(2e5)]],
    ["few different times", 5000, () => [random.below(2), 7, random.below(2), random.below(3000)]],
    ["few, hours apart", 900, () => [9, 9, random.below(9) * 5000, random.below(1e9)]],
    ["most at one time, others years away", 9000, (i) => [9, 9, timeFarOff(i), random.below(9000)]],
    ["in order but for ties", 5000, (i) => [i >> 3, 1, 2, (i >> 1) & 3]],
    ["in order already", 5000, (i) => [i, i % 7, 3, 3]],
  ])("%s", (_name, many, timesOf) => {
    const { words } = new GrowableMemory((many + 2) * ROW_WORDS);
    const ended = new EndedRows();
    const keys: number[][] = [];
    for (let i = 0; i < many; i += 1) {
      const row = (i + 1) * ROW_WORDS;
      const [closedSeconds, closedNanoseconds, startSeconds, startNanoseconds] = timesOf(i);
      words[row + Row.Kind] = 17;
      words[row + Row.Source] = i;
      words[row + ClosedRow.Seconds] = closedSeconds;
      words[row + ClosedRow.Nanoseconds] = closedNanoseconds;
      words[row + Row.StartSeconds] = startSeconds;
      words[row + Row.StartNanoseconds] = startNanoseconds;
      ended.push(endedEntry(row, EndReason.CaptureEnd));
      const id = new Int32Array(ID_WORDS);
      flowId(words, row, contexts, undefined, id);
      keys.push([...timesAt(words, row), ...new Uint32Array(id)]);
    }
    const wanted = keys.map((_, i) => i).sort((a, b) => compare(keys[a]!, keys[b]!));
    new EndedSorter(ended.entries, many, { words, contexts, extras: new Map() }).sortTo(many);
    expect(
      [...ended.entries.subarray(0, many)].map((one) => endedRow(one) / ROW_WORDS - 1),
    ).toEqual(wanted);
  });

  it("stops where as many as wanted are sorted, and goes on from there", () => {
    const many = 50_000;
    const { words } = new GrowableMemory((many + 2) * ROW_WORDS);
    const ended = new EndedRows();
    for (let i = 0; i < many; i += 1) {
      const row = (i + 1) * ROW_WORDS;
      // Backwards.
      words[row + Row.StartSeconds] = many - i;
      ended.push(endedEntry(row, EndReason.CaptureEnd));
    }
    const startsTo = (count: number): number[] =>
      [...ended.entries.subarray(0, count)].map((one) => words[endedRow(one) + Row.StartSeconds]!);
    const wanted = Array.from({ length: many }, (_, i) => i + 1);

    const sorter = new EndedSorter(ended.entries, many, { words, contexts, extras: new Map() });
    const first = sorter.sortTo(64);
    expect(first).toBeGreaterThanOrEqual(64);
    expect(first).toBeLessThan(many / 10);
    expect(startsTo(first)).toEqual(wanted.slice(0, first));
    expect(startsTo(many)).not.toEqual(wanted);
    expect(sorter.sortTo(64)).toBe(first);
    expect(sorter.sortTo(many)).toBe(many);
    expect(startsTo(many)).toEqual(wanted);
  });
});

/** Every hundredth as far from 100 as 2^k seconds. */
function timeFarOff(i: number): number {
  return i % 100 === 0 ? 100 + 2 ** ((i / 100) % 31) : 100;
}

function timesAt(words: Int32Array, row: number): number[] {
  const at = [ClosedRow.Seconds, ClosedRow.Nanoseconds, Row.StartSeconds, Row.StartNanoseconds];
  return at.map((word) => words[row + word]! >>> 0);
}

function compare(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (const [i, value] of a.entries()) if (value !== b[i]) return value < b[i]! ? -1 : 1;
  return 0;
}

describe("end reasons", () => {
  // RFC 5102 section 5.11.3: 1 idle, 2 active, 3 end of flow, 4 forced, 5 lack of resources.
  it.each([
    [EndReason.Closed, "closed", 3],
    [EndReason.Reset, "reset", 3],
    [EndReason.Reuse, "reuse", 3],
    [EndReason.Idle, "idle", 1],
    [EndReason.Active, "active", 2],
    [EndReason.Evicted, "evicted", 5],
    [EndReason.CaptureEnd, "capture_end", 4],
    [EndReason.Interrupted, "interrupted", 4],
  ])("%i is %s, flowEndReason %i", (code, name, ipfix) => {
    expect(EndReasonName[code]).toBe(name);
    expect(IpfixEndReason[code]).toBe(ipfix);
  });

  it("every reason has both", () => {
    expect(EndReasonName).toHaveLength(Object.keys(EndReason).length + 1);
    expect(IpfixEndReason).toHaveLength(EndReasonName.length);
  });
});
