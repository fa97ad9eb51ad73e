import { UsageError } from "../core/errors.ts";
import type { FlowContexts } from "./context-table.ts";
import { countPacket } from "./count-packet.ts";
import { EndReason } from "./end-reason.ts";
import { EndedRows } from "./ended-rows.ts";
import { causeOf, EvictionCause, EvictionCauseName, rankOf } from "./eviction-cause.ts";
import {
  carryOver,
  earlierParts,
  type FlowExtra,
  newFlowExtra,
  type PacketComment,
} from "./flow-extra.ts";
import type { HashSecret } from "./flow-hash.ts";
import { flowId, flowIdText, ID_WORDS } from "./flow-id.ts";
import { FlowIndex, sideOf } from "./flow-index.ts";
import {
  CONTEXT_OCTETS,
  ENDING_OCTETS,
  EXTRA_OCTETS,
  type FlowLimits,
  flowLimits,
} from "./flow-limits.ts";
import { COUNTERS, Flag, Kind, ordinalOffset, Row, rowSize, TcpRow } from "./flow-row.ts";
import type { GrowableMemory } from "./growable-memory.ts";
import { keepQuote, newQuote, readQuote, setQuotedId } from "./icmp-quote.ts";
import { fillRow } from "./new-row.ts";
import { rowHash } from "./row-hash.ts";
import { RowMemory } from "./row-memory.ts";
import { Mark, Staged } from "./staged-packet.ts";
import { bothClosed } from "./tcp-closing.ts";
import { tcpIsOver, tcpWasReset } from "./tcp-endpoints.ts";
import { TcpFlag } from "./tcp-flags.ts";
import { isReuse, markHandshake } from "./tcp-handshake.ts";
import { noteBadChecksum } from "./tcp-letters.ts";
import { sequenceBytes } from "./tcp-state.ts";
import { trackInOrder, trackTcp } from "./tcp-tracker.ts";
import { type FlowTimeouts, idleTimeout, SECOND } from "./timeouts.ts";
import { Rank, TimerWheel, WHEEL_SECONDS } from "./timer-wheel.ts";
import { messageEnds } from "./transport-end.ts";
import { noteParent, stagedAround } from "./tunnel-parents.ts";
import { isLeftOut, leaveOut, noteCounted } from "./uncounted.ts";

const TCP = 6;
/** Comments kept of a flow. */
const MOST_COMMENTS = 32;

/** What a flow table is made with. */
export type FlowTableOptions = {
  readonly timeouts: FlowTimeouts;
  readonly secret: HashSecret;
  readonly contexts: FlowContexts;
  /** Concurrent flows at most, Infinity for no limit; beyond that others give way to new ones. */
  readonly maxFlows: number;
  /** Octets for all that flows take, Infinity for no limit (default). */
  readonly memory?: number;
};

/**
 * Bidirectional flows in typed arrays: nothing is allocated for a packet. Where memory is short, flows
 * give way in this order: half-open, over or of fewer than three packets, the one due first; then the
 * one that is the longest without a packet, measured by its timeout.
 */
export class FlowTable {
  readonly memory: GrowableMemory;
  readonly extras: Map<number, FlowExtra> = new Map();
  /** Rows that ended and were not taken yet. */
  readonly ended: EndedRows = new EndedRows();
  /** Largest number of flows at one time. */
  peakFlows = 0;
  /** Flows that gave way to others, by `EvictionCause`. */
  readonly evictions: Float64Array = new Float64Array(EvictionCauseName.length);
  /** Comments on packets marked as commented, by their ordinals; whoever stages packets keeps them. */
  comments: ReadonlyMap<number, readonly PacketComment[]> = new Map();
  /** The packet clock: the latest time of any packet so far. */
  clockSeconds = 0;
  clockNanoseconds = 0;
  private readonly rows = new RowMemory();
  private readonly index: FlowIndex;
  private readonly wheel: TimerWheel;
  private readonly options: FlowTableOptions;
  private readonly contexts: FlowContexts;
  private readonly extraOf: (row: number) => FlowExtra;
  private readonly quote = newQuote();
  private readonly idWords = new Int32Array(ID_WORDS);
  /** No timeout is shorter, whole seconds: below this gap none is looked up. */
  private readonly shortestSeconds: number;
  private readonly hasActive: boolean;
  /** Sum of what `touch` read; public so that no compiler may leave the reads out. */
  touched = 0;
  private started = false;
  private readonly limits: FlowLimits;
  /** Octets of the rows in `ended`. */
  private waitingOctets = 0;
  private extraCount = 0;
  /** Something reached its limit, and is to be looked at before the next packet. */
  private isPressed = false;
  /** Rows were evicted for facts that only their release gives back. */
  private mustRelease = false;

