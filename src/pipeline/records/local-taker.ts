import type { Output } from "../../delivery/output.ts";
import type { FlowTable } from "../../flow/flow-table.ts";
import type { FlowContexts } from "../../flow/id/context-table.ts";
import type { Registry } from "../../service/registry.ts";
import type { Sink } from "../../sink/sink.ts";
import type { UnknownPorts } from "../books/unknown-ports.ts";
import type { RecordTaker } from "../emitter.ts";
import { RecordEncoder } from "./record-encoder.ts";

/** Encodes records in this thread. */
export class LocalTaker implements RecordTaker {
  private readonly registry: Registry;
  private readonly sink: Sink;
  private readonly output: Output;
  private readonly unknownPorts: UnknownPorts;
  private readonly interfaceNames: readonly (string | undefined)[];
  private encoder: RecordEncoder | undefined;

  constructor(
    registry: Registry,
    sink: Sink,
    output: Output,
    unknownPorts: UnknownPorts,
    interfaceNames: readonly (string | undefined)[],
  ) {
    this.registry = registry;
    this.sink = sink;
    this.output = output;
    this.unknownPorts = unknownPorts;
    this.interfaceNames = interfaceNames;
  }

  get isClosed(): boolean {
    return this.output.isClosed;
  }

  begin(table: FlowTable, contexts: FlowContexts): void {
    const { registry, sink, output, unknownPorts, interfaceNames } = this;
    this.encoder = new RecordEncoder(
      registry,
      sink,
      output,
      unknownPorts,
      table,
      contexts,
      interfaceNames,
    );
  }

  take(row: number, endReason: number): boolean {
    this.encoder!.encode(row, endReason);
    return !this.encoder!.isFull;
  }

  async ready(): Promise<void> {
    await this.encoder!.flush();
  }

  async finish(): Promise<void> {
    await this.encoder!.finish();
  }
}
