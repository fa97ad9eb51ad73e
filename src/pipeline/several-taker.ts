import type { FlowContexts } from "../flow/context-table.ts";
import type { FlowTable } from "../flow/flow-table.ts";
import { FlowView } from "../flow/flow-view.ts";
import type { Registry } from "../service/registry.ts";
import { entryByNumber } from "../service/service-entry.ts";
import { newTag, type Tag } from "../service/tag.ts";
import type { FlowRecord } from "../sink/sink.ts";
import type { RecordTaker } from "./emitter.ts";
import type { RecordOutput } from "./record-output.ts";
import { tagFlow } from "./tag-flow.ts";
import type { UnknownPorts } from "./unknown-ports.ts";

/** Hands every record, tagged once, to each of several outputs. One that fails leaves the others alone. */
export class SeveralTaker implements RecordTaker {
  /** Names the ports; may be replaced between two records. */
  registry: Registry;
  private readonly outputs: readonly RecordOutput[];
  private readonly unknownPorts: UnknownPorts;
  private readonly interfaceNames: readonly (string | undefined)[];
  private readonly tag: Tag = newTag();
  private view: FlowView | undefined;
  private record: FlowRecord | undefined;

  constructor(
    registry: Registry,
    outputs: readonly RecordOutput[],
    unknownPorts: UnknownPorts,
    interfaceNames: readonly (string | undefined)[],
  ) {
    this.registry = registry;
    this.outputs = outputs;
    this.unknownPorts = unknownPorts;
    this.interfaceNames = interfaceNames;
  }

  get isClosed(): boolean {
    return this.outputs.every(({ isClosed }) => isClosed);
  }

  begin(table: FlowTable, contexts: FlowContexts): void {
    const view = new FlowView(table, contexts);
    this.view = view;
    this.record = { view, tag: this.tag, entry: undefined, interfaceName: undefined };
  }

  take(row: number, endReason: number): boolean {
    const { registry, tag, unknownPorts } = this;
    const view = this.view!;
    const record = this.record!;
    view.load(row, endReason);
    tagFlow(registry, view, tag);
    if (tag.named === 0) unknownPorts.add(view);
    record.entry = tag.entry < 0 ? undefined : entryByNumber(registry, tag.entry);
    record.interfaceName = this.interfaceNames[view.interfaceIndex];
    let isFull = false;
    for (const output of this.outputs) {
      output.add(record);
      isFull ||= output.isFull;
    }
    return !isFull;
  }

  async ready(): Promise<void> {
    await Promise.all(this.outputs.map((output) => output.flush()));
  }

  async finish(): Promise<void> {
    await this.ready();
  }
}