  constructor(options: FlowTableOptions) {
    this.options = options;
    this.contexts = options.contexts;
    this.memory = this.rows.memory;
    this.index = new FlowIndex(this.memory);
    this.wheel = new TimerWheel(this.memory);
    this.limits = flowLimits(
      options.maxFlows,
      options.memory ?? Number.POSITIVE_INFINITY,
      this.rows.mostOctets,
    );
    const { tcp, udp, icmp, other, unanswered, linger, active } = options.timeouts;
    const shortest = Math.min(tcp, udp, icmp, other, unanswered, linger);
    this.shortestSeconds = Math.floor(shortest / SECOND) - 1;
    this.hasActive = active !== Number.POSITIVE_INFINITY;
    this.extraOf = (row) => this.extra(row);
  }

  /** Flows that are open now. */
  get flows(): number {
    return this.index.count;
  }

  /** True when so many rows wait to be written that `update` takes no more packets. */
  get isFull(): boolean {
    return this.mustRelease || this.ended.count >= this.limits.waiting;
  }

  /** Octets of all that open flows take, with what it will take to end them. */
  get octets(): number {
    return (
      this.rows.octets -
      this.waitingOctets +
      this.index.octets +
      this.index.count * ENDING_OCTETS +
      this.extraCount * EXTRA_OCTETS +
      this.contexts.count * CONTEXT_OCTETS
    );
  }

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

  /**
   * Adds staged packets to their flows, in order. Rows that end are appended to `ended`.
   * @param from - first word in `staged`
   * @param count - packets; a few hundred at most, or what was looked ahead is gone again
   * @returns the number of packets added; fewer than `count` when `isFull`: then rows are to be
   *   released first. Where it stops depends on the packets alone, not on how they are grouped
   */
  update(staged: Int32Array, from: number, count: number): number {
    const end = from + count * Staged.Size;
    this.mustRelease = false;
    this.touched = this.index.lookAhead(staged, from, end) | 0;
    for (let at = from; at < end; at += Staged.Size) {
      if (this.isPressed && this.relieve()) return (at - from) / Staged.Size;
      const seconds = staged[at + Staged.ClockSeconds]! >>> 0;
      const nanoseconds = staged[at + Staged.ClockNanoseconds]!;
      // Behind the clock after `advance`: it stays where it is.
      if (seconds > this.clockSeconds || !this.started) {
        this.turnTo(seconds);
        this.clockNanoseconds = nanoseconds;
      } else if (nanoseconds > this.clockNanoseconds && seconds === this.clockSeconds) {
        this.clockNanoseconds = nanoseconds;
      }
      if ((staged[at + Staged.Marks]! & Mark.Quote) !== 0) this.noteQuote(staged, at);
      else this.updateOne(staged, at);
    }
    return count;
  }

  /**
   * Moves the packet clock on without a packet, for a live capture on a silent network: afterwards
   * every flow whose deadline is at or before the new time has ended, with its own deadline as the
   * time of its end. A time that is not after the clock changes nothing, and packets whose time lies
   * before it are late ones.
   * @param seconds - Unix time
   * @param nanoseconds - of that second, 0 to 999,999,999
   */
  advance(seconds: number, nanoseconds: number): void {
    const isAfter =
      seconds > this.clockSeconds ||
      (seconds === this.clockSeconds && nanoseconds > this.clockNanoseconds);
    if (this.started && !isAfter) return;
    this.turnTo(seconds);
    this.clockNanoseconds = nanoseconds;
    this.expireWithinSecond();
  }

  /** The open row of a staged packet's flow, 0 when there is none; for looking at single flows. */
  rowOf(staged: Int32Array, at: number): number {
    return this.index.find(staged, at);
  }

