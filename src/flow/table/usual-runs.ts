import { Staged } from "../packet/staged-packet.ts";
import { LIKELY_SERVERS } from "../row/likely-server-port.ts";
import type { CompiledUsualPackets } from "./compiled-usual-packets.ts";
import type { Expiry } from "./expiry.ts";
import type { OpenRows } from "./open-rows.ts";
import { OPENING_WORDS, Opening } from "./opening.ts";
import { addUsualPackets } from "./usual-packets.ts";

/** No flow may be opened, nor looked for. */
const NO_OPENING = new Int32Array(OPENING_WORDS);
NO_OPENING[Opening.Growing] = 1;

/** What holds for all runs of a table. */
export type UsualRunsOptions = {
  /** A silence of more than this may have ended a flow, whole seconds. */
  readonly shortestSeconds: number;
  /** Connections begin and end as in Zeek. */
  readonly zeekRules: boolean;
  /** Counts flows that gave way to others, by `EvictionCause`. */
  readonly evictions: Float64Array;
};

/** Runs of usual packets, added to their flows without looking at the table in between. */
export class UsualRuns {
  private readonly open: OpenRows;
  private readonly expiry: Expiry;
  private readonly options: UsualRunsOptions;
  private compiled: CompiledUsualPackets | undefined;
  private staged: Int32Array = new Int32Array(0);
  /** Of `staged` in the memory of the rows; -1 for elsewhere. */
  private address = -1;
  /** Where a run ended: that packet need not be tried again. */
  private ended = -1;

  constructor(open: OpenRows, expiry: Expiry, options: UsualRunsOptions) {
    this.open = open;
    this.expiry = expiry;
    this.options = options;
  }

  /** Has WebAssembly add packets from now on. @param compiled - of the table's memory */
  useCompiled(compiled: CompiledUsualPackets | undefined): void {
    this.compiled = compiled;
    if (compiled !== undefined && !this.options.zeekRules) this.open.openRoom();
    this.open.index.useCompiled(compiled);
  }

  /**
   * Begins with a group of packets: reads what it will need.
   * @returns a sum of what was read
   */
  begin(staged: Int32Array, from: number, end: number): number {
    this.staged = staged;
    this.address = this.open.memory.addressOf(staged);
    this.ended = -1;
    this.open.refillRoom();
    return this.open.index.lookAhead(staged, from, end, this.address);
  }

  /**
   * Adds usual packets of the group, from `first` on; one where something is to be looked at before each.
   * The clock has been moved to the first one's time.
   * @returns the first packet that was not added
   */
  add(from: number, first: number, count: number): number {
    const { open, staged } = this;
    const isOpened = this.compiled !== undefined || open.index.candidates[first] !== 0;
    if (first === this.ended || !isOpened) return first;
    const next = this.addUsual(from, first, open.isPressed ? first + 1 : count);
    if (next === first) return first;
    this.expiry.moveClockTo(staged, from + (next - 1) * Staged.Size);
    const second = staged[from + next * Staged.Size + Staged.ClockSeconds]! >>> 0;
    // Another second may be all that kept it from being added.
    this.ended = second === open.clock.seconds ? next : -1;
    return next;
  }

  /** What `addUsualPackets` does. */
  private addUsual(from: number, first: number, count: number): number {
    const { open, compiled, address, staged } = this;
    const { index, lists, room, clock } = open;
    const { shortestSeconds, zeekRules } = this.options;
    const seconds = clock.seconds | 0;
    const { candidatesAddress, slotsAddress } = index;
    const isBeside = address >= 0 && candidatesAddress >= 0 && slotsAddress >= 0;
    if (compiled === undefined || !isBeside) {
      return addUsualPackets(
        open.memory.words,
        index.candidates,
        staged,
        from,
        first,
        count,
        seconds,
        clock.nanoseconds,
        shortestSeconds,
        index.slots,
        index.added.words,
        lists.words,
        LIKELY_SERVERS,
        NO_OPENING,
        false,
        open.extraOf,
      );
    }
    open.beginRun();
    const next = compiled.addUsualPackets(
      0,
      candidatesAddress,
      address,
      from,
      first,
      count,
      seconds,
      clock.nanoseconds,
      shortestSeconds,
      slotsAddress,
      index.added.address,
      lists.address,
      room.likely.address,
      room.opening.address,
      zeekRules ? 0 : 1,
    );
    open.endRun(this.options.evictions);
    return next;
  }
}
