import { lstatSync, readlinkSync, realpathSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { outputFailure } from "./output-failure.ts";

/** As many links in a row as Linux follows. */
const MOST_LINKS = 40;

/** A regular file, or one that is not there yet. */
export type FilePlace = {
  readonly kind: "file";
  /** Where it comes to lie; no link. */
  readonly path: string;
  /** What lies there now. */
  readonly before: Stats | undefined;
};

/** What a path leads to, for one who writes there. */
export type OutputPlace =
  | FilePlace
  /** A descriptor that this process was started with, such as `/dev/stdout`. */
  | { readonly kind: "descriptor"; readonly descriptor: number }
  /** A device, a pipe, a socket: there already, and to be written as it is. */
  | { readonly kind: "special" };

/**
 * Finds out where a path leads without touching what is there: a pipe that is opened and closed again
 * would end whoever reads it.
 * @throws OutputError for a directory, and for links that lead nowhere
 */
export function outputPlace(path: string): OutputPlace {
  const descriptor = descriptorOf(path);
  if (descriptor !== undefined) return { kind: "descriptor", descriptor };
  let found: Stats | undefined;
  try {
    found = statSync(path, { throwIfNoEntry: false });
  } catch (error: unknown) {
    throw outputFailure(path, error);
  }
  if (found?.isDirectory() === true) throw outputFailure(path, coded("EISDIR"));
  if (found !== undefined && !found.isFile()) return { kind: "special" };
  if (found === undefined && path.endsWith("/")) throw outputFailure(path, coded("ENOENT"));
  return { kind: "file", path: withoutLinks(path, path, MOST_LINKS), before: found };
}

/** Opening `/dev/stdout` where that is a file would begin the file anew, and renaming would replace the device's name. */
function descriptorOf(path: string): number | undefined {
  if (path === "/dev/stdout") return 1;
  if (path === "/dev/stderr") return 2;
  const number = /^\/(?:dev|proc\/self)\/fd\/(\d{1,9})$/.exec(path)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** The last part of a path is followed, be it to what is not there yet; a link stays where it is. */
function withoutLinks(path: string, given: string, left: number): string {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return path;
  if (left === 0) throw outputFailure(given, coded("ELOOP"));
  const folder = realpathSync(dirname(path));
  return withoutLinks(resolve(folder, readlinkSync(path)), given, left - 1);
}

/** One name for each file, whatever path leads there; undefined for what two may write to. */
export function fileNameOf(place: OutputPlace): string | undefined {
  if (place.kind !== "file") return undefined;
  try {
    return join(realpathSync(dirname(place.path)), basename(place.path));
  } catch {
    return place.path;
  }
}

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}
