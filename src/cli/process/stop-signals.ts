import { ExitCode } from "../../core/errors.ts";
import { endAtOnce } from "./end-at-once.ts";
import type { Io } from "./io.ts";
import { terminalWatch } from "./own-terminal.ts";

/** How a live run is told to end. */
export type StopSignals = {
  readonly signal: AbortSignal;
  /** 130 after Ctrl-C and where the terminal was closed, 0 after SIGTERM, with which a service is ended in the ordinary way. */
  readonly exitCode: ExitCode;
  /** Stops listening. */
  end(): void;
};

/** The first SIGINT or SIGTERM ends the run in order, and a second one ends it at once. SIGHUP ends it where its terminal was closed. */
export function stopSignals(io: Io): StopSignals {
  const controller = new AbortController();
  let exitCode: ExitCode = ExitCode.Ok;
  const stop = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) endAtOnce(io);
    exitCode = name === "SIGINT" ? ExitCode.Interrupted : ExitCode.Ok;
    controller.abort();
    io.complain(`${name === "SIGINT" ? "interrupted" : "told to end"}; writing open flows`);
  };
  const isTerminalGone = terminalWatch();
  // The system tells it, and so does the shell: a second one is nobody who is impatient.
  const hangUp = (): void => {
    if (controller.signal.aborted || !isTerminalGone()) return;
    exitCode = ExitCode.Interrupted;
    controller.abort();
  };
  process.on("SIGHUP", hangUp);
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    end: () => {
      process.off("SIGHUP", hangUp);
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
    },
  };
}
