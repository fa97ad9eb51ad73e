import { OutputError, UsageError } from "../../core/errors.ts";
import type { RecordOutput } from "../../pipeline/records/record-output.ts";
import { cpuSeconds, writeStats } from "../outputs/write-stats.ts";
import type { LiveSession } from "./live-session.ts";

const NANOSECONDS_IN_MILLISECOND = 1_000_000;

/**
 * Tells the books while the capture goes on: as a line among the records of NDJSON outputs, and in the
 * file of `--stats`, which is replaced each time. While that file can't be written the capture goes on;
 * the user is told when it begins and when it is over.
 * @returns ends it
 * @throws UsageError when nothing could take them
 */
export function startHeartbeat(
  session: LiveSession,
  complain: (message: string) => void,
): () => void {
  const { statsInterval, stats } = session.options;
  if (statsInterval === undefined) return () => undefined;
  const outputs = session.outputs.records.filter(takesLines);
  if (outputs.length === 0 && stats === undefined) {
    throw new UsageError(
      "PF_STATS_NOWHERE",
      "--stats-interval: no output takes the books; write -f ndjson or give --stats PATH",
    );
  }
  // While an output holds everything up there is one to be told, not one for every interval.
  let isDue = false;
  let failure: string | undefined;
  const tellFile = async (path: string, json: object): Promise<void> => {
    try {
      await writeStats(path, json);
      if (failure !== undefined) complain(`${path}: the books are written again`);
      failure = undefined;
    } catch (error: unknown) {
      if (!(error instanceof OutputError)) throw error;
      if (failure !== error.message) complain(`${error.message}; the capture goes on`);
      failure = error.message;
    }
  };
  const beat = (): void => {
    if (isDue) return;
    isDue = true;
    session.run.between(async () => {
      isDue = false;
      const json = await tellBooks(session, outputs);
      if (stats !== undefined) await tellFile(stats, json);
    });
  };
  const timer = setInterval(beat, statsInterval / NANOSECONDS_IN_MILLISECOND);
  return () => clearInterval(timer);
}

/** @returns what was told */
async function tellBooks(session: LiveSession, outputs: readonly RecordOutput[]): Promise<object> {
  const { run, books, started } = session;
  run.refreshBooks();
  const json = books.toJson((performance.now() - started) / 1000, cpuSeconds());
  const line = new TextEncoder().encode(`${JSON.stringify(json)}\n`);
  for (const output of outputs) output.addLine?.(line);
  await Promise.all(outputs.map((output) => output.flush()));
  return json;
}

function takesLines(output: RecordOutput): boolean {
  return output.books.format === "ndjson" && output.addLine !== undefined;
}
