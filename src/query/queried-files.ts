import { closeSync, openSync, readSync, statSync } from "node:fs";
import { logRecords } from "../analysis/flow-records.ts";
import { logLines } from "../analysis/log-lines.ts";
import { compressionOf } from "../capture/compression/compression.ts";
import { CaptureError, UsageError } from "../core/errors.ts";
import { reasonOf } from "../core/reason-of.ts";

/** Files to be queried, by how DuckDB reads them. */
export type QueriedFiles = {
  readonly parquet: readonly string[];
  readonly ndjson: readonly NdjsonLog[];
};

/** A log, with DuckDB's word for its compression. */
export type NdjsonLog = {
  readonly path: string;
  readonly compression: "uncompressed" | "gzip" | "zstd";
  /** Whether it begins with a byte order mark. */
  readonly isMarked: boolean;
};

const PARQUET_MAGIC = "PAR1";
/** Enough to know Parquet and every compression by. */
const HEAD = 12;

/**
 * Sorts files by their first octets, whatever their names.
 * @throws UsageError for what is no file; CaptureError for one that can't be read, is compressed in a way
 *   that DuckDB can't look through, or is a log without any flow record
 */
export async function queriedFiles(paths: readonly string[]): Promise<QueriedFiles> {
  const parquet: string[] = [];
  const ndjson: NdjsonLog[] = [];
  for (const path of paths) {
    const head = headOf(path);
    if (head.subarray(0, PARQUET_MAGIC.length).toString("latin1") === PARQUET_MAGIC) {
      parquet.push(path);
      continue;
    }
    const compression = compressionOf(head) ?? "uncompressed";
    if (compression !== "uncompressed" && compression !== "gzip" && compression !== "zstd") {
      const what = `in ${compression}, which DuckDB can't look through; decompress it first`;
      throw new CaptureError("PF_LOG_COMPRESSION", path, 0, `${path}: ${what}`);
    }
    await wantRecord(path);
    ndjson.push({ path, compression, isMarked: await isMarked(path) });
  }
  return { parquet, ndjson };
}

/** DuckDB has no rows of a log of something else, which would be the answer to another question. */
async function wantRecord(path: string): Promise<void> {
  for await (const _record of logRecords(path)) return;
}

async function isMarked(path: string): Promise<boolean> {
  for await (const line of logLines(path)) return line.isMarked;
  return false;
}

function headOf(path: string): Buffer {
  const found = path === "-" ? undefined : statSync(path, { throwIfNoEntry: false });
  if (path === "-" || (found !== undefined && !found.isFile() && !found.isDirectory())) {
    const advice = "query reads files, some of them twice; write it to one first";
    throw new UsageError("PF_QUERY_FILES", `${path}: is no file; ${advice}`);
  }
  if (found === undefined) {
    throw new CaptureError("PF_LOG_UNREADABLE", path, 0, `${path}: no such file; check the path`);
  }
  if (found.isDirectory()) {
    const what = "is a directory; name the logs in it";
    throw new CaptureError("PF_LOG_UNREADABLE", path, 0, `${path}: ${what}`);
  }
  const head = Buffer.alloc(HEAD);
  try {
    const descriptor = openSync(path, "r");
    try {
      return head.subarray(0, readSync(descriptor, head, 0, head.length, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch (error: unknown) {
    const what = `can't be read: ${reasonOf(error)}`;
    throw new CaptureError("PF_LOG_UNREADABLE", path, 0, `${path}: ${what}`, error);
  }
}
