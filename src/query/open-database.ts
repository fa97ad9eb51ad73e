import { closeSync, openSync, readSync } from "node:fs";
import type { DuckDBConnection } from "@duckdb/node-api";
import { CaptureError, UsageError } from "../core/errors.ts";
import { flowsView, type QueriedFiles, sqlText } from "./flow-views.ts";

const PARQUET_MAGIC = "PAR1";

/** An open database with the view `flows`. */
export type Database = { readonly connection: DuckDBConnection; close(): void };

/**
 * Opens DuckDB in memory with the view `flows` over some logs. Nothing is loaded or installed from
 * elsewhere.
 * @param memory - how much it may use, as DuckDB writes it: 1GB; beyond that it works on files in the folder for temporary ones
 * @throws UsageError when DuckDB is not installed; CaptureError when a file can't be read
 */
export async function openDatabase(
  paths: readonly string[],
  memory: string | undefined,
): Promise<Database> {
  const { DuckDBInstance } = await loadDuckDb();
  const files = sorted(paths);
  const instance = await DuckDBInstance.create(":memory:", {
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  if (memory !== undefined) await connection.run(`SET memory_limit = ${sqlText(memory)}`);
  await connection.run("SET TimeZone = 'UTC'");
  if (paths.length > 0) await connection.run(flowsView(files));
  return {
    connection,
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function loadDuckDb(): Promise<typeof import("@duckdb/node-api")> {
  try {
    return await import("@duckdb/node-api");
  } catch (error: unknown) {
    throw new UsageError(
      "PF_NO_DUCKDB",
      "query: DuckDB is not installed; npm install @duckdb/node-api",
      error,
    );
  }
}

/** Parquet files by their first octets; everything else is NDJSON, which DuckDB decompresses by its name's ending. */
function sorted(paths: readonly string[]): QueriedFiles {
  const isParquet = paths.map((path) => headOf(path) === PARQUET_MAGIC);
  return {
    parquet: paths.filter((_path, i) => isParquet[i]),
    ndjson: paths.filter((_path, i) => !isParquet[i]),
  };
}

function headOf(path: string): string {
  const head = Buffer.alloc(PARQUET_MAGIC.length);
  try {
    const descriptor = openSync(path, "r");
    try {
      readSync(descriptor, head, 0, head.length, 0);
    } finally {
      closeSync(descriptor);
    }
  } catch (error: unknown) {
    const what = error instanceof Error ? error.message : String(error);
    throw new CaptureError("PF_LOG_UNREADABLE", path, 0, `${path}: can't be read: ${what}`, error);
  }
  return head.toString("latin1");
}
