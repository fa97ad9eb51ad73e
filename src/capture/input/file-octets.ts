import { close, closeSync, read, readSync } from "node:fs";
import { promisify } from "node:util";
import type { CaptureProgress } from "../source.ts";
import { type OctetReader, ReadFailure } from "./octet-reader.ts";

const closeDescriptor = promisify(close);

/** A descriptor shared with a terminal or another program may be non-blocking: ask again after this. */
const RETRY_MILLISECONDS = 20;

/**
 * Octets of an open descriptor, from where it stands; of a regular file at once as well.
 * @param descriptor - owned by the reader from now on, except 0 (standard input), which stays open
 * @param octetsTotal - size of the file, when it has one
 */
export function fileOctets(descriptor: number, octetsTotal: number | undefined): OctetReader {
  return new FileOctets(descriptor, octetsTotal);
}

class FileOctets implements OctetReader {
  readonly readNow: OctetReader["readNow"];
  readonly readAt: OctetReader["readAt"];
  readonly #descriptor: number;
  readonly #octetsTotal: number | undefined;
  #octetsRead = 0;
  #closed = false;
  /** A descriptor closed under a read could be another file by then: `close` waits for this. */
  #underWay: Promise<unknown> = Promise.resolve();

  constructor(descriptor: number, octetsTotal: number | undefined) {
    this.#descriptor = descriptor;
    this.#octetsTotal = octetsTotal;
    if (octetsTotal === undefined) this.readNow = undefined;
    else this.readNow = (target, start, length) => this.#readNow(target, start, length, null);
    // Standard input may stand anywhere in its file.
    if (octetsTotal === undefined || descriptor === 0) this.readAt = undefined;
    else this.readAt = (...where) => this.#readNow(...where);
  }

  get progress(): CaptureProgress {
    return { octetsRead: this.#octetsRead, octetsTotal: this.#octetsTotal };
  }

  async read(target: Uint8Array, start: number, length: number): Promise<number> {
    for (;;) {
      if (this.#closed) return 0;
      const attempt = readDescriptor(this.#descriptor, target, start, length);
      this.#underWay = attempt;
      const octets = await attempt;
      if (octets >= 0) {
        this.#octetsRead += octets;
        return octets;
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS));
    }
  }

  /** @param offset - where in the file; null: from where it stands, which moves on then */
  #readNow(target: Uint8Array, start: number, length: number, offset: number | null): number {
    if (this.#closed) return 0;
    try {
      const octets = readSync(this.#descriptor, target, start, length, offset);
      this.#octetsRead += octets;
      return octets;
    } catch (error: unknown) {
      throw failure(error as NodeJS.ErrnoException);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#underWay.catch(() => undefined);
    if (this.#descriptor === 0) return;
    if (this.#octetsTotal === undefined) await closeDescriptor(this.#descriptor);
    else closeSync(this.#descriptor);
  }
}

/** Octets read, or -1 when there is nothing yet on a non-blocking descriptor. */
function readDescriptor(
  descriptor: number,
  target: Uint8Array,
  start: number,
  length: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    read(descriptor, target, start, length, null, (error, octets) => {
      if (error === null) resolve(octets);
      else if (error.code === "EAGAIN") resolve(-1);
      // Windows reports the end of a pipe as an error.
      else if (error.code === "EOF") resolve(0);
      else reject(failure(error));
    });
  });
}

function failure(error: NodeJS.ErrnoException): ReadFailure {
  return new ReadFailure(
    "PF_CAPTURE_READ",
    `can't be read (${error.code ?? error.message})`,
    error,
  );
}
