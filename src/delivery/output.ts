import { close, closeSync, fstatSync, openSync, renameSync, unlinkSync, write } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { OutputError } from "../core/errors.ts";

const closeDescriptor = promisify(close);
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
  /** Gives the output up: a file that has not got its name yet is removed. */
  abandon(): void;
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
  if (isSpecial(path)) return new DescriptorOutput(openFor(path, path), path, "");
  const partial = join(dirname(path), `.${basename(path)}.${process.pid}.partial`);
  return new DescriptorOutput(openFor(partial, path), path, partial);
}

/** Writes to a descriptor that somebody else opened and will close. @param path - what to call it */
export function outputTo(descriptor: number, path: string): Output {
  return new DescriptorOutput(descriptor, path, "");
}

function isSpecial(path: string): boolean {
  try {
    const descriptor = openSync(path, "r+");
    const special = !fstatSync(descriptor).isFile();
    closeSync(descriptor);
    return special;
  } catch {
    return false;
  }
}

function openFor(path: string, shown: string): number {
  try {
    return openSync(path, "w");
  } catch (error: unknown) {
    throw failure(shown, error);
  }
}

/** An open file or standard stream. */
export class DescriptorOutput implements Output {
  isClosed = false;
  readonly descriptor: number;
  readonly path: string;
  private readonly partial: string;
  private isDone = false;

  constructor(descriptor: number, path: string, partial: string) {
    this.descriptor = descriptor;
    this.path = path;
    this.partial = partial;
  }

  async write(octets: Uint8Array): Promise<void> {
    let from = 0;
    while (from < octets.length && !this.isClosed) {
      try {
        from += await writeSome(this.descriptor, octets, from);
      } catch (error: unknown) {
        const code = codeOf(error);
        if (code === "EAGAIN") await sleep(FULL_PIPE_WAIT);
        else if (code === "EPIPE") this.isClosed = true;
        else throw failure(this.path, error);
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
      throw failure(this.path, error);
    }
  }

  abandon(): void {
    if (this.isDone) return;
    this.isDone = true;
    if (this.descriptor <= STANDARD_ERROR) return;
    closeSync(this.descriptor);
    if (this.partial !== "") unlinkSync(this.partial);
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

function failure(path: string, error: unknown): OutputError {
  const code = codeOf(error);
  const what = REMEDIES[code] ?? (error instanceof Error ? error.message : String(error));
  return new OutputError("PF_OUTPUT_FAILED", `${path}: can't be written: ${what}`, error);
}
