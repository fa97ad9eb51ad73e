import type { Stats } from "node:fs";
import type { OctetReader } from "./octet-reader.ts";
import type { PathWatch } from "./path-watch.ts";

/** Octets of a followed file. */
export type FollowedOctets = OctetReader & {
  /** Whether the path leads to another file, or the file was cut below what was read; once true, for ever. */
  isLeft(): Promise<boolean>;
};

/**
 * Octets of a file that another program writes to: at its end more is waited for. They are over when
 * the file is left and has no more, or the path is closed.
 * @param reader - the file from its beginning; owned by the result from now on
 * @param opened - what the path led to when it was opened
 */
export function followOctets(reader: OctetReader, opened: Stats, path: PathWatch): FollowedOctets {
  let position = 0;
  let isLeft = false;
  let isOver = false;
  const look = async (): Promise<boolean> => {
    const now = isLeft ? undefined : await path.look();
    // Renamed away, and nothing new yet: whoever writes may still have it open.
    if (now === undefined) return isLeft;
    isLeft = now.ino !== opened.ino || now.dev !== opened.dev || now.size < position;
    return isLeft;
  };
  return {
    get progress() {
      return { octetsRead: position, octetsTotal: undefined };
    },
    async read(target, start, length) {
      while (!isOver) {
        // Looked at before the read: what was written before the path led elsewhere is there by then.
        const isLast = path.isClosed || (await look());
        const octets = await reader.read(target, start, length);
        position += octets;
        if (octets > 0) return octets;
        if (isLast) isOver = true;
        else await path.changed();
      }
      return 0;
    },
    isLeft: look,
    close: () => reader.close(),
  };
}
