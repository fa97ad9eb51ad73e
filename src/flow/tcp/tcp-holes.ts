import { type ExtraOf, extraIfAny, type FlowExtra } from "../row/flow-extra.ts";
import { TcpRow } from "../row/flow-row.ts";
import { ReceivedRanges } from "../row/received-ranges.ts";
import {
  EndpointState,
  endpointState,
  finSeen,
  Position,
  positionOf,
  previousState,
} from "../row/tcp-state.ts";
import { appendHistory, Letter } from "./tcp-history.ts";
import { isPowerOfTen } from "./tcp-letters.ts";
import { isPartial } from "./tcp-partial.ts";

/** Octets beyond a hole that are still awaited where nothing of the side was ever acknowledged. */
const UNACKNOWLEDGED_LIMIT = 16384;
/** Octets that Zeek keeps until they are acknowledged: `tcp_excessive_data_without_further_acks`. */
export const MOST_KEPT: number = 10 * 1024 * 1024;

/** What is known of holes in a side's data; undefined where there never was one. */
export function rangesOf(extra: FlowExtra | undefined, side: number): ReceivedRanges | undefined {
  if (extra === undefined) return undefined;
  return side === 0 ? extra.ranges0 : extra.ranges1;
}

/** First position of a side that was not received, and is awaited. */
export function deliveredTo(
  words: Int32Array,
  row: number,
  side: number,
  extra: FlowExtra | undefined,
): number {
  return rangesOf(extra, side)?.next ?? dataEnd(words, row, side);
}

/** Position at which a side's data ends as far as its packets tell; a FIN's octet is no data. */
export function dataEnd(words: Int32Array, row: number, side: number): number {
  const last = positionOf(words, row, side, Position.Last);
  return finSeen(words, row, side) ? last - 1 : last;
}

/**
 * Whether a side has sent data, as far as it was received, that nobody acknowledged.
 * @param sent - where its data ends, of which nothing is missing
 */
export function hasUnacknowledged(
  words: Int32Array,
  row: number,
  side: number,
  extra: FlowExtra | undefined,
  sent: number,
): boolean {
  const acknowledged = Math.max(1, positionOf(words, row, side, Position.Acknowledged));
  const ranges = rangesOf(extra, side);
  if (ranges?.isGivenUp === true) return false;
  const end = ranges?.end ?? sent;
  // One direction alone was captured: what is complete is not kept for an acknowledgement.
  const isGivenUp = acknowledged <= 1 && end > UNACKNOWLEDGED_LIMIT;
  if (isGivenUp && (ranges === undefined || ranges.isWhole)) return false;
  return end > Math.max(1, ranges?.acknowledged ?? acknowledged);
}

/**
 * Notes where a packet's octets lie: what leaves a hole before it, and what fills one.
 * @param position - of its first octet of data, or of its FIN
 * @param end - where its side's data ended before it, by what the packets told
 * @param opensHole - it moved its side on, and left something out
 * @param isLate - it did not move its side on
 */
export function noteData(
  words: Int32Array,
  row: number,
  side: number,
  position: number,
  payload: number,
  end: number,
  opensHole: boolean,
  isLate: boolean,
  extraOf: ExtraOf,
): void {
  const extra = extraOf(row);
  let ranges = rangesOf(extra, side);
  if (ranges === undefined && opensHole) ranges = open(words, row, extra, side, end);
  if (ranges === undefined) return;
  // What is acknowledged is not read again.
  const from = Math.max(position, positionOf(words, row, side, Position.Acknowledged));
  if (from < position + payload && ranges.add(from, position + payload) && isLate) {
    if (side === 0) extra.outOfOrder0 += 1;
    else extra.outOfOrder1 += 1;
  }
  const isUnheard = positionOf(words, row, side, Position.Acknowledged) <= 1;
  if (isUnheard && ranges.end - ranges.next > UNACKNOWLEDGED_LIMIT) ranges.isGivenUp = true;
  closeWhenWhole(words, row, side, ranges, extra);
}

/** Keeps what was delivered of a side whose numbers begin anew. */
export function keepDelivered(
  words: Int32Array,
  row: number,
  side: number,
  delivered: number,
  extraOf: ExtraOf,
): void {
  if (delivered <= dataEnd(words, row, side)) return;
  const extra = extraOf(row);
  if (rangesOf(extra, side) === undefined) open(words, row, extra, side, delivered);
}

