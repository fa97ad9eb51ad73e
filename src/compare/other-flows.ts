import { type LeftOutLine, lineCount } from "../analysis/left-out-lines.ts";
import { type LogLine, logLineGroups } from "../analysis/log-lines.ts";
import { recordComplaint } from "../analysis/record-shape.ts";
import { ZeekTable } from "../analysis/zeek-table.ts";
import { CaptureError } from "../core/errors.ts";
import type { FlowRecordJson } from "../sink/flow-record.ts";
import type { ComparedFlow, LogKind } from "./compared-flow.ts";
import { type EveRecord, eveFlow } from "./eve-flow.ts";
import { ownFlow } from "./own-flow.ts";
import { zeekFlow } from "./zeek-flow.ts";

/** What became of the lines of the other log. */
export type OtherLog = {
  kind: LogKind | undefined;
  /** Flows. */
  flows: number;
  /** Records that are no flows: other events, other logs. */
  others: number;
  /** Lines that are no records, and flows without what makes one. */
  malformed: number;
  /** The first of them, for people to look at. */
  firstMalformed?: LeftOutLine;
};

/** Code of the error about a log with flows of two programs. */
export const LOG_MIXED = "PF_LOG_MIXED";

/** Nothing read yet. */
export function newOtherLog(): OtherLog {
  return { kind: undefined, flows: 0, others: 0, malformed: 0 };
}

/**
 * The flows of a log of Zeek's (text or JSON), Suricata's or portflow's, in groups of those that were read
 * together; a group is read as it is asked for.
 * @param log - counts the lines
 * @param signal - ends them
 * @throws CaptureError when it can't be read, mixes programs, or holds no flow
 */
export async function* otherFlows(
  path: string,
  log: OtherLog,
  signal?: AbortSignal,
): AsyncGenerator<Iterable<ComparedFlow>, void, undefined> {
  const table = new ZeekTable();
  let lines = 0;
  let firstOther: LeftOutLine | undefined;
  function* flowsIn(group: Iterable<LogLine>): Generator<ComparedFlow, void, undefined> {
    for (const { number, text } of group) {
      if (text.trim() === "") continue;
      lines += 1;
      const found = flowOf(text, `line ${number}`, table);
      if (found === undefined) {
        log.others += 1;
        if (!text.startsWith("#")) firstOther ??= { line: number, complaint: otherRecord(text) };
      } else if (typeof found === "string") {
        log.malformed += 1;
        log.firstMalformed ??= { line: number, complaint: found };
      } else {
        log.kind ??= found.kind;
        if (log.kind !== found.kind) {
          throw new CaptureError(
            LOG_MIXED,
            path,
            0,
            `${path}: line ${number}: a flow of ${found.kind} in a log of ${log.kind}; compare one at a time`,
          );
        }
        log.flows += 1;
        yield found.flow;
      }
    }
  }
  for await (const group of logLineGroups(path, signal)) yield flowsIn(group);
  const isPartial = signal?.aborted === true;
  const { firstMalformed } = log;
  const isEmpty = lines === 0 || (table.path === "conn" && firstMalformed === undefined);
  if (log.flows > 0 || isEmpty || isPartial) return;
  throw new CaptureError(
    "PF_LOG_NO_FLOWS",
    path,
    0,
    `${path}: no flow in ${lineCount(lines, firstMalformed ?? firstOther)}; wanted: Zeek's conn.log, EVE events of type flow, portflow's NDJSON`,
  );
}

/** What makes a record no flow. */
function otherRecord(text: string): string {
  if (!text.includes('"id.orig_h"')) return "no connection or flow";
  return "none of _path, conn_state, orig_pkts and missed_bytes, which tell a conn.log";
}

type Found = { readonly kind: LogKind; readonly flow: ComparedFlow };

/** @returns undefined for a record that is no flow, a text for what is wrong */
function flowOf(text: string, label: string, table: ZeekTable): Found | string | undefined {
  if (text.startsWith("#")) {
    table.header(text);
    return undefined;
  }
  if (!text.trimStart().startsWith("{")) return rowFlow(text, label, table);
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return "no JSON";
  }
  if (value["schema"] === "portflow.flow/1") return recordFlow(value, label);
  if (value["event_type"] !== undefined) {
    if (value["event_type"] !== "flow") return undefined;
    return found("eve", eveFlow(value as EveRecord, label));
  }
  if (!isConnection((name) => value[name] !== undefined, String(value["_path"]))) return undefined;
  return found(
    "zeek",
    zeekFlow((name) => value[name], label),
  );
}

function recordFlow(value: Record<string, unknown>, label: string): Found | string {
  const complaint = recordComplaint(value);
  if (complaint !== undefined) return complaint;
  const flow = ownFlow(value as FlowRecordJson, "portflow");
  return flow === undefined ? "no addresses" : { kind: "portflow", flow: { ...flow, label } };
}

function rowFlow(text: string, label: string, table: ZeekTable): Found | string | undefined {
  if (table.columns.length === 0) return "neither a JSON object nor below a Zeek header";
  if (!isConnection((name) => table.columns.includes(name), table.path)) return undefined;
  if (!table.row(text)) return `not the ${table.columns.length} columns that #fields names`;
  return found(
    "zeek",
    zeekFlow((name) => table.cell(name), label),
  );
}

/** Other logs of Zeek's have endpoints, too, but neither states nor counts. */
function isConnection(has: (name: string) => boolean, path: string): boolean {
  return (
    path === "conn" ||
    (has("id.orig_h") && (has("conn_state") || has("orig_pkts") || has("missed_bytes")))
  );
}

function found(kind: LogKind, flow: ComparedFlow | string): Found | string {
  return typeof flow === "string" ? flow : { kind, flow };
}
