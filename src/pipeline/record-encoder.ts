import { ByteWriter } from "../core/byte-writer.ts";
import type { Output } from "../delivery/output.ts";
import type { FlowContexts } from "../flow/context-table.ts";
import type { ViewedRows } from "../flow/flow-view.ts";
import type { Registry } from "../service/registry.ts";
import type { Sink } from "../sink/sink.ts";
import { RecordMaker } from "./record-maker.ts";
import type { UnknownPorts } from "./unknown-ports.ts";

/** Octets collected before they are handed to the output. */
const CHUNK_OCTETS = 1 << 18;
const ROOM_OCTETS = CHUNK_OCTETS * 2;

/** Sends the records of rows through a sink to an output. While one chunk is being written the next one is encoded. */
export class RecordEncoder {
  private readonly sink: Sink;
  private readonly output: Output;
  private readonly maker: RecordMaker;
  private encoding: ByteWriter;
  private writing: ByteWriter;
  private pending: Promise<void> = Promise.resolve();

  constructor(
    registry: Registry,
    sink: Sink,
    output: Output,
    unknownPorts: UnknownPorts,
    rows: ViewedRows,
    contexts: FlowContexts,
  ) {
    this.sink = sink;
    this.output = output;
    this.maker = new RecordMaker(registry, unknownPorts, rows, contexts);
    const rooms = sink.rooms?.(2, ROOM_OCTETS);
    this.encoding = new ByteWriter(rooms?.[0] ?? ROOM_OCTETS);
    this.writing = new ByteWriter(rooms?.[1] ?? ROOM_OCTETS);
    sink.begin(this.encoding);
  }

  /** True when a chunk is full: `flush` is due. */
  get isFull(): boolean {
    return this.encoding.length >= CHUNK_OCTETS;
  }

  /** Encodes the record of an ended row. */
  encode(row: number, endReason: number, interfaceNames: readonly (string | undefined)[]): void {
    this.sink.write(this.maker.make(row, endReason, interfaceNames), this.encoding);
  }

  /** Hands over what is encoded, when the chunk before is out. */
  async flush(): Promise<void> {
    await this.pending;
    if (this.encoding.length === 0) return;
    const full = this.encoding;
    this.encoding = this.writing;
    this.writing = full;
    this.encoding.length = 0;
    this.pending = this.output.write(full.bytes.subarray(0, full.length));
    // Its failure is met by the next await; until then it must not count as unhandled.
    this.pending.catch(() => undefined);
  }

  /** Writes what the sink says at the end, and waits until everything is out. */
  async finish(): Promise<void> {
    this.sink.end(this.encoding);
    await this.flush();
    await this.pending;
  }
}
