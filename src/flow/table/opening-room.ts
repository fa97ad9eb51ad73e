import { EvictionCause } from "../ending/eviction-cause.ts";
import type { RowEndings } from "../ending/row-endings.ts";
import { type FlowTimeouts, SECOND } from "../ending/timeouts.ts";
import { Rank } from "../ending/timer-lists.ts";
import type { TimerWheel } from "../ending/timer-wheel.ts";
import type { HashSecret } from "../packet/flow-hash.ts";
import type { FlowIndex } from "./flow-index.ts";
import { newSynRow } from "./lone-syn-row.ts";
import { MOST_READY, Opening } from "./opening.ts";
import type { RowMemory, Run } from "./row-memory.ts";

/** Sizes of rows, in lines, are below this. */
const SIZES = 5;
/** Idle times of more seconds are left to numbers of more than 32 bits. */
const LONGEST_SECONDS = 1 << 30;
const NEVER = 0x7fff_ffff;

/** By what rules flows are opened. */
export type OpeningRules = {
  readonly timeouts: FlowTimeouts;
  /** Concurrent flows at most. */
  readonly flows: number;
  /** Open flows from which on those of one SYN are kept in a line. */
  readonly loneSynsFrom: number;
  readonly secret: HashSecret;
};

/**
 * By what WebAssembly opens flows: `Opening`, kept in step with the table, and rows that are given out
 * already, all zero, and of no flow yet. Whoever looks at all rows must have those given back before.
 */
export class OpeningRoom {
  /** See `Opening`. */
  readonly opening: Run;
  /** Ports on which servers are expected, beside the rows. */
  readonly likely: Run;
  private readonly rows: RowMemory;
  private readonly index: FlowIndex;
  private readonly wheel: TimerWheel;

  /**
   * @param opening - `OPENING_WORDS` words of zeros
   * @param likely - the ports on which servers are expected
   */
  constructor(opening: Run, likely: Run, rows: RowMemory, index: FlowIndex, wheel: TimerWheel) {
    this.opening = opening;
    this.likely = likely;
    this.rows = rows;
    this.index = index;
    this.wheel = wheel;
    opening.words.set(newSynRow(), Opening.Syn);
  }

  /** Lets flows be opened, where their timeouts are numbers of 32 bits. */
  open({ timeouts, flows, loneSynsFrom, secret }: OpeningRules): void {
    const { tcp, unanswered, udp, linger } = timeouts;
    const isShort = [tcp, unanswered, udp, linger].every(
      (time) => Number.isInteger(time) && time < LONGEST_SECONDS * SECOND,
    );
    if (!isShort) return;
    const { words } = this.opening;
    putTime(words, Opening.Tcp, tcp);
    putTime(words, Opening.Unanswered, unanswered);
    putTime(words, Opening.Udp, udp);
    putTime(words, Opening.Linger, linger);
    words[Opening.LoneSynsFrom] = Math.min(loneSynsFrom, NEVER);
    words[Opening.Multiplier] = secret.multiplier;
    words[Opening.Seed] = secret.seed;
    words[Opening.Limit] = Math.min(flows, NEVER);
  }

  /**
   * Tells how things stand before a run of packets.
   * @param mayEnd - how many rows may end before those that did are to be written
   */
  begin(mayEnd: number): void {
    const { index, wheel } = this;
    const { words } = this.opening;
    words[Opening.Count] = index.count;
    words[Opening.Most] = Math.min(words[Opening.Limit]!, index.room);
    words[Opening.Mask] = index.mask;
    words[Opening.Group] = index.group;
    words[Opening.Growing] = index.isGrowing ? 1 : 0;
    words[Opening.NextSecond] = wheel.nextSecond;
    words[Opening.Ahead] = wheel.earliestAhead(Rank.Unproven);
    words[Opening.MayEnd] = Math.min(mayEnd, MOST_READY);
  }

  /** Hears how they stand after it. @param left - gets the rows that others took the place of */
  end(left: number[]): void {
    const { index, wheel } = this;
    const { words } = this.opening;
    index.count = words[Opening.Count]!;
    wheel.noteEarliestAhead(words[Opening.Ahead]!, Rank.Unproven);
    for (let i = 0; i < words[Opening.Left]!; i += 1) left.push(words[Opening.LeftRows + i]!);
    words[Opening.Left] = 0;
  }

  /**
   * Hears which flows gave way in the run.
   * @param endings - hears of each row
   * @param evictions - counts them by `EvictionCause`
   */
  endGone(endings: RowEndings, evictions: Float64Array): void {
    const { words } = this.opening;
    for (let i = 0; i < words[Opening.Gone]!; i += 1) {
      endings.noteEnded(words[Opening.GoneRows + i]!);
    }
    evictions[EvictionCause.HalfOpen]! += words[Opening.GoneHalfOpen]!;
    evictions[EvictionCause.Brief]! += words[Opening.GoneBrief]!;
    words.fill(0, Opening.Gone, Opening.GoneBrief + 1);
  }

  /** Whether there are fewer rows than there might be. */
  get isShort(): boolean {
    return this.opening.words[Opening.Taken] !== 0;
  }

  /** Gets as many rows as were taken, as far as there is memory. */
  refill(): void {
    const { words } = this.opening;
    const taken = words[Opening.Taken]!;
    words[Opening.Taken] = 0;
    for (let lines = 1; lines < SIZES; lines += 1) {
      if ((taken & (1 << lines)) !== 0) this.refillLines(lines);
    }
  }

  /** Gives all rows back. */
  giveBack(): void {
    const { words } = this.opening;
    for (let lines = 1; lines < SIZES; lines += 1) {
      const first = Opening.Rows + lines * MOST_READY;
      for (let i = words[Opening.Ready + lines]! - 1; i >= 0; i -= 1) {
        this.rows.releaseLines(words[first + i]!, lines);
      }
    }
    this.forget();
  }

  /** All rows there are are given back at once. */
  forget(): void {
    this.opening.words.fill(0, Opening.Ready, Opening.Ready + SIZES);
  }

  private refillLines(lines: number): void {
    const { words } = this.opening;
    const first = Opening.Rows + lines * MOST_READY;
    let ready = words[Opening.Ready + lines]!;
    while (ready < MOST_READY) {
      const row = this.rows.allocateLines(lines);
      if (row === 0) break;
      words[first + ready] = row;
      ready += 1;
    }
    words[Opening.Ready + lines] = ready;
  }
}

function putTime(words: Int32Array, at: number, nanoseconds: number): void {
  words[at] = Math.floor(nanoseconds / SECOND);
  words[at + 1] = nanoseconds % SECOND;
}
