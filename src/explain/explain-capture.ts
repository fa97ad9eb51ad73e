import { type FlowRecordsOptions, flowRecords } from "../analysis/flow-records.ts";
import { openCapture } from "../capture/open.ts";
import { CaptureError } from "../core/errors.ts";
import type { FlowRecordJson } from "../sink/flow-record.ts";
import { type FlowQuery, matchesQuery } from "./flow-query.ts";
import type { FlowStory } from "./flow-story.ts";
import { type WatchOptions, watchFlows } from "./watch-flows.ts";

/** How to explain. */
export type ExplainOptions = WatchOptions &
  Pick<FlowRecordsOptions, "registry"> & {
    /** Flows that are explained at most; the others are only counted. */
    readonly most: number;
    /** Told of a capture that is damaged; what comes before that is explained. */
    readonly onCaptureError: (error: CaptureError) => void;
  };

/** One flow, as its record has it, and how it came about. */
export type ExplainedFlow = { readonly record: FlowRecordJson; readonly story: FlowStory };

/** What was found. */
export type Explained = {
  /** Flows that match. */
  readonly matching: number;
  /** The first of them, as their records come. */
  readonly flows: readonly ExplainedFlow[];
  /** The last packet's time of all records that match or not, as text; "" without any. */
  readonly lastTime: string;
};

/**
 * Explains the flows of a capture that match, in two passes: the first makes records as `read` does,
 * the second watches the flow table while the packets of those flows come.
 * @throws CaptureError when the capture can't be opened
 */
export async function explainCapture(
  path: string,
  query: FlowQuery,
  options: ExplainOptions,
): Promise<Explained> {
  await wantCapture(path);
  const records: FlowRecordJson[] = [];
  let matching = 0;
  let lastTime = "";
  try {
    for await (const record of flowRecords(path, options)) {
      if (record.end > lastTime) lastTime = record.end;
      if (!matchesQuery(query, record)) continue;
      matching += 1;
      if (records.length < options.most) records.push(record);
    }
  } catch (error: unknown) {
    if (!(error instanceof CaptureError) || lastTime === "") throw error;
    options.onCaptureError(error);
  }
  const stories =
    records.length === 0 ? new Map<string, FlowStory>() : await watchFlows(path, records, options);
  const flows = records.flatMap((record) => {
    const story = stories.get(record.id);
    if (story === undefined && options.signal?.aborted !== true) {
      throw new Error(`no story of ${record.id}: the second pass went another way`);
    }
    return story === undefined ? [] : [{ record, story }];
  });
  return { matching, flows, lastTime };
}

/** A log of flows has no packets. @throws CaptureError when it is no capture */
async function wantCapture(path: string): Promise<void> {
  const source = await openCapture(path);
  await source.close();
}
