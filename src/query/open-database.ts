import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { DuckDBConnection } from "@duckdb/node-api";
import { UsageError } from "../core/errors.ts";
import { npmAdvice } from "../core/npm-advice.ts";
import { flowsView, LEFT_OUT_SEQUENCE } from "./flow-views.ts";
import { type NdjsonLog, type QueriedFiles, queriedFiles } from "./queried-files.ts";

/** An open database with the view `flows`. */
export type Database = {
  readonly connection: DuckDBConnection;
  readonly files: QueriedFiles;
  /** Whether lines were left out of the answers so far. */
  hasLeftOut(): Promise<boolean>;
  close(): void;
};

/**
 * Opens DuckDB in memory with the view `flows` over some logs. Nothing is loaded or installed from
 * elsewhere.
 * @param memory - octets that it may use; beyond that it works on files in the folder for temporary ones
 * @throws UsageError when DuckDB is not installed; CaptureError when a file can't be read; DuckDB's own
 */
export async function openDatabase(
  paths: readonly string[],
  memory: number | undefined,
): Promise<Database> {
  const { DuckDBInstance } = await loadDuckDb();
  const files = await queriedFiles(paths);
  const instance = await DuckDBInstance.create(":memory:", {
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  if (memory !== undefined) await connection.run(`SET memory_limit = '${memory}B'`);
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(`CREATE SEQUENCE ${LEFT_OUT_SEQUENCE}`);
  const asked = inCompany(files);
  try {
    if (paths.length > 0) await connection.run(flowsView(asked.files));
  } catch (error: unknown) {
    asked.remove();
    throw error;
  }
  return {
    connection,
    files,
    async hasLeftOut() {
      const sql = `SELECT last_value FROM duckdb_sequences() WHERE sequence_name = '${LEFT_OUT_SEQUENCE}'`;
      const [row] = await (await connection.run(sql)).getRows();
      return row?.[0] !== null;
    },
    close() {
      connection.closeSync();
      instance.closeSync();
      asked.remove();
    },
  };
}

/** Nothing, in each form that DuckDB reads. The last is a frame of one raw block of no octets, RFC 8878. */
const EMPTY: Readonly<Record<NdjsonLog["compression"], Uint8Array>> = {
  uncompressed: new Uint8Array(0),
  gzip: gzipSync(""),
  zstd: Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0),
};

/**
 * DuckDB (1.5) looks over a byte order mark in each of several logs, but takes it for a part of the first
 * line of a single one: that one gets an empty log for company.
 */
function inCompany(files: QueriedFiles): { files: QueriedFiles; remove: () => void } {
  const lone = files.ndjson.filter(
    ({ compression, isMarked }) =>
      isMarked && files.ndjson.filter((log) => log.compression === compression).length === 1,
  );
  if (lone.length === 0) return { files, remove: () => undefined };
  const folder = mkdtempSync(join(tmpdir(), "portflow-query-"));
  const company = lone.map(({ compression }): NdjsonLog => {
    const path = join(folder, compression);
    writeFileSync(path, EMPTY[compression]);
    return { path, compression, isMarked: false };
  });
  return {
    files: { ...files, ndjson: [...files.ndjson, ...company] },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function loadDuckDb(): Promise<typeof import("@duckdb/node-api")> {
  try {
    return await import("@duckdb/node-api");
  } catch (error: unknown) {
    throw new UsageError(
      "PF_NO_DUCKDB",
      `query: DuckDB is not installed; ${npmAdvice("install", "@duckdb/node-api")}`,
      error,
    );
  }
}
