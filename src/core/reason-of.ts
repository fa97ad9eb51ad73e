import { TOO_MANY_FILES } from "./errors.ts";

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  ENOTDIR: "a part of the path is not a directory",
  EACCES: "permission denied",
  EISDIR: "is a directory",
  EMFILE: TOO_MANY_FILES,
};

/** Why the system can't open or read a file, in words; its own where there are none of ours. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? String(error.code) : "";
  return WORDS[code] ?? error.message;
}
