import type { ByteWriter } from "../../core/byte-writer.ts";
import type { FlowContexts } from "../../flow/id/context-table.ts";
import type { FlowExtra } from "../../flow/row/flow-extra.ts";
import { Flag, Row, rowSize } from "../../flow/row/flow-row.ts";
import type { Registry } from "../../service/registry.ts";
import type { Sink, SinkRows } from "../../sink/sink.ts";
import type { UnknownPorts } from "../books/unknown-ports.ts";
import { RecordMaker } from "./record-maker.ts";

/** Encodes the records of rows that lie one behind the other, each behind the code of its end reason. */
export class RowRecords {
  private readonly registry: Registry;
  private readonly sink: Sink;
  private readonly maker: RecordMaker;
  private readonly viewed: {
    memory: { words: Int32Array };
    extras: ReadonlyMap<number, FlowExtra>;
  };
  private readonly interfaceNames: () => readonly (string | undefined)[];
  private many: SinkRows | undefined;

  /**
   * @param extras - rare facts by first word of a row
   * @param interfaceNames - asked again for every call of `write`
   */
  constructor(
    registry: Registry,
    unknownPorts: UnknownPorts,
    sink: Sink,
    contexts: FlowContexts,
    extras: ReadonlyMap<number, FlowExtra>,
    interfaceNames: () => readonly (string | undefined)[],
  ) {
    this.registry = registry;
    this.sink = sink;
    this.viewed = { memory: { words: new Int32Array(0) }, extras };
    this.interfaceNames = interfaceNames;
    this.maker = new RecordMaker(registry, unknownPorts, this.viewed, contexts);
  }

  /** What encodes many rows at once; undefined as long as there is no such thing. */
  get rows(): SinkRows | undefined {
    this.many ??= this.sink.rows?.(this.registry);
    return this.many;
  }

  /** Encodes the records of the rows in the first `length` of these words. */
  write(words: Int32Array, length: number, out: ByteWriter): void {
    let at = 0;
    let { rows } = this;
    this.viewed.memory.words = words;
    for (; rows === undefined && at < length; rows = this.rows) at = this.writeOne(at, out);
    if (rows === undefined || at === length) return;
    if (words !== rows.words) rows.words.set(words.subarray(0, length));
    this.viewed.memory.words = rows.words;
    this.writeMany(rows, at, length, out);
  }

  private writeMany(rows: SinkRows, from: number, length: number, out: ByteWriter): void {
    const { maker } = this;
    const names = this.interfaceNames();
    rows.begin(from, length, names);
    let told = -1;
    let learned = -1;
    for (let at = rows.write(from, length, out); at < length; at = rows.write(at, length, out)) {
      const reason = rows.words[at]!;
      const isRare = at !== told && isOfFew(rows.words, at + 1);
      told = at;
      if (isRare && rows.tell(maker.untagged(at + 1, reason), at)) continue;
      const record = maker.uncounted(at + 1, reason, names);
      const isNew = at !== learned;
      learned = at;
      if (isNew && rows.learn(record)) continue;
      maker.count(record);
      this.sink.write(record, out);
      at = behind(rows.words, at);
    }
    for (let i = 0; i < rows.namelessCount; i += 1) maker.countNameless(rows.namelessRow(i));
  }

  /** @returns where the next one is */
  private writeOne(at: number, out: ByteWriter): number {
    const { words } = this.viewed.memory;
    this.sink.write(this.maker.make(at + 1, words[at]!, this.interfaceNames()), out);
    return behind(words, at);
  }
}

/** Whether a row is of a flow of which more is known than is in the row. */
function isOfFew(words: Int32Array, row: number): boolean {
  return (words[row + Row.Flags]! & Flag.Extra) !== 0 || words[row + Row.Context] !== 0;
}

/** Where the next row's end reason is. */
function behind(words: Int32Array, at: number): number {
  return at + 1 + rowSize(words[at + 1 + Row.Kind]!);
}
