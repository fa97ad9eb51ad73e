import type { Command } from "commander";
import type { ExitCode } from "../core/errors.ts";
import { COMMAND_WORDS, type CommandName } from "./options/command-words.ts";
import type { PortsIo } from "./ports/ports-io.ts";
import { type Io, isTerminal, wantsColor, writeAnswer } from "./process/io.ts";

const STANDARD_OUTPUT = 1;

/** Adds a command to the program; `finish` is told its exit code. */
type Register = (program: Command, io: Io, finish: (exitCode: ExitCode) => void) => void;

/** Each is loaded only when it is asked for: a capture read should not wait for eight other commands. */
const COMMANDS: Readonly<Record<CommandName, () => Promise<Register>>> = {
  capture: async () => (await import("./capture.ts")).registerCapture,
  top: async () => (await import("./capture.ts")).registerCapture,
  annotate: async () => (await import("./annotate.ts")).registerAnnotate,
  compare: async () => (await import("./compare.ts")).registerCompare,
  explain: async () => (await import("./explain.ts")).registerExplain,
  devices: async () => {
    const { registerDevices } = await import("./devices.ts");
    return (program, io, finish) => registerDevices(program, standardPortsIo(io), finish);
  },
  report: async () => (await import("./report.ts")).registerReport,
  query: async () => (await import("./query.ts")).registerQuery,
  ports: async () => {
    const { registerPorts } = await import("./ports.ts");
    return (program, io, finish) =>
      registerPorts(program, standardPortsIo(io), (code) => finish(code as ExitCode));
  },
};

/** What needs none of these. */
const ALONE = ["read", "-V", "--version"];

/**
 * Adds the commands that a run can need: the one that is named, or, where none is (help, a slip of the
 * pen), all of them by name.
 */
export async function addCommands(
  argv: readonly string[],
  program: Command,
  io: Io,
  finish: (exitCode: ExitCode) => void,
): Promise<void> {
  if (ALONE.includes(argv[0] ?? "")) return;
  const [first, second] = argv.filter((word) => !word.startsWith("-"));
  const named = first === "help" ? second : first;
  if (named === "read") return;
  if (named !== undefined && isCommand(named)) {
    const register = await COMMANDS[named]();
    register(program, io, finish);
    return;
  }
  for (const [name, { operands, description }] of Object.entries(COMMAND_WORDS)) {
    // All have options; here one stands for them.
    program.command(`${name} ${operands}`).description(description).option("--any");
  }
}

/** The command that the arguments ask for, if it is one. */
export function commandAsked([first]: readonly string[]): string | undefined {
  return first === "read" || (first !== undefined && isCommand(first)) ? first : undefined;
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

function standardPortsIo(io: Io): PortsIo {
  return {
    stdout: writeAnswer,
    stderr: io.write,
    isTerminal: isTerminal(STANDARD_OUTPUT),
    color: isTerminal(STANDARD_OUTPUT) && wantsColor(),
  };
}
