import { unreadableCapture } from "./damage.ts";
import { type OctetReader, ReadFailure } from "./octet-reader.ts";

// Two buffers of the same layout. While one is worked on, the next chunk is read into the other:
//
//   | head-room          | chunk                                        |
//   |            | tail  | octets just read                        |    |
//                ^ position                                        ^ end
//
// The unread tail of the old buffer (part of one record) is copied in front of the new chunk, so a
// record never lies in two pieces. Reading ahead on the thread pool was measured against one buffer
// (1 GB pcap of 80-octet packets in the page cache, Node 20, 2 cores): 105 ms, against 140 ms with
// synchronous and 225 ms with asynchronous reads; chunks of 1, 2 and 4 MiB are within 10 %.
const HEAD_ROOM = 1 << 18;
const CHUNK = 1 << 20;

// A thread with nothing else to do reads at once into one buffer, when what is there is used up: that
// stays in the processor's second-level cache (2 MiB here), and no other thread is woken.
const DIRECT_CHUNK = 1 << 19;

/** How a window takes its memory. */
export type WindowOptions = {
  /** Octets read at a time; the window takes two to two and a half times as much memory, or as much. */
  readonly chunk?: number | undefined;
  /** Gives so many octets, which the window has until it is closed; its own where left out. */
  readonly allocate?: ((octets: number) => Uint8Array) | undefined;
  /** Whether to read at once where that can be, although the thread waits for the disk then. */
  readonly blocks?: boolean | undefined;
};

/** No record of a sane capture has more octets; a larger one is damage, and would cost memory. */
export const LARGEST_RECORD: number = 1 << 26;

/**
 * A sliding view of a capture of any length in constant memory. Offsets into `bytes` hold until
 * `more` or `skip` is called.
 */
export class ByteWindow {
  /** What to call the capture in messages. */
  readonly name: string;
  bytes: Uint8Array;
  /** The same octets; reading u32 through it was 1.3 times as fast as shifts on `bytes`. */
  view: DataView;
  /** Octets of the whole capture, where whoever opened it knows. */
  size: number | undefined;
  /** First octet not yet consumed; the reader of the container moves it. */
  position = 0;
  /** First octet of `bytes` that holds nothing. */
  end = 0;

  readonly #reader: OctetReader;
  /** Where there is one, the spare buffer is not used. */
  readonly #readNow: OctetReader["readNow"];
  readonly #headRoom: number;
  readonly #chunk: number;
  #spare: Uint8Array;
  #spareView: DataView;
  /** The chunk being read into the spare buffer, from HEAD_ROOM on. */
  #next: Promise<number> | undefined;
  /** Offset in the capture of `bytes[0]`. */
  #base = 0;
  #ended = false;
  #closed = false;
  /** Ends the wait for a chunk that may never come. */
  #interrupt: (octets: number) => void = () => undefined;