/**
 * Notes that everything of a side below a position was acknowledged, received or not: what was not is
 * missed, where both ends are in an orderly state.
 */
export function noteAcknowledged(
  words: Int32Array,
  row: number,
  side: number,
  position: number,
  extraOf: ExtraOf,
): void {
  const isOrderly = isClean(words, row, 0) && isClean(words, row, 1);
  const known = rangesOf(extraIfAny(words, row, extraOf), side);
  if (known === undefined) {
    if (position <= dataEnd(words, row, side)) return;
    if (isKeepAlive(words, row, position)) return;
  }
  const extra = extraOf(row);
  const ranges = known ?? open(words, row, extra, side, dataEnd(words, row, side));
  ranges.acknowledged = Math.max(ranges.acknowledged, position);
  if (position <= ranges.next || isKeepAlive(words, row, position)) return;
  const missing = ranges.acknowledge(position);
  if (isOrderly && !ranges.isGivenUp) {
    extra.missedBytes += missing;
    for (let i = 0; i < ranges.holes; i += 1) noteGap(words, row, side, extra, extraOf);
  }
  closeWhenWhole(words, row, side, ranges, extra);
}

/** The first that is seen of a connection from the middle may be a keep-alive: the octet behind it is none. */
function isKeepAlive(words: Int32Array, row: number, position: number): boolean {
  return position <= 2 && isPartial(words, row);
}

/**
 * Gives a side up of which Zeek would have to keep too much: some of what it sent was acknowledged, but
 * not the last 10 MiB. Holes in it are told no more, and nothing waits for it.
 * @see Zeek, TCP_Reassembler::DataSent
 */
export function giveUpExcess(words: Int32Array, row: number, side: number, extraOf: ExtraOf): void {
  const last = words[row + TcpRow.LastSequence + side]!;
  if ((last - words[row + TcpRow.Acknowledged + side]!) >>> 0 <= MOST_KEPT) return;
  const acknowledged = positionOf(words, row, side, Position.Acknowledged);
  // Of what was never acknowledged nothing is kept.
  if (acknowledged <= 1) return;
  const known = rangesOf(extraIfAny(words, row, extraOf), side);
  const end = known === undefined ? dataEnd(words, row, side) : known.next + known.octetsBeyond;
  if (end - acknowledged <= MOST_KEPT) return;
  const ranges = known ?? open(words, row, extraOf(row), side, end);
  ranges.isGivenUp = true;
}

function noteGap(
  words: Int32Array,
  row: number,
  side: number,
  extra: FlowExtra,
  extraOf: ExtraOf,
): void {
  if (side === 0) extra.gaps0 += 1;
  else extra.gaps1 += 1;
  if (isPowerOfTen(side === 0 ? extra.gaps0 : extra.gaps1)) {
    appendHistory(words, row, Letter.Gap, side, extraOf);
  }
}

function open(
  words: Int32Array,
  row: number,
  extra: FlowExtra,
  side: number,
  next: number,
): ReceivedRanges {
  // What a FIN kept from being believed is still to come.
  const acknowledged = positionOf(words, row, side, Position.Acknowledged);
  const ranges = new ReceivedRanges(next, Math.min(acknowledged, next));
  if (side === 0) extra.ranges0 = ranges;
  else extra.ranges1 = ranges;
  return ranges;
}

function closeWhenWhole(
  words: Int32Array,
  row: number,
  side: number,
  ranges: ReceivedRanges,
  extra: FlowExtra,
): void {
  if (!ranges.isWhole || ranges.isGivenUp || ranges.next !== dataEnd(words, row, side)) return;
  if (side === 0) extra.ranges0 = undefined;
  else extra.ranges1 = undefined;
}

/** Established, or closed in order after that: gaps in other states can come from wrong numbers. */
function isClean(words: Int32Array, row: number, side: number): boolean {
  const state = endpointState(words, row, side);
  if (state === EndpointState.Established) return true;
  return (
    state === EndpointState.Closed && previousState(words, row, side) === EndpointState.Established
  );
}
