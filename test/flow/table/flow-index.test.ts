import { describe, expect, it } from "vitest";
import { Staged } from "../../../src/flow/packet/staged-packet.ts";
import { IPV6_DESTINATION_OFFSET, ipv6Offset, Kind, Row } from "../../../src/flow/row/flow-row.ts";
import { GrowableMemory } from "../../../src/flow/row/growable-memory.ts";
import { FlowIndex, sideOf } from "../../../src/flow/table/flow-index.ts";
import { RowMemory } from "../../../src/flow/table/row-memory.ts";
import { SeededRandom } from "../../support/seeded-random.ts";

const ROW_WORDS = 64;
const KEYS = 6000;
/** Rows' worth of words before the first row, of which every index takes some. */
const BEFORE = 8192;
const memory = new GrowableMemory((KEYS + BEFORE + 1) * ROW_WORDS);

function newIndex(): FlowIndex {
  memory.words.fill(0, 0, rowOf(0));
  return new FlowIndex(memory, new RowMemory(memory));
}

function rowOf(key: number): number {
  return (key + BEFORE) * ROW_WORDS;
}

function stage(key: number, hash: number): Int32Array {
  const staged = new Int32Array(Staged.Size);
  staged[Staged.Hash] = hash;
  staged[Staged.Kind] = 17 | Kind.HasPorts;
  staged[Staged.Source] = key;
  staged[Staged.Destination] = -1;
  return staged;
}

for (let key = 0; key < KEYS; key += 1) {
  memory.words[rowOf(key) + Row.Kind] = 17 | Kind.HasPorts;
  memory.words[rowOf(key) + Row.Source] = key;
  memory.words[rowOf(key) + Row.Destination] = -1;
}

describe("FlowIndex: against a Map", () => {
  it.each<readonly [string, (key: number) => number]>([
    ["spread hashes", (key) => Math.imul(key + 1, 0x9e3779b1)],
    ["every hash the same", () => 12345],
    ["runs at the end of the table that go on at its beginning", (key) => -1 - (key % 5)],
    ["hashes that differ only above the slot", (key) => ((key % 40) << 20) | (key % 3)],
  ])("%s", (name, hashOf) => {
    const index = newIndex();
    const random = new SeededRandom(3);
    const model = new Set<number>();
    const keys = name === "spread hashes" ? KEYS : 120;
    for (let i = 0; i < 20_000; i += 1) {
      const key = random.below(keys);
      const hash = hashOf(key);
      // Waves of growth and decline.
      const isGrowing = Math.floor(i / 4000) % 2 === 0;
      if (model.has(key)) {
        if (index.find(stage(key, hash), 0) !== rowOf(key)) expect.fail(`flow ${key} was lost`);
        if (!isGrowing || random.below(4) === 0) {
          index.remove(hash, rowOf(key));
          model.delete(key);
        }
      } else {
        if (index.find(stage(key, hash), 0) !== 0) expect.fail(`flow ${key} is still there`);
        if (isGrowing || random.below(4) === 0) {
          index.insert(hash, rowOf(key));
          model.add(key);
        }
      }
      if (index.count !== model.size) expect.fail(`${index.count} flows instead of ${model.size}`);
    }
    for (let key = 0; key < keys; key += 1) {
      expect(index.find(stage(key, hashOf(key)), 0)).toBe(model.has(key) ? rowOf(key) : 0);
    }
  });

  it("grows while it holds flows, and stays sparse enough to end a search", () => {
    const index = newIndex();
    const slots = index.mask + 1;
    for (let key = 0; key < KEYS; key += 1) index.insert(key * 7919, rowOf(key));
    expect(index.mask + 1).toBeGreaterThan(slots);
    expect(index.count / (index.mask + 1)).toBeLessThanOrEqual(0.7);
    for (let key = 0; key < KEYS; key += 1) {
      expect(index.find(stage(key, key * 7919), 0)).toBe(rowOf(key));
    }
    expect(index.find(stage(KEYS, 7919), 0)).toBe(0);
  });
});

