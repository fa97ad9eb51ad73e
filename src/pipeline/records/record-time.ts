import type { FlowView } from "../../flow/flow-view.ts";

/** The time that a record stands for, that of its flow's last packet: microseconds since 1970. */
export function recordTime(view: FlowView): number {
  return view.endSeconds * 1_000_000 + Math.floor(view.endNanoseconds / 1000);
}
