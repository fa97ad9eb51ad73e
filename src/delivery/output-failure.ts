import { OutputError, TOO_MANY_FILES } from "../core/errors.ts";

/** There is no room now; there may be some later. */
const FULL = new Set(["ENOSPC", "EDQUOT"]);

/** The system's name of an error; empty where it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** Whether the system says that there is no room. */
export function isFull(error: unknown): boolean {
  return FULL.has(codeOf(error));
}

/** Whether an output failed for lack of room alone. */
export function lacksRoom(error: unknown): error is OutputError {
  return error instanceof OutputError && isFull(error.cause);
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: "no such folder; create it first",
  EACCES: "permission denied; choose a place you may write to",
  EPERM: "not permitted; choose a place you may write to",
  ENOSPC: "no space left on the device; free some or write elsewhere",
  EDQUOT: "quota exceeded; free some space or write elsewhere",
  EISDIR: "is a directory; name a file in it",
  ENOTDIR: "a part of the path is not a directory",
  EROFS: "the file system is read-only; write elsewhere",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "the name is too long; choose a shorter one",
  ENXIO: "is a socket, or a pipe that nobody reads; unix:PATH writes to a socket",
  EFBIG: "the file is as large as may be; raise `ulimit -f`, or rotate or compress",
  EMFILE: TOO_MANY_FILES,
  ENFILE: "too many files are open on this machine",
};

/**
 * What the user is told of a file that can't be opened, written or closed.
 * @param kept - where what was written is nevertheless
 */
export function outputFailure(path: string, error: unknown, kept?: string): OutputError {
  const what = REMEDIES[codeOf(error)] ?? (error instanceof Error ? error.message : String(error));
  const where = kept === undefined ? "" : `; what was written is in ${kept}`;
  return new OutputError("PF_OUTPUT_FAILED", `${path}: can't be written: ${what}${where}`, error);
}
