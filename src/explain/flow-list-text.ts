import { groupedCount } from "../core/grouped-count.ts";
import type { FlowRecordJson } from "../sink/flow-record.ts";
import { printable } from "../sink/table/terminal-text.ts";
import { type Column, type Painter, tableLines } from "../sink/table/text-table.ts";
import { endText } from "./end-text.ts";

/** Characters of an id that are shown: enough for `--flow`. */
const ID_CHARACTERS = 12;

/** Flows to choose from, one a line from the first that began, each with what `--flow` takes for it. */
export function flowListText(flows: readonly FlowRecordJson[], paint: Painter): string {
  const records = [...flows].sort((a, b) => (a.start < b.start ? -1 : 1));
  const column = (
    heading: string,
    textOf: (record: FlowRecordJson) => string,
    isNumber = false,
  ): Column => ({
    heading,
    isNumber,
    cells: records.map((record) => ({ text: textOf(record), tone: "plain" })),
  });
  const columns = [
    column("flow", ({ id }) => id.slice(0, ID_CHARACTERS)),
    column("start", ({ start }) => start),
    column("proto", ({ transport }) => transport),
    column("initiator", ({ src }) => endText(src)),
    column("responder", ({ dst }) => endText(dst)),
    column("service", ({ service }) => printable(service.name ?? "")),
    column("packets", ({ src, dst }) => groupedCount(src.packets + dst.packets), true),
    column("state", ({ tcp }) => tcp?.state ?? ""),
    column("ended", ({ end_reason }) => end_reason),
  ].filter(({ cells }) => cells.some(({ text }) => text !== ""));
  return `${tableLines(columns, paint).join("\n")}\n`;
}
