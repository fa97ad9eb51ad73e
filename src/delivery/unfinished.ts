import { rmSync, statSync } from "node:fs";

/** A file that has not got its name yet. */
export type UnfinishedFile = {
  /** What it is called in messages. */
  readonly path: string;
  /** Where it is meanwhile. */
  readonly partial: string;
};

/** Those of this thread. Who ends the process at once has no output at hand, and all of them end. */
const files = new Set<UnfinishedFile>();

/** Notes a file that was begun. */
export function addUnfinished(file: UnfinishedFile): void {
  files.add(file);
}

/** Forgets one that has its name, or was given up. */
export function removeUnfinished(file: UnfinishedFile): void {
  files.delete(file);
}

/** The files that nobody will finish, for a process that ends at once: those with nothing in them are removed. */
export function leaveUnfinished(): readonly UnfinishedFile[] {
  return [...files].filter(({ partial }) => {
    const found = statSync(partial, { throwIfNoEntry: false });
    if (found?.size === 0) rmSync(partial, { force: true });
    return found !== undefined && found.size > 0;
  });
}
