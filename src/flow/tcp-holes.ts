import type { ExtraOf } from "./flow-extra.ts";
import { Flag, Row, TcpRow } from "./flow-row.ts";
import { ReceivedRanges } from "./received-ranges.ts";
import { appendHistory, Letter } from "./tcp-history.ts";
import { isPowerOfTen } from "./tcp-letters.ts";
import { EndpointState, endpointState, Position, positionOf, previousState } from "./tcp-state.ts";

/** Keeps the ranges beyond a hole, and calls a late packet that fills one out of order. */
export function noteData(
  words: Int32Array,
  row: number,
  side: number,
  start: number,
  end: number,
  lastBefore: number,
  advance: number,
  extraOf: ExtraOf,
): void {
  const opensHole = start > lastBefore && lastBefore > 0;
  if (!opensHole && (words[row + Row.Flags]! & Flag.Extra) === 0) return;
  const extra = extraOf(row);
  let ranges = side === 0 ? extra.ranges0 : extra.ranges1;
  if (ranges === undefined) {
    if (!opensHole) return;
    ranges = new ReceivedRanges(lastBefore);
    if (side === 0) extra.ranges0 = ranges;
    else extra.ranges1 = ranges;
  }
  const isNew = ranges.add(start, end);
  if (isNew && advance <= 0) {
    words[row + TcpRow.Retransmits + side]! -= 1;
    words[row + TcpRow.OutOfOrder + side]! += 1;
  }
  if (ranges.isWhole) {
    if (side === 0) extra.ranges0 = undefined;
    else extra.ranges1 = undefined;
  }
}

export function noteAcknowledgedHoles(
  words: Int32Array,
  row: number,
  peer: number,
  acknowledgedTo: number,
  extraOf: ExtraOf,
): void {
  const extra = extraOf(row);
  const ranges = peer === 0 ? extra.ranges0 : extra.ranges1;
  if (ranges === undefined || acknowledgedTo <= ranges.next) return;
  const last = positionOf(words, row, peer, Position.Last);
  const missing = ranges.acknowledge(Math.min(acknowledgedTo, last));
  if (missing > 0 && gapsCount(words, row, 0) && gapsCount(words, row, 1)) {
    extra.missedBytes += missing;
    if (peer === 0) extra.gaps0 += 1;
    else extra.gaps1 += 1;
    if (isPowerOfTen(peer === 0 ? extra.gaps0 : extra.gaps1)) {
      appendHistory(words, row, Letter.Gap, peer);
    }
  }
  if (ranges.isWhole) {
    if (peer === 0) extra.ranges0 = undefined;
    else extra.ranges1 = undefined;
  }
}

/** Gaps are only believed where both ends were established, or closed in order. */
function gapsCount(words: Int32Array, row: number, side: number): boolean {
  const state = endpointState(words, row, side);
  if (state === EndpointState.Established) return true;
  return (
    state === EndpointState.Closed && previousState(words, row, side) === EndpointState.Established
  );
}
