import { Staged } from "../packet/staged-packet.ts";
import { type ExtraOf, extraIfAny } from "../row/flow-extra.ts";
import { TcpRow } from "../row/flow-row.ts";
import {
  advancePosition,
  EndpointState,
  endpointState,
  finSeen,
  Position,
  positionOf,
  setPositions,
} from "../row/tcp-state.ts";
import { finPosition } from "./tcp-fin.ts";
import { TcpFlag } from "./tcp-flags.ts";
import { rangesOf } from "./tcp-holes.ts";

/** A jump of more than this in a SYN's or RST's number is not believed. Octets. */
export const LARGEST_BELIEVED_JUMP = 1048576;

/**
 * Moves on what was acknowledged of a side.
 * @returns the position acknowledged, without the FIN's octet; 0 when that is nothing new
 */
export function noteAcknowledgement(
  words: Int32Array,
  row: number,
  peer: number,
  flags: number,
  staged: Int32Array,
  at: number,
  extraOf: ExtraOf,
): number {
  const acknowledgement = staged[at + Staged.TcpAcknowledgement]!;
  if (endpointState(words, row, peer) === EndpointState.Inactive) {
    // Nothing of that side was seen yet: number it as if its SYN was what is acknowledged.
    setPositions(words, row, peer, (acknowledgement - 1) | 0, 0);
    return 0;
  }
  const before = positionOf(words, row, peer, Position.Acknowledged);
  const delta = (acknowledgement - words[row + TcpRow.Acknowledged + peer]!) | 0;
  const position = before + delta;
  if (position < 0) return 0;
  // What a RST acknowledges is not believed, but what is missing below it is not awaited any more.
  const isBelieved = (flags & TcpFlag.Reset) === 0;
  if (isBelieved && delta > 0 && !(acknowledgement === 0 && delta > LARGEST_BELIEVED_JUMP)) {
    advancePosition(words, row, peer, Position.Acknowledged, delta);
  }
  if (position <= 1) return 0;
  if (!finSeen(words, row, peer)) return delta > 0 ? position : 0;
  // Nothing behind the last FIN is believed to be acknowledged.
  const extra = extraIfAny(words, row, extraOf);
  const end = finPosition(words, row, peer, extra);
  const known =
    rangesOf(extra, peer)?.acknowledged ?? (delta > 0 ? Math.min(before, end) : position);
  return Math.min(position, end) > known ? Math.min(position, end) : 0;
}
