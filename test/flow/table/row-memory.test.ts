import { expect, it } from "vitest";
import { Kind, rowSize } from "../../../src/flow/row/flow-row.ts";
import { GrowableMemory } from "../../../src/flow/row/growable-memory.ts";
import { RowMemory } from "../../../src/flow/table/row-memory.ts";
import { SeededRandom } from "../../support/seeded-random.ts";

const KINDS = [6, 17, 1, 6 | Kind.Ipv6, 17 | Kind.Ipv6, 132 | Kind.HasPorts] as const;

it("rows never overlap, are all zero, and are used again", () => {
  const memory = new RowMemory(new GrowableMemory(1));
  const random = new SeededRandom(1);
  const owned: { row: number; kind: number }[] = [];
  const owner = new Map<number, number>();
  let peak = 0;
  for (let i = 0; i < 30_000; i += 1) {
    if (owned.length > 0 && random.below(100) < 48) {
      const [gone] = owned.splice(random.below(owned.length), 1);
      for (let word = gone!.row; word < gone!.row + rowSize(gone!.kind); word += 1)
        owner.delete(word);
      memory.release(gone!.row, gone!.kind);
      continue;
    }
    const kind = KINDS[random.below(KINDS.length)]!;
    const row = memory.allocate(kind);
    expect(row).toBeGreaterThan(0);
    const { words } = memory.memory;
    for (let word = row; word < row + rowSize(kind); word += 1) {
      if (owner.has(word) || words[word] !== 0) expect.fail(`word ${word} of row ${row} is in use`);
      owner.set(word, row);
      words[word] = -1;
    }
    owned.push({ row, kind });
    peak = Math.max(peak, owned.length);
  }
  const shown: number[] = [];
  memory.forEach((row) => {
    shown.push(row);
  });
  expect(shown).toEqual(owned.map(({ row }) => row).sort((a, b) => a - b));
  // Freed rows serve again: no more words than at most three times what was in use at one time.
  expect(memory.wordsInUse).toBeLessThan(peak * 64 * 2);
  const words = memory.wordsInUse;
  memory.releaseAll();
  memory.forEach((row) => {
    expect.fail(`row ${row} was not taken back`);
  });
  for (let i = 0; i < owned.length; i += 1) {
    const row = memory.allocate(owned[i]!.kind);
    expect(memory.memory.words[row + rowSize(owned[i]!.kind) - 1]).toBe(0);
  }
  expect(memory.wordsInUse).toBeLessThanOrEqual(words);
});

it("growth keeps what was written, also for views taken before", () => {
  const memory = new GrowableMemory(16);
  const before = memory.words;
  before[3] = 42;
  expect(memory.ensure(before.length + 1)).toBe(true);
  expect(memory.words).not.toBe(before);
  expect(memory.words.length).toBeGreaterThan(before.length);
  expect(memory.words[3]).toBe(42);
  expect(memory.words.subarray(before.length).every((word) => word === 0)).toBe(true);
  before[5] = 7;
  expect(memory.words[5]).toBe(7);
  memory.words[6] = 8;
  expect(before[6]).toBe(8);
  expect(before.length).toBeGreaterThan(0);
});

it("asking for what is there changes nothing; more than 4 GiB is refused", () => {
  const memory = new GrowableMemory(16);
  const before = memory.words;
  expect(memory.ensure(1)).toBe(true);
  expect(memory.words).toBe(before);
  expect(memory.ensure(2 ** 30 + 1)).toBe(false);
  expect(memory.words).toBe(before);
});

it("a run is zeros, lies beside rows, and is theirs when it was given back", () => {
  const memory = new RowMemory(new GrowableMemory(1));
  memory.keepRuns();
  const octets = memory.octets;
  const rows = [memory.allocate(6), memory.allocate(17)];
  const at = memory.takeRun(100_000);
  const run = memory.run(at, 25_000);
  expect(run.every((word) => word === 0)).toBe(true);
  for (const row of rows) expect(row * 4 < at || row * 4 >= at + 100_000).toBe(true);
  run.fill(-1);
  // 17 slabs of 6,144 octets.
  memory.giveRun(at, 100_000);
  const inside = Array.from({ length: 17 * 32 }, () => memory.allocate(6)).filter(
    (row) => row * 4 >= at && row * 4 < at + 100_000,
  );
  expect(inside.length).toBeGreaterThan(16 * 32);
  for (const row of inside) {
    for (let i = 0; i < rowSize(6); i += 1) expect(memory.memory.words[row + i]).toBe(0);
  }
  expect(memory.octets).toBeGreaterThan(octets);
  memory.releaseAll();
  // What was used before is not all zero, and is made so.
  expect(memory.run(memory.takeRun(100_000), 25_000).every((word) => word === 0)).toBe(true);
});
