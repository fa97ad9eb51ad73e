import { groupedCount } from "../../core/grouped-count.ts";
import type { FlowView } from "../../flow/flow-view.ts";
import { Certainty } from "../../flow/row/direction.ts";
import type { Sink, SinkOptions } from "../sink.ts";
import { BusiestFlows } from "./busiest-flows.ts";
import { humanCount, humanDuration, humanShare } from "./human-units.ts";
import { NO_NAME, type ServiceTotal, ServiceTotals } from "./service-totals.ts";
import { type TableFlow, tableFlow } from "./table-flow.ts";
import { Arrow, flowColumns } from "./table-flow-columns.ts";
import { fitted } from "./terminal-text.ts";
import { type Cell, type Column, newPainter, type Painter, tableLines } from "./text-table.ts";

/** Services and flows that are listed one by one. */
const LISTED = 20;
const LONGEST_LABEL = 40;

/**
 * For a person at a terminal: what services there were, the busiest flows, and the marks explained.
 * Numbers are rounded; the exact ones are in the other formats. Memory doesn't grow with the number
 * of flows.
 */
export function newTableSink(options: SinkOptions): Sink {
  const paint = newPainter(options.color);
  const totals = new ServiceTotals();
  const busiest = new BusiestFlows<TableFlow>(LISTED);
  const span = new TimeSpan();
  return {
    begin() {},
    write(record) {
      totals.add(record);
      span.add(record.view);
      busiest.offer(record.view.bytes(0) + record.view.bytes(1), () => tableFlow(record));
    },
    end(out) {
      const services = totals.sorted();
      const sum = sumOf(services, "");
      if (services.length === 0) {
        out.text("no flows\n");
        return;
      }
      const lines = [
        paint("strong", `${groupedCount(sum.flows)} flow${sum.flows === 1 ? "" : "s"}`) +
          `, ${groupedCount(sum.packets)} packet${sum.packets === 1 ? "" : "s"}` +
          `, ${humanCount(sum.bytes)} bytes, ${span.text()}`,
        "",
        ...tableLines(serviceColumns(services, sum.bytes), paint),
        "",
        ...flowLines(busiest.flows, sum.flows, options.columns, paint),
      ];
      out.text(`${lines.join("\n")}\n`);
    },
  };
}

/** First start and last end of all records. */
class TimeSpan {
  private startSeconds = Number.POSITIVE_INFINITY;
  private startNanoseconds = 0;
  private endSeconds = -1;
  private endNanoseconds = 0;

  add(view: FlowView): void {
    const { startSeconds, startNanoseconds, endSeconds, endNanoseconds } = view;
    if (
      startSeconds < this.startSeconds ||
      (startSeconds === this.startSeconds && startNanoseconds < this.startNanoseconds)
    ) {
      this.startSeconds = startSeconds;
      this.startNanoseconds = startNanoseconds;
    }
    if (
      endSeconds > this.endSeconds ||
      (endSeconds === this.endSeconds && endNanoseconds > this.endNanoseconds)
    ) {
      this.endSeconds = endSeconds;
      this.endNanoseconds = endNanoseconds;
    }
  }

  /** From when to when, and how long. */
  text(): string {
    const start = new Date(this.startSeconds * 1000).toISOString();
    const end = new Date(this.endSeconds * 1000).toISOString();
    const shownEnd = start.slice(0, 10) === end.slice(0, 10) ? end.slice(11, 19) : dayAndTime(end);
    const borrows = this.endNanoseconds < this.startNanoseconds ? 1 : 0;
    const duration = humanDuration(
      this.endSeconds - this.startSeconds - borrows,
      this.endNanoseconds - this.startNanoseconds + borrows * 1e9,
    );
    return `${dayAndTime(start)} to ${shownEnd} UTC (${duration})`;
  }
}

function dayAndTime(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
}

function sumOf(services: readonly ServiceTotal[], label: string): ServiceTotal {
  const sum = { label, isNamed: true, flows: 0, packets: 0, bytes: 0 };
  for (const service of services) {
    sum.flows += service.flows;
    sum.packets += service.packets;
    sum.bytes += service.bytes;
  }
  return sum;
}

function serviceColumns(services: readonly ServiceTotal[], allBytes: number): readonly Column[] {
  const shown = services.slice(0, LISTED);
  const others = services.length - shown.length;
  if (others > 0) shown.push(sumOf(services.slice(LISTED), `${groupedCount(others)} more`));
  const numbers = (heading: string, textOf: (service: ServiceTotal) => string): Column => ({
    heading,
    isNumber: true,
    cells: shown.map((service): Cell => ({ text: textOf(service), tone: "plain" })),
  });
  return [
    {
      heading: "service",
      isNumber: false,
      cells: shown.map(({ label, isNamed }, i) => ({
        text: fitted(label, LONGEST_LABEL),
        tone: i === LISTED ? "faint" : isNamed ? "good" : "plain",
      })),
    },
    numbers("flows", ({ flows }) => groupedCount(flows)),
    numbers("packets", ({ packets }) => groupedCount(packets)),
    numbers("bytes", ({ bytes }) => humanCount(bytes)),
    numbers("share", ({ bytes }) => humanShare(bytes, allBytes)),
  ];
}

function flowLines(
  flows: readonly TableFlow[],
  count: number,
  width: number,
  paint: Painter,
): string[] {
  const days = new Set(flows.map(({ startSeconds }) => Math.floor(startSeconds / 86400)));
  const first = flows.reduce((least, flow) => Math.min(least, flow.startSeconds), 2 ** 32);
  const day = new Date(first * 1000).toISOString().slice(0, 10);
  const which =
    count > LISTED ? `busiest ${LISTED} of ${groupedCount(count)} flows` : "busiest first";
  const { columns, gap } = flowColumns(flows, width, days.size > 1);
  return [
    `${paint("strong", which)}, ${days.size > 1 ? `from ${day}` : day}, UTC`,
    ...tableLines(columns, paint, gap),
    "",
    ...legend(flows).map((line) => paint("faint", line)),
  ];
}

/** Explains the marks that were used, and no others. */
function legend(flows: readonly TableFlow[]): string[] {
  const marks = ["> sent by the initiator", "< sent by the responder"];
  const uses = (certainty: number): boolean => flows.some((flow) => flow.certainty === certainty);
  if (uses(Certainty.Inferred)) marks.push(`${Arrow[Certainty.Inferred]} direction inferred`);
  if (uses(Certainty.Unknown)) marks.push(`${Arrow[Certainty.Unknown]} direction unknown`);
  const names: string[] = [];
  const ends = (mark: string): boolean => flows.some(({ service }) => service.endsWith(mark));
  if (ends("~")) names.push("~ name likely");
  if (ends("?")) names.push("? name doubtful");
  if (ends(NO_NAME)) names.push(`${NO_NAME} no name registered for the port`);
  return names.length === 0 ? [marks.join(" | ")] : [marks.join(" | "), names.join(" | ")];
}
