import { UsageError } from "../../core/errors.ts";
import { EndReason } from "../ending/end-reason.ts";
import type { EndedRows } from "../ending/ended-rows.ts";
import { rankOf } from "../ending/eviction-cause.ts";
import { deadlineSecond, isPastDeadline } from "../ending/row-deadline.ts";
import { RowEndings } from "../ending/row-endings.ts";
import type { FlowTimeouts } from "../ending/timeouts.ts";
import { LIST_WORDS, type Rank } from "../ending/timer-lists.ts";
import { TimerWheel } from "../ending/timer-wheel.ts";
import type { FlowContexts } from "../id/context-table.ts";
import type { HashSecret } from "../packet/flow-hash.ts";
import { Staged } from "../packet/staged-packet.ts";
import { type ExtraOf, type FlowExtra, newFlowExtra } from "../row/flow-extra.ts";
import { Flag, Row } from "../row/flow-row.ts";
import { GrowableMemory } from "../row/growable-memory.ts";
import { LIKELY_SERVERS } from "../row/likely-server-port.ts";
import { FlowIndex } from "./flow-index.ts";
import {
  CONTEXT_OCTETS,
  ENDING_OCTETS,
  EXTRA_OCTETS,
  type FlowLimits,
  flowLimits,
  LARGEST_ROW_OCTETS,
} from "./flow-limits.ts";
import { LoneSyns } from "./lone-syns.ts";
import { touchLeaving } from "./look-ahead.ts";
import { fillRow } from "./new-row.ts";
import { OPENING_WORDS } from "./opening.ts";
import { OpeningRoom } from "./opening-room.ts";
import { PacketClock } from "./packet-clock.ts";
import { rowHash } from "./row-hash.ts";
import { RowMemory, type Run } from "./row-memory.ts";

/** What open rows are made with. */
export type OpenRowsOptions = {
  readonly timeouts: FlowTimeouts;
  readonly secret: HashSecret;
  readonly contexts: FlowContexts;
  /** Concurrent flows at most, Infinity for no limit; beyond that others give way to new ones. */
  readonly maxFlows: number;
  /** Octets for all that flows take, Infinity for no limit (default). */
  readonly memory?: number;
  /** Where the rows are to be; a memory of their own unless given. */
  readonly rowsIn?: GrowableMemory;
  /** Ports on which servers are expected, see likely-server-port.ts; `LIKELY_SERVERS` unless given. */
  readonly likelyServers?: Int32Array;
  /** Open flows from which on those of one SYN are kept in a line, Infinity for never (default). */
  readonly loneSynsFrom?: number;
};

/** Words of a memory of their own, to begin with. */
const INITIAL_WORDS = 1 << 16;

/**
 * The rows of flows from their first packet until they are written: where each is found, when it is
 * due by the packet clock, and what all of them take.
 */
export class OpenRows {
  readonly memory: GrowableMemory;
  readonly index: FlowIndex;
  readonly wheel: TimerWheel;
  readonly contexts: FlowContexts;
  readonly limits: FlowLimits;
  readonly extras: Map<number, FlowExtra> = new Map();
  /** Rows that ended and were not taken yet. */
  readonly ended: EndedRows;
  /** Flows of nothing but one SYN. */
  readonly loneSyns: LoneSyns;
  /** Largest number of flows at one time. */
  peakFlows = 0;
  /** Flows with rare facts, those included that ended and were not released yet. */
  extraCount = 0;
  /** Something reached its limit, and is to be looked at before the next packet. */
  isPressed = false;
  readonly clock: PacketClock = new PacketClock();
  /** Where the wheel's lists lie. */
  readonly lists: Run;
  /** By what flows are opened where this is not asked. */
  readonly room: OpeningRoom;
  private readonly rows: RowMemory;
  private readonly endings: RowEndings;
  private readonly timeouts: FlowTimeouts;
  private readonly secret: HashSecret;
  private readonly likelyServers: Int32Array;
  private readonly memoryLimit: number;

  constructor(options: OpenRowsOptions) {
    this.timeouts = options.timeouts;
    this.secret = options.secret;
    this.contexts = options.contexts;
    this.memory = options.rowsIn ?? new GrowableMemory(INITIAL_WORDS);
    this.endings = new RowEndings(this.memory, options.timeouts);
    this.ended = this.endings.ended;
    this.rows = new RowMemory(this.memory);
    this.lists = this.rows.takeWords(LIST_WORDS);
    this.wheel = new TimerWheel(this.memory, this.lists.words);
    const opening = this.rows.takeWords(OPENING_WORDS);
    this.likelyServers = options.likelyServers ?? LIKELY_SERVERS;
    const likely = this.rows.takeWords(this.likelyServers.length);
    likely.words.set(this.likelyServers);
    this.index = new FlowIndex(this.memory, this.rows);
    this.room = new OpeningRoom(opening, likely, this.rows, this.index, this.wheel);
    this.memoryLimit = options.memory ?? Number.POSITIVE_INFINITY;
    this.limits = flowLimits(options.maxFlows, this.memoryLimit, this.rows.mostOctets);
    this.loneSyns = new LoneSyns(this, loneSynsFrom(options, this.limits));
  }

