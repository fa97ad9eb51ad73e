import { leftOutText } from "../analysis/left-out-lines.ts";
import { logLines } from "../analysis/log-lines.ts";
import type { NdjsonLog } from "./queried-files.ts";

/**
 * What the user is told of lines that DuckDB left out: the first that is no JSON object with a type. The
 * logs are read once more, which is why this is for those that have such a line.
 * @param logs - logs, one of which has it
 * @returns undefined when the signal ended the search
 * @throws CaptureError when a log is cut short
 */
export async function leftOutLine(
  logs: readonly NdjsonLog[],
  signal?: AbortSignal,
): Promise<string | undefined> {
  for (const { path } of logs) {
    for await (const { number, text } of logLines(path, signal)) {
      const complaint = text.trim() === "" ? undefined : complaintOf(text);
      if (complaint === undefined) continue;
      return `${leftOutText(path, { line: number, complaint }, 1)}, as are others like it`;
    }
  }
  if (signal?.aborted === true) return undefined;
  return "query: DuckDB left lines out that it can't read";
}

function complaintOf(text: string): string | undefined {
  try {
    const value = JSON.parse(text) as { readonly type?: unknown } | null;
    return value?.type === undefined || value.type === null ? "no record of portflow's" : undefined;
  } catch {
    return "no JSON";
  }
}
