import { isatty } from "node:tty";
import { type Command, Option } from "commander";
import { ExitCode, UsageError } from "../core/errors.ts";
import { leftOutLine } from "../query/left-out-line.ts";
import { QUESTIONS } from "../query/questions.ts";
import { runQuery } from "../query/run-query.ts";
import { newPainter } from "../sink/table/text-table.ts";
import { COMMAND_WORDS } from "./options/command-words.ts";
import { parseSize, parseWhole } from "./options/options.ts";
import { checkWritten } from "./outputs/check-written.ts";
import { openByEnding } from "./outputs/open-by-ending.ts";
import { interruptible } from "./process/interrupt.ts";
import { type Io, wantsColor } from "./process/io.ts";

const STANDARD_OUTPUT = 1;
/** Rows of a ready-made question. */
const ROWS = 20;

/** What commander makes of the options. */
type QueryOptionValues = {
  readonly top?: string;
  readonly limit?: number;
  readonly format?: "table" | "csv" | "json";
  readonly output: string;
  /** Octets. */
  readonly memory?: number;
};

/**
 * `portflow query`: SQL over flow logs.
 * @param words - the SQL and the files; with `--top` the files alone
 * @throws UsageError for wrong SQL or a missing DuckDB; CaptureError when a file can't be read
 */
async function runQueryCommand(
  words: readonly string[],
  options: QueryOptionValues,
  io: Io,
): Promise<ExitCode> {
  const { top } = options;
  const [first = "", ...rest] = words;
  const paths = top === undefined ? rest : words;
  if (top === undefined && options.limit !== undefined) {
    throw new UsageError(
      "PF_QUERY_LIMIT",
      "query: --limit goes with --top; write LIMIT into the SQL",
    );
  }
  const sql = top === undefined ? first : `${QUESTIONS[top] ?? ""} LIMIT ${options.limit ?? ROWS}`;
  if (paths.length === 0) {
    throw new UsageError(
      "PF_QUERY_FILES",
      "query: no files; name NDJSON or Parquet logs after the SQL",
    );
  }
  checkWritten([{ option: "--output", path: options.output }], paths);
  const isTerminal = options.output === "-" && isatty(STANDARD_OUTPUT);
  const interrupt = interruptible(io, "interrupted");
  const { signal } = interrupt;
  const output = openByEnding(options.output);
  try {
    const { isCut, rows, leftOutOf, whole } = await runQuery(sql, paths, {
      format: options.format ?? "table",
      output,
      paint: newPainter(isTerminal && wantsColor()),
      memory: options.memory,
      signal,
    });
    await output.close();
    if (isCut) io.complain(`query: ${rows} rows, the first are shown; all with -f csv or -f json`);
    const leftOut = leftOutOf.length === 0 ? undefined : await leftOutLine(leftOutOf, signal);
    if (leftOut !== undefined) io.complain(leftOut);
    await whole;
    return ExitCode.Ok;
  } catch (error: unknown) {
    output.abandon();
    if (signal.aborted) return ExitCode.Interrupted;
    throw error;
  } finally {
    interrupt.end();
  }
}

const HELP = `
The view "flows" has a row for each record and a column for each field, named by its path with
underscores: src_ip, dst_port, service_name, tcp_state, start ... (DESCRIBE flows lists them). It is
the same over NDJSON (also in gzip or zstd) and Parquet, and over both at once. Lines that are no
records are left out, and the first of them is named.

Examples:
  portflow query --top services flows.ndjson
  portflow query --top unknown-ports --limit 50 -f csv logs/*.parquet
  portflow query "SELECT src_ip, count(*) FROM flows WHERE tcp_state = 'S0' GROUP BY 1" flows.parquet

DuckDB is not installed with portflow: npm install @duckdb/node-api
Exit: 0 answered, 2 usage or wrong SQL, 3 a file was unreadable or cut short, 4 output failed, 130
interrupted.`;

/** Adds `query` to the program. @param finish - gets the exit code */
export function registerQuery(
  program: Command,
  io: Io,
  finish: (exitCode: ExitCode) => void,
): void {
  program
    .command("query")
    .description(COMMAND_WORDS.query.description)
    .argument(
      "<sql-and-files...>",
      "the SQL, then NDJSON or Parquet logs; with --top the logs alone",
    )
    .addOption(
      new Option("--top <question>", "a ready-made question").choices(Object.keys(QUESTIONS)),
    )
    .option(
      "--limit <n>",
      `rows of a ready-made question (default: ${ROWS})`,
      parseWhole(1, 1_000_000),
    )
    .addOption(
      new Option("-f, --format <name>", "table (default), csv, or json: one object a line").choices(
        ["table", "csv", "json"],
      ),
    )
    .option(
      "-o, --output <path>",
      'file to write; gets its name when complete; .gz and .zst compress; "-" is stdout',
      "-",
    )
    .option("--memory <size>", "memory for DuckDB, such as 1GB", parseSize)
    .addHelpText("after", HELP)
    .action(async (words: string[], options: QueryOptionValues) =>
      finish(await runQueryCommand(words, options, io)),
    );
}
