import type { OctetReader } from "../capture/input/octet-reader.ts";

/**
 * Octets that are over when a signal says so, also while they are waited for: nobody knows when a silent
 * pipe has more.
 * @param opening - what is read; closed after the signal, once it is open
 */
export async function stoppableOctets(
  opening: Promise<OctetReader>,
  signal: AbortSignal,
): Promise<OctetReader> {
  const reader = await unlessAborted(opening, signal);
  if (reader !== undefined) return new StoppableOctets(reader, signal);
  opening.then((late) => late.close()).catch(() => undefined);
  return NOTHING;
}

const NOTHING: OctetReader = {
  progress: { octetsRead: 0, octetsTotal: undefined },
  read: async () => 0,
  close: async () => undefined,
};

class StoppableOctets implements OctetReader {
  readonly #reader: OctetReader;
  readonly #signal: AbortSignal;

  constructor(reader: OctetReader, signal: AbortSignal) {
    this.#reader = reader;
    this.#signal = signal;
  }

  get progress(): OctetReader["progress"] {
    return this.#reader.progress;
  }

  async read(target: Uint8Array, start: number, length: number): Promise<number> {
    if (this.#signal.aborted) return 0;
    return (await unlessAborted(this.#reader.read(target, start, length), this.#signal)) ?? 0;
  }

  async close(): Promise<void> {
    const closing = this.#reader.close();
    // It may wait for the read that was given up.
    if (this.#signal.aborted) closing.catch(() => undefined);
    else await closing;
  }
}

/** What comes of some work; undefined where the signal comes first. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(undefined);
    signal.addEventListener("abort", stop);
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
    if (signal.aborted) stop();
  });
}
