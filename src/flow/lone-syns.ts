import { countPacket } from "./count-packet.ts";
import type { FlowExtra } from "./flow-extra.ts";
import { Flag, Kind, LoneSynRow, Row, TcpRow } from "./flow-row.ts";
import { fillRow } from "./new-row.ts";
import type { OpenRows } from "./open-rows.ts";
import { firstFlags } from "./originator.ts";
import { Mark, Staged } from "./staged-packet.ts";
import { TcpFlag } from "./tcp-flags.ts";
import { markHandshake } from "./tcp-handshake.ts";
import { trackTcp } from "./tcp-tracker.ts";

/** Octets that fit beside the flags in one word. */
const MOST_OCTETS = 0xfff;
const WIRE_SHIFT = 8;
const IP_SHIFT = 20;
const MOST_FLAGS = 0xff;
const WHOLE_WORDS: number = TcpRow.Size;
/** With any of these set, or without SYN, it is another packet; as flags that 8 bits do not hold. */
const OTHER_FLAGS: number = TcpFlag.Syn | TcpFlag.Ack | TcpFlag.Reset | TcpFlag.Fin | ~MOST_FLAGS;
/** Any that is not 0: nothing else is kept of it. */
const OPEN_WINDOW = 1;

/**
 * Flows of nothing but one SYN over IPv4, which are what floods and scans are made of: all there is to
 * know of such a packet fits one cache line, a third of a TCP row. The row is made from it when a second
 * packet comes, or for the record. That costs a second row for every connection, so it is done only where
 * many flows are open.
 */
export class LoneSyns {
  private readonly open: OpenRows;
  /** Open flows from which on new ones are kept so. */
  private readonly from: number;
  private readonly staged = new Int32Array(Staged.Size);
  /** Rows that others took the place of; the group that is under way may have looked them up. */
  private left: number[] = [];
  /** The row that `whole` fills, 0 while there is none. */
  private scratch = 0;

  constructor(open: OpenRows, from: number) {
    this.open = open;
    this.from = from;
  }

  /** Begins a flow with its first packet, if it can be kept so. */
  begin(staged: Int32Array, at: number): boolean {
    const { open } = this;
    if (open.index.count < this.from || !this.fits(staged, at)) return false;
    const kind = staged[at + Staged.Kind]! | Kind.LoneSyn;
    const row = open.allocate(kind);
    if (row === 0) return false;
    fill(open.memory.words, row, kind, staged, at);
    open.enter(row, staged[at + Staged.Hash]!);
    return true;
  }

  /** An open row that a packet was found for, made whole; its hash is the packet's. */
  promoted(row: number, hash: number): number {
    const { open } = this;
    const kind = open.memory.words[row + Row.Kind]!;
    if ((kind & Kind.LoneSyn) === 0) return row;
    const next = open.allocateOrThrow(kind & ~Kind.LoneSyn);
    this.expand(row, next);
    open.takePlace(row, next, hash);
    this.left.push(row);
    return next;
  }

  /** The row itself, or a whole one made from it that lives until the next call. */
  whole(row: number): number {
    const kind = this.open.memory.words[row + Row.Kind]!;
    if ((kind & Kind.LoneSyn) === 0) return row;
    if (this.scratch === 0) this.scratch = this.open.allocateOrThrow(kind & ~Kind.LoneSyn);
    const { words } = this.open.memory;
    words.fill(0, this.scratch, this.scratch + WHOLE_WORDS);
    this.expand(row, this.scratch);
    // It is no flow of its own.
    words[this.scratch + Row.Flags]! |= Flag.Ended;
    return this.scratch;
  }

  /** Gives back what was left. */
  releaseLeft(): void {
    for (let row = this.left.pop(); row !== undefined; row = this.left.pop()) {
      this.open.releaseWords(row);
    }
  }

  /** All rows are given back at once. */
  forget(): void {
    this.left = [];
    this.scratch = 0;
  }

  private fits(staged: Int32Array, at: number): boolean {
    const { open } = this;
    const kind = staged[at + Staged.Kind]!;
    return (
      (staged[at + Staged.Marks]! & ~Mark.HasMac) === Mark.HasTcp &&
      (staged[at + Staged.TcpFlags]! & OTHER_FLAGS) === TcpFlag.Syn &&
      (kind & Kind.Ipv6) === 0 &&
      staged[at + Staged.Context] === 0 &&
      staged[at + Staged.PayloadLength] === 0 &&
      staged[at + Staged.TcpWindow] !== 0 &&
      (staged[at + Staged.WireLength]! & ~MOST_OCTETS) === 0 &&
      (staged[at + Staged.IpLength]! & ~MOST_OCTETS) === 0 &&
      staged[at + Staged.Seconds]! >>> 0 === open.clockSeconds &&
      staged[at + Staged.Nanoseconds] === open.clockNanoseconds
    );
  }

