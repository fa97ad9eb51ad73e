import { EndReason } from "../ending/end-reason.ts";
import { endedEntry } from "../ending/ended-rows.ts";
import { causeOf, EvictionCause, rankOf } from "../ending/eviction-cause.ts";
import { SECOND } from "../ending/timeouts.ts";
import { bucketOf, firstOf, Rank, takeOut, WHEEL_SECONDS } from "../ending/timer-lists.ts";
import { ClosedRow, Flag, Kind, Row } from "../row/flow-row.ts";
import { emptySlot, slotOf } from "./flow-slots.ts";
import { Opening } from "./opening.ts";
import { rowHashBy } from "./row-hash.ts";

const TCP = 6;
const UDP = 17;
/** Rows brought near at a time, with their places in the index. */
const LOOK_AHEAD = 64;

// What `Eviction` does where there are as many flows as there may be, over arrays: the row that is due
// first gives way, where it is TCP or UDP without anything rare, of fewer than three packets or never
// answered. All others are left to the table.

/**
 * Whether there is a row that may give way to the next flow; it is noted for `giveWay`.
 * @param clockSeconds - of the packet clock, as int32
 * @returns false for another case
 */
export function mayGiveWay(
  words: Int32Array,
  slots: Int32Array,
  lists: Int32Array,
  opening: Int32Array,
  clockSeconds: number,
  clockNanoseconds: number,
): boolean {
  // Where there are fewer than it may have, it is the index that has to grow.
  const isFull = opening[Opening.Count] === opening[Opening.Limit];
  if (!isFull || opening[Opening.Most] !== opening[Opening.Limit]) return false;
  if (opening[Opening.MayEnd]! <= 0) return false;
  const row = dueFirst(lists, opening);
  if (row === 0) return false;
  const timeout = timeoutOf(words, row);
  if (timeout === 0 || rankOf(words, row, false) !== Rank.Unproven) return false;
  const nanoseconds = words[row + Row.ClockNanoseconds]! + opening[timeout + 1]!;
  const isNext = nanoseconds >= SECOND;
  const seconds = (words[row + Row.ClockSeconds]! + opening[timeout]! + (isNext ? 1 : 0)) | 0;
  // It is put back where it got time since it was put into its bucket, and has ended where that is over.
  const wanted = (seconds - opening[Opening.NextSecond]!) | 0;
  if (Math.min(wanted, WHEEL_SECONDS - 1) > opening[Opening.Ahead]!) return false;
  const left = (seconds - clockSeconds) | 0;
  const leftNanoseconds = nanoseconds - (isNext ? SECOND : 0) - clockNanoseconds;
  if (left < 0 || (left === 0 && leftNanoseconds <= 0)) return false;
  if (opening[Opening.Near] === 0) lookAtNext(words, row, slots, opening);
  const slot = slotOf(slots, opening[Opening.Mask]!, hashOf(words, row, opening), row);
  if (slot < 0) return false;
  opening[Opening.Giving] = row;
  opening[Opening.GivingSlot] = slot;
  return true;
}

/** Ends the row that `mayGiveWay` found. */
export function giveWay(
  words: Int32Array,
  slots: Int32Array,
  lists: Int32Array,
  opening: Int32Array,
  clockSeconds: number,
  clockNanoseconds: number,
): void {
  const row = opening[Opening.Giving]!;
  takeOut(words, lists, row);
  emptySlot(slots, opening[Opening.Mask]!, opening[Opening.GivingSlot]!);
  const isHalfOpen = causeOf(words, row, Rank.Unproven) === EvictionCause.HalfOpen;
  if (isHalfOpen) opening[Opening.GoneHalfOpen]! += 1;
  else opening[Opening.GoneBrief]! += 1;
  words[row + Row.Flags]! |= Flag.Ended;
  words[row + ClosedRow.Seconds] = clockSeconds;
  words[row + ClosedRow.Nanoseconds] = clockNanoseconds;
  opening[Opening.GoneRows + opening[Opening.Gone]!] = endedEntry(row, EndReason.Evicted);
  opening[Opening.Gone]! += 1;
  opening[Opening.MayEnd]! -= 1;
  opening[Opening.Count]! -= 1;
  opening[Opening.Near]! -= 1;
}

/** The first row of the earliest bucket that has one, 0 for none; notes which bucket that is. */
function dueFirst(lists: Int32Array, opening: Int32Array): number {
  const next = opening[Opening.NextSecond]!;
  let ahead = opening[Opening.Ahead]!;
  while (ahead < WHEEL_SECONDS - 1 && firstOf(lists, bucketOf(next + ahead, Rank.Unproven)) === 0) {
    ahead += 1;
  }
  opening[Opening.Ahead] = ahead;
  return firstOf(lists, bucketOf(next + ahead, Rank.Unproven));
}

/** Where the idle time of a row stands in `Opening`, 0 for another case. */
function timeoutOf(words: Int32Array, row: number): number {
  const flags = words[row + Row.Flags]!;
  if ((flags & (Flag.Closed | Flag.Extra | Flag.Ended)) !== 0) return 0;
  const protocol = words[row + Row.Kind]! & Kind.ProtocolMask;
  if (protocol === UDP) return Opening.Udp;
  if (protocol !== TCP) return 0;
  return (flags & Flag.HalfOpen) === 0 ? Opening.Tcp : Opening.Unanswered;
}

function hashOf(words: Int32Array, row: number, opening: Int32Array): number {
  return rowHashBy(words, row, opening[Opening.Multiplier]!, opening[Opening.Seed]!);
}

/** Rows of a bucket give way one after the other, and of each the place in the index is far away. */
function lookAtNext(words: Int32Array, row: number, slots: Int32Array, opening: Int32Array): void {
  const mask = opening[Opening.Mask]!;
  let sum = 0;
  let at = row;
  for (let i = 0; i < LOOK_AHEAD && at > 0; i += 1) {
    sum ^= slots[(hashOf(words, at, opening) & mask) * 2]!;
    at = words[at + Row.TimerNext]!;
  }
  // Kept, so that no compiler may leave them out.
  opening[Opening.Touched] = sum;
  opening[Opening.Near] = LOOK_AHEAD;
}
