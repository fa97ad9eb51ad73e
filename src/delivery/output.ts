import {
  close,
  closeSync,
  existsSync,
  fchmodSync,
  fdatasync,
  fstatSync,
  openSync,
  renameSync,
  rmSync,
  write,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import type { OutputError } from "../core/errors.ts";
import { codeOf, isFull, outputFailure } from "./output-failure.ts";
import { type FilePlace, outputPlace } from "./output-place.ts";
import { addUnfinished, removeUnfinished, type UnfinishedFile } from "./unfinished.ts";

const closeDescriptor = promisify(close);
const settle = promisify(fdatasync);
const STANDARD_OUTPUT = 1;
const STANDARD_ERROR = 2;
/** How long to wait before asking a full non-blocking pipe again, milliseconds. */
const FULL_PIPE_WAIT = 2;

/** Permissions of a new file, of which the umask takes away some. */
const ORDINARY_MODE = 0o666;
const PERMISSIONS = 0o777;
/** Octets of a name that go into that of its partial file: a name may have 255. */
const LONGEST_BEGIN = 200;

/** What a file is called when it is complete, and until then. */
type Names = UnfinishedFile & { readonly name: string };

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
    return new DescriptorOutput(dash === "stdout" ? STANDARD_OUTPUT : STANDARD_ERROR, dash);
  }
  const place = outputPlace(path);
  if (place.kind === "descriptor") return new DescriptorOutput(place.descriptor, path);
  if (place.kind === "special") return new DescriptorOutput(openAsItIs(path), path);
  return openPartial(path, place);
}

/**
 * Opens a file that gets its name later. Until then it has one that no other has: what a killed run has left stays,
 * be it of the same process number, as in a container that is started anew.
 * @param path - what it will be called in messages
 * @param place - where it comes to lie; who may read what lies there now may read what replaces it
 * @param whenFull - waits until a write that found no room may be tried again
 * @throws OutputError when it can't be opened
 */
export function openPartial(
  path: string,
  place: FilePlace,
  whenFull?: (error: OutputError) => Promise<void>,
): DescriptorOutput {
  for (let attempt = 1; ; attempt += 1) {
    const number = attempt === 1 ? process.pid : `${process.pid}-${attempt}`;
    const partial = join(dirname(place.path), partialName(basename(place.path), number));
    try {
      const descriptor = openSync(partial, "wx", ORDINARY_MODE);
      if (place.before !== undefined) keepMode(descriptor, place.before.mode);
      return new DescriptorOutput(descriptor, path, { path, name: place.path, partial }, whenFull);
    } catch (error: unknown) {
      if (codeOf(error) !== "EEXIST") throw outputFailure(path, error);
    }
  }
}

/** A name that is as long as a name may be leaves no room for more. */
function partialName(name: string, number: number | string): string {
  let begin = name;
  while (Buffer.byteLength(begin) > LONGEST_BEGIN) begin = [...begin].slice(0, -1).join("");
  return `.${begin}.${number}.partial`;
}

function keepMode(descriptor: number, mode: number): void {
  try {
    fchmodSync(descriptor, mode & PERMISSIONS);
  } catch {
    // A file system without permissions.
  }
}

/** Writes to a descriptor that somebody else opened and will close. @param path - what to call it */
export function outputTo(descriptor: number, path: string): Output {
  return new DescriptorOutput(descriptor, path);
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
  private readonly names: Names | undefined;
  private readonly whenFull: ((error: OutputError) => Promise<void>) | undefined;
  private isDone = false;

  /** @param names - of a file that is renamed when it is complete */
  constructor(
    descriptor: number,
    path: string,
    names?: Names,
    whenFull?: (error: OutputError) => Promise<void>,
  ) {
    this.descriptor = descriptor;
    this.path = path;
    this.names = names;
    this.whenFull = whenFull;
    if (names !== undefined) addUnfinished(names);
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
        else if (this.whenFull !== undefined && isFull(error)) {
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
    } catch (error: unknown) {
      throw this.failure(this.path, error);
    }
    if (this.names !== undefined) this.rename(this.names.name, this.path);
  }

  /** Ends a file and gives it another name than the one it was opened for; it is on the disk then. */
  async closeAs(name: string): Promise<void> {
    this.isDone = true;
    try {
      await settle(this.descriptor);
      await closeDescriptor(this.descriptor);
    } catch (error: unknown) {
      throw this.failure(name, error);
    }
    this.rename(name, name);
  }

  abandon(options?: { readonly keeps: boolean }): string | undefined {
    if (this.isDone) return undefined;
    this.isDone = true;
    if (this.descriptor <= STANDARD_ERROR) return undefined;
    const isEmpty = fstatSync(this.descriptor).size === 0;
    closeSync(this.descriptor);
    if (this.names === undefined) return undefined;
    removeUnfinished(this.names);
    const { partial } = this.names;
    // Its folder may have been removed.
    if (!isEmpty && options?.keeps === true && existsSync(partial)) return partial;
    rmSync(partial, { force: true });
    return undefined;
  }

  private rename(name: string, path: string): void {
    removeUnfinished(this.names!);
    try {
      renameSync(this.names!.partial, name);
    } catch (error: unknown) {
      throw this.failure(path, error);
    }
  }

  /** Of a file that is whole but for its name, it says where that is. */
  private failure(path: string, error: unknown): OutputError {
    const partial = this.names?.partial;
    const kept = partial !== undefined && existsSync(partial) ? partial : undefined;
    return outputFailure(path, error, kept);
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
