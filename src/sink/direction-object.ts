import type { ByteWriter } from "../core/byte-writer.ts";
import { fragment } from "../core/fragment.ts";
import { CertaintyName, DirectionReasonName } from "../flow/direction.ts";
import type { FlowView } from "../flow/flow-view.ts";

const DIRECTIONS = CertaintyName.map((certainty) =>
  DirectionReasonName.map((reason) =>
    fragment(`,"direction":{"certainty":"${certainty}","reason":"${reason}"}`),
  ),
);

/** Writes `,"direction":{...}`: who began the flow, and how sure that is. */
export function writeDirection(view: FlowView, out: ByteWriter): void {
  out.put(DIRECTIONS[view.direction.certainty]![view.direction.reason]!);
}