  constructor(name: string, reader: OctetReader, options: WindowOptions = {}) {
    this.name = name;
    this.#reader = reader;
    this.#readNow = options.blocks === true ? reader.readNow : undefined;
    const chunk = options.chunk ?? (this.#readNow === undefined ? CHUNK : DIRECT_CHUNK);
    this.#chunk = chunk;
    this.#headRoom = Math.min(HEAD_ROOM, chunk);
    const half = this.#readNow === undefined ? this.#headRoom + chunk : chunk;
    const whole = this.#readNow === undefined ? 2 * half : half;
    const octets = options.allocate?.(whole) ?? new Uint8Array(whole);
    this.bytes = octets.subarray(0, half);
    this.view = viewOf(this.bytes);
    this.#spare = octets.subarray(half);
    this.#spareView = viewOf(this.#spare);
  }

  /** Offset in the capture of the first octet not yet consumed. */
  get offset(): number {
    return this.#base + this.position;
  }

  /** Octets from `offset` to the end of the capture, where its size is known. */
  get unread(): number | undefined {
    return this.size === undefined ? undefined : Math.max(0, this.size - this.offset);
  }

  /** Octets at hand. */
  get available(): number {
    return this.end - this.position;
  }

  /** True after `close`: that `more` returned false then says nothing about the capture. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Reads on until `needed` octets from `position` are at hand; at most LARGEST_RECORD and a header.
   * @returns false when the capture ends before that; what there is stays at hand
   * @throws CaptureError when the octets can't be read or decompressed
   */
  async more(needed: number): Promise<boolean> {
    if (this.available >= needed) return true;
    if (this.#ended || this.#closed) return false;
    if (this.#readNow !== undefined) return this.#moreNow(needed);
    this.#next ??= this.#readInto(this.#spare, this.#headRoom, this.#chunk);
    const octets = await this.#settle(this.#next);
    this.#next = undefined;
    if (octets === 0) return false;
    const tail = this.available;
    if (tail <= this.#headRoom && tail + octets >= needed) this.#turn(tail, octets);
    else await this.#gather(needed, tail, octets);
    this.#readAhead();
    return this.available >= needed;
  }

  /**
   * Drops `octets` octets, at hand or not, without keeping them.
   * @returns how many there were to drop
   * @throws CaptureError as `more` does
   */
  async skip(octets: number): Promise<number> {
    let left = octets;
    for (;;) {
      const here = Math.min(left, this.available);
      this.position += here;
      left -= here;
      if (left === 0 || !(await this.more(1))) return octets - left;
    }
  }

  /** Closes the reader; a `more` under way returns false. */
  close(): Promise<void> {
    this.#closed = true;
    this.#interrupt(0);
    return this.#reader.close();
  }

  /** With one buffer: the tail goes to its front, and what is read behind it. */
  #moreNow(needed: number): boolean {
    this.#moveTail(needed);
    try {
      while (this.available < needed && !this.#ended) {
        const octets = this.#readNow!(this.bytes, this.end, this.bytes.length - this.end);
        this.end += octets;
        this.#ended = octets === 0;
      }
    } catch (error: unknown) {
      throw this.#failure(error);
    }
    return this.available >= needed;
  }

  /** The usual way: the tail goes in front of the new chunk, and the buffers change places. */
  #turn(tail: number, octets: number): void {
    const start = this.#headRoom - tail;
    this.#spare.set(this.bytes.subarray(this.position, this.end), start);
    const bytes = this.bytes;
    const view = this.view;
    this.bytes = this.#spare;
    this.view = this.#spareView;
    this.#spare = bytes;
    this.#spareView = view;
    this.#place(start, this.#headRoom + octets);
  }

  /** The rare way: chunks shorter than a record (a pipe) or a record larger than a chunk are put together in place. */
  async #gather(needed: number, tail: number, octets: number): Promise<void> {
    this.#moveTail(Math.max(needed, tail + octets));
    this.bytes.set(this.#spare.subarray(this.#headRoom, this.#headRoom + octets), tail);
    this.end += octets;
    while (this.available < needed) {
      const got = await this.#settle(
        this.#readInto(this.bytes, this.end, this.bytes.length - this.end),
      );
      if (got === 0) return;
      this.end += got;
    }
  }

  /** Puts the tail to the front of the buffer, or of a new one where `room` octets need one. */
  #moveTail(room: number): void {
    const tail = this.bytes.subarray(this.position, this.end);
    if (room > this.bytes.length) {
      this.bytes = new Uint8Array(Math.ceil(room / this.#chunk) * this.#chunk);
      this.view = viewOf(this.bytes);
    }
    this.bytes.set(tail, 0);
    this.#place(0, tail.length);
  }

  #place(position: number, end: number): void {
    this.#base += this.position - position;
    this.position = position;
    this.end = end;
  }

  #readAhead(): void {
    if (this.#ended || this.#closed) return;
    this.#next = this.#readInto(this.#spare, this.#headRoom, this.#chunk);
    // Awaited by the next `more`; without this a failure before that would end the process.
    this.#next.catch(() => undefined);
  }

  async #readInto(target: Uint8Array, start: number, length: number): Promise<number> {
    return this.#reader.read(target, start, length);
  }

  async #settle(reading: Promise<number>): Promise<number> {
    try {
      const octets = await new Promise<number>((resolve, reject) => {
        this.#interrupt = resolve;
        reading.then(resolve, reject);
      });
      if (octets === 0) this.#ended = true;
      return this.#closed ? 0 : octets;
    } catch (error: unknown) {
      if (this.#closed) return 0;
      throw this.#failure(error);
    }
  }

  /** What to throw after a read that failed: the last one. */
  #failure(error: unknown): unknown {
    this.#ended = true;
    if (!(error instanceof ReadFailure)) return error;
    return unreadableCapture(this.name, this.#base + this.end, error);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
