import { IpProtocol } from "../../wire/ip-protocol.ts";
import { putInPlace, takeOut } from "../ending/timer-lists.ts";
import { Mark, Staged, USUAL_MARKS } from "../packet/staged-packet.ts";
import { Flag, Kind, Row, rowSize, TcpRow } from "../row/flow-row.ts";
import { TcpFlag } from "../tcp/tcp-flags.ts";
import { sideOfKey } from "./flow-index.ts";
import { ADDED_MASK, placeIn, rowUnder, slotOf } from "./flow-slots.ts";
import { giveWay, mayGiveWay } from "./give-way.ts";
import { fillLoneSyn, isLoneSyn, wholeSyn } from "./lone-syn-row.ts";
import { fillRow } from "./new-row.ts";
import { isShortPayload } from "./open-packet.ts";
import { MOST_READY, Opening } from "./opening.ts";
import { idleTimeOf, schedule } from "./opening-timers.ts";

const LINE_SHIFT = 4;

// What `FlowTable` does to open a flow, over arrays: TCP and UDP without anything rare.

/**
 * The open row that may be of a packet's flow: what was looked ahead, or came to be since. One that keeps
 * a lone SYN is made whole.
 * @param candidate - row that was looked ahead, 0 for none
 * @returns 0 for none, below 0 for another case
 */
export function rowAtHand(
  words: Int32Array,
  candidate: number,
  staged: Int32Array,
  at: number,
  slots: Int32Array,
  added: Int32Array,
  lists: Int32Array,
  opening: Int32Array,
): number {
  const hash = staged[at + Staged.Hash]!;
  let row = candidate;
  const isKnown =
    row === 0
      ? added[hash & ADDED_MASK] !== opening[Opening.Group]
      : (words[row + Row.Flags]! & Flag.Ended) === 0;
  if (!isKnown) {
    if (opening[Opening.Growing] !== 0) return -1;
    row = rowUnder(slots, opening[Opening.Mask]!, hash);
  }
  if (row === 0 || !isLoneSynRow(words, row)) return row;
  const isOwn =
    (words[row + Row.Kind]! ^ staged[at + Staged.Kind]!) === Kind.LoneSyn &&
    sideOfKey(words, row, staged, at) >= 0;
  return isOwn ? wholeRow(words, row, hash, slots, lists, opening) : -1;
}

/** The whole row of a lone SYN, in the place of its line. @returns -1 for another case */
function wholeRow(
  words: Int32Array,
  row: number,
  hash: number,
  slots: Int32Array,
  lists: Int32Array,
  opening: Int32Array,
): number {
  const left = opening[Opening.Left]!;
  if (opening[Opening.Most] === 0 || left === MOST_READY) return -1;
  const slot = slotOf(slots, opening[Opening.Mask]!, hash, row);
  if (slot < 0) return -1;
  const next = readyRow(opening, TcpRow.Size >> LINE_SHIFT);
  if (next === 0) return -1;
  take(opening, TcpRow.Size >> LINE_SHIFT);
  for (let i = 0; i < TcpRow.Size; i += 1) words[next + i] = opening[Opening.Syn + i]!;
  wholeSyn(words, row, words, next);
  slots[slot * 2 + 1] = next;
  putInPlace(words, lists, row, next);
  words[row + Row.Flags]! |= Flag.Ended;
  opening[Opening.LeftRows + left] = row;
  opening[Opening.Left] = left + 1;
  return next;
}

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
  slots: Int32Array,
  lists: Int32Array,
  likely: Int32Array,
  opening: Int32Array,
  clockSeconds: number,
  clockNanoseconds: number,
): number {
  opening[Opening.Giving] = 0;
  if (staged[at + Staged.Context] !== 0) return 0;
  let others = opening[Opening.Count]!;
  if (others >= opening[Opening.Most]!) {
    if (!mayGiveWay(words, slots, lists, opening, clockSeconds, clockNanoseconds)) return 0;
    others -= 1;
  }
  const isKeptShort =
    others >= opening[Opening.LoneSynsFrom]! &&
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

/** Opens a flow with a row that `newFlowRow` gave, once another has given way where that is needed. */
export function enter(
  words: Int32Array,
  row: number,
  hash: number,
  slots: Int32Array,
  added: Int32Array,
  lists: Int32Array,
  opening: Int32Array,
  clockSeconds: number,
  clockNanoseconds: number,
): void {
  if (opening[Opening.Giving] !== 0) {
    giveWay(words, slots, lists, opening, clockSeconds, clockNanoseconds);
  }
  take(opening, rowSize(words[row + Row.Kind]!) >> LINE_SHIFT);
  placeIn(slots, opening[Opening.Mask]!, hash, row);
  added[hash & ADDED_MASK] = opening[Opening.Group]!;
  opening[Opening.Count]! += 1;
  schedule(words, row, lists, opening, idleTimeOf(words, row));
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

function isUsualFirst(staged: Int32Array, at: number): boolean {
  const marks = staged[at + Staged.Marks]!;
  if ((marks & ~USUAL_MARKS) !== 0) return false;
  const kind = staged[at + Staged.Kind]! & ~Kind.Ipv6;
  if (kind === (IpProtocol.Udp | Kind.HasPorts)) return true;
  if (kind !== (IpProtocol.Tcp | Kind.HasPorts) || (marks & Mark.HasTcp) === 0) return false;
  if (!isShortPayload(staged[at + Staged.PayloadLength]!)) return false;
  return (staged[at + Staged.TcpFlags]! & (TcpFlag.Fin | TcpFlag.Reset)) === 0;
}

/** A row of zeros that is ready, 0 for none; it stays so until `take`. */
function readyRow(opening: Int32Array, lines: number): number {
  const ready = opening[Opening.Ready + lines]!;
  if (ready !== 0) return opening[Opening.Rows - 1 + lines * MOST_READY + ready]!;
  opening[Opening.Taken]! |= 1 << lines;
  return 0;
}

/** Takes the row that `readyRow` gave. */
function take(opening: Int32Array, lines: number): void {
  opening[Opening.Ready + lines]! -= 1;
  opening[Opening.Taken]! |= 1 << lines;
}
