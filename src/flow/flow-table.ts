import type { EndReason } from "./ending/end-reason.ts";
import type { EndedRows } from "./ending/ended-rows.ts";
import { FlowSplit } from "./flow-split.ts";
import { Mark, Staged } from "./packet/staged-packet.ts";
import { PacketNotes } from "./packet-notes.ts";
import type { FlowExtra, PacketComment } from "./row/flow-extra.ts";
import { Flag, Row } from "./row/flow-row.ts";
import type { GrowableMemory } from "./row/growable-memory.ts";
import type { CompiledUsualPackets } from "./table/compiled-usual-packets.ts";
import { countPacket } from "./table/count-packet.ts";
import { Eviction } from "./table/eviction.ts";
import { Expiry } from "./table/expiry.ts";
import { type FlowIndex, sideOf } from "./table/flow-index.ts";
import { OpenRows, type OpenRowsOptions } from "./table/open-rows.ts";
import { isSynAck } from "./table/originator.ts";
import { UsualRuns } from "./table/usual-runs.ts";
import { isLeftOut, isUnheard, leaveOut, noteLate } from "./uncounted.ts";

/** What a flow table is made with. */
export type FlowTableOptions = OpenRowsOptions & {
  /** Connections begin and end as in Zeek, where that differs; false unless given. */
  readonly zeekRules?: boolean;
};

/** Bidirectional flows in typed arrays: nothing is allocated for a packet. */
export class FlowTable {
  readonly memory: GrowableMemory;
  readonly extras: ReadonlyMap<number, FlowExtra>;
  /** Rows that ended and were not taken yet. */
  readonly ended: EndedRows;
  /** Flows that gave way to others, by `EvictionCause`. */
  readonly evictions: Float64Array;
  /** Comments on packets marked as commented, by their ordinals; whoever stages packets keeps them. */
  comments: ReadonlyMap<number, readonly PacketComment[]> = new Map();
  /** Sum of what was looked ahead; public so that no compiler may leave the reads out. */
  touched = 0;
  private readonly open: OpenRows;
  private readonly index: FlowIndex;
  private readonly split: FlowSplit;
  private readonly zeekRules: boolean;
  private readonly expiry: Expiry;
  private readonly eviction: Eviction;
  private readonly usual: UsualRuns;
  private readonly extraOf: (row: number) => FlowExtra;
  private readonly notes: PacketNotes;

  constructor(options: FlowTableOptions) {
    const open = new OpenRows(options);
    this.open = open;
    this.memory = open.memory;
    this.extras = open.extras;
    this.ended = open.ended;
    this.index = open.index;
    this.zeekRules = options.zeekRules === true;
    this.split = new FlowSplit(open, options.timeouts, this.zeekRules);
    this.expiry = new Expiry(open);
    this.eviction = new Eviction(open);
    this.evictions = this.eviction.counts;
    this.extraOf = open.extraOf;
    this.notes = new PacketNotes(open, this.zeekRules);
    const { zeekRules, evictions } = this;
    const { shortestSeconds } = this.split;
    this.usual = new UsualRuns(open, this.expiry, { shortestSeconds, zeekRules, evictions });
  }

  /** Flows that are open now. */
  get flows(): number {
    return this.index.count;
  }

  /** Largest number of flows at one time. */
  get peakFlows(): number {
    return this.open.peakFlows;
  }

  /** The packet clock: the latest time of any packet so far, whole seconds. */
  get clockSeconds(): number {
    return this.open.clock.seconds;
  }

  /** Nanoseconds of the packet clock's second. */
  get clockNanoseconds(): number {
    return this.open.clock.nanoseconds;
  }

  /** True when so many rows wait to be written that `update` takes no more packets. */
  get isFull(): boolean {
    return this.eviction.isFull;
  }

  /** Octets of all that open flows take, with what it will take to end them. */
  get octets(): number {
    return this.open.octets;
  }

  /** Has usual packets added by WebAssembly from now on. @param compiled - of the table's memory */
  useCompiled(compiled: CompiledUsualPackets | undefined): void {
    this.usual.useCompiled(compiled);
  }

  /** The flow's rare facts, made on first use. */
  extra(row: number): FlowExtra {
    return this.open.extra(row);
  }

