import type { CaptureProgress } from "../source.ts";
import type { OctetReader } from "./octet-reader.ts";

/** The octets read in order to look at them first, then those of the reader they came from. */
export function octetsAfterHead(head: Uint8Array, rest: OctetReader): OctetReader {
  let taken = 0;
  const takeHead = (target: Uint8Array, start: number, length: number): number => {
    const octets = Math.min(length, head.length - taken);
    target.set(head.subarray(taken, taken + octets), start);
    taken += octets;
    return octets;
  };
  return {
    get progress(): CaptureProgress {
      return rest.progress;
    },
    async read(target: Uint8Array, start: number, length: number): Promise<number> {
      if (taken < head.length) return takeHead(target, start, length);
      return rest.read(target, start, length);
    },
    readNow:
      rest.readNow &&
      ((target, start, length) =>
        taken < head.length
          ? takeHead(target, start, length)
          : rest.readNow!(target, start, length)),
    readAt: rest.readAt && ((...where) => rest.readAt!(...where)),
    close(): Promise<void> {
      return rest.close();
    },
  };
}

/**
 * Reads until `enough` octets are there or the source ends; more than `enough` only when a read brings
 * more, so that a live pipe is not waited for.
 * @returns at most `most` octets; fewer than `enough` only at the end
 */
export async function readHead(
  reader: OctetReader,
  enough: number,
  most: number,
): Promise<Uint8Array> {
  const head = new Uint8Array(most);
  let filled = 0;
  while (filled < enough) {
    const left = most - filled;
    const octets = reader.readNow?.(head, filled, left) ?? (await reader.read(head, filled, left));
    if (octets === 0) break;
    filled += octets;
  }
  return head.subarray(0, filled);
}
