import type { ByteWriter } from "../../core/byte-writer.ts";
import { fragment } from "../../core/fragment.ts";
import type { FlowView } from "../../flow/flow-view.ts";
import { CertaintyName, type Direction, DirectionReasonName } from "../../flow/row/direction.ts";

/** `,"direction":{...}`: who began the flow, and how sure that is. */
export function directionText({ certainty, reason }: Direction): string {
  const how = CertaintyName[certainty];
  return `,"direction":{"certainty":"${how}","reason":"${DirectionReasonName[reason]}"}`;
}

const DIRECTIONS = CertaintyName.map((_certainty, certainty) =>
  DirectionReasonName.map((_reason, reason) =>
    fragment(directionText({ flipped: 0, certainty, reason })),
  ),
);

/** Writes it. */
export function writeDirection(view: FlowView, out: ByteWriter): void {
  out.put(DIRECTIONS[view.direction.certainty]![view.direction.reason]!);
}
