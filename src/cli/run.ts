import { CommanderError } from "commander";
import { ExitCode, PortflowError } from "../core/errors.ts";
import { packageVersion } from "../core/package-version.ts";
import { addCommands, commandAsked } from "./commands.ts";
import { type Io, standardIo } from "./process/io.ts";
import { type Actions, newProgram } from "./program.ts";

/**
 * Runs the program.
 * @param argv - arguments without node and script
 * @returns the exit code
 */
export async function main(argv: readonly string[], io: Io = standardIo()): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.Ok;
  const read: Actions["read"] = async (paths, options) => {
    const { runRead } = await import("./read.ts");
    exitCode = await runRead(paths, options, io);
  };
  const program = newProgram({ read }, commandAsked(argv));
  await addCommands(argv, program, io, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error: unknown) {
    return explain(error, io);
  }
}

/** Says what went wrong in one line; a bug keeps its stack. */
function explain(error: unknown, io: Io): ExitCode {
  if (isOwn(error)) {
    io.complain(error.message);
    return error.exitCode;
  }
  const limit = limitMet(error);
  if (limit !== undefined) {
    io.complain(limit);
    return ExitCode.Usage;
  }
  if (error instanceof CommanderError) {
    // Commander has written its own message; help and version are no errors.
    return error.exitCode === 0 ? ExitCode.Ok : ExitCode.Usage;
  }
  const stack = error instanceof Error ? error.stack : String(error);
  io.complain("a bug; please report it with the command and, if you can, the capture");
  const { version, platform, arch } = process;
  // Stacks name places in bundled files: which ones, only the version tells.
  io.write(`${stack}\nportflow ${packageVersion()}, Node ${version}, ${platform} ${arch}\n`);
  return ExitCode.Bug;
}

/** One that a thread threw has lost its class on the way, but not what is in it. */
function isOwn(error: unknown): error is PortflowError {
  if (error instanceof PortflowError) return true;
  if (!(error instanceof Error)) return false;
  const { code, exitCode } = error as Partial<PortflowError>;
  return code?.startsWith?.("PF_") === true && typeof exitCode === "number";
}

/** What the system does not give is no bug, wherever it is found missing. */
function limitMet(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = (error as { code?: unknown }).code;
  if (/\b(?:EMFILE|ENFILE)\b/.test(`${code} ${error.message}`)) {
    return `too many files are open (${error.message}); raise \`ulimit -n\``;
  }
  const isMemory = code === "ENOMEM" || /allocation failed|Out of memory/i.test(error.message);
  if (!isMemory) return undefined;
  return `the system gives no more memory (${error.message}); bound it with --memory, or raise what the process may have`;
}
