import type { Books } from "../pipeline/books.ts";
import { summaryLines } from "../pipeline/summary.ts";
import {
  rankUnknownPorts,
  unknownPortsLine,
  unknownPortsReport,
} from "../pipeline/unknown-ports-report.ts";
import type { Registry } from "../service/registry.ts";
import type { Io } from "./io.ts";
import type { FlowOptions } from "./read-options.ts";
import { cpuSeconds, writeStats } from "./write-stats.ts";

/**
 * What is said of a run when it is over: the books as JSON where they were asked for, the summary,
 * the ports without a name.
 * @param wallSeconds - since the start of the run
 * @param isHeard - whether anybody reads the records: a summary of what was not written tells nothing
 * @throws OutputError when the books can't be written
 */
export async function reportClosing(
  books: Books,
  registry: Registry,
  options: Pick<FlowOptions, "stats" | "quiet" | "unknownPorts">,
  wallSeconds: number,
  isHeard: boolean,
  io: Io,
): Promise<void> {
  const most = options.unknownPorts;
  const unknown = rankUnknownPorts(books.unknownPorts, registry);
  if (options.stats !== undefined) {
    const listed = most === undefined ? undefined : unknown.slice(0, most);
    await writeStats(options.stats, books.toJson(wallSeconds, cpuSeconds(), listed));
  }
  if (options.quiet !== true && isHeard && books.files > 0) {
    for (const line of summaryLines(books, wallSeconds)) io.complain(line);
    const line = most === undefined ? unknownPortsLine(unknown) : undefined;
    if (line !== undefined) io.complain(line);
  }
  if (most === undefined) return;
  // No program's name in front: the rules are there to be copied.
  for (const line of unknownPortsReport(unknown, most)) io.write(`${line}\n`);
}
