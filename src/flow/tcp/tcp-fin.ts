import type { ExtraOf, FlowExtra } from "../row/flow-extra.ts";
import { Flag, Row, TcpRow } from "../row/flow-row.ts";
import { markFinSeen, Position, positionOf } from "../row/tcp-state.ts";
import { TcpFlag } from "./tcp-flags.ts";

/**
 * Keeps where a side's last FIN is. One that has no other flag is known by its mark, see `noteHistory`.
 * @param position - of the FIN's octet
 */
export function noteFin(
  words: Int32Array,
  row: number,
  side: number,
  flags: number,
  position: number,
  extraOf: ExtraOf,
): void {
  markFinSeen(words, row, side);
  const isMixed = (flags & (TcpFlag.Syn | TcpFlag.Reset)) !== 0;
  if (!isMixed && (words[row + Row.Flags]! & Flag.Extra) === 0) return;
  const extra = extraOf(row);
  if (side === 0) extra.mixedFin0 = isMixed ? position : undefined;
  else extra.mixedFin1 = isMixed ? position : undefined;
}

/** Position of a side's last FIN. */
export function finPosition(
  words: Int32Array,
  row: number,
  side: number,
  extra: FlowExtra | undefined,
): number {
  return mixedFin(extra, side) ?? markedFin(words, row, side);
}

function mixedFin(extra: FlowExtra | undefined, side: number): number | undefined {
  if (extra === undefined) return undefined;
  return side === 0 ? extra.mixedFin0 : extra.mixedFin1;
}

function markedFin(words: Int32Array, row: number, side: number): number {
  const last = positionOf(words, row, side, Position.Last);
  return last + ((words[row + TcpRow.FinMarks + side]! - last) | 0);
}
