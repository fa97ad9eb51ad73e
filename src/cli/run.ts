import { CommanderError } from "commander";
import { ExitCode, PortflowError } from "../core/errors.ts";
import { addCommands, commandAsked } from "./commands.ts";
import { type Io, standardIo } from "./io.ts";
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
  if (error instanceof PortflowError) {
    io.complain(error.message);
    return error.exitCode;
  }
  if (error instanceof CommanderError) {
    // Commander has written its own message; help and version are no errors.
    return error.exitCode === 0 ? ExitCode.Ok : ExitCode.Usage;
  }
  const stack = error instanceof Error ? error.stack : String(error);
  io.complain("a bug; please report it with the command and, if you can, the capture");
  io.write(`${stack}\n`);
  return ExitCode.Bug;
}
