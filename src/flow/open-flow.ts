import { Flag, Kind, Row, rowSize } from "./flow-row.ts";
import { ADDED_MASK, placeIn } from "./flow-slots.ts";
import { fillLoneSyn, isLoneSyn } from "./lone-syn-row.ts";
import { fillRow } from "./new-row.ts";
import { MOST_READY, Opening } from "./opening.ts";
import { Mark, Staged } from "./staged-packet.ts";
import { TcpFlag } from "./tcp-flags.ts";
import { SECOND } from "./timeouts.ts";
import { bucketOf, putLast, Rank, takeOut, WHEEL_SECONDS } from "./timer-lists.ts";

const TCP = 6;
const UDP = 17;
const LINE_SHIFT = 4;
/** A payload of more octets is another case. */
const LARGEST_PAYLOAD = 1 << 20;
/** What a first packet may be marked with here. */
const USUAL_MARKS = Mark.HasMac | Mark.HasTcp | Mark.Multicast | Mark.Broadcast;

// What `FlowTable` does to open a flow, over arrays: TCP and UDP without anything rare.

/**
 * The row of a flow that a packet begins, which is not open before `enter`; of a lone SYN a line, where
 * those are kept so.
 * @param clockSeconds - of the packet clock, moved on to the packet, as int32
 * @returns 0 for another case
 */
export function newFlowRow(
  words: Int32Array,
  staged: Int32Array,
  at: number,
  added: Int32Array,
  likely: Int32Array,
  opening: Int32Array,
  clockSeconds: number,
  clockNanoseconds: number,
): number {
  if (!mayOpen(staged, at, added, opening)) return 0;
  const isKeptShort =
    opening[Opening.Count]! >= opening[Opening.LoneSynsFrom]! &&
    isLoneSyn(staged, at, clockSeconds, clockNanoseconds);
  if (isKeptShort) return newLoneSynRow(words, staged, at, likely, opening);
  if (!isUsualFirst(staged, at)) return 0;
  const row = readyRow(opening, rowSize(staged[at + Staged.Kind]!) >> LINE_SHIFT);
  if (row === 0) return 0;
  fillRow(words, row, staged, at, likely);
  words[row + Row.ClockSeconds] = clockSeconds;
  words[row + Row.ClockNanoseconds] = clockNanoseconds;
  return row;
}

function newLoneSynRow(
  words: Int32Array,
  staged: Int32Array,
  at: number,
  likely: Int32Array,
  opening: Int32Array,
): number {
  const row = readyRow(opening, 1);
  if (row === 0) return 0;
  fillLoneSyn(words, row, staged[at + Staged.Kind]! | Kind.LoneSyn, staged, at, likely);
  return row;
}

/** Whether a row that `newFlowRow` gave is that of a lone SYN, which says all there is to know of its packet. */
export function isLoneSynRow(words: Int32Array, row: number): boolean {
  return (words[row + Row.Kind]! & Kind.LoneSyn) !== 0;
}

/** Takes back what was written into a row that `newFlowRow` gave. */
export function forgetRow(words: Int32Array, row: number): void {
  const end = row + rowSize(words[row + Row.Kind]!);
  for (let i = row; i < end; i += 1) words[i] = 0;
}

/** Opens a flow with a row that `readyRow` gave. */
export function enter(
  words: Int32Array,
  row: number,
  hash: number,
  slots: Int32Array,
  added: Int32Array,
  lists: Int32Array,
  opening: Int32Array,
): void {
  opening[Opening.Ready + (rowSize(words[row + Row.Kind]!) >> LINE_SHIFT)]! -= 1;
  placeIn(slots, opening[Opening.Mask]!, hash, row);
  added[hash & ADDED_MASK] = opening[Opening.Group]!;
  opening[Opening.Count]! += 1;
  const isTcp = (words[row + Row.Kind]! & Kind.ProtocolMask) === TCP;
  if (!isTcp) schedule(words, row, lists, opening, Opening.Udp);
  else if ((words[row + Row.Flags]! & Flag.HalfOpen) === 0) {
    schedule(words, row, lists, opening, Opening.Tcp);
  } else schedule(words, row, lists, opening, Opening.Unanswered);
}

/** Puts a row that is closed now where its deadline belongs. */
export function rescheduleClosed(
  words: Int32Array,
  row: number,
  lists: Int32Array,
  opening: Int32Array,
): void {
  takeOut(words, lists, row);
  schedule(words, row, lists, opening, Opening.Linger);
}

/** Whether anything may be opened for a packet of no flow that was known when its group was looked ahead. */
function mayOpen(staged: Int32Array, at: number, added: Int32Array, opening: Int32Array): boolean {
  // Within the group its flow may have been opened by another packet.
  if (added[staged[at + Staged.Hash]! & ADDED_MASK] === opening[Opening.Group]) return false;
  return staged[at + Staged.Context] === 0 && opening[Opening.Count]! < opening[Opening.Most]!;
}

function isUsualFirst(staged: Int32Array, at: number): boolean {
  const marks = staged[at + Staged.Marks]!;
  if ((marks & ~USUAL_MARKS) !== 0) return false;
  const kind = staged[at + Staged.Kind]! & ~Kind.Ipv6;
  if (kind === (UDP | Kind.HasPorts)) return true;
  if (kind !== (TCP | Kind.HasPorts) || (marks & Mark.HasTcp) === 0) return false;
  const payload = staged[at + Staged.PayloadLength]!;
  if (payload < 0 || payload > LARGEST_PAYLOAD) return false;
  return (staged[at + Staged.TcpFlags]! & (TcpFlag.Fin | TcpFlag.Reset)) === 0;
}

/** A row of zeros that is ready, 0 for none; it stays so until `enter`. */
function readyRow(opening: Int32Array, lines: number): number {
  const ready = opening[Opening.Ready + lines]!;
  if (ready !== 0) return opening[Opening.Rows - 1 + lines * MOST_READY + ready]!;
  opening[Opening.Wanted]! |= 1 << lines;
  return 0;
}

/** @param timeout - where its idle time stands in `opening` */
function schedule(
  words: Int32Array,
  row: number,
  lists: Int32Array,
  opening: Int32Array,
  timeout: number,
): void {
  const nanoseconds = words[row + Row.ClockNanoseconds]! + opening[timeout + 1]!;
  const whole = nanoseconds >= SECOND ? 1 : 0;
  const next = opening[Opening.NextSecond]!;
  const wanted = (words[row + Row.ClockSeconds]! + opening[timeout]! + whole - next) | 0;
  const ahead = Math.max(0, Math.min(wanted, WHEEL_SECONDS - 1));
  if (ahead < opening[Opening.Ahead]!) opening[Opening.Ahead] = ahead;
  putLast(words, lists, bucketOf(next + ahead, Rank.Unproven), row);
}
