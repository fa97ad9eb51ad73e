import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { isatty } from "node:tty";
import type { Command } from "commander";
import { flowRecordGroups } from "../analysis/flow-records.ts";
import { LeftOutLines } from "../analysis/left-out-lines.ts";
import { CaptureError, ExitCode, UsageError } from "../core/errors.ts";
import { MOST_FLOWS } from "../flow/table/flow-limits.ts";
import { Books } from "../pipeline/books/books.ts";
import type { BooksJson } from "../report/books-section.ts";
import { FlowReport } from "../report/flow-report.ts";
import { reportPage } from "../report/report-page.ts";
import { COMMAND_WORDS } from "./options/command-words.ts";
import { keyOf } from "./options/key-options.ts";
import { parseWhole } from "./options/options.ts";
import {
  addTableOptions,
  flowMemoryOf,
  type TableOptions,
  timeoutsOf,
} from "./options/read-options.ts";
import { registryFor } from "./options/registry-for.ts";
import { addRegistryOptions, type RegistryOptionValues } from "./options/registry-options.ts";
import { checkWritten } from "./outputs/check-written.ts";
import { openByEnding } from "./outputs/open-by-ending.ts";
import { interruptible } from "./process/interrupt.ts";
import type { Io } from "./process/io.ts";

const STANDARD_OUTPUT = 1;

/** What commander makes of the options. */
type ReportOptionValues = RegistryOptionValues &
  TableOptions & {
    readonly output: string;
    readonly title?: string;
    readonly books?: string;
    readonly flows: number;
  };

/**
 * `portflow report`: flows as one self-contained page.
 * @returns the exit code; of a capture that was cut short the page shows what was readable
 * @throws UsageError for wrong options; CaptureError when nothing can be read; OutputError
 */
async function runReport(path: string, options: ReportOptionValues, io: Io): Promise<ExitCode> {
  if (options.output === "-" && isatty(STANDARD_OUTPUT)) {
    throw new UsageError(
      "PF_REPORT_TERMINAL",
      "report: a page for browsers; write it with -o FILE",
    );
  }
  const written = [{ option: "--output", path: options.output }];
  checkWritten(written, [path, options.books, options.services]);
  const given = options.books === undefined ? undefined : readBooks(options.books);
  const books = new Books();
  const report = new FlowReport(options.flows);
  let exitCode: ExitCode = ExitCode.Ok;
  let warning: string | undefined;
  const leftOut = new LeftOutLines();
  const interrupt = interruptible(io, "interrupted");
  const output = openByEnding(options.output);
  try {
    const groups = flowRecordGroups(path, {
      registry: registryFor(options),
      timeouts: timeoutsOf(options),
      maxFlows: options.maxFlows ?? MOST_FLOWS,
      memory: flowMemoryOf(options, 0),
      fragments: options.fragments,
      ...keyOf(options, false),
      tunnels: options.tunnels,
      checksums: options.checksums,
      books,
      signal: interrupt.signal,
      onOtherLine: (line, complaint) => leftOut.add(line, complaint),
    });
    try {
      for await (const records of groups) {
        if (interrupt.signal.aborted) break;
        report.addAll(records);
      }
    } catch (error: unknown) {
      if (!(error instanceof CaptureError) || report.records === 0) throw error;
      io.complain(error.message);
      warning = `Not all of it could be read: ${error.message}`;
      exitCode = ExitCode.Capture;
    }
    if (interrupt.signal.aborted) {
      output.abandon();
      return ExitCode.Interrupted;
    }
    const told = leftOut.text(path);
    if (told !== undefined) io.complain(told);
    const page = reportPage(report, {
      title: options.title ?? `Flows of ${basename(path)}`,
      source: path,
      books: given ?? (books.files > 0 ? (books.toJson(0, 0) as BooksJson) : undefined),
      ...(warning === undefined ? {} : { warning }),
    });
    await output.write(Buffer.from(page));
    await output.close();
    return exitCode;
  } catch (error: unknown) {
    output.abandon();
    throw error;
  } finally {
    interrupt.end();
  }
}

function readBooks(path: string): BooksJson {
  try {
    const books = JSON.parse(readFileSync(path, "utf8")) as BooksJson | null;
    const packets = books?.["packets"];
    const isWhole = typeof packets === "object" && packets !== null;
    if (books?.["schema"] === "portflow.stats/1" && isWhole) return books;
  } catch (error: unknown) {
    const what = error instanceof Error ? error.message : String(error);
    throw new UsageError("PF_BOOKS", `--books ${path}: ${what}; name a file that --stats wrote`);
  }
  throw new UsageError("PF_BOOKS", `--books ${path}: no books; name a file that --stats wrote`);
}

const HELP = `
The page holds style, script and data; it loads nothing, and the same flows make the same octets.
It shows traffic over time, services, talkers, how sure names and directions are, ports without a
name, TCP's health, the busiest flows and the books; tables can be sorted and searched.

Examples:
  portflow report office.pcapng -o report.html
  portflow read big.pcap --stats books.json -f ndjson -o flows.ndjson
  portflow report flows.ndjson --books books.json -o report.html

Exit: 0 written, 2 usage, 3 unreadable or cut short (what was readable is in the page), 4 output
failed, 130 interrupted.`;

/** Adds `report` to the program. @param finish - gets the exit code */
export function registerReport(
  program: Command,
  io: Io,
  finish: (exitCode: ExitCode) => void,
): void {
  const command = program
    .command("report")
    .description(COMMAND_WORDS.report.description)
    .argument("<flows>", 'portflow NDJSON, also compressed, or a capture; "-" is NDJSON on stdin')
    .option(
      "-o, --output <path>",
      'file to write; gets its name when complete; .gz and .zst compress; "-" is stdout',
      "-",
    )
    .option("--title <text>", "title of the page")
    .option("--books <path>", "books that --stats wrote, for a report on a flow log")
    .option("--flows <n>", "busiest flows listed one by one", parseWhole(0, 50_000), 5000);
  addTableOptions(addRegistryOptions(command))
    .addHelpText("after", HELP)
    .action(async (path: string, options: ReportOptionValues) =>
      finish(await runReport(path, options, io)),
    );
}
