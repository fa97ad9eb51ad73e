import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OutputError } from "../core/errors.ts";

/**
 * Makes a folder this process's own until the returned function is called. What a process left that
 * is gone is taken over.
 * @throws OutputError when another process has it
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, "lock");
  for (let isSecondTry = false; ; isSecondTry = true) {
    try {
      writeFileSync(path, `${process.pid}\n`, { flag: "wx" });
      return () => rmSync(path, { force: true });
    } catch (error: unknown) {
      const isTaken = error instanceof Error && "code" in error && error.code === "EEXIST";
      if (!isTaken) throw error;
      const owner = ownerOf(path);
      if (isSecondTry || (owner !== process.pid && isAlive(owner))) {
        throw new OutputError(
          "PF_SPOOL_IN_USE",
          `${folder}: process ${owner} uses this spool; end it, or give another --spool`,
        );
      }
      rmSync(path, { force: true });
    }
  }
}

function ownerOf(path: string): number {
  try {
    return Number(readFileSync(path, "utf8"));
  } catch {
    return 0;
  }
}

function isAlive(process_: number): boolean {
  if (!Number.isInteger(process_) || process_ <= 0) return false;
  try {
    process.kill(process_, 0);
    return true;
  } catch (error: unknown) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
