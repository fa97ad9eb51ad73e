import { ExitCode } from "../core/errors.ts";
import type { Io } from "./io.ts";

/** An orderly end of the run. */
export type Interruption = {
  readonly signal: AbortSignal;
  /** Stops listening. */
  end(): void;
};

/**
 * The first SIGINT or SIGTERM ends the run in order; a second one ends it at once.
 * @param announcement - what the user is told at the first
 */
export function interruptible(io: Io, announcement: string): Interruption {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(ExitCode.Interrupted);
    controller.abort();
    io.complain(announcement);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return {
    signal: controller.signal,
    end: () => {
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
    },
  };
}