describe("FlowIndex: while it grows", () => {
  /** Full to the brim, and one more. */
  function growing(hashOf: (key: number) => number): { index: FlowIndex; keys: number } {
    const index = newIndex();
    let keys = 0;
    for (; !index.isGrowing; keys += 1) index.insert(hashOf(keys), rowOf(keys));
    return { index, keys };
  }
  function look(index: FlowIndex, key: number, hash: number): number {
    index.lookAhead(stage(key, hash), 0, Staged.Size, -1);
    return index.candidates[0]!;
  }
  const spread = (key: number): number => Math.imul(key + 1, 0x9e3779b1);

  it("moves its rows little by little, has the memory of both until then, and finds them all along", () => {
    const { index, keys } = growing(spread);
    const before = index.octets;
    let groups = 0;
    for (; index.isGrowing; groups += 1) {
      for (let key = groups; key < keys; key += 37) {
        expect(index.find(stage(key, spread(key)), 0)).toBe(rowOf(key));
      }
      expect(index.find(stage(keys + 1, spread(keys + 1)), 0)).toBe(0);
      expect(look(index, groups, spread(groups))).toBe(rowOf(groups));
      expect(look(index, keys + 1, spread(keys + 1))).toBe(0);
    }
    expect(groups).toBeGreaterThan(0);
    // Half as much again went away.
    expect(index.octets / before).toBeCloseTo(2 / 3, 5);
    for (let key = 0; key < keys; key += 1) {
      expect(look(index, key, spread(key))).toBe(rowOf(key));
    }
  });

  it.each<readonly [string, (key: number) => number]>([
    ["spread hashes", spread],
    ["runs at the end of the table that go on at its beginning", (key) => -1 - (key % 3)],
  ])("agrees with a Map, moved or not: %s", (_name, hashOf) => {
    const random = new SeededRandom(9);
    const { index, keys } = growing(spread);
    const model = new Map<number, number>();
    for (let key = 0; key < keys; key += 1) model.set(key, rowOf(key));
    const hash = (key: number): number => (key < keys ? spread(key) : hashOf(key));
    for (let i = 0; i < 6000; i += 1) {
      // Now in the old table, now in the new.
      if (i % 1500 === 1499) index.lookAhead(stage(0, 0), 0, 0, -1);
      const key = random.below(keys + 200);
      const known = model.get(key);
      expect(index.find(stage(key, hash(key)), 0)).toBe(known ?? 0);
      if (known === undefined) {
        index.insert(hash(key), rowOf(key));
        model.set(key, rowOf(key));
      } else if (random.below(3) === 0) {
        // The row of another flow that has the same key there.
        index.replace(hash(key), known, known);
      } else {
        index.remove(hash(key), known);
        model.delete(key);
      }
      expect(index.count).toBe(model.size);
    }
    for (const [key, row] of model) expect(index.find(stage(key, hash(key)), 0)).toBe(row);
  });

  it("finds rows behind the ones that were moved, and whose search begins among those", () => {
    // The old table's middle, which the first group moves up to, is in the run of one hash.
    const run = 20;
    const hashOf = (key: number): number => (key < run ? 2040 : spread(key));
    const { index, keys } = growing(hashOf);
    index.lookAhead(stage(0, 0), 0, 0, -1);
    expect(index.isGrowing).toBe(true);
    for (let key = 0; key < keys; key += 1) {
      expect(index.find(stage(key, hashOf(key)), 0)).toBe(rowOf(key));
    }
  });

  it("forgets both tables when it is cleared", () => {
    const { index, keys } = growing(spread);
    index.clear();
    expect([index.isGrowing, index.count]).toEqual([false, 0]);
    for (let key = 0; key < keys; key += 1) {
      expect(index.find(stage(key, spread(key)), 0)).toBe(0);
    }
  });

  it("a row is replaced where it lies", () => {
    const { index, keys } = growing(spread);
    const spare = rowOf(keys + 1);
    for (const key of [0, keys - 1]) {
      memory.words.copyWithin(spare, rowOf(key), rowOf(key) + ROW_WORDS);
      index.replace(spread(key), rowOf(key), spare);
      expect(index.find(stage(key, spread(key)), 0)).toBe(spare);
      index.replace(spread(key), spare, rowOf(key));
      expect(index.find(stage(key, spread(key)), 0)).toBe(rowOf(key));
    }
    memory.words[spare + Row.Source] = keys + 1;
  });
});