  /**
   * Adds staged packets to their flows, in order. Rows that end are appended to `ended`.
   * @param from - first word in `staged`
   * @param count - packets; a few hundred at most, or what was looked ahead is gone again
   * @returns the number of packets added; fewer than `count` when `isFull`: then rows are to be
   *   released first. Where it stops depends on the packets alone, not on how they are grouped
   */
  update(staged: Int32Array, from: number, count: number): number {
    const { open, expiry, eviction, usual } = this;
    const hasUsual = !this.split.hasActive;
    eviction.mustRelease = false;
    open.loneSyns.releaseLeft();
    this.touched = usual.begin(staged, from, from + count * Staged.Size) | 0;
    for (let i = 0; i < count; i += 1) {
      if (open.isPressed && eviction.relieve()) return i;
      const at = from + i * Staged.Size;
      expiry.moveClockTo(staged, at);
      const next = hasUsual ? usual.add(from, i, count) : i;
      if (next > i) i = next - 1;
      else if ((staged[at + Staged.Marks]! & Mark.Quote) !== 0) this.notes.noteQuote(staged, at);
      else this.updateOne(staged, at, this.index.candidates[i]!);
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
    if (this.expiry.moveClock(seconds, nanoseconds)) this.expiry.expireWithinSecond();
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
    this.expiry.expireWithinSecond();
    this.open.endAll(reason);
  }

  /** Ends the rows whose deadline lies in the clock's second but not after the clock. */
  expireWithinSecond(): void {
    this.expiry.expireWithinSecond();
  }

  /** Whether flows are open whose deadline may lie in the clock's second. */
  get mayExpireWithinSecond(): boolean {
    return this.expiry.mayExpireWithinSecond;
  }

  /** Begins a capture of its own: its clock may be behind. Only while no flow is open. */
  restartClock(): void {
    this.open.clock.restart();
  }

  /** Gives back what a written row has beside its words; `releaseAll` must follow. */
  releaseFacts(row: number): void {
    this.open.releaseFacts(row);
  }

  /** Gives the memory of all rows back: none may be open, and those that ended must be written. */
  releaseAll(): void {
    this.open.releaseAll();
  }

  /** Gives a written row's memory back. */
  release(row: number): void {
    this.open.release(row);
  }

  private updateOne(staged: Int32Array, at: number, candidate: number): void {
    let words = this.memory.words;
    let row = candidate;
    let side = row === 0 ? -1 : sideOf(words, row, staged, at);
    // What was looked ahead can have ended or come to be within the group.
    const isOther = side < 0 || (words[row + Row.Flags]! & Flag.Ended) !== 0;
    if (isOther && (row !== 0 || this.index.mayBeNew(staged[at + Staged.Hash]!))) {
      row = this.open.find(staged, at);
      words = this.memory.words;
      side = row === 0 ? -1 : sideOf(words, row, staged, at);
    }
    if (row !== 0) row = this.split.splitIfDue(row, side, staged, at);
    if (row === 0) {
      this.eviction.makeRoom();
      if (this.open.loneSyns.begin(staged, at)) return;
      row = this.begin(staged, at);
      side = 0;
    }
    // A new row may lie beyond the view from before.
    words = this.memory.words;
    const marks = staged[at + Staged.Marks]!;
    if ((marks & Mark.Commented) !== 0) {
      this.notes.noteComments(row, this.comments.get(staged[at + Staged.Ordinal]!) ?? []);
    }
    if (isLeftOut(marks)) leaveOut(words, row, side, staged, at, this.extraOf);
    else if (this.zeekRules) noteLate(words, row, staged, at, this.extraOf);
    countPacket(words, row, side, staged, at, this.extraOf);
    if ((marks & Mark.Inside) !== 0) this.notes.noteAround(row, staged, at);
    const flags = words[row + Row.Flags]!;
    this.notes.noteTransport(row, side, flags, staged, at);
    this.noteClock(row, flags, this.zeekRules && isUnheard(staged, at));
  }

  /**
   * A flow that is over, or was never answered, ends at a fixed time: its clock stands still.
   * @param isUnheard - so it does for this packet
   */
  private noteClock(row: number, flagsBefore: number, isUnheard: boolean): void {
    const words = this.memory.words;
    const flags = words[row + Row.Flags]!;
    if (!isUnheard && (flagsBefore & Flag.Closed) === 0 && (flags & Flag.HalfOpen) === 0) {
      words[row + Row.ClockSeconds] = this.open.clock.seconds;
      words[row + Row.ClockNanoseconds] = this.open.clock.nanoseconds;
    }
    if (((flags ^ flagsBefore) & Flag.Closed) !== 0) this.open.reschedule(row);
  }

  private begin(staged: Int32Array, at: number): number {
    const row = this.open.begin(staged, at);
    if (!this.zeekRules) return row;
    const words = this.memory.words;
    // In Zeek a SYN+ACK is an attempt, too, where its sender is the originator, and a connection of
    // which nothing but packets without effect was seen waits no longer.
    const isFlipped = (words[row + Row.Flags]! & Flag.Flipped) !== 0;
    const isAttempt = isSynAck(staged, at) && !isFlipped;
    if (!isAttempt && !isWithoutEffect(staged, at)) return row;
    words[row + Row.Flags]! |= Flag.HalfOpen;
    this.open.reschedule(row);
    return row;
  }
}

/** Whether a TCP packet, which Zeek finds a connection for, says nothing to that. */
function isWithoutEffect(staged: Int32Array, at: number): boolean {
  const marks = staged[at + Staged.Marks]!;
  return (marks & Mark.HasTcp) !== 0 && (marks & (Mark.BadChecksum | Mark.Refused)) !== 0;
}
