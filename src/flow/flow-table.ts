import { UsageError } from "../core/errors.ts";
import type { FlowContexts } from "./context-table.ts";
import { EndReason } from "./end-reason.ts";
import { EndedRows } from "./ended-rows.ts";
import { type FlowExtra, newFlowExtra } from "./flow-extra.ts";
import type { HashSecret } from "./flow-hash.ts";
import { flowId, flowIdText, ID_WORDS } from "./flow-id.ts";
import { FlowIndex, sideOf } from "./flow-index.ts";
import { COUNTERS, Flag, Kind, ordinalOffset, Row, rowSize, TcpRow } from "./flow-row.ts";
import type { GrowableMemory } from "./growable-memory.ts";
import { fillRow } from "./new-row.ts";
import { rowHash } from "./row-hash.ts";
import { RowMemory } from "./row-memory.ts";
import { Mark, Staged } from "./staged-packet.ts";
import { tcpIsOver, tcpWasReset } from "./tcp-endpoints.ts";
import { TcpFlag } from "./tcp-flags.ts";
import { isReuse, markHandshake } from "./tcp-handshake.ts";
import { trackInOrder, trackTcp } from "./tcp-tracker.ts";
import { type FlowTimeouts, idleTimeout, SECOND } from "./timeouts.ts";
import { TimerWheel } from "./timer-wheel.ts";
import { messageEnds } from "./transport-end.ts";

const TCP = 6;

/** Concurrent flows that surely fit into the memory of a table, rows that wait to be written included. */
export const MOST_FLOWS = 12_000_000;

/** What a flow table is made with. */
export type FlowTableOptions = {
  readonly timeouts: FlowTimeouts;
  readonly secret: HashSecret;
  readonly contexts: FlowContexts;
  /** Concurrent flows at most; beyond that the one that is due first is evicted. */
  readonly maxFlows: number;
};

/** Bidirectional flows in typed arrays: nothing is allocated for a packet. */
export class FlowTable {
  readonly memory: GrowableMemory;
  readonly extras: Map<number, FlowExtra> = new Map();
  /** Rows that ended and were not taken yet. */
  readonly ended: EndedRows = new EndedRows();
  /** Largest number of flows at one time. */
  peakFlows = 0;
  evictions = 0;
  /** The packet clock: the latest time of any packet so far. */
  clockSeconds = 0;
  clockNanoseconds = 0;
  private readonly rows = new RowMemory();
  private readonly index: FlowIndex;
  private readonly wheel: TimerWheel;
  private readonly options: FlowTableOptions;
  private readonly contexts: FlowContexts;
  private readonly extraOf: (row: number) => FlowExtra;
  private readonly idWords = new Int32Array(ID_WORDS);
  /** No timeout is shorter, whole seconds: below this gap none is looked up. */
  private readonly shortestSeconds: number;
  private readonly hasActive: boolean;
  /** Sum of what `touch` read; public so that no compiler may leave the reads out. */
  touched = 0;
  private started = false;

