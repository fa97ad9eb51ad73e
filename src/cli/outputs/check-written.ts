import { accessSync, constants, fstatSync, type StatOptions, statSync } from "node:fs";
import { dirname } from "node:path";
import { UsageError } from "../../core/errors.ts";
import { outputFailure } from "../../delivery/output-failure.ts";
import { fileNameOf, outputPlace } from "../../delivery/output-place.ts";

const STANDARD_INPUT = 0;
const STANDARD_OUTPUT = 1;
/** Numbers of files have up to 64 bits. */
const EXACT = { bigint: true } as const satisfies StatOptions;

/** A file that something will be written to. */
export type Written = {
  readonly option: string;
  /** `-` is a standard stream. */
  readonly path: string;
  /** Files that are read and may be replaced by it, once they are read. */
  readonly mayReplace?: readonly string[];
};

/**
 * Looks before a run at what it would write to: what is read must not be replaced, nor one output by
 * another, and books that can't be written are better told of at the start.
 * @param read - files that are read; `-` is standard input, undefined none
 * @throws UsageError, OutputError
 */
export function checkWritten(
  written: readonly Written[],
  read: readonly (string | undefined)[],
): void {
  for (const { option, path } of written) {
    if (path === "") throw new UsageError("PF_NO_DESTINATION", `${option} "": names no file`);
    if (option === "--stats") checkFolder(path);
  }
  checkDifferent(written);
  const paths = read.filter((path) => path !== undefined);
  for (const one of written) checkIsNotRead(one, paths);
}

/** Books are written when all is over: that late, a folder that is not there costs them. */
function checkFolder(path: string): void {
  const place = outputPlace(path);
  if (place.kind !== "file") return;
  try {
    accessSync(dirname(place.path), constants.W_OK);
  } catch (error: unknown) {
    throw outputFailure(path, error);
  }
}

function checkDifferent(written: readonly Written[]): void {
  const seen = new Map<string, Written>();
  for (const one of written) {
    const name = one.path === "-" ? undefined : fileNameOf(outputPlace(one.path));
    if (name === undefined) continue;
    const before = seen.get(name);
    if (before !== undefined) {
      throw new UsageError(
        "PF_SAME_OUTPUT",
        `${one.option} ${one.path}: is also ${before.option} ${before.path}; two outputs can't share a place`,
      );
    }
    seen.set(name, one);
  }
}

function checkIsNotRead({ option, path, mayReplace = [] }: Written, read: readonly string[]): void {
  const output = fileAt(path, STANDARD_OUTPUT);
  if (output === undefined) return;
  const same = read.find(
    (one) => !mayReplace.includes(one) && fileAt(one, STANDARD_INPUT) === output,
  );
  if (same === undefined) return;
  throw new UsageError(
    "PF_OUTPUT_IS_INPUT",
    `${option} ${path}: would overwrite ${same === "-" ? "standard input" : same}, which is read; write to another file`,
  );
}

/**
 * Which file a path leads to, by device and number: links of both kinds lead to the same.
 * @param descriptor - that `-` stands for
 * @returns undefined for what is no file, or not there
 */
function fileAt(path: string, descriptor: number): string | undefined {
  try {
    const found = path === "-" ? fstatSync(descriptor, EXACT) : statSync(path, EXACT);
    return found.isFile() ? `${found.dev} ${found.ino}` : undefined;
  } catch {
    return undefined;
  }
}
