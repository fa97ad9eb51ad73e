import { IpProtocol } from "../../wire/ip-protocol.ts";
import { SECOND } from "../ending/timeouts.ts";
import { bucketOf, putLast, Rank, WHEEL_SECONDS } from "../ending/timer-lists.ts";
import { Flag, Kind, Row } from "../row/flow-row.ts";
import { Opening } from "./opening.ts";

// When rows are due, by the idle times in `Opening`.

/** Where the idle time of a row stands in `Opening`: TCP or UDP that is open, 0 for another case. */
export function idleTimeOf(words: Int32Array, row: number): number {
  const flags = words[row + Row.Flags]!;
  if ((flags & (Flag.Closed | Flag.Extra | Flag.Ended)) !== 0) return 0;
  const protocol = words[row + Row.Kind]! & Kind.ProtocolMask;
  if (protocol === IpProtocol.Udp) return Opening.Udp;
  if (protocol !== IpProtocol.Tcp) return 0;
  return (flags & Flag.HalfOpen) === 0 ? Opening.Tcp : Opening.Unanswered;
}

/** The second in which a row is due, as int32. @param idleTime - where its idle time stands in `Opening` */
export function dueSecond(
  words: Int32Array,
  row: number,
  opening: Int32Array,
  idleTime: number,
): number {
  const carry = nanosecondsOf(words, row, opening, idleTime) >= SECOND ? 1 : 0;
  return (words[row + Row.ClockSeconds]! + opening[idleTime]! + carry) | 0;
}

/** When in `dueSecond`, nanoseconds. */
export function dueNanoseconds(
  words: Int32Array,
  row: number,
  opening: Int32Array,
  idleTime: number,
): number {
  const nanoseconds = nanosecondsOf(words, row, opening, idleTime);
  return nanoseconds >= SECOND ? nanoseconds - SECOND : nanoseconds;
}

/** The bucket that a second belongs to, by how soon after the next one it comes due. */
export function aheadOf(second: number, opening: Int32Array): number {
  const wanted = (second - opening[Opening.NextSecond]!) | 0;
  return Math.max(0, Math.min(wanted, WHEEL_SECONDS - 1));
}

/** Puts a row where it is due. @param idleTime - where its idle time stands in `Opening` */
export function schedule(
  words: Int32Array,
  row: number,
  lists: Int32Array,
  opening: Int32Array,
  idleTime: number,
): void {
  const ahead = aheadOf(dueSecond(words, row, opening, idleTime), opening);
  if (ahead < opening[Opening.Ahead]!) opening[Opening.Ahead] = ahead;
  putLast(words, lists, bucketOf(opening[Opening.NextSecond]! + ahead, Rank.Unproven), row);
}

function nanosecondsOf(
  words: Int32Array,
  row: number,
  opening: Int32Array,
  idleTime: number,
): number {
  return words[row + Row.ClockNanoseconds]! + opening[idleTime + 1]!;
}
