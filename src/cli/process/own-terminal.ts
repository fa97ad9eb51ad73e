import { closeSync } from "node:fs";
import { isTerminal } from "./io.ts";

const STANDARD_STREAMS = [0, 1, 2];

/**
 * Whether a terminal that the program was started in has been closed, which SIGHUP alone does not say:
 * it also asks a service to begin its files anew.
 */
export function terminalWatch(): () => boolean {
  const terminals = STANDARD_STREAMS.filter(isTerminal);
  let isLeft = false;
  return () => {
    const gone = terminals.filter((descriptor) => !isTerminal(descriptor));
    if (gone.length === 0) return false;
    // Node gives terminals their modes back when it ends, and aborts where that fails; what is closed
    // it passes over. Sooner another file could get the number.
    if (!isLeft) process.once("exit", () => gone.forEach(closeQuietly));
    isLeft = true;
    return true;
  };
}

function closeQuietly(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch {
    // It is closed already.
  }
}
