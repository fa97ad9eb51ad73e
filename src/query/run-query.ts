import type { DuckDBConnection, DuckDBResult } from "@duckdb/node-api";
import type { Output } from "../delivery/output.ts";
import type { Painter } from "../sink/table/text-table.ts";
import { duckDbError, isDuckDbError } from "./duckdb-error.ts";
import { openDatabase } from "./open-database.ts";
import type { NdjsonLog } from "./queried-files.ts";
import { readAsFar } from "./read-as-far.ts";
import {
  csvRow,
  jsonRow,
  type ResultColumn,
  type ResultValue,
  resultTable,
  TABLE_ROWS,
} from "./result-text.ts";
import { countRowsRead, type RowsRead } from "./rows-read.ts";

/** Types of DuckDB's that are numbers. */
const NUMBERS = /^(?:U?(?:TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL)/;

/** How to ask. */
export type QueryOptions = {
  readonly format: "table" | "csv" | "json";
  readonly output: Output;
  readonly paint: Painter;
  /** Octets that DuckDB may use. */
  readonly memory: number | undefined;
  /** Ends the question. */
  readonly signal?: AbortSignal;
};

/** What came of it. */
export type QueryResult = {
  readonly rows: number;
  /** Whether a table left rows out. */
  readonly isCut: boolean;
  /** Logs of which lines were left out, or others beside them. */
  readonly leftOutOf: readonly NdjsonLog[];
  /** Resolves when the compressed logs were read as far as DuckDB did; rejects with what is wrong there. */
  readonly whole: Promise<void>;
};

/**
 * Asks DuckDB about flow logs. Rows come a few thousand at a time, so results of any size pass.
 * @throws UsageError for wrong SQL and when DuckDB is missing; CaptureError for files that can't be read
 */
export async function runQuery(
  sql: string,
  paths: readonly string[],
  options: QueryOptions,
): Promise<QueryResult> {
  try {
    return await answer(sql, paths, options);
  } catch (error: unknown) {
    throw isDuckDbError(error) ? duckDbError(error) : error;
  }
}

async function answer(
  sql: string,
  paths: readonly string[],
  options: QueryOptions,
): Promise<QueryResult> {
  const { signal, memory } = options;
  const database = await openDatabase(paths, memory);
  const { connection, files } = database;
  const interrupt = (): void => connection.interrupt();
  signal?.addEventListener("abort", interrupt);
  const packed = files.ndjson.filter(({ compression }) => compression !== "uncompressed");
  let rowsRead: RowsRead | undefined;
  try {
    if (packed.length > 0) rowsRead = await countRowsRead(connection, sql);
    const asked = ask(connection, sql, options);
    // What nobody waits for any more need not be looked at.
    const read = asked.then(
      () => (options.output.isClosed ? 0 : (rowsRead?.count() ?? 0)),
      () => 0,
    );
    const paths = packed.map(({ path }) => path);
    const whole = readAsFar(paths, read, signal);
    // Met when the answer is written; until then it must not count as unhandled.
    whole.catch(() => undefined);
    const { rows, isCut } = await asked;
    await read;
    return { rows, isCut, leftOutOf: (await database.hasLeftOut()) ? files.ndjson : [], whole };
  } finally {
    signal?.removeEventListener("abort", interrupt);
    rowsRead?.remove();
    database.close();
  }
}

/** Asks, and writes the answer. */
async function ask(
  connection: DuckDBConnection,
  sql: string,
  options: QueryOptions,
): Promise<Pick<QueryResult, "rows" | "isCut">> {
  const result = await connection.stream(sql);
  const columns = result
    .columnNames()
    .map(
      (name, i): ResultColumn => ({ name, isNumber: NUMBERS.test(String(result.columnType(i))) }),
    );
  return await write(result, columns, options);
}

async function write(
  result: DuckDBResult,
  columns: readonly ResultColumn[],
  { format, output, paint }: QueryOptions,
): Promise<Pick<QueryResult, "rows" | "isCut">> {
  const kept: ResultValue[][] = [];
  let rows = 0;
  if (format === "csv") await output.write(Buffer.from(csvRow(columns.map(({ name }) => name))));
  for await (const part of result.yieldRowsJson()) {
    if (output.isClosed) break;
    const list = part as ResultValue[][];
    rows += list.length;
    if (format === "table") kept.push(...list.slice(0, Math.max(0, TABLE_ROWS - kept.length)));
    else {
      const text = list.map((row) => (format === "csv" ? csvRow(row) : jsonRow(columns, row)));
      await output.write(Buffer.from(text.join("")));
    }
  }
  if (format === "table") await output.write(Buffer.from(resultTable(columns, kept, paint)));
  return { rows, isCut: format === "table" && rows > kept.length };
}
