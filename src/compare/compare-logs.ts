import { type FlowRecordsOptions, flowRecordGroups } from "../analysis/flow-records.ts";
import { CaptureError } from "../core/errors.ts";
import type { ComparedFlow, LogKind } from "./compared-flow.ts";
import { Comparison, LogSpan } from "./comparison.ts";
import { FlowStore, type StoreLimits } from "./flow-store.ts";
import { LOG_MIXED, newOtherLog, type OtherLog, otherFlows } from "./other-flows.ts";
import { ownFlow } from "./own-flow.ts";
import { newZeekViewSink } from "./zeek-view.ts";

/** What `compareLogs` needs. */
export type CompareOptions = FlowRecordsOptions & {
  /**
   * How a capture is read beside a log of that kind, where that differs. By Zeek's rules its flows say
   * what Zeek would say of them.
   */
  readonly readAs?: (kind: LogKind) => Partial<FlowRecordsOptions>;
  readonly slackSeconds: number;
  /** Disagreements that are kept at most, of those with and without a cause each. */
  readonly most: number;
  /** What is held in memory at most, where it is not the usual. */
  readonly limits?: StoreLimits;
  readonly signal?: AbortSignal;
};

/** What came of it. */
export type CompareResult = {
  readonly comparison: Comparison;
  readonly ourFlows: number;
  readonly otherLog: OtherLog;
  /** Ours are of a log that was written by our own rules, which tell more flows and packets than Zeek's. */
  readonly isByOwnRules: boolean;
  /** Why one of them, or both, could not be read to the end; what could is compared. */
  readonly cutShort: readonly CaptureError[];
};

/**
 * Compares our flows with another log of the same traffic.
 * @param flows - NDJSON of portflow's, or a capture
 * @param other - a log of Zeek's, Suricata's or portflow's
 * @throws CaptureError when nothing of one of them can be read; OutputError when temporary files can't be written
 */
export async function compareLogs(
  flows: string,
  other: string,
  options: CompareOptions,
): Promise<CompareResult> {
  const { signal, slackSeconds, most } = options;
  const store = new FlowStore(options.limits);
  const otherLog = newOtherLog();
  const [ourSpan, otherSpan] = [new LogSpan(), new LogSpan()];
  let ourFlows = 0;
  let isByOwnRules = false;
  const cutShort: CaptureError[] = [];
  const goOn = (error: CaptureError): void => {
    cutShort.push(error);
  };
  try {
    const others = otherFlows(other, otherLog, signal);
    await eachUntilDamage(others, signal, goOn, (flow) => {
      otherSpan.add(flow);
      store.add(flow, false);
    });
    const kind = otherLog.kind ?? "zeek";
    const records = flowRecordGroups(flows, readingOf(options, kind));
    await eachUntilDamage(records, signal, goOn, (record) => {
      const flow: ComparedFlow | undefined = ownFlow(record, kind, otherSpan.portless);
      if (flow === undefined) return;
      ourFlows += 1;
      if (kind === "zeek" && !flow.byTheirRules) isByOwnRules = true;
      ourSpan.add(flow);
      store.add(flow, true);
    });
    const comparison = new Comparison({ kind, slackSeconds, most }, ourSpan, otherSpan);
    for (const keyed of store.byKey()) {
      if (signal?.aborted === true) break;
      comparison.add(keyed);
    }
    return { comparison, ourFlows, otherLog, isByOwnRules, cutShort };
  } finally {
    store.close();
  }
}

/** Uses values as far as they come; damage that nothing comes before, and logs of two programs, are errors. */
async function eachUntilDamage<Value>(
  groups: AsyncIterable<Iterable<Value>>,
  signal: AbortSignal | undefined,
  goOn: (error: CaptureError) => void,
  use: (value: Value) => void,
): Promise<void> {
  let isFirst = true;
  try {
    for await (const group of groups) {
      for (const value of group) {
        if (signal?.aborted === true) return;
        isFirst = false;
        use(value);
      }
    }
  } catch (error: unknown) {
    if (!(error instanceof CaptureError) || isFirst || error.code === LOG_MIXED) throw error;
    goOn(error);
  }
}

function readingOf(options: CompareOptions, kind: LogKind): FlowRecordsOptions {
  const { slackSeconds: _slack, most: _most, limits: _limits, readAs, ...reading } = options;
  const rules = { ...reading, ...readAs?.(kind) };
  if (rules.zeekRules !== true) return rules;
  return { ...rules, sink: newZeekViewSink({ communityIdSeed: 0, color: false, columns: 100 }) };
}
