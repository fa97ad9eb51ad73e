import type { FlowView } from "../flow/flow-view.ts";
import { Flag, Row } from "../flow/row/flow-row.ts";

/** What is known of an open flow at one moment; two of them tell what a packet did. */
export type RowSnapshot = {
  readonly initiator: number;
  readonly certainty: number;
  readonly reason: number;
  readonly history: string;
  readonly retransmits: number;
  readonly outOfOrder: number;
  readonly missedBytes: number;
  readonly hasHole: readonly [boolean, boolean];
  readonly handshakeNanoseconds: number;
  readonly isClosed: boolean;
  readonly isReset: boolean;
  readonly part: number;
};

/** Looks at a row as its record would be if it ended now. */
export function snapshotOf(view: FlowView, row: number): RowSnapshot {
  view.load(row, 0);
  const isTcp = view.protocol === 6;
  const flags = view.words[row + Row.Flags]!;
  const { extra } = view;
  return {
    initiator: view.initiator,
    certainty: view.direction.certainty,
    reason: view.direction.reason,
    history: String.fromCharCode(...view.history.subarray(0, view.historyLength)),
    retransmits: isTcp ? view.retransmits(0) + view.retransmits(1) : 0,
    outOfOrder: isTcp ? view.outOfOrder(0) + view.outOfOrder(1) : 0,
    missedBytes: view.missedBytes,
    hasHole: [isHoley(extra?.ranges0), isHoley(extra?.ranges1)],
    handshakeNanoseconds: isTcp ? view.handshakeNanoseconds : 0,
    isClosed: (flags & Flag.Closed) !== 0,
    isReset: (flags & Flag.Reset) !== 0,
    part: extra?.part ?? 1,
  };
}

function isHoley(ranges: { readonly isWhole: boolean } | undefined): boolean {
  return ranges !== undefined && !ranges.isWhole;
}
