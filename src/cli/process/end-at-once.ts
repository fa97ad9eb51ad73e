import { ExitCode } from "../../core/errors.ts";
import { leaveUnfinished } from "../../delivery/unfinished.ts";
import { type Io, isTerminal } from "./io.ts";

const STANDARD_INPUT = 0;

/**
 * Ends the process for somebody who is impatient, with a word about each file that stays incomplete.
 * A shell sees 130, as after any program that Ctrl-C ends.
 */
export function endAtOnce(io: Io): never {
  for (const { path, partial } of leaveUnfinished()) {
    io.complain(`${path}: ended at once; what was written is in ${partial}`);
  }
  if (isTerminal(STANDARD_INPUT)) process.stdin.setRawMode(false);
  // To exit, Node waits for its threads, one of which may wait for a pipe that nobody reads. The signal
  // ends them all, but for the first process of a container, which it does not reach.
  process.removeAllListeners("SIGINT");
  process.kill(process.pid, "SIGINT");
  process.exit(ExitCode.Interrupted);
}
