#!/usr/bin/env node
import { realpathSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import { fileURLToPath } from "node:url";
import { CommanderError } from "commander";
import { ExitCode, PortflowError } from "../core/errors.ts";
import { registerAnnotate } from "./annotate.ts";
import { registerCapture } from "./capture.ts";
import { registerCompare } from "./compare.ts";
import { registerDevices } from "./devices.ts";
import { registerExplain } from "./explain.ts";
import { type Io, standardIo, wantsColor } from "./io.ts";
import { registerPorts } from "./ports.ts";
import type { PortsIo } from "./ports-io.ts";
import { newProgram } from "./program.ts";
import { registerQuery } from "./query.ts";
import { runRead } from "./read.ts";
import { registerReport } from "./report.ts";

const STANDARD_OUTPUT = 1;

/**
 * Runs the program.
 * @param argv - arguments without node and script
 * @returns the exit code
 */
export async function main(argv: readonly string[], io: Io = standardIo()): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.Ok;
  const program = newProgram({
    read: async (paths, options) => {
      exitCode = await runRead(paths, options, io);
    },
  });
  registerCapture(program, io, (code) => {
    exitCode = code;
  });
  registerAnnotate(program, io, (code) => {
    exitCode = code;
  });
  registerCompare(program, io, (code) => {
    exitCode = code;
  });
  registerExplain(program, io, (code) => {
    exitCode = code;
  });
  registerDevices(program, standardPortsIo(io), (code) => {
    exitCode = code;
  });
  registerReport(program, io, (code) => {
    exitCode = code;
  });
  registerQuery(program, io, (code) => {
    exitCode = code;
  });
  registerPorts(program, standardPortsIo(io), (code) => {
    exitCode = code as ExitCode;
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error: unknown) {
    return explain(error, io);
  }
}

/** Look-ups are short: they go to stdout as they come. A closed pipe is no error. */
function standardPortsIo(io: Io): PortsIo {
  return {
    stdout: (text) => {
      try {
        writeSync(STANDARD_OUTPUT, text);
      } catch (error: unknown) {
        if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) throw error;
      }
    },
    stderr: io.write,
    isTerminal: isatty(STANDARD_OUTPUT),
    color: isatty(STANDARD_OUTPUT) && wantsColor(),
  };
}

/** Says what went wrong in one line; a bug keeps its stack. */
function explain(error: unknown, io: Io): ExitCode {
  if (error instanceof PortflowError) {
    io.complain(error.message);
    return error.exitCode;
  }
  if (error instanceof CommanderError) {
    // Commander has written its own message; help and version are no errors.
    return error.exitCode === 0 ? ExitCode.Ok : ExitCode.Usage;
  }
  const stack = error instanceof Error ? error.stack : String(error);
  io.complain(`a bug; please report it with the command and, if you can, the capture\n${stack}`);
  return ExitCode.Bug;
}

const script = process.argv[1];
if (script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2));
  // A read of a silent pipe may still be under way and would keep the process alive.
  if (process.exitCode === ExitCode.Interrupted) process.exit();
}
