import { FlowView, type ViewedRows } from "../../flow/flow-view.ts";
import type { FlowContexts } from "../../flow/id/context-table.ts";
import type { Registry } from "../../service/registry.ts";
import { entryByNumber } from "../../service/service-entry.ts";
import { newTag } from "../../service/tag.ts";
import type { FlowRecord } from "../../sink/sink.ts";
import type { UnknownPorts } from "../books/unknown-ports.ts";
import { tagFlow } from "./tag-flow.ts";

/** Makes rows into records: tags them and counts those without a name. */
export class RecordMaker {
  /** Names the ports; may be replaced between two records. */
  registry: Registry;
  private readonly unknownPorts: UnknownPorts;
  private readonly record: FlowRecord;

  constructor(
    registry: Registry,
    unknownPorts: UnknownPorts,
    rows: ViewedRows,
    contexts: FlowContexts,
  ) {
    this.registry = registry;
    this.unknownPorts = unknownPorts;
    const view = new FlowView(rows, contexts);
    this.record = { view, tag: newTag(), entry: undefined, interfaceName: undefined };
  }

  /** @returns the record of an ended row, valid until the next call */
  make(
    row: number,
    endReason: number,
    interfaceNames: readonly (string | undefined)[],
  ): FlowRecord {
    const record = this.uncounted(row, endReason, interfaceNames);
    this.count(record);
    return record;
  }

  /** Counts the flow of a record from `uncounted`, if it has no name. */
  count({ tag, view }: FlowRecord): void {
    if (tag.named === 0) this.unknownPorts.add(view);
  }

  /** A row that is not tagged. */
  untagged(row: number, endReason: number): FlowView {
    const { view } = this.record;
    view.load(row, endReason);
    return view;
  }

  /** Counts a row whose flow is known to have no name. */
  countNameless(row: number): void {
    const { view } = this.record;
    view.load(row, 0);
    this.unknownPorts.add(view);
  }

  /** The same record as from `make`, of a row that is counted otherwise. */
  uncounted(
    row: number,
    endReason: number,
    interfaceNames: readonly (string | undefined)[],
  ): FlowRecord {
    const { registry, record } = this;
    const { view, tag } = record;
    view.load(row, endReason);
    tagFlow(registry, view, tag);
    record.entry = tag.entry < 0 ? undefined : entryByNumber(registry, tag.entry);
    record.interfaceName = interfaceNames[view.interfaceIndex];
    return record;
  }
}
