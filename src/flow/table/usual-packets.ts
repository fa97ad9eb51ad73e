import { Mark, Staged, USUAL_MARKS } from "../packet/staged-packet.ts";
import type { ExtraOf } from "../row/flow-extra.ts";
import { Flag, Row } from "../row/flow-row.ts";
import { trackInOrder } from "../tcp/tcp-tracker.ts";
import { sideOf } from "./flow-index.ts";
import {
  enter,
  forgetRow,
  isLoneSynRow,
  newFlowRow,
  rescheduleClosed,
  rowAtHand,
} from "./open-flow.ts";
import { addOpenPacket, isOpenPacket } from "./open-packet.ts";
import { Opening } from "./opening.ts";

/** What makes a flow another case here: ended, or with rare facts. */
const RARE_FLAGS = Flag.Ended | Flag.Extra;
/** What makes its packets others than usual: over, or waiting for an answer. */
const UNUSUAL_FLAGS = Flag.Closed | Flag.HalfOpen;

/**
 * Adds usual packets of a group to their flows, one after the other until one is another case, and opens
 * flows for those that begin one.
 * @param candidates - of each packet of the group the row that may be its flow's, 0 for none
 * @param from - first word of the group in `staged`
 * @param first - packet of the group to begin with, from 0
 * @param count - packets of the group
 * @param clockSeconds - of the packet clock, as int32, which packets of another second are not to move
 * @param shortestSeconds - a silence of more than this may have ended a flow
 * @param slots - and `added`: of the `FlowIndex`
 * @param lists - of the `TimerWheel`
 * @param likely - `LIKELY_SERVERS`
 * @param opening - see `Opening`
 * @param takesOpen - flows are opened, and TCP is added that is not usual, see `addOpenPacket`
 * @param extraOf - see there
 * @returns the first packet that was not added
 */
export function addUsualPackets(
  words: Int32Array,
  candidates: Int32Array,
  staged: Int32Array,
  from: number,
  first: number,
  count: number,
  clockSeconds: number,
  clockNanoseconds: number,
  shortestSeconds: number,
  slots: Int32Array,
  added: Int32Array,
  lists: Int32Array,
  likely: Int32Array,
  opening: Int32Array,
  takesOpen: boolean,
  extraOf: ExtraOf,
): number {
  let nanoseconds = clockNanoseconds;
  for (let i = first; i < count; i += 1) {
    const at = from + i * Staged.Size;
    if (staged[at + Staged.ClockSeconds] !== clockSeconds) return i;
    // Behind the clock where that was moved without a packet.
    const moved = Math.max(nanoseconds, staged[at + Staged.ClockNanoseconds]!);
    nanoseconds = moved;
    let row = rowAtHand(words, candidates[i]!, staged, at, slots, added, lists, opening);
    const isFirst = row === 0;
    if (isFirst) {
      row = newFlowRow(words, staged, at, slots, lists, likely, opening, clockSeconds, moved);
    }
    if (row <= 0) return i;
    const saysAll = isFirst && isLoneSynRow(words, row);
    if (
      !saysAll &&
      !addInTime(
        words,
        row,
        staged,
        at,
        clockSeconds,
        moved,
        shortestSeconds,
        lists,
        opening,
        isFirst,
        takesOpen,
        extraOf,
      )
    ) {
      if (isFirst) forgetRow(words, row);
      return i;
    }
    if (!isFirst) continue;
    const hash = staged[at + Staged.Hash]!;
    enter(words, row, hash, slots, added, lists, opening, clockSeconds, moved);
    // So many wait to be written that no packet may be added.
    if (opening[Opening.Giving] !== 0 && opening[Opening.MayEnd] === 0) return i + 1;
  }
  return count;
}

/**
 * Adds a packet to a row that may be its flow's.
 * @param isFirst - the row is of this packet, and not in the wheel yet
 * @returns false when it is another case, and nothing was changed
 */
