import {
  close,
  closeSync,
  existsSync,
  fdatasync,
  fstatSync,
  openSync,
  renameSync,
  rmSync,
  write,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { OutputError } from "../core/errors.ts";

const closeDescriptor = promisify(close);
const settle = promisify(fdatasync);
const STANDARD_OUTPUT = 1;
const STANDARD_ERROR = 2;
/** How long to wait before asking a full non-blocking pipe again, milliseconds. */
const FULL_PIPE_WAIT = 2;

/** Where octets go: a file or a standard stream. */
export type Output = {
  /** True when whoever read the other end went away: nothing more needs to be produced. */
  readonly isClosed: boolean;
  /**
   * Writes all of `octets`, which must not change until the promise is settled.
   * @throws OutputError when they can't be written
   */
  write(octets: Uint8Array): Promise<void>;
  /** Ends the output: a file gets its name now. */
  close(): Promise<void>;
  /**
   * Gives the output up: a file that has not got its name yet is removed, or, where `keeps` says so
   * and something is in it, left under the name that it had while it was written.
   * @returns that name, when it is left
   */
  abandon(options?: { readonly keeps: boolean }): string | undefined;
};

/**
 * Opens an output.
 * @param path - a file, or `-` for standard output (`stderr` where `dash` says so). A regular file is written
 *   beside its place and renamed when it is complete; devices and pipes are written as they are.
 * @throws OutputError when it can't be opened
 */
export function openOutput(path: string, dash: "stdout" | "stderr" = "stdout"): DescriptorOutput {
  if (path === "-") {
    return new DescriptorOutput(dash === "stdout" ? STANDARD_OUTPUT : STANDARD_ERROR, dash, "");
  }
  if (isSpecial(path)) return new DescriptorOutput(openAsItIs(path), path, "");
  return openPartial(path);
}

/**
 * Opens a file that gets its name later. Until then it has one that no other has: what a killed run has left stays,
 * be it of the same process number, as in a container that is started anew.
 * @param path - what it will be called in messages
 * @param whenFull - waits until a write that found no room may be tried again
 * @throws OutputError when it can't be opened
 */
export function openPartial(
  path: string,
  whenFull?: (error: OutputError) => Promise<void>,
): DescriptorOutput {
  for (let attempt = 1; ; attempt += 1) {
    const number = attempt === 1 ? process.pid : `${process.pid}-${attempt}`;
    const partial = join(dirname(path), `.${basename(path)}.${number}.partial`);
    try {
      return new DescriptorOutput(openSync(partial, "wx"), path, partial, whenFull);
    } catch (error: unknown) {
      if (codeOf(error) !== "EEXIST") throw outputFailure(path, error);
    }
  }
}

/** Writes to a descriptor that somebody else opened and will close. @param path - what to call it */
export function outputTo(descriptor: number, path: string): Output {
  return new DescriptorOutput(descriptor, path, "");
}

/** Whether a path is there and no regular file: a device, a pipe. */
export function isSpecial(path: string): boolean {
  try {
    const descriptor = openSync(path, "r+");
    const special = !fstatSync(descriptor).isFile();
    closeSync(descriptor);
    return special;
  } catch {
    return false;
  }
}

function openAsItIs(path: string): number {
  try {
    return openSync(path, "w");
  } catch (error: unknown) {
    throw outputFailure(path, error);
  }
}

/** An open file or standard stream. */
export class DescriptorOutput implements Output {
  isClosed = false;
  readonly descriptor: number;
  readonly path: string;
  private readonly partial: string;
  private readonly whenFull: ((error: OutputError) => Promise<void>) | undefined;
  private isDone = false;

  /** @param partial - name of the file until it is complete; empty for what has its name already */
  constructor(
    descriptor: number,
    path: string,
    partial: string,
    whenFull?: (error: OutputError) => Promise<void>,
  ) {
    this.descriptor = descriptor;
    this.path = path;
    this.partial = partial;
    this.whenFull = whenFull;
  }

  async write(octets: Uint8Array): Promise<void> {
    let from = 0;
    while (from < octets.length && !this.isClosed) {
      try {
        from += await writeSome(this.descriptor, octets, from);
      } catch (error: unknown) {
        const code = codeOf(error);
        if (code === "EAGAIN") await new Promise((resolve) => setTimeout(resolve, FULL_PIPE_WAIT));
        else if (code === "EPIPE") this.isClosed = true;
        else if (this.whenFull !== undefined && FULL.has(code)) {
          await this.whenFull(outputFailure(this.path, error));
        } else throw outputFailure(this.path, error);
      }
    }
  }

  async close(): Promise<void> {
    if (this.isDone) return;
    this.isDone = true;
    if (this.descriptor <= STANDARD_ERROR) return;
    try {
      await closeDescriptor(this.descriptor);
      if (this.partial !== "") renameSync(this.partial, this.path);
    } catch (error: unknown) {
      throw outputFailure(this.path, error);
    }
  }

  /** Ends a file and gives it another name than the one it was opened for; it is on the disk then. */
  async closeAs(name: string): Promise<void> {
    this.isDone = true;
    try {
      await settle(this.descriptor);
      await closeDescriptor(this.descriptor);
      renameSync(this.partial, name);
    } catch (error: unknown) {
      throw outputFailure(name, error);
    }
  }

  abandon(options?: { readonly keeps: boolean }): string | undefined {
    if (this.isDone) return undefined;
    this.isDone = true;
    if (this.descriptor <= STANDARD_ERROR) return undefined;
    const isEmpty = fstatSync(this.descriptor).size === 0;
    closeSync(this.descriptor);
    if (this.partial === "") return undefined;
    // Its folder may have been removed.
    if (!isEmpty && options?.keeps === true && existsSync(this.partial)) return this.partial;
    rmSync(this.partial, { force: true });
    return undefined;
  }
}

function writeSome(descriptor: number, octets: Uint8Array, from: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(descriptor, octets, from, octets.length - from, null, (error, written) => {
      if (error === null) resolve(written);
      else reject(error);
    });
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** There is no room now; there may be some later. */
const FULL = new Set(["ENOSPC", "EDQUOT"]);

/** Whether an output failed for lack of room alone. */
export function lacksRoom(error: unknown): error is OutputError {
  return error instanceof OutputError && FULL.has(codeOf(error.cause));
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
};

/** What the user is told of a file that can't be opened, written or closed. */
export function outputFailure(path: string, error: unknown): OutputError {
  const code = codeOf(error);
  const what = REMEDIES[code] ?? (error instanceof Error ? error.message : String(error));
  return new OutputError("PF_OUTPUT_FAILED", `${path}: can't be written: ${what}`, error);
}
