import { readThrough } from "../analysis/read-through.ts";

const LINE_FEED = 10;
const SPACE = 32;

/**
 * Reads compressed logs as far as DuckDB did, which takes one that was cut for all there is.
 * @param rows - how many rows of them DuckDB read in all: a log with more lines than that it has not read to
 *   the end, so that its end is nobody's business. Until it is known reading goes on, beside the question.
 * @param signal - ends it early
 * @throws CaptureError for the first log that is damaged or cut short where DuckDB got to
 */
export async function readAsFar(
  paths: readonly string[],
  rows: Promise<number>,
  signal?: AbortSignal,
): Promise<void> {
  let enough = Infinity;
  void rows.then((count) => {
    enough = count;
  });
  for (const path of paths) {
    const lines = new FullLines();
    const goOn = (octets: Buffer): boolean => {
      lines.add(octets);
      return lines.count <= enough;
    };
    try {
      await readThrough(path, goOn, signal);
    } catch (error: unknown) {
      if (lines.count <= (await rows)) throw error;
    }
  }
}

/** Counts lines that end and hold something, rather too few: one that ends with white space is left out. */
class FullLines {
  count = 0;
  private last = LINE_FEED;

  add(octets: Buffer): void {
    for (let end = octets.indexOf(LINE_FEED); end >= 0; end = octets.indexOf(LINE_FEED, end + 1)) {
      const before = end === 0 ? this.last : octets[end - 1]!;
      if (before > SPACE) this.count += 1;
    }
    if (octets.length > 0) this.last = octets[octets.length - 1]!;
  }
}