function addInTime(
  words: Int32Array,
  row: number,
  staged: Int32Array,
  at: number,
  clockSeconds: number,
  clockNanoseconds: number,
  shortestSeconds: number,
  lists: Int32Array,
  opening: Int32Array,
  isFirst: boolean,
  takesOpen: boolean,
  extraOf: ExtraOf,
): boolean {
  const side = sideInTime(words, row, staged, at, clockSeconds, shortestSeconds);
  if (side < 0) return false;
  if (addUsualPacket(words, row, side, staged, at, clockSeconds, clockNanoseconds)) return true;
  if (!takesOpen) return false;
  if (!isFirst && !isOpenPacket(words, row, side, staged, at)) return false;
  const flags = words[row + Row.Flags]!;
  if (!addOpenPacket(words, row, side, staged, at, clockSeconds, clockNanoseconds, extraOf)) {
    return false;
  }
  const isClosedNow = ((words[row + Row.Flags]! ^ flags) & Flag.Closed) !== 0;
  if (isClosedNow) rescheduleClosed(words, row, lists, opening);
  return true;
}

/**
 * The usual packet of an open flow, in few reads: nothing to be noted but its counts, not late, no counter
 * at its end, and where it is TCP, next in order.
 * @param side - from `sideInTime`
 * @param clockSeconds - of the packet clock, as int32
 * @returns false when it is another case, and nothing was changed
 */
function addUsualPacket(
  words: Int32Array,
  row: number,
  side: number,
  staged: Int32Array,
  at: number,
  clockSeconds: number,
  clockNanoseconds: number,
): boolean {
  if ((words[row + Row.Flags]! & UNUSUAL_FLAGS) !== 0) return false;
  const seconds = staged[at + Staged.Seconds]!;
  const nanoseconds = staged[at + Staged.Nanoseconds]!;
  if (seconds === words[row + Row.EndSeconds] && nanoseconds < words[row + Row.EndNanoseconds]!) {
    return false;
  }
  const counters = row + side;
  const packets = (words[counters + Row.Packets]! + 1) | 0;
  const bytesBefore = words[counters + Row.Bytes]!;
  const bytes = (bytesBefore + staged[at + Staged.WireLength]!) | 0;
  const ipBytesBefore = words[counters + Row.IpBytes]!;
  const ipBytes = (ipBytesBefore + staged[at + Staged.IpLength]!) | 0;
  // A payload is shorter than its datagram, so that its counter wraps last: it is looked at all the same.
  const payloadBefore = words[counters + Row.PayloadBytes]!;
  const payload = (payloadBefore + staged[at + Staged.PayloadLength]!) | 0;
  if (packets === 0 || bytes >>> 0 < bytesBefore >>> 0) return false;
  if (ipBytes >>> 0 < ipBytesBefore >>> 0 || payload >>> 0 < payloadBefore >>> 0) return false;

  const isTcp = (staged[at + Staged.Marks]! & Mark.HasTcp) !== 0;
  if (isTcp && !trackInOrder(words, row, side, staged, at)) return false;
  words[counters + Row.Packets] = packets;
  words[counters + Row.Bytes] = bytes;
  words[counters + Row.IpBytes] = ipBytes;
  words[counters + Row.PayloadBytes] = payload;
  words[row + Row.EndSeconds] = seconds;
  words[row + Row.EndNanoseconds] = nanoseconds;
  words[row + Row.ClockSeconds] = clockSeconds;
  words[row + Row.ClockNanoseconds] = clockNanoseconds;
  return true;
}

/**
 * The side of a packet without rare marks, in no tunnel, in an open row without rare facts that may be its
 * flow's, where no timeout is near.
 * @param clockSeconds - of the packet clock, as int32
 * @param shortestSeconds - a silence of more than this may have ended the flow
 * @returns -1 for another case
 */
function sideInTime(
  words: Int32Array,
  row: number,
  staged: Int32Array,
  at: number,
  clockSeconds: number,
  shortestSeconds: number,
): number {
  if ((staged[at + Staged.Marks]! & ~USUAL_MARKS) !== 0) return -1;
  if ((words[row + Row.Flags]! & RARE_FLAGS) !== 0) return -1;
  // Differences of 32 bits: times more than 68 years apart come out negative, as late ones do.
  const silence = (staged[at + Staged.Seconds]! - words[row + Row.EndSeconds]!) | 0;
  if (silence < 0 || silence > shortestSeconds) return -1;
  const standstill = (clockSeconds - words[row + Row.ClockSeconds]!) | 0;
  if (standstill < 0 || standstill > shortestSeconds) return -1;
  return sideOf(words, row, staged, at);
}
