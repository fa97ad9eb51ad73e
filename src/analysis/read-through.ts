import { unreadableCapture } from "../capture/input/damage.ts";
import { ReadFailure } from "../capture/input/octet-reader.ts";
import { openLog } from "../log/open-log.ts";

/** Octets at a time. */
const CHUNK = 1 << 20;

/**
 * Reads a compressed log to its end, to know that it has one: a reader that takes what it gets for all
 * does not see that the file was cut.
 * @param goOn - gets the octets piece by piece, to look at until it returns; false ends the reading
 * @param signal - ends it early
 * @throws CaptureError when it can't be opened, is damaged or cut short
 */
export async function readThrough(
  path: string,
  goOn: (octets: Buffer) => boolean,
  signal?: AbortSignal,
): Promise<void> {
  const reader = await openLog(path, signal);
  const chunk = Buffer.allocUnsafe(CHUNK);
  let offset = 0;
  try {
    for (;;) {
      const octets = await reader.read(chunk, 0, CHUNK);
      if (octets === 0) return;
      offset += octets;
      if (!goOn(chunk.subarray(0, octets))) return;
    }
  } catch (error: unknown) {
    throw error instanceof ReadFailure ? unreadableCapture(path, offset, error) : error;
  } finally {
    await reader.close();
  }
}
