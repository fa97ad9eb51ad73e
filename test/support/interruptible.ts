import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./until.ts";

/** Tells when a program listens to Ctrl-C: before, the signal would just kill it. */
export type SignalWatch = {
  /** To be put before the program among Node's arguments. */
  readonly options: readonly string[];
  /** Settled when a program that was started so listens; for the next one, ask again. */
  listens(): Promise<void>;
  remove(): void;
};

export function watchForSignals(): SignalWatch {
  const folder = mkdtempSync(join(tmpdir(), "portflow-signals-"));
  const hook = join(folder, "hook.cjs");
  const mark = join(folder, "listens");
  // Node's own listener to this event, which installs the signal's handler, comes before this one.
  writeFileSync(
    hook,
    `process.on("newListener", (name) => {
      if (name === "SIGINT") require("node:fs").writeFileSync(${JSON.stringify(mark)}, "");
    });`,
  );
  return {
    options: ["--require", hook],
    listens: async () => {
      await until(() => existsSync(mark), "listened to Ctrl-C");
      rmSync(mark);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
