import { showsPorts, transportName } from "./flow-text.ts";
import type { FlowRecord } from "./sink.ts";
import { printable } from "./terminal-text.ts";

/** Sums over the flows of one service. */
export type ServiceTotal = {
  /** Name or port, and transport; marked when no name is registered. */
  readonly label: string;
  readonly isNamed: boolean;
  flows: number;
  packets: number;
  bytes: number;
};

/** Stands behind a port that has no name. */
export const NO_NAME = "*";

/**
 * Sums by service and transport. Flows without a name are summed by the port that was looked up, so
 * the memory is bounded by the names there are and the ports there can be.
 */
export class ServiceTotals {
  private readonly totals = new Map<string, ServiceTotal>();

  /** Adds a record; the later parts of a split flow are not another flow. */
  add(record: FlowRecord): void {
    const { view, tag, entry } = record;
    const transport = transportName(view);
    const isNamed = tag.named !== 0;
    let key: string;
    if (isNamed) key = `${entry?.name ?? ""}/${transport}`;
    else if (tag.port >= 0) key = `${tag.port}/${transport}${NO_NAME}`;
    else key = showsPorts(view) ? transport + NO_NAME : transport;
    let total = this.totals.get(key);
    if (total === undefined) {
      total = { label: printable(key), isNamed, flows: 0, packets: 0, bytes: 0 };
      this.totals.set(key, total);
    }
    if ((view.extra?.part ?? 1) === 1) total.flows += 1;
    total.packets += view.packets(0) + view.packets(1);
    total.bytes += view.bytes(0) + view.bytes(1);
  }

  /** Every sum, the most octets first. */
  sorted(): ServiceTotal[] {
    return [...this.totals.values()].sort(
      (a, b) =>
        b.bytes - a.bytes ||
        b.packets - a.packets ||
        b.flows - a.flows ||
        (a.label < b.label ? -1 : 1),
    );
  }
}
