import type { Command } from "commander";
import { ExitCode, UsageError } from "../core/errors.ts";
import { annotateLogs } from "../log/annotate-log.ts";
import { LogBooks } from "../log/log-books.ts";
import { openLog } from "../log/open-log.ts";
import { capturesAmong, runAnnotateCapture } from "./annotate-capture.ts";
import { COMMAND_WORDS } from "./options/command-words.ts";
import { isOneOf } from "./options/is-one-of.ts";
import { registryFor } from "./options/registry-for.ts";
import { addRegistryOptions, type RegistryOptionValues } from "./options/registry-options.ts";
import { checkWritten } from "./outputs/check-written.ts";
import { openByEnding } from "./outputs/open-by-ending.ts";
import { cpuSeconds, writeStats } from "./outputs/write-stats.ts";
import { interruptible } from "./process/interrupt.ts";
import type { Io } from "./process/io.ts";

/** Malformed lines that are reported one by one; the rest is only counted. */
const REPORTED_LINES = 5;

/** What commander makes of the options. */
export type AnnotateOptions = RegistryOptionValues & {
  readonly output: string;
  readonly stats?: string;
  readonly quiet?: boolean;
  readonly strict?: boolean;
};

/**
 * `portflow annotate`: flow logs with their services looked up anew, or a capture with comments.
 * @returns the exit code; what the user has to know was written to stderr
 * @throws UsageError for wrong rules or paths; OutputError when output can't be written
 */
async function runAnnotate(
  paths: readonly string[],
  options: AnnotateOptions,
  io: Io,
): Promise<ExitCode> {
  if (paths.filter((path) => path === "-").length > 1) {
    throw new UsageError("PF_STDIN_TWICE", "-: standard input can be read once only; name it once");
  }
  const { output: path, stats, services } = options;
  // A log may be replaced by itself, but not read while it grows by what is written behind it.
  const written = [{ option: "--output", path, mayReplace: path === "-" ? [] : paths }];
  const statsFile =
    stats === undefined || stats === "-" ? [] : [{ option: "--stats", path: stats }];
  checkWritten([...written, ...statsFile], [...paths, services]);
  const captures = await capturesAmong(paths);
  if (captures.length > 0) return runAnnotateCapture(paths, captures, options, io);
  const started = performance.now();
  const registry = registryFor(options);
  const books = new LogBooks();
  let exitCode: ExitCode = ExitCode.Ok;
  const output = openByEnding(options.output);
  const interrupt = interruptible(io, "interrupted; what was read is written");
  try {
    await annotateLogs(
      paths.map((path) => ({ name: path, open: () => openLog(path, interrupt.signal) })),
      {
        registry,
        output,
        books,
        signal: interrupt.signal,
        onMalformed: (name, line, complaint) => {
          if (books.malformed > REPORTED_LINES || options.quiet === true) return;
          io.complain(`${name}: line ${line}: ${complaint}; passed on as it is`);
        },
        onLogError: (error) => {
          io.complain(error.message);
          exitCode = ExitCode.Capture;
        },
      },
    );
    const isPartial = interrupt.signal.aborted || exitCode !== ExitCode.Ok;
    if (isPartial && isOneOf(paths, options.output)) {
      // A log must not be replaced by a part of itself.
      output.abandon();
      io.complain(`${options.output}: left as it was, for not all of it was read`);
    } else await output.close();
  } catch (error: unknown) {
    output.abandon();
    throw error;
  } finally {
    interrupt.end();
  }
  const wallSeconds = (performance.now() - started) / 1000;
  if (options.stats !== undefined) {
    await writeStats(options.stats, books.toJson(wallSeconds, cpuSeconds()));
  }
  if (options.quiet !== true && !output.isClosed) io.complain(books.summary(wallSeconds));
  if (interrupt.signal.aborted) return ExitCode.Interrupted;
  if (options.strict === true && books.malformed > 0) return ExitCode.Capture;
  return exitCode;
}

const HELP = `
Each line says by itself what it is:
  portflow's own records   "service" is replaced; every other octet stays
  Zeek conn.log, JSON      registered_service, ..._side, ..._status, ..._source, ..._confidence, ..._reason
  Zeek conn.log, text      the same as columns, with their names in #fields and #types
  Suricata EVE             flow and netflow events get a member "portflow": {"service": {...}}
Any other line is passed on as it is. Zeek's own "service" is what Zeek saw, and stays.
Zeek's orig and the src of EVE flow events count as the initiator (reason initiator-known); a netflow
event is one direction only, so there both ports are looked at.

A capture (one at a time, a file) is copied as pcapng, with a comment on the first packet of each
flow: "portflow: service.name=quic service.confidence=medium ...", fields of the flow record by
their names. Of a pcapng everything else stays; comments of an earlier run are replaced. In
Wireshark: frame.comment contains "service.name=quic".

Examples:
  portflow annotate flows.ndjson -o flows.ndjson        with today's registry, in place
  portflow annotate --services my-ports.tsv conn.*.log.gz > conn.log
  tail -F eve.json | portflow annotate -
  portflow annotate office.pcap -o office.pcapng        for Wireshark

Exit: 0 all read and written, 2 usage, 3 a log or capture was unreadable or cut short (what was
read is written; with --strict also when a line was malformed or a packet faulty), 4 output failed,
130 interrupted.`;

/** Adds `annotate` to the program. @param finish - gets the exit code */
export function registerAnnotate(
  program: Command,
  io: Io,
  finish: (exitCode: ExitCode) => void,
): void {
  const command = program
    .command("annotate")
    .description(COMMAND_WORDS.annotate.description)
    .argument(
      "<log...>",
      'portflow NDJSON, Zeek conn.log, EVE, or one capture; also compressed; "-" is stdin, a log',
    )
    .option(
      "-o, --output <path>",
      'file to write; gets its name when complete; .gz and .zst compress; "-" is stdout',
      "-",
    )
    .option("--stats <path>", 'write the books as JSON; "-" is stderr');
  addRegistryOptions(command)
    .option("-q, --quiet", "no summary and no reports of malformed lines on stderr")
    .option("--strict", "exit 3 when a line was malformed, or a packet faulty")
    .addHelpText("after", HELP)
    .action(async (paths: string[], options: AnnotateOptions) =>
      finish(await runAnnotate(paths, options, io)),
    );
}