  /** Shows every open flow's row, in no order; nothing may be added meanwhile. */
  forEachOpen(visit: (row: number) => void): void {
    const { slots } = this.index;
    for (let i = 1; i < slots.length; i += 2) {
      const row = slots[i]!;
      if (row !== 0) visit(row);
    }
  }

  /** Ends every open flow now: at the end of the capture, or when interrupted. */
  endAll(reason: EndReason): void {
    // Those whose time was up before the last packet came ended by themselves.
    this.expireWithinSecond();
    this.ended.reserve(this.index.count);
    const slots = this.index.slots;
    const words = this.memory.words;
    for (let i = 1; i < slots.length; i += 2) {
      const row = slots[i]!;
      if (row === 0) continue;
      slots[i] = 0;
      this.wheel.remove(row);
      const isClosed = (words[row + Row.Flags]! & Flag.Closed) !== 0;
      this.pushEnded(row, isClosed ? closedReason(words, row) : reason);
    }
    this.index.count = 0;
  }

  /** Begins a capture of its own: its clock may be behind. Only while no flow is open. */
  restartClock(): void {
    this.started = false;
    this.clockSeconds = 0;
    this.clockNanoseconds = 0;
  }

  /** Gives a written row's memory back. */
  release(row: number): void {
    const words = this.memory.words;
    const kind = words[row + Row.Kind]!;
    const context = words[row + Row.Context]!;
    if (context !== 0) this.contexts.release(context);
    if ((words[row + Row.Flags]! & Flag.Extra) !== 0) {
      this.extras.delete(row);
      this.extraCount -= 1;
    }
    this.waitingOctets -= rowSize(kind) * 4;
    this.rows.release(row, kind);
  }

  /** Begins a second of the packet clock; rows whose deadline lies in an earlier one end. */
  private turnTo(seconds: number): void {
    if (!this.started) this.wheel.start(seconds);
    this.started = true;
    this.clockSeconds = seconds;
    for (let head = this.wheel.takeDue(seconds); head >= 0; head = this.wheel.takeDue(seconds)) {
      this.expire(head, seconds);
    }
  }

  private updateOne(staged: Int32Array, at: number): void {
    let words = this.memory.words;
    let row = staged[at + Staged.Candidate]!;
    let side = row === 0 ? -1 : sideOf(words, row, staged, at);
    // What was looked ahead can have ended or come to be within the group.
    if (side < 0 || (words[row + Row.Flags]! & Flag.Ended) !== 0) {
      row = this.index.find(staged, at);
      side = row === 0 ? -1 : sideOf(words, row, staged, at);
    }
    if (row !== 0) row = this.splitIfDue(row, side, staged, at);
    if (row === 0) {
      row = this.create(staged, at);
      side = 0;
    }
    // A new row may lie beyond the view from before.
    words = this.memory.words;
    const marks = staged[at + Staged.Marks]!;
    if ((marks & Mark.Commented) !== 0) this.keepComments(row, staged, at);
    if (isLeftOut(marks)) leaveOut(words, row, side, staged, at, this.extraOf);
    countPacket(words, row, side, staged, at, this.extraOf);
    if (staged[at + Staged.Context] !== 0) this.noteAround(row, staged, at);
    const flags = words[row + Row.Flags]!;
    if ((flags & Flag.Extra) !== 0 || (marks & Mark.BadChecksum) !== 0) {
      this.noteWithExtra(row, side, marks, staged, at);
    } else if ((marks & Mark.HasTcp) === 0) this.noteOther(row, side, marks, staged, at);
    else if ((marks & Mark.CutPayload) !== 0 || !trackInOrder(words, row, side, staged, at)) {
      this.track(row, side, staged, at);
    }
    if ((marks & Mark.HasSpi) !== 0) this.noteSpi(row, side, staged[at + Staged.MessageType]!);
    // A flow that is over, or was never answered, ends at a fixed time: its clock stands still.
    const flagsNow = words[row + Row.Flags]!;
    if ((flags & Flag.Closed) === 0 && (flagsNow & Flag.HalfOpen) === 0) {
      words[row + Row.ClockSeconds] = this.clockSeconds;
      words[row + Row.ClockNanoseconds] = this.clockNanoseconds;
    }
    if (((flagsNow ^ flags) & Flag.Closed) !== 0) this.reschedule(row);
  }

