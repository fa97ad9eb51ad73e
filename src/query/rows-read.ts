import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";

/** DuckDB's name for reading NDJSON in what it tells of a question. */
const READING = "READ_JSON";

/** What DuckDB tells of a step of a question, the steps that it rests on within. */
type Step = {
  readonly operator_name?: string;
  readonly operator_cardinality?: number;
  readonly children?: readonly Step[];
};

/** Knows how many rows of NDJSON logs DuckDB read for an answer. */
export type RowsRead = {
  /**
   * Lines that hold something count as a row each, those that are no record too, and one that is read twice
   * as two. Infinity when DuckDB does not tell.
   */
  count(): number;
  remove(): void;
};

/**
 * Has DuckDB tell of the next question how many rows it read, which is known when its last row was taken.
 * Only of a single statement: what it tells is of the last one.
 * @throws DuckDB's own
 */
export async function countRowsRead(connection: DuckDBConnection, sql: string): Promise<RowsRead> {
  const statements = await connection.extractStatements(sql);
  if (statements.count !== 1) return { count: () => Infinity, remove: () => undefined };
  const folder = mkdtempSync(join(tmpdir(), "portflow-query-"));
  const told = join(folder, "told.json");
  await connection.run("SET enable_profiling = 'json'");
  await connection.run(`SET profiling_output = '${told.replaceAll("'", "''")}'`);
  return {
    count: () => rowsOf(told),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function rowsOf(path: string): number {
  try {
    const step = JSON.parse(readFileSync(path, "utf8")) as Step;
    const counts = readings(step).map((one) => one.operator_cardinality ?? Infinity);
    return counts.length === 0 ? Infinity : counts.reduce((sum, count) => sum + count, 0);
  } catch {
    return Infinity;
  }
}

function readings(step: Step): Step[] {
  const within = (step.children ?? []).flatMap(readings);
  return step.operator_name?.trim() === READING ? [step, ...within] : within;
}
