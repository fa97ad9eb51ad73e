import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Rank } from "../../../src/flow/ending/timer-lists.ts";
import { TimerWheel } from "../../../src/flow/ending/timer-wheel.ts";
import { Row } from "../../../src/flow/row/flow-row.ts";
import { GrowableMemory } from "../../../src/flow/row/growable-memory.ts";

const ROWS = 40;
const ROW_WORDS = 64;
const START = 5000;

/** A wheel used as the flow table uses it: rows whose time has not come are put back. */
class Clockwork {
  readonly wheel: TimerWheel;
  readonly deadlines: Map<number, number> = new Map();
  private readonly memory = new GrowableMemory((ROWS + 2) * ROW_WORDS);

  constructor() {
    this.wheel = new TimerWheel(this.memory);
    this.wheel.start(START);
  }

  add(number: number, deadline: number): void {
    this.deadlines.set(number, deadline);
    this.wheel.add(number * ROW_WORDS, deadline, rankOf(number));
  }

  remove(number: number): void {
    this.deadlines.delete(number);
    this.wheel.remove(number * ROW_WORDS);
  }

  /** Numbers of the rows that are due before `second`, ascending. */
  takeDue(second: number): number[] {
    const due: number[] = [];
    for (let head = this.wheel.takeDue(second); head >= 0; head = this.wheel.takeDue(second)) {
      for (let row = head; row > 0; ) {
        const next = this.memory.words[row + Row.TimerNext]!;
        const number = row / ROW_WORDS;
        const deadline = this.deadlines.get(number);
        if (deadline === undefined) expect.fail(`row ${number} came due twice or was removed`);
        if (deadline >= second) this.wheel.add(row, deadline, rankOf(number));
        else {
          this.deadlines.delete(number);
          due.push(number);
        }
        row = next;
      }
    }
    return due.sort((a, b) => a - b);
  }
}

describe("TimerWheel", () => {
  it("gives each row once, in its time, whatever was removed and however time leaps", () => {
    const step = fc.record({
      do: fc.constantFrom("add", "add", "remove", "advance"),
      row: fc.integer({ min: 1, max: ROWS }),
      // Near, and beyond the wheel's reach.
      seconds: fc.oneof(
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 1000, max: 1100 }),
        fc.integer({ min: 0, max: 1_000_000 }),
      ),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const clockwork = new Clockwork();
        let now = START;
        for (const { do: action, row, seconds } of steps) {
          if (action === "add") {
            if (!clockwork.deadlines.has(row)) clockwork.add(row, now + seconds);
          } else if (action === "remove") {
            if (clockwork.deadlines.has(row)) clockwork.remove(row);
          } else {
            now += seconds;
            const wanted = [...clockwork.deadlines]
              .filter(([, deadline]) => deadline < now)
              .map(([number]) => number);
            expect(clockwork.takeDue(now)).toEqual(wanted.sort((a, b) => a - b));
          }
        }
      }),
      { seed: 11 },
    );
  });

  it.each([
    ["the first", 3],
    ["the one in the middle", 2],
    ["the last", 1],
  ])("a list without %s of its rows", (_name, removed) => {
    const clockwork = new Clockwork();
    for (const number of [1, 2, 3]) clockwork.add(number, START + 5);
    clockwork.remove(removed);
    expect(clockwork.takeDue(START + 6)).toEqual([1, 2, 3].filter((number) => number !== removed));
  });

  it("what is past comes due with the next second", () => {
    const clockwork = new Clockwork();
    clockwork.add(1, START - 40);
    expect(clockwork.takeDue(START)).toEqual([]);
    expect(clockwork.takeDue(START + 1)).toEqual([1]);
  });

  it("tells which row of a rank is due first, the one that was put there first", () => {
    const clockwork = new Clockwork();
    const { wheel } = clockwork;
    const earliest = (rank: Rank): number => wheel.earliest(rank) / ROW_WORDS;
    expect(earliest(Rank.Proven)).toBe(0);
    clockwork.add(1, START + 900);
    clockwork.add(3, START + 40);
    clockwork.add(5, START + 40);
    clockwork.add(7, START + 500_000);
    clockwork.add(2, START + 7);
    expect(earliest(Rank.Proven)).toBe(3);
    expect(earliest(Rank.Unproven)).toBe(2);
    clockwork.remove(3);
    expect(earliest(Rank.Proven)).toBe(5);
    clockwork.remove(5);
    expect(earliest(Rank.Proven)).toBe(1);
    expect([
      wheel.isLater(START + 900, Rank.Proven),
      wheel.isLater(START + 901, Rank.Proven),
    ]).toEqual([false, true]);
    clockwork.remove(1);
    expect(earliest(Rank.Proven)).toBe(7);
    // Beyond the wheel's reach there is no later bucket.
    expect(wheel.isLater(START + 600_000, Rank.Proven)).toBe(false);
    clockwork.add(9, START + 1);
    expect(earliest(Rank.Proven)).toBe(9);
  });
});

/** Odd numbers are proven. */
function rankOf(number: number): Rank {
  return number % 2 === 1 ? Rank.Proven : Rank.Unproven;
}