  private keepComments(row: number, staged: Int32Array, at: number): void {
    const comments = this.comments.get(staged[at + Staged.Ordinal]!) ?? [];
    const extra = this.extra(row);
    extra.comments = [...extra.comments, ...comments].slice(0, MOST_COMMENTS);
  }

  /** @returns the row that the packet belongs to, 0 when it begins a new flow */
  private splitIfDue(found: number, side: number, staged: Int32Array, at: number): number {
    const words = this.memory.words;
    let row = found;
    // Where packets come late, a flow's own times lag behind the clock.
    if (
      this.clockSeconds - (words[row + Row.ClockSeconds]! >>> 0) > this.shortestSeconds ||
      (staged[at + Staged.Seconds]! >>> 0) - (words[row + Row.EndSeconds]! >>> 0) >
        this.shortestSeconds
    ) {
      row = this.splitWhenIdle(row, staged, at);
    }
    if (row !== 0 && isBareSyn(staged, at)) row = this.splitWhenReused(row, side, staged, at);
    if (row !== 0 && this.hasActive) row = this.splitWhenActive(row, staged, at);
    return row;
  }

  private track(row: number, side: number, staged: Int32Array, at: number): void {
    const words = this.memory.words;
    const flags = staged[at + Staged.TcpFlags]!;
    if ((flags & TcpFlag.Syn) === 0 || (flags & TcpFlag.Ack) !== 0 || side !== 0) {
      words[row + Row.Flags]! &= ~Flag.HalfOpen;
    }
    markHandshake(words, row, side, staged, at);
    trackTcp(words, row, side, staged, at, this.extraOf);
    if ((flags & (TcpFlag.Fin | TcpFlag.Reset)) !== 0 && tcpIsOver(words, row)) {
      words[row + Row.Flags]! |= tcpWasReset(words, row) ? Flag.Closed | Flag.Reset : Flag.Closed;
    }
  }

  /** The flow around this one, where a packet's layers are all staged. */
  private noteAround(row: number, staged: Int32Array, at: number): void {
    const around = stagedAround(staged, at);
    if (around < 0) return;
    const parent = this.index.find(staged, around);
    if (parent === 0) return;
    const parentExtra = this.extras.get(parent);
    noteParent(this.memory.words, parent, parentExtra, this.contexts, this.extra(row));
  }

  /** A packet of a flow that has rare facts, or becomes one of them. */
  private noteWithExtra(
    row: number,
    side: number,
    marks: number,
    staged: Int32Array,
    at: number,
  ): void {
    const words = this.memory.words;
    const isTcp = (marks & Mark.HasTcp) !== 0;
    if ((marks & Mark.BadChecksum) !== 0) {
      // Whoever gets it drops it: it says nothing about the connection but that it was there.
      if (isTcp) noteBadChecksum(words, row, side, this.extraOf);
      else this.noteOther(row, side, marks, staged, at);
      return;
    }
    const wasClosed = isTcp && bothClosed(words, row);
    if (isTcp) this.track(row, side, staged, at);
    else this.noteOther(row, side, marks, staged, at);
    noteCounted(words, row, side, staged, at, wasClosed, this.extra(row));
  }

  /** Packets without a TCP header: SCTP and DCCP say what opens and what ends an association. */
  private noteOther(
    row: number,
    side: number,
    marks: number,
    staged: Int32Array,
    at: number,
  ): void {
    const words = this.memory.words;
    if ((marks & Mark.Quoting) !== 0) keepQuote(words, row, this.quote);
    if ((marks & Mark.HasMessage) !== 0) {
      const protocol = words[row + Row.Kind]! & Kind.ProtocolMask;
      words[row + Row.Flags]! |= messageEnds(protocol, staged[at + Staged.MessageType]!, side);
    }
    words[row + Row.Flags]! &= ~Flag.HalfOpen;
  }

  /** What the ICMP error that comes next quotes, and which flow that is now. */
  private noteQuote(staged: Int32Array, at: number): void {
    const { quote } = this;
    readQuote(staged, at, quote);
    const row = this.index.find(staged, at);
    if (row === 0 || this.isPastDeadline(row)) return;
    flowId(this.memory.words, row, this.contexts, this.extras.get(row), this.idWords);
    setQuotedId(quote, this.idWords);
  }

