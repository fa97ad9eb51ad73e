import { type FlowRecordsOptions, flowRecords } from "../analysis/flow-records.ts";
import { openCapture } from "../capture/open.ts";
import { CaptureError } from "../core/errors.ts";
import type { FlowRecordJson } from "../sink/flow-record.ts";
import { type FlowQuery, isOneEnd } from "./flow-query.ts";
import type { FlowStory } from "./flow-story.ts";
import { WantedFlows } from "./wanted-flows.ts";
import { type WatchOptions, watchFlows } from "./watch-flows.ts";

/** How to explain. */
export type ExplainOptions = WatchOptions &
  Pick<FlowRecordsOptions, "registry"> & {
    /** Flows that are explained at most; the others are only counted. */
    readonly most: number;
    /** Where a query names one end only and several flows match, so many are listed instead. */
    readonly mostListed?: number;
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
  /** Records of the first of them, where they are listed and not explained. */
  readonly listed: readonly FlowRecordJson[];
  /** The last packet's time of all flows that match or not, as text; "" without any. */
  readonly lastTime: string;
};

/**
 * Explains the flows of a capture that match, in two passes: the first makes their records as `read`
 * does, and none of other flows; the second watches the flow table while the packets of those flows come.
 * @throws CaptureError when the capture can't be opened
 */
export async function explainCapture(
  path: string,
  query: FlowQuery,
  options: ExplainOptions,
): Promise<Explained> {
  await wantCapture(path);
  const mostListed = isOneEnd(query) ? (options.mostListed ?? 0) : 0;
  const wanted = new WantedFlows(query, Math.max(options.most, mostListed));
  const records: FlowRecordJson[] = [];
  try {
    for await (const record of flowRecords(path, { ...options, sink: wanted })) {
      records.push(record);
    }
  } catch (error: unknown) {
    if (!(error instanceof CaptureError) || wanted.lastTime === "") throw error;
    options.onCaptureError(error);
  }
  const { matching, lastTime } = wanted;
  if (mostListed > 0 && matching > 1) {
    return { matching, flows: [], listed: records.slice(0, mostListed), lastTime };
  }
  const told = records.slice(0, options.most);
  const stories =
    told.length === 0 ? new Map<string, FlowStory>() : await watchFlows(path, told, options);
  const flows = told.flatMap((record) => {
    const story = stories.get(record.id);
    if (story === undefined && options.signal?.aborted !== true) {
      throw new Error(`no story of ${record.id}: the second pass went another way`);
    }
    return story === undefined ? [] : [{ record, story }];
  });
  return { matching, flows, listed: [], lastTime };
}

/** A log of flows has no packets. @throws CaptureError when it is no capture */
async function wantCapture(path: string): Promise<void> {
  const source = await openCapture(path);
  await source.close();
}