describe("sideOf", () => {
  const kind = 17 | Kind.HasPorts | Kind.Ipv6;
  const row = rowOf(KEYS);
  const { words } = memory;
  const base = row + ipv6Offset(kind);
  const packet = (of: (staged: Int32Array) => void): Int32Array => {
    const staged = new Int32Array(Staged.Size);
    staged[Staged.Kind] = kind;
    staged[Staged.Context] = 3;
    staged[Staged.Ports] = (1000 << 16) | 2000;
    staged.set([1, 2, 3], Staged.SourceHigh);
    staged[Staged.Source] = 4;
    staged.set([5, 6, 7], Staged.DestinationHigh);
    staged[Staged.Destination] = 8;
    of(staged);
    return staged;
  };
  const answer = (staged: Int32Array): void => {
    staged[Staged.Ports] = (2000 << 16) | 1000;
    staged.set([5, 6, 7], Staged.SourceHigh);
    staged[Staged.Source] = 8;
    staged.set([1, 2, 3], Staged.DestinationHigh);
    staged[Staged.Destination] = 4;
  };

  it.each<readonly [string, number, (staged: Int32Array) => void]>([
    ["the same way", 0, () => undefined],
    ["the other way", 1, answer],
    ["other ports", -1, (staged) => (staged[Staged.Ports]! += 1)],
    [
      "ports exchanged, addresses not",
      -1,
      (staged) => (staged[Staged.Ports] = (2000 << 16) | 1000),
    ],
    ["another context", -1, (staged) => (staged[Staged.Context] = 4)],
    ["another protocol", -1, (staged) => (staged[Staged.Kind]! += 1)],
    ["another source", -1, (staged) => (staged[Staged.Source]! += 1)],
    ["another destination", -1, (staged) => (staged[Staged.Destination]! += 1)],
    ...[0, 1, 2].flatMap((word): (readonly [string, number, (staged: Int32Array) => void])[] => [
      [`source word ${word}`, -1, (staged) => (staged[Staged.SourceHigh + word]! ^= 64)],
      [`destination word ${word}`, -1, (staged) => (staged[Staged.DestinationHigh + word]! ^= 64)],
      [
        `the other way, destination word ${word}`,
        -1,
        (staged) => {
          answer(staged);
          staged[Staged.DestinationHigh + word]! ^= 64;
        },
      ],
    ]),
  ])("%s", (_name, side, change) => {
    words[row + Row.Kind] = kind;
    words[row + Row.Context] = 3;
    words[row + Row.Ports] = (1000 << 16) | 2000;
    words[row + Row.Source] = 4;
    words[row + Row.Destination] = 8;
    words.set([1, 2, 3], base);
    words.set([5, 6, 7], base + IPV6_DESTINATION_OFFSET);
    expect(sideOf(words, row, packet(change), 0)).toBe(side);
  });

  it("one-way messages have no other direction", () => {
    const staged = stage(1, 0);
    words[row + Row.Kind] = 1 | Kind.HasPorts | Kind.OneWay;
    words[row + Row.Context] = 0;
    words[row + Row.Ports] = (3 << 16) | 3;
    words[row + Row.Source] = -1;
    words[row + Row.Destination] = 1;
    staged[Staged.Kind] = 1 | Kind.HasPorts | Kind.OneWay;
    staged[Staged.Ports] = (3 << 16) | 3;
    expect(sideOf(words, row, staged, 0)).toBe(-1);
  });
});