  /** Lets flows be opened through `room`, unless how much memory they take is limited: that is known here. */
  openRoom(): void {
    if (Number.isFinite(this.memoryLimit)) return;
    const { timeouts, secret, limits, loneSyns } = this;
    this.room.open({ timeouts, secret, flows: limits.flows, loneSynsFrom: loneSyns.from });
  }

  /** Tells `room` how things stand before a run of packets. */
  beginRun(): void {
    this.room.begin(this.limits.waiting - this.ended.count);
  }

  /** Gets what `room` was short of, as far as there is memory. */
  refillRoom(): void {
    if (this.room.isShort && this.octets <= this.limits.octets) this.room.refill();
  }

  /** Hears from `room` what it did in a run. @param evictions - counts who gave way, by `EvictionCause` */
  endRun(evictions: Float64Array): void {
    this.room.end(this.loneSyns.left);
    this.room.endGone(this.endings, evictions);
    this.noteOpened();
    this.notePressure();
  }

  /** Octets of all that open flows take, with what it will take to end them. */
  get octets(): number {
    return (
      this.rows.octets -
      this.endings.octets +
      this.index.octets +
      this.index.count * ENDING_OCTETS +
      this.extraCount * EXTRA_OCTETS +
      this.contexts.count * CONTEXT_OCTETS
    );
  }

  /** `extra`, for those who have no rows. */
  readonly extraOf: ExtraOf = (row) => this.extra(row);

  /** The flow's rare facts, made on first use. */
  extra(row: number): FlowExtra {
    let extra = this.extras.get(row);
    if (extra === undefined) {
      extra = newFlowExtra();
      this.extras.set(row, extra);
      this.extraCount += 1;
      if (this.extraCount > this.limits.extras) this.isPressed = true;
      this.memory.words[row + Row.Flags]! |= Flag.Extra;
    }
    return extra;
  }

  /** Begins a flow with its first packet. */
  begin(staged: Int32Array, at: number): number {
    const row = this.allocateOrThrow(staged[at + Staged.Kind]!);
    fillRow(this.memory.words, row, staged, at, this.likelyServers);
    const words = this.memory.words;
    words[row + Row.ClockSeconds] = this.clock.seconds;
    words[row + Row.ClockNanoseconds] = this.clock.nanoseconds;
    this.enter(row, staged[at + Staged.Hash]!);
    return row;
  }

  /** The open row of a staged packet's flow, 0 when there is none. */
  find(staged: Int32Array, at: number): number {
    const row = this.index.find(staged, at);
    return row === 0 ? 0 : this.loneSyns.promoted(row, staged[at + Staged.Hash]!);
  }

  /**
   * A row of zeros for a flow of a kind.
   * @throws UsageError when the system gives no more memory
   */
  allocateOrThrow(kind: number): number {
    const row = this.allocate(kind);
    if (row !== 0) return row;
    throw new UsageError(
      "PF_FLOW_MEMORY",
      `flow table: the system gives no more memory at ${this.index.count} concurrent flows; set a lower --max-flows`,
    );
  }

  /** A row of zeros for a flow of a kind, 0 when the system gives no more memory. */
  allocate(kind: number): number {
    return this.rows.allocate(kind);
  }

  /** Puts the next part of a flow, whose row is written, in the place of the one before, which ends. */
  replace(row: number, next: number): void {
    const hash = rowHash(this.memory.words, row, this.secret);
    this.leave(row, hash);
    this.endings.endPart(row, this.clock.seconds, this.clock.nanoseconds);
    this.notePressure();
    this.enter(next, hash);
  }

  /** Puts a row that says the same in the place of another, which is no flow's any more. */
  takePlace(row: number, next: number, hash: number): void {
    this.index.replace(hash, row, next);
    this.wheel.replace(row, next);
    this.memory.words[row + Row.Flags]! |= Flag.Ended;
  }

  /** Ends a row before its time in the wheel: an idle one when its time was up. */
  end(row: number, reason: EndReason): void {
    this.leave(row, rowHash(this.memory.words, row, this.secret));
    if (reason === EndReason.Idle) this.endAtDeadline(row);
    else this.endNow(row, reason);
  }

