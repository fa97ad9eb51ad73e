import type { Command } from "commander";
import type { ExitCode } from "../core/errors.ts";
import { type Io, isTerminal, wantsColor, writeAnswer } from "./io.ts";
import type { PortsIo } from "./ports-io.ts";

const STANDARD_OUTPUT = 1;

/** Adds a command to the program; `finish` is told its exit code. */
type Register = (program: Command, io: Io, finish: (exitCode: ExitCode) => void) => void;

/**
 * Every command but `read`, in the order of the help. Each is loaded only when it is asked for: one
 * capture read should not wait for the code of eight other commands.
 */
const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
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

/** First arguments that need none of these. */
const ALONE = ["read", "-V", "--version"];

/**
 * Adds the commands that a run can need: the one that is named, or, where none is (help, a slip of
 * the pen), all of them.
 * @param first - the first argument
 */
export async function addCommands(
  first: string | undefined,
  program: Command,
  io: Io,
  finish: (exitCode: ExitCode) => void,
): Promise<void> {
  if (first !== undefined && ALONE.includes(first)) return;
  const named = first === undefined ? undefined : COMMANDS[first];
  const loads = named === undefined ? Object.values(COMMANDS) : [named];
  const registers = new Set(await Promise.all(loads.map((load) => load())));
  for (const register of registers) register(program, io, finish);
}

function standardPortsIo(io: Io): PortsIo {
  return {
    stdout: writeAnswer,
    stderr: io.write,
    isTerminal: isTerminal(STANDARD_OUTPUT),
    color: isTerminal(STANDARD_OUTPUT) && wantsColor(),
  };
}
