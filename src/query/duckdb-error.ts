import { CaptureError, type PortflowError, UsageError } from "../core/errors.ts";

/** DuckDB's errors are plain ones whose message names their kind. */
const KIND = /(?:^|: )[A-Z][A-Za-z ]* Error: /;
/** What it says of a file, and what of a statement that is none. */
const OF_FILES = /(?:^|: )(?:IO|Invalid Input) Error: .*\bfile\b/s;
const NO_STATEMENT = "Error in native callback";

/** Whether an error is DuckDB's, about what it was asked. */
export function isDuckDbError(error: unknown): error is Error {
  return error instanceof Error && (KIND.test(error.message) || error.message === NO_STATEMENT);
}

/** The same as the user is told of it, in one line. */
export function duckDbError(error: Error): PortflowError {
  const { message } = error;
  // Where it quotes the SQL that makes the view nobody has to look.
  const line = message
    .replace(/^Failed to extract statements: /, "")
    .replace(/\sLINE \d+: (?:CREATE VIEW flows|\.\.\.).*$/s, "")
    .replace(/\s+/g, " ")
    .trim();
  if (OF_FILES.test(message)) {
    return new CaptureError("PF_LOG_UNREADABLE", "", 0, `query: ${line}`, error);
  }
  if (/^Out of Memory Error/.test(line)) {
    const what = line.replace(/ Possible solutions.*$/, "");
    return new UsageError("PF_QUERY_MEMORY", `query: ${what}; give it more with --memory`, error);
  }
  const what = message === NO_STATEMENT ? "no SQL; write a statement" : line;
  return new UsageError(
    "PF_SQL",
    `query: ${what}; columns: portflow query 'DESCRIBE flows' FILE`,
    error,
  );
}