  /** Makes a whole row, as if its packet came again. @param next - a row of zeros */
  private expand(row: number, next: number): void {
    const { staged } = this;
    const { words } = this.open.memory;
    restage(words, row, staged);
    fillRow(words, next, staged, 0);
    words[next + Row.ClockSeconds] = staged[Staged.ClockSeconds]!;
    words[next + Row.ClockNanoseconds] = staged[Staged.ClockNanoseconds]!;
    countPacket(words, next, 0, staged, 0, noExtra);
    markHandshake(words, next, 0, staged, 0);
    trackTcp(words, next, 0, staged, 0, noExtra);
  }
}

function fill(words: Int32Array, row: number, kind: number, staged: Int32Array, at: number): void {
  words[row + Row.Ports] = staged[at + Staged.Ports]!;
  words[row + Row.Kind] = kind;
  words[row + Row.Source] = staged[at + Staged.Source]!;
  words[row + Row.Destination] = staged[at + Staged.Destination]!;
  words[row + Row.Flags] =
    firstFlags(staged, at) | (staged[at + Staged.Interface]! << Flag.InterfaceShift);
  words[row + LoneSynRow.Sequence] = staged[at + Staged.TcpSequence]!;
  words[row + LoneSynRow.Lengths] =
    staged[at + Staged.TcpFlags]! |
    (staged[at + Staged.WireLength]! << WIRE_SHIFT) |
    (staged[at + Staged.IpLength]! << IP_SHIFT);
  words[row + LoneSynRow.Ordinal] = staged[at + Staged.Ordinal]!;
  words[row + LoneSynRow.MacHigh] = staged[at + Staged.MacHigh]!;
  words[row + LoneSynRow.StartSeconds] = staged[at + Staged.Seconds]!;
  words[row + LoneSynRow.StartNanoseconds] = staged[at + Staged.Nanoseconds]!;
  words[row + LoneSynRow.MacSourceLow] = staged[at + Staged.MacSourceLow]!;
  words[row + LoneSynRow.MacDestinationLow] = staged[at + Staged.MacDestinationLow]!;
}

/** Writes the packet that `fill` kept, but for its hash. Words that stay 0 are never written. */
function restage(words: Int32Array, row: number, staged: Int32Array): void {
  const flags = words[row + Row.Flags]!;
  const lengths = words[row + LoneSynRow.Lengths]!;
  const seconds = words[row + LoneSynRow.StartSeconds]!;
  const nanoseconds = words[row + LoneSynRow.StartNanoseconds]!;
  staged[Staged.Ports] = words[row + Row.Ports]!;
  staged[Staged.Kind] = words[row + Row.Kind]! & ~Kind.LoneSyn;
  staged[Staged.Source] = words[row + Row.Source]!;
  staged[Staged.Destination] = words[row + Row.Destination]!;
  staged[Staged.Seconds] = seconds;
  staged[Staged.Nanoseconds] = nanoseconds;
  staged[Staged.ClockSeconds] = seconds;
  staged[Staged.ClockNanoseconds] = nanoseconds;
  staged[Staged.WireLength] = (lengths >>> WIRE_SHIFT) & MOST_OCTETS;
  staged[Staged.IpLength] = lengths >>> IP_SHIFT;
  staged[Staged.Ordinal] = words[row + LoneSynRow.Ordinal]!;
  staged[Staged.Marks] = (flags & Flag.HasMac) === 0 ? Mark.HasTcp : Mark.HasTcp | Mark.HasMac;
  staged[Staged.Interface] = flags >>> Flag.InterfaceShift;
  staged[Staged.TcpFlags] = lengths & MOST_FLAGS;
  staged[Staged.TcpSequence] = words[row + LoneSynRow.Sequence]!;
  staged[Staged.TcpWindow] = OPEN_WINDOW;
  staged[Staged.MacHigh] = words[row + LoneSynRow.MacHigh]!;
  staged[Staged.MacSourceLow] = words[row + LoneSynRow.MacSourceLow]!;
  staged[Staged.MacDestinationLow] = words[row + LoneSynRow.MacDestinationLow]!;
}

function noExtra(): FlowExtra {
  throw new Error("a lone SYN has no rare facts");
}