  constructor(options: FlowTableOptions) {
    this.options = options;
    this.contexts = options.contexts;
    this.memory = this.rows.memory;
    this.index = new FlowIndex(this.memory);
    this.wheel = new TimerWheel(this.memory);
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

  /** Octets of memory given to rows so far. */
  get octets(): number {
    return this.rows.wordsInUse * 4 + this.index.slots.length * 4;
  }

  /** The flow's rare facts, made on first use. */
  extra(row: number): FlowExtra {
    let extra = this.extras.get(row);
    if (extra === undefined) {
      extra = newFlowExtra();
      this.extras.set(row, extra);
      this.memory.words[row + Row.Flags]! |= Flag.Extra;
    }
    return extra;
  }

  /**
   * Adds staged packets to their flows, in order. Rows that end are appended to `ended`.
   * @param from - first word in `staged`
   * @param count - packets; a few hundred at most, or what was looked ahead is gone again
   */
  update(staged: Int32Array, from: number, count: number): void {
    const end = from + count * Staged.Size;
    this.touched = this.index.lookAhead(staged, from, end) | 0;
    for (let at = from; at < end; at += Staged.Size) {
      const seconds = staged[at + Staged.ClockSeconds]! >>> 0;
      const nanoseconds = staged[at + Staged.ClockNanoseconds]!;
      // Behind the clock after `advance`: it stays where it is.
      if (seconds > this.clockSeconds || !this.started) {
        this.turnTo(seconds);
        this.clockNanoseconds = nanoseconds;
      } else if (nanoseconds > this.clockNanoseconds && seconds === this.clockSeconds) {
        this.clockNanoseconds = nanoseconds;
      }
      this.updateOne(staged, at);
    }
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

  /** Ends every open flow now: at the end of the capture, or when interrupted. */
  endAll(reason: EndReason): void {
    // Those whose time was up before the last packet came ended by themselves.
    if (this.started) this.expireWithinSecond();
    const slots = this.index.slots;
    const words = this.memory.words;
    for (let i = 1; i < slots.length; i += 2) {
      const row = slots[i]!;
      if (row === 0) continue;
      slots[i] = 0;
      this.wheel.remove(row);
      const isClosed = (words[row + Row.Flags]! & Flag.Closed) !== 0;
      this.ended.push(
        row,
        isClosed ? closedReason(words, row) : reason,
        this.clockSeconds,
        this.clockNanoseconds,
      );
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
    this.contexts.release(words[row + Row.Context]!);
    if ((words[row + Row.Flags]! & Flag.Extra) !== 0) this.extras.delete(row);
    this.rows.release(row, words[row + Row.Kind]!);
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
      words = this.memory.words;
    }
    this.count(row, side, staged, at);
    const flags = words[row + Row.Flags]!;
    const marks = staged[at + Staged.Marks]!;
    if ((marks & Mark.HasTcp) === 0) this.noteOther(row, side, marks, staged, at);
    else if (!trackInOrder(words, row, side, staged, at)) {
      this.track(row, side, staged, at);
    }
    // A flow that is over, or was never answered, ends at a fixed time: its clock stands still.
    const flagsNow = words[row + Row.Flags]!;
    if ((flags & Flag.Closed) === 0 && (flagsNow & Flag.HalfOpen) === 0) {
      words[row + Row.ClockSeconds] = this.clockSeconds;
      words[row + Row.ClockNanoseconds] = this.clockNanoseconds;
    }
    if (((flagsNow ^ flags) & Flag.Closed) !== 0) this.reschedule(row);
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

  private count(row: number, side: number, staged: Int32Array, at: number): void {
    const words = this.memory.words;
    const packets = (words[row + Row.Packets + side]! + 1) | 0;
    words[row + Row.Packets + side] = packets;
    if (packets === 0) this.carry(row, Row.Packets + side);
    this.add(words, row, Row.Bytes + side, staged[at + Staged.WireLength]!);
    this.add(words, row, Row.IpBytes + side, staged[at + Staged.IpLength]!);
    this.add(words, row, Row.PayloadBytes + side, staged[at + Staged.PayloadLength]!);
    const seconds = staged[at + Staged.Seconds]!;
    const nanoseconds = staged[at + Staged.Nanoseconds]!;
    if (isLater(seconds, nanoseconds, words, row + Row.EndSeconds)) {
      words[row + Row.EndSeconds] = seconds;
      words[row + Row.EndNanoseconds] = nanoseconds;
    } else if (!isLater(seconds, nanoseconds, words, row + Row.StartSeconds)) {
      words[row + Row.StartSeconds] = seconds;
      words[row + Row.StartNanoseconds] = nanoseconds;
    }
    if ((staged[at + Staged.Marks]! & Mark.Fragment) !== 0) this.extra(row).fragments += 1;
  }

  private add(words: Int32Array, row: number, counter: number, amount: number): void {
    const before = words[row + counter]!;
    const after = (before + amount) | 0;
    words[row + counter] = after;
    if (after >>> 0 < before >>> 0) this.carry(row, counter);
  }

  private carry(row: number, counter: number): void {
    const { carries } = this.extra(row);
    while (carries.length < COUNTERS) carries.push(0);
    carries[counter - Row.Packets]! += 1;
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

  /** Packets without a TCP header: SCTP and DCCP say what opens and what ends an association. */
  private noteOther(
    row: number,
    side: number,
    marks: number,
    staged: Int32Array,
    at: number,
  ): void {
    const words = this.memory.words;
    if ((marks & Mark.HasMessage) !== 0) {
      const protocol = words[row + Row.Kind]! & Kind.ProtocolMask;
      words[row + Row.Flags]! |= messageEnds(protocol, staged[at + Staged.MessageType]!, side);
    }
    words[row + Row.Flags]! &= ~Flag.HalfOpen;
  }

  private create(staged: Int32Array, at: number): number {
    if (this.index.count >= this.options.maxFlows) this.evict();
    const kind = staged[at + Staged.Kind]!;
    const row = this.rows.allocate(kind);
    if (row === 0) {
      throw new UsageError(
        "PF_FLOW_MEMORY",
        `flow table: ${this.index.count} concurrent flows fill its 4 GiB; set a lower --max-flows`,
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
    this.contexts.acquire(this.memory.words[row + Row.Context]!);
    this.index.insert(hash, row);
    if (this.index.count > this.peakFlows) this.peakFlows = this.index.count;
    this.wheel.add(row, this.deadlineSecond(row));
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
    if ((kind & Kind.ProtocolMask) === TCP) {
      for (let i = 0; i < 4; i += 1) words[next + TcpRow.Retransmits + i] = 0;
    }
    const before = this.extras.get(row);
    const extra = this.extra(next);
    extra.part = (before?.part ?? 1) + 1;
    extra.vlan = before?.vlan ?? [];
    extra.ranges0 = before?.ranges0;
    extra.ranges1 = before?.ranges1;
    flowId(words, row, this.contexts, this.idWords);
    extra.previousId = flowIdText(this.idWords);
    const hash = rowHash(this.memory.words, row, this.options.secret);
    this.index.remove(hash, row);
    this.wheel.remove(row);
    words[row + Row.Flags]! |= Flag.Ended;
    this.ended.push(row, EndReason.Active, this.clockSeconds, this.clockNanoseconds);
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
    else this.ended.push(row, told, this.clockSeconds, this.clockNanoseconds);
  }

  private evict(): void {
    const row = this.wheel.earliest();
    if (row === 0) return;
    this.evictions += 1;
    this.end(row, EndReason.Evicted);
  }

  /** Looks at the rows of a bucket that came due: ends those whose time is up, puts the others back. */
  private expire(head: number, second: number): void {
    const words = this.memory.words;
    for (let row = head; row !== 0; ) {
      const next = words[row + Row.TimerNext]!;
      const deadline = this.deadlineSecond(row);
      if (deadline >= second) this.wheel.add(row, deadline);
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
  private expireWithinSecond(): void {
    const words = this.memory.words;
    for (let row = this.wheel.dueNext(); row !== 0; ) {
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
    this.wheel.add(row, this.deadlineSecond(row));
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
    if (isAhead) this.ended.push(row, reason, this.clockSeconds, this.clockNanoseconds);
    else this.ended.push(row, reason, seconds, nanoseconds);
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

/** Whether a time is at or after the one held in two words. */
function isLater(seconds: number, nanoseconds: number, words: Int32Array, at: number): boolean {
  const other = words[at]!;
  if (seconds !== other) return seconds >>> 0 > other >>> 0;
  return nanoseconds >= words[at + 1]!;
}
