import type { Books } from "../../pipeline/books/books.ts";
import { summaryLines } from "../../pipeline/books/summary.ts";
import {
  unknownPortsLine,
  unknownPortsOf,
  unknownPortsReport,
} from "../../pipeline/books/unknown-ports-report.ts";
import type { Registry } from "../../service/registry.ts";
import type { FlowOptions } from "../options/read-options.ts";
import type { Io } from "../process/io.ts";
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
  const { unknownPorts } = books;
  const most = options.unknownPorts;
  const unknown = most === undefined ? undefined : unknownPortsOf(unknownPorts, registry, most);
  if (options.stats !== undefined) {
    await writeStats(options.stats, books.toJson(wallSeconds, cpuSeconds(), unknown?.ports));
  }
  if (options.quiet !== true && isHeard && (books.files > 0 || books.live !== undefined)) {
    for (const line of summaryLines(books, wallSeconds)) io.complain(line);
    const line = unknown === undefined ? unknownPortsLine(unknownPorts, registry) : undefined;
    if (line !== undefined) io.complain(line);
  }
  if (unknown === undefined) return;
  // No program's name in front: the rules are there to be copied.
  for (const line of unknownPortsReport(unknown)) io.write(`${line}\n`);
}
