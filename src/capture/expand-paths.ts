import { type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { CaptureError } from "../core/errors.ts";
import { cannotOpen, openPath } from "./input/file-input.ts";
import { holdsCapture } from "./open.ts";

/**
 * Puts in place of each directory the captures in it and in the directories below, by content,
 * compressed or not, sorted bytewise by path. Hidden files and directories, and links to directories,
 * are passed over; so is what is no capture. A path that is no directory is kept as it is, existing or
 * not: opening it tells.
 * @throws CaptureError when a directory holds no capture, or something in it can't be read
 */
export async function expandPaths(paths: readonly string[]): Promise<string[]> {
  const expanded: string[] = [];
  for (const path of paths) {
    if (path === "-" || statOf(path)?.isDirectory() !== true) expanded.push(path);
    else expanded.push(...(await capturesIn(path)));
  }
  return expanded;
}

async function capturesIn(directory: string): Promise<string[]> {
  const captures: string[] = [];
  for (const file of await filesBelow(directory)) {
    if (await isCapture(file)) captures.push(file);
  }
  if (captures.length === 0) {
    throw new CaptureError(
      "PF_CAPTURE_DIRECTORY",
      directory,
      0,
      `${directory}: is a directory with no captures; name a capture or another directory`,
    );
  }
  return captures.sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
}

async function filesBelow(directory: string): Promise<string[]> {
  const { lstat } = await import("node:fs/promises");
  const files: string[] = [];
  for (const name of await namesIn(directory)) {
    if (name.startsWith(".")) continue;
    const path = join(directory, name);
    const entry = await lstat(path).catch((error: unknown) => {
      throw cannotOpen(path, error);
    });
    if (entry.isDirectory()) files.push(...(await filesBelow(path)));
    // A link may lead to a file, never to a directory: that could lead back here.
    else if (entry.isFile() || (entry.isSymbolicLink() && statOf(path)?.isFile() === true))
      files.push(path);
  }
  return files;
}

/** A file that is damaged from its first octet on counts: opening it says what is wrong. */
async function isCapture(path: string): Promise<boolean> {
  const octets = await openPath(path);
  try {
    return await holdsCapture(path, octets);
  } catch (error: unknown) {
    if (error instanceof CaptureError) return true;
    throw error;
  }
}

async function namesIn(directory: string): Promise<string[]> {
  const { readdir } = await import("node:fs/promises");
  try {
    return await readdir(directory);
  } catch (error: unknown) {
    throw cannotOpen(directory, error);
  }
}

/** What a path leads to; undefined where that can't be told. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
