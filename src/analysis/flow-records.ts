import { statSync } from "node:fs";
import { openCapture } from "../capture/open.ts";
import { CaptureError, UsageError } from "../core/errors.ts";
import { LineOutput } from "../delivery/line-output.ts";
import { DEFAULT_TIMEOUTS } from "../flow/ending/timeouts.ts";
import { MOST_FLOWS } from "../flow/table/flow-limits.ts";
import { Books } from "../pipeline/books/books.ts";
import { captureAt } from "../pipeline/merged-capture.ts";
import { type ReadCapturesOptions, readCaptures } from "../pipeline/read-captures.ts";
import { recordsOfRun } from "../pipeline/records/records-of-run.ts";
import type { FlowRecordJson } from "../sink/flow-record.ts";
import { newNdjsonSink } from "../sink/ndjson/ndjson.ts";
import type { Sink } from "../sink/sink.ts";
import { type LeftOutLine, lineCount } from "./left-out-lines.ts";
import { type LogLine, logLineGroups } from "./log-lines.ts";
import { recordComplaint } from "./record-shape.ts";

/** Codes of what can be read but is no capture. */
const NO_CAPTURE = new Set(["PF_CAPTURE_FORMAT", "PF_CAPTURE_EMPTY"]);

/** How a capture becomes flows, and what is told of the reading; all but the registry has a default. */
export type FlowRecordsOptions = Pick<ReadCapturesOptions, "registry"> &
  Partial<
    Pick<
      ReadCapturesOptions,
      | "timeouts"
      | "maxFlows"
      | "memory"
      | "useVlanKey"
      | "useTunnelKey"
      | "tellsSurroundings"
      | "tunnels"
      | "fragments"
      | "checksums"
      | "zeekRules"
      | "likelyServers"
      | "spiKey"
      | "books"
      | "signal"
    >
  > & {
    /** Writes the records of a capture, where they are to say more than NDJSON does, or to be fewer. */
    readonly sink?: Sink;
    /** Told of each line of a log that is no flow record of portflow's, and what is wrong with it. */
    readonly onOtherLine?: (line: number, complaint: string) => void;
  };

/**
 * Flow records of a log that portflow wrote, or of a capture that is read on the fly.
 * @param path - NDJSON or a capture, plain or compressed; the content decides. `-` is a log on standard input
 * @throws CaptureError when it can't be opened, is damaged (behind the records of what was readable), or
 *   holds no flow record at all
 */
export async function* flowRecords(
  path: string,
  options: FlowRecordsOptions,
): AsyncGenerator<FlowRecordJson, void, undefined> {
  for await (const records of flowRecordGroups(path, options)) yield* records;
}

/** The same in groups of those that were read together; a group is read as it is asked for. */
export async function* flowRecordGroups(
  path: string,
  options: FlowRecordsOptions,
): AsyncGenerator<Iterable<FlowRecordJson>, void, undefined> {
  if (options.signal?.aborted === true) return;
  if (await isCapture(path)) {
    for await (const record of capturedFlows(path, options)) yield [record];
    return;
  }
  yield* logRecordGroups(path, options);
}

/**
 * Flow records of a log that portflow wrote.
 * @param path - NDJSON, plain or compressed; `-` is standard input
 * @throws CaptureError when it can't be read, or holds no flow record at all
 */
export async function* logRecords(
  path: string,
  options: Pick<FlowRecordsOptions, "signal" | "onOtherLine"> = {},
): AsyncGenerator<FlowRecordJson, void, undefined> {
  for await (const records of logRecordGroups(path, options)) yield* records;
}

async function* logRecordGroups(
  path: string,
  { signal, onOtherLine }: Pick<FlowRecordsOptions, "signal" | "onOtherLine">,
): AsyncGenerator<Iterable<FlowRecordJson>, void, undefined> {
  let records = 0;
  let lines = 0;
  let first: LeftOutLine | undefined;
  function* recordsIn(group: Iterable<LogLine>): Generator<FlowRecordJson, void, undefined> {
    for (const { number, text } of group) {
      if (text.trim() === "") continue;
      lines += 1;
      const record = parseFlowRecord(text);
      if (typeof record === "string") {
        first ??= { line: number, complaint: record };
        onOtherLine?.(number, record);
      } else {
        records += 1;
        yield record;
      }
    }
  }
  for await (const group of logLineGroups(path, signal)) yield recordsIn(group);
  if (records === 0 && lines > 0 && signal?.aborted !== true) {
    throw new CaptureError(
      "PF_LOG_NO_FLOWS",
      path,
      0,
      `${path}: no flow record of portflow's in ${lineCount(lines, first)}; write one with portflow read --format ndjson`,
    );
  }
}

/** A line as a flow record. @returns what is wrong with it when it is none */
function parseFlowRecord(text: string): FlowRecordJson | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "no JSON";
  }
  return recordComplaint(value) ?? (value as FlowRecordJson);
}

/** Whether a path holds a capture. What can't be looked at twice, as standard input and pipes, is a log. */
async function isCapture(path: string): Promise<boolean> {
  if (path === "-" || statSync(path, { throwIfNoEntry: false })?.isFIFO() === true) return false;
  try {
    const source = await openCapture(path);
    await source.close();
    return true;
  } catch (error: unknown) {
    if (error instanceof CaptureError && NO_CAPTURE.has(error.code)) return false;
    throw error;
  }
}

async function* capturedFlows(
  path: string,
  options: FlowRecordsOptions,
): AsyncGenerator<FlowRecordJson, void, undefined> {
  const { onOtherLine: _log, sink, ...rest } = options;
  const output = new LineOutput();
  const failures: CaptureError[] = [];
  const run = readCaptures([captureAt(path)], {
    timeouts: DEFAULT_TIMEOUTS,
    maxFlows: MOST_FLOWS,
    useVlanKey: true,
    tunnels: "inner",
    checksums: true,
    merge: false,
    books: new Books(),
    ...rest,
    sink: sink ?? newNdjsonSink({ communityIdSeed: 0, color: false, columns: 100 }),
    output,
    onCaptureError: (error) => failures.push(error),
  });
  yield* recordsOfRun(output, run);
  if (failures[0] !== undefined) throw failures[0];
}

/** Refuses standard input for two arguments at once. @throws UsageError */
export function standardInputOnce(paths: readonly string[]): void {
  if (paths.filter((path) => path === "-").length < 2) return;
  throw new UsageError("PF_STDIN_TWICE", "-: standard input can be read once only; name it once");
}