  /** A later index, of renewed keys, does not replace the first. */
  private noteSpi(row: number, side: number, spi: number): void {
    const extra = this.extra(row);
    if (side === 0) {
      if (extra.spi0 === 0) extra.spi0 = spi;
    } else if (extra.spi1 === 0) extra.spi1 = spi;
  }

  private create(staged: Int32Array, at: number): number {
    if (this.index.count >= this.limits.flows || this.octets > this.limits.octets) this.makeRoom();
    const kind = staged[at + Staged.Kind]!;
    const row = this.rows.allocate(kind);
    if (row === 0) {
      throw new UsageError(
        "PF_FLOW_MEMORY",
        `flow table: the system gives no more memory at ${this.index.count} concurrent flows; set a lower --max-flows`,
      );
    }
    fillRow(this.memory.words, row, staged, at);
    const words = this.memory.words;
    words[row + Row.ClockSeconds] = this.clockSeconds;
    words[row + Row.ClockNanoseconds] = this.clockNanoseconds;
    this.enter(row, staged[at + Staged.Hash]!);
    return row;
  }

  private enter(row: number, hash: number): void {
    const context = this.memory.words[row + Row.Context]!;
    if (context !== 0) {
      this.contexts.acquire(context);
      if (this.contexts.count > this.limits.contexts) this.isPressed = true;
    }
    this.index.insert(hash, row);
    if (this.index.count > this.peakFlows) this.peakFlows = this.index.count;
    this.wheel.add(row, this.deadlineSecond(row), this.rankOf(row));
  }

  private splitWhenIdle(row: number, staged: Int32Array, at: number): number {
    const words = this.memory.words;
    if (this.isPastDeadline(row)) {
      this.end(row, EndReason.Idle);
      return 0;
    }
    // Captures whose clocks disagree put late packets among newer ones: a flow is idle by its own
    // packets' times too, but for those whose end is fixed.
    if ((words[row + Row.Flags]! & (Flag.Closed | Flag.HalfOpen)) !== 0) return row;
    const gap =
      ((staged[at + Staged.Seconds]! >>> 0) - (words[row + Row.EndSeconds]! >>> 0)) * SECOND +
      (staged[at + Staged.Nanoseconds]! - words[row + Row.EndNanoseconds]!);
    if (gap < idleTimeout(words, row, this.options.timeouts)) return row;
    this.end(row, EndReason.Idle);
    return 0;
  }

  private splitWhenReused(row: number, side: number, staged: Int32Array, at: number): number {
    if (!isReuse(this.memory.words, row, side, staged[at + Staged.TcpSequence]!)) return row;
    this.end(row, EndReason.Reuse);
    return 0;
  }

  private splitWhenActive(row: number, staged: Int32Array, at: number): number {
    const words = this.memory.words;
    const age =
      ((staged[at + Staged.Seconds]! >>> 0) - (words[row + Row.StartSeconds]! >>> 0)) * SECOND +
      (staged[at + Staged.Nanoseconds]! - words[row + Row.StartNanoseconds]!);
    if (age < this.options.timeouts.active) return row;
    return this.continueFlow(row, staged, at);
  }

  /** Ends a part and begins the next, which keeps what is known of the conversation. */
  private continueFlow(row: number, staged: Int32Array, at: number): number {
    const kind = this.memory.words[row + Row.Kind]!;
    const next = this.rows.allocate(kind);
    if (next === 0) return row;
    const words = this.memory.words;
    words.copyWithin(next, row, row + rowSize(kind));
    for (let i = 0; i < COUNTERS; i += 1) words[next + Row.Packets + i] = 0;
    words[next + Row.Flags]! &= ~Flag.Extra;
    words[next + Row.StartSeconds] = staged[at + Staged.Seconds]!;
    words[next + Row.StartNanoseconds] = staged[at + Staged.Nanoseconds]!;
    words[next + Row.EndSeconds] = staged[at + Staged.Seconds]!;
    words[next + Row.EndNanoseconds] = staged[at + Staged.Nanoseconds]!;
    words[next + ordinalOffset(kind)] = staged[at + Staged.Ordinal]!;
    const before = this.extras.get(row);
    const extra = this.extra(next);
    carryOver(before, extra);
    if ((kind & Kind.ProtocolMask) === TCP) {
      for (let i = 0; i < 2; i += 1) words[next + TcpRow.Retransmits + i] = 0;
      extra.sequenceBytesBefore0 = sequenceBytes(words, row, 0);
      extra.sequenceBytesBefore1 = sequenceBytes(words, row, 1);
    }
    flowId(words, row, this.contexts, before, this.idWords);
    extra.previousId = flowIdText(this.idWords);
    extra.earlier = earlierParts(words, row, before);
    const hash = rowHash(this.memory.words, row, this.options.secret);
    this.index.remove(hash, row);
    this.wheel.remove(row);
    words[row + Row.Flags]! |= Flag.Ended;
    this.pushEnded(row, EndReason.Active);
    this.enter(next, hash);
    return next;
  }