  /** Ends a row, taken out of the wheel already, when its time was up. */
  endTaken(row: number): void {
    const { words } = this.memory;
    this.index.remove(rowHash(words, row, this.secret), row);
    words[row + Row.Flags]! |= Flag.Ended;
    this.endAtDeadline(row);
  }

  /** Ends a row that is idle already, though its deadline is still to come. */
  endIdle(row: number): void {
    this.leave(row, rowHash(this.memory.words, row, this.secret));
    this.endNow(row, EndReason.Idle);
  }

  /** Ends every open flow now. */
  endAll(reason: EndReason): void {
    this.room.giveBack();
    this.ended.reserve(this.index.count);
    this.index.clear();
    this.wheel.clear();
    const words = this.memory.words;
    this.rows.forEach((row) => {
      const flags = words[row + Row.Flags]!;
      if ((flags & Flag.Ended) !== 0) return;
      words[row + Row.Flags] = flags | Flag.Ended;
      this.endNow(row, reason);
    });
  }

  /** See `touchLeaving`. */
  lookAhead(row: number): number {
    const { memory, index, secret } = this;
    return touchLeaving(memory.words, row, index.slots, index.mask, secret.multiplier, secret.seed);
  }

  /** Gives back what a written row has beside its words. */
  releaseFacts(row: number): void {
    const words = this.memory.words;
    const context = words[row + Row.Context]!;
    if (context !== 0) this.contexts.release(context);
    if ((words[row + Row.Flags]! & Flag.Extra) !== 0) {
      this.extras.delete(row);
      this.extraCount -= 1;
    }
  }

  /** Gives the memory of all rows back, once they are written and their facts released. */
  releaseAll(): void {
    this.endings.octets = 0;
    this.loneSyns.forget();
    this.room.forget();
    this.rows.releaseAll();
  }

  /** Gives a written row's memory back. */
  release(row: number): void {
    this.releaseFacts(row);
    this.endings.noteReleased(row);
    this.releaseWords(row);
  }

  /** Gives back the words of a row that was no flow's. */
  releaseWords(row: number): void {
    this.rows.release(row, this.memory.words[row + Row.Kind]!);
  }

  /** Whether a row's time is up by the packet clock. */
  isPastDeadline(row: number): boolean {
    const { memory, timeouts, clock } = this;
    return isPastDeadline(memory.words, row, timeouts, clock.seconds, clock.nanoseconds);
  }

  /** The second in which a row's time is up, if no other packet comes. */
  deadlineSecond(row: number): number {
    return deadlineSecond(this.memory.words, row, this.timeouts);
  }

  /** How readily a row gives way. */
  rankOf(row: number): Rank {
    const words = this.memory.words;
    const hasExtra = (words[row + Row.Flags]! & Flag.Extra) !== 0;
    return rankOf(words, row, hasExtra && this.extras.get(row)!.part > 1);
  }

  /** Puts a row where its deadline, which changed, belongs. */
  reschedule(row: number): void {
    this.wheel.remove(row);
    this.wheel.add(row, this.deadlineSecond(row), this.rankOf(row));
  }

  /** Opens a flow whose row is written. */
  enter(row: number, hash: number): void {
    const context = this.memory.words[row + Row.Context]!;
    if (context !== 0) {
      this.contexts.acquire(context);
      if (this.contexts.count > this.limits.contexts) this.isPressed = true;
    }
    this.index.insert(hash, row);
    this.noteOpened();
    this.wheel.add(row, this.deadlineSecond(row), this.rankOf(row));
  }

  private leave(row: number, hash: number): void {
    this.memory.words[row + Row.Flags]! |= Flag.Ended;
    this.index.remove(hash, row);
    this.wheel.remove(row);
  }

  private endAtDeadline(row: number): void {
    this.endings.endAtDeadline(row, this.clock.seconds, this.clock.nanoseconds);
    this.notePressure();
  }

  private endNow(row: number, reason: EndReason): void {
    this.endings.end(row, reason, this.clock.seconds, this.clock.nanoseconds);
    this.notePressure();
  }

  private noteOpened(): void {
    if (this.index.count > this.peakFlows) this.peakFlows = this.index.count;
  }

  private notePressure(): void {
    if (this.ended.count >= this.limits.waiting) this.isPressed = true;
  }
}

/** Where memory is short it is filled in part with whole rows at most. */
function loneSynsFrom(options: OpenRowsOptions, limits: FlowLimits): number {
  const { loneSynsFrom: from } = options;
  if (from === undefined || from === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  return Math.min(from, Math.floor(limits.octets / LARGEST_ROW_OCTETS / 2));
}
