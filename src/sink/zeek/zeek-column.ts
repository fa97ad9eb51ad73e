import type { ByteWriter } from "../../core/byte-writer.ts";
import type { FlowRecord, SinkOptions } from "../sink.ts";

/** Zeek's types of columns that occur here. */
export type ZeekType =
  | "time"
  | "string"
  | "addr"
  | "port"
  | "enum"
  | "interval"
  | "count"
  | "bool"
  | "set[string]";

/** One column of the connection log. */
export type ZeekColumn = {
  readonly name: string;
  readonly type: ZeekType;
  /** One sentence without its full stop. */
  readonly meaning: string;
  /** `ALWAYS`, or when it is set. */
  readonly present: string;
  readonly values?: readonly string[];
  /** What JSON Schema should know beyond type and values. */
  readonly schema?: Readonly<Record<string, unknown>>;
  /** The text comes from a rules file or a registry: any character may be in it. */
  readonly isFreeText?: true;
  /** Writes the value bare, items of a set with commas between; nothing when it is unset. */
  write(record: FlowRecord, out: ByteWriter, options: SinkOptions): void;
  /** The same for tab-separated logs, where that differs: times have six decimals there. */
  writeTsv?(record: FlowRecord, out: ByteWriter): void;
};
