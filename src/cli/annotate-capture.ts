import { statSync } from "node:fs";
import { openPath } from "../capture/input/file-input.ts";
import { holdsCapture } from "../capture/open.ts";
import { ExitCode, UsageError } from "../core/errors.ts";
import { annotateCapture } from "../pipeline/annotate-capture.ts";
import { Books } from "../pipeline/books/books.ts";
import { summaryLines } from "../pipeline/books/summary.ts";
import type { AnnotateOptions } from "./annotate.ts";
import { isOneOf } from "./options/is-one-of.ts";
import { registryFor } from "./options/registry-for.ts";
import { openByEnding } from "./outputs/open-by-ending.ts";
import { cpuSeconds, writeStats } from "./outputs/write-stats.ts";
import { interruptible } from "./process/interrupt.ts";
import { type Io, isTerminal } from "./process/io.ts";

const STANDARD_OUTPUT = 1;

/** Those of the paths that are captures. Only files are looked into: a pipe can be read but once. */
export async function capturesAmong(paths: readonly string[]): Promise<readonly string[]> {
  const captures: string[] = [];
  for (const path of paths) {
    const isFile = path !== "-" && statSync(path, { throwIfNoEntry: false })?.isFile() === true;
    if (isFile && (await holdsCapture(path, await openPath(path)))) captures.push(path);
  }
  return captures;
}

/**
 * `portflow annotate` of a capture: a copy with comments on the first packets of its flows.
 * @returns the exit code; what the user has to know was written to stderr
 * @throws UsageError for more than one capture, or wrong rules; OutputError when output can't be written
 */
export async function runAnnotateCapture(
  paths: readonly string[],
  captures: readonly string[],
  options: AnnotateOptions,
  io: Io,
): Promise<ExitCode> {
  const [path = ""] = captures;
  if (paths.length > 1) {
    throw new UsageError(
      "PF_ANNOTATE_CAPTURE",
      `${path}: a capture is annotated alone, as it becomes a capture; name it without others`,
    );
  }
  if (options.output === "-" && isTerminal(STANDARD_OUTPUT)) {
    throw new UsageError(
      "PF_ANNOTATE_TERMINAL",
      `${path}: becomes a capture, which is nothing for a terminal; name a file with -o`,
    );
  }
  const started = performance.now();
  const registry = registryFor(options);
  const books = new Books();
  let exitCode: ExitCode = ExitCode.Ok;
  const output = openByEnding(options.output);
  const interrupt = interruptible(io, "interrupted; nothing is written");
  try {
    const copied = await annotateCapture(path, {
      registry,
      output,
      books,
      signal: interrupt.signal,
      onCaptureError: (error) => {
        io.complain(error.message);
        exitCode = ExitCode.Capture;
      },
    });
    if (interrupt.signal.aborted) output.abandon();
    else if (exitCode !== ExitCode.Ok && isOneOf(paths, options.output)) {
      // A capture must not be replaced by a part of itself.
      output.abandon();
      io.complain(`${options.output}: left as it was, for not all of it was read`);
    } else await output.close();
    const wallSeconds = (performance.now() - started) / 1000;
    if (options.stats !== undefined) {
      await writeStats(options.stats, books.toJson(wallSeconds, cpuSeconds()));
    }
    if (options.quiet !== true && !output.isClosed && !interrupt.signal.aborted) {
      for (const line of summaryLines(books, wallSeconds)) io.complain(line);
      io.complain(copiedLine(copied.comments, copied.withoutRoom));
    }
  } catch (error: unknown) {
    output.abandon();
    throw error;
  } finally {
    interrupt.end();
  }
  if (interrupt.signal.aborted) return ExitCode.Interrupted;
  if (options.strict === true && (books.hasFaults || !books.balanced)) return ExitCode.Capture;
  return exitCode;
}

function copiedLine(comments: number, withoutRoom: number): string {
  const line = `${comments} flows have a comment on their first packet`;
  if (withoutRoom === 0) return line;
  return `${line}; ${withoutRoom} have none, as simple packet blocks have no room for comments`;
}
