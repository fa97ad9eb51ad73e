import type { FlowTable } from "../../flow/flow-table.ts";
import type { FlowContexts } from "../../flow/id/context-table.ts";
import type { Registry } from "../../service/registry.ts";
import type { UnknownPorts } from "../books/unknown-ports.ts";
import type { RecordTaker } from "../emitter.ts";
import { RecordMaker } from "./record-maker.ts";
import type { RecordOutput } from "./record-output.ts";

/** Hands every record, tagged once, to each of several outputs. One that fails leaves the others alone. */
export class SeveralTaker implements RecordTaker {
  private names: Registry;
  private readonly outputs: readonly RecordOutput[];
  private readonly unknownPorts: UnknownPorts;
  private readonly interfaceNames: readonly (string | undefined)[];
  private maker: RecordMaker | undefined;

  constructor(
    registry: Registry,
    outputs: readonly RecordOutput[],
    unknownPorts: UnknownPorts,
    interfaceNames: readonly (string | undefined)[],
  ) {
    this.names = registry;
    this.outputs = outputs;
    this.unknownPorts = unknownPorts;
    this.interfaceNames = interfaceNames;
  }

  /** Names the ports; may be replaced between two records. */
  get registry(): Registry {
    return this.names;
  }

  set registry(registry: Registry) {
    this.names = registry;
    if (this.maker !== undefined) this.maker.registry = registry;
  }

  get isClosed(): boolean {
    return this.outputs.every(({ isClosed }) => isClosed);
  }

  begin(table: FlowTable, contexts: FlowContexts): void {
    this.maker = new RecordMaker(this.names, this.unknownPorts, table, contexts);
  }

  take(row: number, endReason: number): boolean {
    const record = this.maker!.make(row, endReason, this.interfaceNames);
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
