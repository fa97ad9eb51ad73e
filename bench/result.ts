import type { Findings } from "./contender.ts";
import type { WorkloadReport } from "./generate.ts";
import type { Measurement } from "./measure.ts";

/** All runs of one contender over one workload. */
export type ContenderResult = {
  readonly name: string;
  readonly work: string;
  /** Whether its flow count must be the workload's. */
  readonly exactFlows: boolean;
  readonly runs: Measurement[];
  findings: Findings;
};

/** One workload and how every contender did. */
export type WorkloadResult = {
  readonly workload: WorkloadReport;
  readonly contenders: ContenderResult[];
};

/** Middle value (of an even count, the mean of the two), with both ends. */
export type Spread = { readonly median: number; readonly least: number; readonly most: number };

/** Spread of numbers; there is at least one. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  const median =
    sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, least: sorted[0]!, most: sorted.at(-1)! };
}

/**
 * Did a run fail, or does a count differ from the workload's? A count that is not said does not.
 * Peers that count the layers of a tunnel one by one differ there, rightly.
 */
export function isWrong(result: ContenderResult, workload: WorkloadReport): boolean {
  return (
    result.runs.some((run) => run.exitCode !== 0) ||
    packetsDiffer(result, workload) ||
    flowsDiffer(result, workload)
  );
}

function packetsDiffer({ findings }: ContenderResult, workload: WorkloadReport): boolean {
  return findings.packets !== undefined && findings.packets !== workload.packets;
}

function flowsDiffer(result: ContenderResult, workload: WorkloadReport): boolean {
  const { flows } = result.findings;
  if (!result.exactFlows || flows === undefined) return false;
  // A tunnelled packet may be counted by its inner headers, its outer ones, or both.
  const { flows: inner, outerFlows: outer } = workload;
  const right = outer === 0 ? [inner] : [inner, outer, inner + outer];
  return !right.includes(flows);
}

/** A table in Markdown of one workload. */
export function table({ workload, contenders }: WorkloadResult): string {
  const head = ["program", "wall s (min..max)", "M packets/s", "CPU s", "peak MiB"];
  const rows = contenders.map((result) => row(result, workload));
  const lines = [[...head, "packets", "flows", "work"], ...rows];
  const widths = lines[0]!.map((_, column) =>
    Math.max(...lines.map((line) => line[column]!.length)),
  );
  const text = lines.map(
    (line) => `| ${line.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`,
  );
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  const size = (workload.fileBytes / 1e6).toFixed(0);
  const title = `### ${workload.workload}: ${workload.packets} packets, ${workload.flows} flows, ${size} MB`;
  return [title, "", text[0], rule, ...text.slice(1), ""].join("\n");
}

function row(result: ContenderResult, workload: WorkloadReport): string[] {
  const wall = spread(result.runs.map((run) => run.wallSeconds));
  const cpu = spread(result.runs.map((run) => run.cpuSeconds));
  const peak = spread(result.runs.map((run) => run.peakBytes));
  const { packets, flows } = result.findings;
  const failed = result.runs.find((run) => run.exitCode !== 0);
  const range = `${wall.least.toFixed(2)}..${wall.most.toFixed(2)}`;
  return [
    result.name,
    `${wall.median.toFixed(2)} (${range})`,
    (workload.packets / wall.median / 1e6).toFixed(2),
    cpu.median.toFixed(2),
    peak.median === 0 ? "?" : (peak.median / 2 ** 20).toFixed(0),
    said(packets, packetsDiffer(result, workload)),
    said(flows, flowsDiffer(result, workload)),
    failed === undefined ? result.work : `FAILED with exit code ${failed.exitCode}`,
  ];
}

function said(count: number | undefined, differs: boolean): string {
  if (count === undefined) return "not said";
  return differs ? `${count} (differs)` : String(count);
}
