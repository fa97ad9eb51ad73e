import { EndReason } from "../ending/end-reason.ts";
import { endedEntry } from "../ending/ended-rows.ts";
import { causeOf, EvictionCause, rankOf } from "../ending/eviction-cause.ts";
import { bucketOf, firstOf, Rank, takeOut, WHEEL_SECONDS } from "../ending/timer-lists.ts";
import { ClosedRow, Flag, Row } from "../row/flow-row.ts";
import { emptySlot, slotOf } from "./flow-slots.ts";
import { LEAVING, touchLeaving } from "./look-ahead.ts";
import { Opening } from "./opening.ts";
import { aheadOf, dueNanoseconds, dueSecond, idleTimeOf } from "./opening-timers.ts";
import { rowHashBy } from "./row-hash.ts";

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
  const idleTime = idleTimeOf(words, row);
  if (idleTime === 0 || rankOf(words, row, false) !== Rank.Unproven) return false;
  // It is put back where it got time since it was put into its bucket, and has ended where that is over.
  const second = dueSecond(words, row, opening, idleTime);
  if (aheadOf(second, opening) > opening[Opening.Ahead]!) return false;
  const left = (second - clockSeconds) | 0;
  const leftNanoseconds = dueNanoseconds(words, row, opening, idleTime) - clockNanoseconds;
  if (left < 0 || (left === 0 && leftNanoseconds <= 0)) return false;
  if (opening[Opening.Near] === 0) lookAtNext(words, row, slots, opening);
  const hash = rowHashBy(words, row, opening[Opening.Multiplier]!, opening[Opening.Seed]!);
  const slot = slotOf(slots, opening[Opening.Mask]!, hash, row);
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

function lookAtNext(words: Int32Array, row: number, slots: Int32Array, opening: Int32Array): void {
  // Kept, so that no compiler may leave the reads out.
  opening[Opening.Touched] = touchLeaving(
    words,
    row,
    slots,
    opening[Opening.Mask]!,
    opening[Opening.Multiplier]!,
    opening[Opening.Seed]!,
  );
  opening[Opening.Near] = LEAVING;
}