  /** Ends a row before its time in the wheel. */
  private end(row: number, reason: EndReason): void {
    const words = this.memory.words;
    words[row + Row.Flags]! |= Flag.Ended;
    this.index.remove(rowHash(this.memory.words, row, this.options.secret), row);
    this.wheel.remove(row);
    const isClosed = (words[row + Row.Flags]! & Flag.Closed) !== 0;
    const told = isClosed ? closedReason(words, row) : reason;
    if (reason === EndReason.Idle) this.pushAtDeadline(row, told);
    else this.pushEnded(row, told);
  }

  /** Before a new flow: at the limit one gives way, beyond the memory two, until it is enough again. */
  private makeRoom(): void {
    this.evict();
    if (this.octets > this.limits.octets) this.evict();
  }

  private evict(): void {
    if (!this.evictFrom(Rank.Unproven)) this.evictFrom(Rank.Proven);
  }

  /** Packets don't touch the wheel: what came first to hand may have become another rank or got time. */
  private evictFrom(rank: Rank): boolean {
    const { wheel } = this;
    for (let row = wheel.earliest(rank); row !== 0; row = wheel.earliest(rank)) {
      const second = this.deadlineSecond(row);
      const rankNow = rank === Rank.Proven ? rank : this.rankOf(row);
      if (rankNow === rank && !wheel.isLater(second, rank)) {
        this.evictRow(row, causeOf(this.memory.words, row, rank));
        return true;
      }
      wheel.remove(row);
      wheel.add(row, second, rankNow);
    }
    return false;
  }

  private evictRow(row: number, cause: EvictionCause): void {
    if (this.isPastDeadline(row)) {
      this.end(row, EndReason.Idle);
      return;
    }
    // What is over already ends a little earlier, and loses nothing.
    if ((this.memory.words[row + Row.Flags]! & Flag.Closed) === 0) this.evictions[cause]! += 1;
    this.end(row, EndReason.Evicted);
  }

  private rankOf(row: number): Rank {
    const words = this.memory.words;
    const hasExtra = (words[row + Row.Flags]! & Flag.Extra) !== 0;
    return rankOf(words, row, hasExtra && this.extras.get(row)!.part > 1);
  }

  /** @returns whether rows must be released before anything else */
  private relieve(): boolean {
    if (this.extraCount > this.limits.extras) this.evictExtras();
    if (this.contexts.count > this.limits.contexts) this.evictContexts();
    this.isPressed = this.isFull;
    return this.isPressed;
  }

  /** An eighth of the flows with rare facts, those that have them longest. */
  private evictExtras(): void {
    const words = this.memory.words;
    let left = Math.ceil(this.limits.extras / 8);
    this.mustRelease = true;
    for (const row of this.extras.keys()) {
      if ((words[row + Row.Flags]! & Flag.Ended) !== 0) continue;
      this.evictRow(row, EvictionCause.Extra);
      left -= 1;
      if (left === 0) return;
    }
  }

