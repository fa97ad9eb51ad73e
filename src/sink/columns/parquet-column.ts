import { ByteWriter } from "../../core/byte-writer.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { ALWAYS, type Field, type FieldGroup } from "../fields/field.ts";
import type { FlowRecord, SinkOptions } from "../sink.ts";

const NANOSECONDS = 1_000_000_000n;
const LETTER_T = "t".charCodeAt(0);

/** A value of a cell; null where the record has none. */
export type ParquetValue = string | number | bigint | boolean | null;

/** One column: its place in the schema, and how a record's value gets into it. */
export type ParquetColumn = {
  /** Path of the field with underscores: `src_ip`. */
  readonly name: string;
  readonly type: "INT64" | "DOUBLE" | "BOOLEAN" | "BYTE_ARRAY";
  /** Nanoseconds since 1970, UTC. */
  readonly isTime: boolean;
  /** No record lacks it. */
  readonly isRequired: boolean;
  valueOf(record: FlowRecord, options: SinkOptions): ParquetValue;
};

/**
 * The column of a field of the catalogue. Times become nanoseconds, integers 64-bit, lists the same
 * flat text as in CSV.
 * @param groups - the objects that hold fields; a field is always there when all of its groups are
 */
export function parquetColumn(field: Field, groups: readonly FieldGroup[]): ParquetColumn {
  const { path } = field;
  const isTime = path === "start" || path === "end";
  const isRequired =
    field.present === ALWAYS &&
    groups.every((group) => !path.startsWith(`${group.path}.`) || group.present === ALWAYS);
  const base = { name: path.replaceAll(".", "_"), isTime, isRequired };
  if (isTime) return { ...base, type: "INT64", valueOf: timeOf(path) };
  const cell = new ByteWriter(256);
  const write = (record: FlowRecord, options: SinkOptions): boolean => {
    cell.length = 0;
    field.write(record, cell, options);
    return cell.length > 0;
  };
  const text = (): string => Buffer.from(cell.bytes.buffer, 0, cell.length).toString("utf8");
  switch (field.type) {
    case "integer":
      return {
        ...base,
        type: "INT64",
        valueOf: (record, options) => (write(record, options) ? BigInt(wholeOf(cell)) : null),
      };
    case "number":
      return {
        ...base,
        type: "DOUBLE",
        valueOf: (record, options) => (write(record, options) ? Number(text()) : null),
      };
    case "boolean":
      return {
        ...base,
        type: "BOOLEAN",
        valueOf: (record, options) => (write(record, options) ? cell.bytes[0] === LETTER_T : null),
      };
    default: {
      // A history or a set of flags may be there and empty.
      const isTcp = path.startsWith("tcp.");
      return {
        ...base,
        type: "BYTE_ARRAY",
        valueOf(record, options) {
          if (write(record, options)) return text();
          return isRequired || (isTcp && record.view.protocol === IpProtocol.Tcp) ? "" : null;
        },
      };
    }
  }
}

function timeOf(path: string): ParquetColumn["valueOf"] {
  const isStart = path === "start";
  return ({ view }) => {
    const seconds = isStart ? view.startSeconds : view.endSeconds;
    const nanoseconds = isStart ? view.startNanoseconds : view.endNanoseconds;
    return BigInt(seconds) * NANOSECONDS + BigInt(nanoseconds);
  };
}

/** The decimal number in a cell; counters stay below 2^53. */
function wholeOf({ bytes, length }: ByteWriter): number {
  let value = 0;
  for (let i = 0; i < length; i += 1) value = value * 10 + bytes[i]! - 48;
  return value;
}
