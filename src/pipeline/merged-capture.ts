import { statSync } from "node:fs";
import { openCapture } from "../capture/open.ts";
import type { CaptureToRead } from "./capture-feed.ts";

/** A capture in a file, a pipe, or, as `-`, on standard input. */
export function captureAt(path: string): CaptureToRead {
  return { paths: [path], open: (options) => openCapture(path, options) };
}

/** A capture that is being written: its end is waited for, for ever. A pipe is read as it is. */
export function followedCapture(path: string): CaptureToRead {
  const isFile = isRegularFile(path);
  return {
    isLive: true,
    open: async (options, onError = raise) => {
      if (!isFile) return openCapture(path, options);
      const { followCapture } = await import("../capture/follow.ts");
      return followCapture(path, onError, options);
    },
  };
}

/** Several captures read as one, in the order of their packets' times; one alone or none is read as it is. */
export function mergedCapture(captures: readonly CaptureToRead[]): CaptureToRead {
  const [only] = captures;
  if (only !== undefined && captures.length === 1) return only;
  const paths = captures.flatMap((capture) => capture.paths ?? []);
  const haveAllPaths = captures.every((capture) => capture.paths !== undefined);
  return {
    ...(haveAllPaths ? { paths } : {}),
    open: async (options, onError = raise) => {
      const { mergeCaptures } = await import("../capture/merge.ts");
      return mergeCaptures(
        captures.map((capture) => ({
          open: (one) => capture.open(one),
          reopens: capture.paths?.every(isRegularFile) ?? false,
        })),
        onError,
        options,
      );
    },
  };
}

function isRegularFile(path: string): boolean {
  return path !== "-" && statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function raise(error: Error): never {
  throw error;
}