  /** As many flows inside tunnels and VLANs as make an eighth of the limit, those that are due first. */
  private evictContexts(): void {
    const words = this.memory.words;
    let left = Math.ceil(this.limits.contexts / 8);
    this.mustRelease = true;
    for (const rank of [Rank.Unproven, Rank.Proven]) {
      for (let ahead = 0; ahead < WHEEL_SECONDS; ahead += 1) {
        for (let row = this.wheel.first(rank, ahead); row > 0 && left > 0; ) {
          const next = words[row + Row.TimerNext]!;
          if (words[row + Row.Context] !== 0) {
            this.evictRow(row, causeOf(words, row, rank));
            left -= 1;
          }
          row = next;
        }
      }
    }
  }

  /** Looks at the rows of a bucket that came due: ends those whose time is up, puts the others back. */
  private expire(head: number, second: number): void {
    const words = this.memory.words;
    for (let row = head; row > 0; ) {
      const next = words[row + Row.TimerNext]!;
      const deadline = this.deadlineSecond(row);
      if (deadline >= second) this.wheel.add(row, deadline, this.rankOf(row));
      else {
        this.index.remove(rowHash(this.memory.words, row, this.options.secret), row);
        words[row + Row.Flags]! |= Flag.Ended;
        const isClosed = (words[row + Row.Flags]! & Flag.Closed) !== 0;
        this.pushAtDeadline(row, isClosed ? closedReason(words, row) : EndReason.Idle);
      }
      row = next;
    }
  }

  /** Ends the rows whose deadline lies in the clock's second but not after the clock. */
  expireWithinSecond(): void {
    if (!this.started) return;
    this.expirePast(this.wheel.first(Rank.Unproven, 0));
    this.expirePast(this.wheel.first(Rank.Proven, 0));
  }

  private expirePast(head: number): void {
    const words = this.memory.words;
    for (let row = head; row > 0; ) {
      const next = words[row + Row.TimerNext]!;
      if (this.isPastDeadline(row)) this.end(row, EndReason.Idle);
      row = next;
    }
  }

  private isPastDeadline(row: number): boolean {
    const words = this.memory.words;
    const silence =
      (this.clockSeconds - (words[row + Row.ClockSeconds]! >>> 0)) * SECOND +
      (this.clockNanoseconds - words[row + Row.ClockNanoseconds]!);
    return silence >= idleTimeout(words, row, this.options.timeouts);
  }

  private reschedule(row: number): void {
    this.wheel.remove(row);
    this.wheel.add(row, this.deadlineSecond(row), this.rankOf(row));
  }

  private deadlineSecond(row: number): number {
    const words = this.memory.words;
    const timeout = idleTimeout(words, row, this.options.timeouts);
    const after = Math.floor((words[row + Row.ClockNanoseconds]! + timeout) / SECOND);
    return (words[row + Row.ClockSeconds]! >>> 0) + after;
  }

  private pushAtDeadline(row: number, reason: EndReason): void {
    const words = this.memory.words;
    const total =
      words[row + Row.ClockNanoseconds]! + idleTimeout(words, row, this.options.timeouts);
    const whole = Math.floor(total / SECOND);
    const seconds = (words[row + Row.ClockSeconds]! >>> 0) + whole;
    const nanoseconds = total - whole * SECOND;
    const isAhead =
      seconds > this.clockSeconds ||
      (seconds === this.clockSeconds && nanoseconds > this.clockNanoseconds);
    // A late packet can show a gap before the packet clock reaches the deadline.
    if (isAhead) this.pushEnded(row, reason);
    else this.pushEnded(row, reason, seconds, nanoseconds);
  }

  private pushEnded(
    row: number,
    reason: EndReason,
    seconds: number = this.clockSeconds,
    nanoseconds: number = this.clockNanoseconds,
  ): void {
    this.ended.push(row, reason, seconds, nanoseconds);
    this.waitingOctets += rowSize(this.memory.words[row + Row.Kind]!) * 4;
    if (this.ended.count >= this.limits.waiting) this.isPressed = true;
  }
}

function closedReason(words: Int32Array, row: number): EndReason {
  return (words[row + Row.Flags]! & Flag.Reset) !== 0 ? EndReason.Reset : EndReason.Closed;
}

function isBareSyn(staged: Int32Array, at: number): boolean {
  return (
    (staged[at + Staged.Marks]! & Mark.HasTcp) !== 0 &&
    (staged[at + Staged.TcpFlags]! & (TcpFlag.Syn | TcpFlag.Ack | TcpFlag.Reset)) === TcpFlag.Syn
  );
}
