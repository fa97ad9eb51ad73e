import { showsPorts, transportName } from "../flow-text.ts";
import type { FlowRecord } from "../sink.ts";
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
/** In the place of a port: none was read, or the transport has none. */
const UNREAD_PORT = -1;
const NO_PORT = -2;

/**
 * Sums by service and transport. Flows without a name are summed by the port that was looked up, so
 * the memory is bounded by the names there are and the ports there can be.
 */
export class ServiceTotals {
  /** By transport, then by name or port; without either, by whether there could be one. */
  private readonly totals = new Map<string, Map<string | number, ServiceTotal>>();

  /** Adds a record; the later parts of a split flow are not another flow. */
  add(record: FlowRecord): void {
    const { view, tag, entry } = record;
    const transport = transportName(view);
    let ofTransport = this.totals.get(transport);
    if (ofTransport === undefined) {
      ofTransport = new Map();
      this.totals.set(transport, ofTransport);
    }
    const isNamed = tag.named !== 0;
    // No text is made for a record: a name is one that is there, and its hash is known.
    let key: string | number = tag.port;
    if (isNamed) key = entry?.name ?? "";
    else if (tag.port < 0) key = showsPorts(view) ? UNREAD_PORT : NO_PORT;
    let total = ofTransport.get(key);
    if (total === undefined) {
      const label = printable(labelOf(key, transport));
      total = { label, isNamed, flows: 0, packets: 0, bytes: 0 };
      ofTransport.set(key, total);
    }
    if ((view.extra?.part ?? 1) === 1) total.flows += 1;
    total.packets += view.packets(0) + view.packets(1);
    total.bytes += view.bytes(0) + view.bytes(1);
  }

  /** Every sum, the most octets first. */
  sorted(): ServiceTotal[] {
    return [...this.totals.values()]
      .flatMap((ofTransport) => [...ofTransport.values()])
      .sort(
        (a, b) =>
          b.bytes - a.bytes ||
          b.packets - a.packets ||
          b.flows - a.flows ||
          (a.label < b.label ? -1 : 1),
      );
  }
}

function labelOf(key: string | number, transport: string): string {
  if (typeof key === "string") return `${key}/${transport}`;
  if (key >= 0) return `${key}/${transport}${NO_NAME}`;
  return key === UNREAD_PORT ? transport + NO_NAME : transport;
}
