import type { LineOutput } from "../../delivery/line-output.ts";
import type { FlowRecordJson } from "../../sink/flow-record.ts";

/**
 * Yields what a run writes as NDJSON, as it comes. Leaving the loop ends the run.
 * @param output - where the run writes; closed when it has ended
 * @param run - under way; its failure is thrown behind the records
 * @param stop - what else ends the run, where a closed output alone does not
 */
export async function* recordsOfRun(
  output: LineOutput,
  run: Promise<void>,
  stop: () => void = () => undefined,
): AsyncGenerator<FlowRecordJson, void, undefined> {
  const ended = run.finally(() => output.close());
  // It is awaited below; until then a failure must not count as unhandled.
  ended.catch(() => undefined);
  try {
    for await (const line of output.lines()) yield JSON.parse(line) as FlowRecordJson;
    await ended;
  } finally {
    output.isClosed = true;
    output.release();
    stop();
    await ended.catch(() => undefined);
  }
}
