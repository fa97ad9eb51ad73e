import type { DuckDBResult } from "@duckdb/node-api";
import { UsageError } from "../core/errors.ts";
import type { Output } from "../delivery/output.ts";
import type { Painter } from "../sink/text-table.ts";
import { type Database, openDatabase } from "./open-database.ts";
import {
  csvRow,
  jsonRow,
  type ResultColumn,
  type ResultValue,
  resultTable,
  TABLE_ROWS,
} from "./result-text.ts";

/** Types of DuckDB's that are numbers. */
const NUMBERS = /^(?:U?(?:TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL)/;

/** How to ask. */
export type QueryOptions = {
  readonly format: "table" | "csv" | "json";
  readonly output: Output;
  readonly paint: Painter;
  /** As DuckDB writes it, such as 1GB. */
  readonly memory: string | undefined;
};

/** What came of it. */
export type QueryResult = {
  readonly rows: number;
  /** Whether a table left rows out. */
  readonly isCut: boolean;
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
  const database = await openDatabase(paths, options.memory);
  try {
    const result = await ask(database, sql);
    const columns = result
      .columnNames()
      .map(
        (name, i): ResultColumn => ({ name, isNumber: NUMBERS.test(String(result.columnType(i))) }),
      );
    return await write(result, columns, options);
  } catch (error: unknown) {
    throw isDuckDbError(error) ? sqlError(error) : error;
  } finally {
    database.close();
  }
}

async function ask({ connection }: Database, sql: string): Promise<DuckDBResult> {
  return connection.stream(sql);
}

async function write(
  result: DuckDBResult,
  columns: readonly ResultColumn[],
  { format, output, paint }: QueryOptions,
): Promise<QueryResult> {
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

/** DuckDB's errors are plain ones whose message names their kind. */
function isDuckDbError(error: unknown): error is Error {
  return error instanceof Error && /(?:^|: )[A-Z][A-Za-z ]* Error: /.test(error.message);
}

function sqlError(error: Error): UsageError {
  const line = error.message
    .replace(/^Failed to extract statements: /, "")
    .replace(/\s+/g, " ")
    .trim();
  return new UsageError(
    "PF_SQL",
    `query: ${line}; columns: portflow query 'DESCRIBE flows' FILE`,
    error,
  );
}
