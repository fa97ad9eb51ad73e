import { PortflowError } from "../../core/errors.ts";
import { summaryLines } from "../../pipeline/books/summary.ts";
import type { WatchedInterface } from "../../pipeline/live/fanout-run.ts";
import { registryFor } from "../options/registry-for.ts";
import type { Io } from "../process/io.ts";
import type { LiveSession } from "./live-session.ts";

/**
 * SIGHUP ends every open file, begins another and reads the port rules again; SIGUSR1 tells the state.
 * @returns stops listening
 */
export function listenToSignals(session: LiveSession, io: Io): () => void {
  const reload = (): void => session.run.between(() => reloadAll(session, io));
  const tell = (): void => tellState(session, io);
  process.on("SIGHUP", reload);
  process.on("SIGUSR1", tell);
  return () => {
    process.off("SIGHUP", reload);
    process.off("SIGUSR1", tell);
  };
}

async function reloadAll(session: LiveSession, io: Io): Promise<void> {
  const { taker, tally, outputs, packetFiles, interfaces, options } = session;
  try {
    const registry = registryFor(options);
    taker.registry = registry;
    if (tally !== undefined) tally.registry = registry;
    io.complain("port rules read again, outputs reopened");
  } catch (error: unknown) {
    if (!(error instanceof PortflowError)) throw error;
    io.complain(`${error.message}; the rules before hold`);
  }
  await outputs.reopen();
  await packetFiles?.reopen(interfaces);
}

function tellState({ books, run, interfaces, started }: LiveSession, io: Io): void {
  run.refreshBooks();
  for (const one of interfaces) {
    const { received, dropped } = one.counts();
    io.complain(
      `${one.name}: ${one.linkState}, ${one.taken} packets taken${sharesOf(one)}, ` +
        `${received ?? "?"} received, ${dropped ?? "?"} dropped for lack of room`,
    );
  }
  io.complain(`${run.flows} flows open, ${Math.round(run.flowOctets / 2 ** 20)} MiB for them`);
  for (const line of summaryLines(books, (performance.now() - started) / 1000)) io.complain(line);
}

function sharesOf({ takenByThread }: WatchedInterface): string {
  return takenByThread === undefined ? "" : ` (by thread: ${takenByThread.join(" ")})`;
}
