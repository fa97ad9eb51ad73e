import { endAtOnce } from "./end-at-once.ts";
import type { Io } from "./io.ts";
import { terminalWatch } from "./own-terminal.ts";

/** An orderly end of the run. */
export type Interruption = {
  readonly signal: AbortSignal;
  /** Stops listening. */
  end(): void;
};

/**
 * The first SIGINT or SIGTERM ends the run in order; a second one ends it at once. So does SIGHUP, which
 * comes when a terminal is closed; it comes from the system and from the shell, and a second one is not
 * somebody who is impatient.
 * @param announcement - what the user is told at the first
 */
export function interruptible(io: Io, announcement: string): Interruption {
  const controller = new AbortController();
  const isTerminalGone = terminalWatch();
  const abort = (): void => {
    if (controller.signal.aborted) return;
    controller.abort();
    io.complain(announcement);
  };
  const hangUp = (): void => {
    isTerminalGone();
    abort();
  };
  const stop = (): void => {
    if (controller.signal.aborted) endAtOnce(io);
    abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  process.on("SIGHUP", hangUp);
  return {
    signal: controller.signal,
    end: () => {
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
      process.off("SIGHUP", hangUp);
    },
  };
}
