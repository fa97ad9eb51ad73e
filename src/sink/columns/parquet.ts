import { ByteWriter as ParquetOctets, ParquetWriter, type SchemaElement } from "hyparquet-writer";
import { FIELD_GROUPS, FIELDS } from "../fields/fields.ts";
import type { Sink, SinkOptions } from "../sink.ts";
import { type ParquetColumn, type ParquetValue, parquetColumn } from "./parquet-column.ts";
import { typeNoGroups } from "./parquet-no-groups.ts";

/** Rows of a row group: what is held in memory, some 40 MB, and what a reader takes at a time. */
const GROUP_ROWS = 20_000;

/**
 * Apache Parquet: one column a field, named by its path with underscores (`src_ip`), times as UTC
 * nanoseconds, integers as INT64, lists as the flat text that CSV has; Snappy. Records are held until
 * a row group is full, so memory is bounded; a file is complete only with its end.
 * @param groupRows - rows of a group; the constant but for tests
 */
export function newParquetSink(options: SinkOptions, groupRows: number = GROUP_ROWS): Sink {
  const columns = FIELDS.filter(({ constant }) => constant === undefined).map((field) =>
    parquetColumn(field, FIELD_GROUPS),
  );
  const octets = new ParquetOctets(1 << 20);
  let cells: ParquetValue[][] = [];
  let rows = 0;
  let writer: ParquetWriter | undefined;

  /** Hands over what the library has written. */
  const drain = (out: { raw(octets: Uint8Array): void }): void => {
    out.raw(octets.getBytes());
    octets.index = 0;
  };
  const empty = (): void => {
    cells = columns.map(() => []);
    rows = 0;
  };
  const writeGroup = (): void => {
    if (rows === 0) return;
    writer!.write({
      columnData: columns.map(({ name }, i) => ({ name, data: cells[i]!, offsetIndex: false })),
      rowGroupSize: rows,
    });
    empty();
  };

  return {
    begin(out) {
      octets.index = 0;
      octets.offset = 0;
      empty();
      writer = new ParquetWriter({
        writer: octets,
        schema: schemaOf(columns),
        createdBy: "portflow",
        kvMetadata: [{ key: "schema", value: "portflow.flow/1" }],
      });
      drain(out);
    },
    write(record, out) {
      for (let i = 0; i < columns.length; i += 1) {
        cells[i]!.push(columns[i]!.valueOf(record, options));
      }
      rows += 1;
      if (rows < groupRows) return;
      writeGroup();
      drain(out);
    },
    end(out) {
      writeGroup();
      writer!.finish();
      if (writer!.num_rows === 0n) typeNoGroups(octets.getBytes());
      drain(out);
    },
  };
}

/**
 * The schema in Parquet's terms: a root and its leaves. Times are UTC but not marked as such: of those
 * that are, DuckDB drops the nanoseconds.
 * @see parquet-format, LogicalTypes.md
 */
function schemaOf(columns: readonly ParquetColumn[]): SchemaElement[] {
  return [
    { name: "flow", num_children: columns.length },
    ...columns.map(
      ({ name, type, isTime, isRequired }): SchemaElement => ({
        name,
        type,
        repetition_type: isRequired ? "REQUIRED" : "OPTIONAL",
        ...(type === "BYTE_ARRAY" ? { converted_type: "UTF8" as const } : {}),
        ...(isTime
          ? {
              logical_type: {
                type: "TIMESTAMP" as const,
                isAdjustedToUTC: false,
                unit: "NANOS" as const,
              },
            }
          : {}),
      }),
    ),
  ];
}
