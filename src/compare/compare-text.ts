import { groupedCount } from "../core/grouped-count.ts";
import { printable } from "../sink/table/terminal-text.ts";
import { type Column, type Painter, type Tone, tableLines } from "../sink/table/text-table.ts";
import { CAUSES, LOG_KIND_NAME } from "./cause.ts";
import type { CompareResult } from "./compare-logs.ts";
import type { Disagreement, FieldCounts } from "./comparison.ts";

/**
 * The comparison for a person.
 * @param paint - how text is set off
 * @param most - flows that are listed at most
 */
export function compareText(result: CompareResult, paint: Painter, most: number): string {
  const { comparison, ourFlows, otherLog } = result;
  const other = otherLog.kind === undefined ? "the other log" : LOG_KIND_NAME[otherLog.kind];
  const { onlyOurs, onlyOther } = comparison;
  const alone = onlyOurs.unexplained + onlyOther.unexplained;
  const differing = comparison.unexplained + alone;
  const verdict = comparison.isExplained
    ? paint("good", "every difference has a known cause")
    : paint("bad", `${flowCount(differing, "differ", "differs")} for no known cause`);
  const others = otherLog.flows === 0 ? "none" : groupedCount(otherLog.flows);
  const lines = [
    `${paint("strong", `${flowCount(ourFlows, "of ours")}, ${others} of ${other}`)}: ${verdict}`,
    "",
    ...tableLines(summaryColumns(result), paint),
  ];
  if (comparison.fields.size > 0) {
    lines.push("", ...tableLines(fieldColumns(comparison.fields), paint));
  }
  const causes = [...comparison.causes].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  if (causes.length > 0) {
    lines.push("", ...tableLines(causeColumns(causes), paint));
  }
  if (comparison.unexplainedFlows.length > 0) {
    lines.push("", paint("strong", "no known cause"));
    for (const flow of comparison.unexplainedFlows.slice(0, most)) {
      lines.push(...disagreementLines(flow, other, paint));
    }
  }
  return `${lines.join("\n")}\n`;
}

/** A count of flows and what is said of them. */
function flowCount(count: number, ofMany: string, ofOne: string = ofMany): string {
  return count === 1 ? `1 flow ${ofOne}` : `${groupedCount(count)} flows ${ofMany}`;
}

function column(heading: string, cells: readonly string[], tone: Tone = "plain"): Column {
  return { heading, isNumber: false, cells: cells.map((text) => ({ text, tone })) };
}

function numbers(heading: string, counts: readonly number[], tone: Tone = "plain"): Column {
  return {
    heading,
    isNumber: true,
    cells: counts.map((count) => ({
      text: groupedCount(count),
      tone: count === 0 ? "faint" : tone,
    })),
  };
}

function summaryColumns({ comparison, otherLog }: CompareResult): readonly Column[] {
  const { matched, agreeing, explained, unexplained, onlyOurs, onlyOther } = comparison;
  const rows = [
    { name: "in both", all: matched, agree: agreeing, explained, unexplained },
    { name: "ours only", all: onlyOurs.explained + onlyOurs.unexplained, agree: 0, ...onlyOurs },
    {
      name: `${otherLog.kind === undefined ? "other" : LOG_KIND_NAME[otherLog.kind]} only`,
      all: onlyOther.explained + onlyOther.unexplained,
      agree: 0,
      ...onlyOther,
    },
  ];
  return [
    column(
      "flows",
      rows.map(({ name }) => name),
    ),
    numbers(
      "all",
      rows.map(({ all }) => all),
    ),
    numbers(
      "agree",
      rows.map(({ agree }) => agree),
      "good",
    ),
    numbers(
      "explained",
      rows.map((row) => row.explained),
      "doubtful",
    ),
    numbers(
      "no known cause",
      rows.map((row) => row.unexplained),
      "bad",
    ),
  ];
}

function fieldColumns(fields: ReadonlyMap<string, FieldCounts>): readonly Column[] {
  const rows = [...fields];
  return [
    column(
      "field",
      rows.map(([name]) => name),
    ),
    numbers(
      "agree",
      rows.map(([, { agree }]) => agree),
      "good",
    ),
    numbers(
      "explained",
      rows.map(([, { explained }]) => explained),
      "doubtful",
    ),
    numbers(
      "no known cause",
      rows.map(([, { unexplained }]) => unexplained),
      "bad",
    ),
  ];
}

function causeColumns(causes: readonly (readonly [string, number])[]): readonly Column[] {
  return [
    numbers(
      "times",
      causes.map(([, count]) => count),
    ),
    column(
      "known cause",
      causes.map(([cause]) => cause),
    ),
    column(
      "",
      causes.map(([cause]) => CAUSES[cause] ?? ""),
      "faint",
    ),
  ];
}

function disagreementLines(flow: Disagreement, other: string, paint: Painter): string[] {
  const where = [
    ...(flow.ours === undefined ? [] : [`ours ${flow.ours}`]),
    ...(flow.other === undefined ? [] : [`${other} ${flow.other}`]),
  ].join(", ");
  const lines = [`  ${printable(flow.flow)}  ${paint("faint", printable(where))}`];
  if (flow.differences.length === 0) {
    lines.push(`    ${flow.ours === undefined ? `only ${other} has it` : "only we have it"}`);
  }
  for (const { field, ours, other: theirs, cause } of flow.differences) {
    const why = cause === undefined ? "" : paint("faint", `  (${cause})`);
    lines.push(`    ${field}: ours ${shown(ours)}, ${other} ${shown(theirs)}${why}`);
  }
  return lines;
}

function shown(value: string | number): string {
  return typeof value === "number" ? String(Number(value.toFixed(9))) : printable(value) || '""';
}
