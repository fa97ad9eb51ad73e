import type { PacketBatch } from "../../core/packet-batch.ts";
import { type ByteWindow, LARGEST_RECORD } from "../input/byte-window.ts";
import { damagedCapture, TruncatedCaptureError, unreadableCapture } from "../input/damage.ts";
import { type OctetReader, ReadFailure } from "../input/octet-reader.ts";
import type {
  CaptureCounters,
  CaptureInterface,
  CaptureProgress,
  CaptureSource,
} from "../source.ts";
import { newCounters } from "./counters.ts";
import type { NetmonFrames } from "./netmon-frames.ts";
import { ENTRY_LENGTH, NETMON_HEADER_LENGTH, type NetmonHeader } from "./netmon-header.ts";

const FRAME = "a frame";
/** Entries of the table at hand at a time. */
const PAGE = 1 << 14;
/**
 * Microsoft's have a frame of statistics in front that is listed last. More ways back than this can only
 * be an attack on the time.
 */
const MOST_WAYS_BACK = 64;

/** Frames of a Network Monitor capture in the order of its table, wherever they lie in the file. */
export class NetmonListed implements CaptureSource {
  readonly name: string;
  readonly counters: CaptureCounters = newCounters({ bytes: NETMON_HEADER_LENGTH, sections: 1 });

  readonly #window: ByteWindow;
  readonly #octets: OctetReader;
  readonly #header: NetmonHeader;
  readonly #frames: NetmonFrames;
  readonly #page: DataView = new DataView(new ArrayBuffer(PAGE * ENTRY_LENGTH));
  /** Entries of the table that came before the page, those on it, and of these the next. */
  #pagesBefore = 0;
  #entries = 0;
  #entry = 0;
  /** The octets of the file from `#base` to `#base + #end`. */
  #bytes: Uint8Array;
  #view: DataView;
  #base = 0;
  #end = 0;
  #waysBack = 0;
  #isClosed = false;

  /** @param octets - one that can `readAt` */
  constructor(window: ByteWindow, octets: OctetReader, header: NetmonHeader, frames: NetmonFrames) {
    this.name = window.name;
    this.#window = window;
    this.#octets = octets;
    this.#header = header;
    this.#frames = frames;
    // The window's memory is used, the window not: it only goes forward.
    this.#bytes = window.bytes;
    this.#view = window.view;
  }

  get interfaces(): readonly CaptureInterface[] {
    return this.#frames.interfaces;
  }

  get progress(): CaptureProgress {
    return this.#octets.progress;
  }

  async fill(batch: PacketBatch): Promise<boolean> {
    batch.count = 0;
    while (!this.#isClosed && this.#hasNext()) {
      this.#readRows(batch);
      this.counters.timesClamped = this.#frames.timesClamped;
      if (batch.count > 0) return true;
      if (this.#entry < this.#entries) this.#readFrame(this.#next());
    }
    return false;
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return this.#window.close();
  }

  /** The hot loop: every frame on the page that is whole at hand, up to the capacity of the batch. */
  #readRows(batch: PacketBatch): void {
    const frames = this.#frames;
    const { headLength } = frames;
    const end = this.#end;
    const capacity = batch.start.length;
    let row = 0;
    let octets = 0;
    while (row < capacity && this.#entry < this.#entries) {
      const position = this.#next() - this.#base;
      if (position < 0 || end - position < headLength) break;
      const length = frames.lengthOf(this.#view, position);
      if (length > end - position) break;
      if (frames.take(this.#view, position, batch, row)) {
        octets += batch.capturedLength[row]!;
        row += 1;
      }
      this.#entry += 1;
      this.counters.bytes += length;
    }
    this.counters.capturedOctets += octets;
    batch.bytes = this.#bytes;
    batch.count = row;
  }

  #next(): number {
    return this.#page.getUint32(this.#entry * ENTRY_LENGTH, true);
  }

  /** Turns to the next page of the table where this one is used up. */
  #hasNext(): boolean {
    if (this.#entry < this.#entries) return true;
    this.#pagesBefore += this.#entries;
    const { tableOffset, tableLength } = this.#header;
    const read = this.#pagesBefore * ENTRY_LENGTH;
    const left = Math.min(PAGE * ENTRY_LENGTH, tableLength - read);
    const bytes = new Uint8Array(this.#page.buffer, 0, left);
    const has = this.#readAt(bytes, tableOffset + read);
    if (has < left) this.#cut("the table of frames", tableOffset, tableLength, read + has);
    this.#entry = 0;
    this.#entries = left / ENTRY_LENGTH;
    return left > 0;
  }

  /** Reads on from a frame, so that it is whole at hand. */
  #readFrame(offset: number): void {
    const { headLength } = this.#frames;
    if (offset < this.#base) this.#waysBack += 1;
    if (this.#waysBack > MOST_WAYS_BACK) this.#fail("a table of frames in no order", offset);
    if (offset < NETMON_HEADER_LENGTH) this.#fail("a frame in the file header", offset);
    this.#base = offset;
    this.#end = this.#readAt(this.#bytes, offset);
    if (this.#end < headLength) this.#cut(FRAME, offset, headLength, this.#end);
    const length = this.#frames.lengthOf(this.#view, 0);
    if (length > LARGEST_RECORD) this.#fail(`${FRAME} of ${length} octets`, offset);
    if (length <= this.#end) return;
    if (length > this.#bytes.length) {
      this.#bytes = new Uint8Array(length);
      this.#view = new DataView(this.#bytes.buffer);
      this.#end = this.#readAt(this.#bytes, offset);
    }
    if (length > this.#end) this.#cut(FRAME, offset, length, this.#end);
  }

  /** Fills `bytes` as far as the file goes. */
  #readAt(bytes: Uint8Array, offset: number): number {
    let filled = 0;
    try {
      while (filled < bytes.length) {
        const left = bytes.length - filled;
        const octets = this.#octets.readAt!(bytes, filled, left, offset + filled);
        if (octets === 0) break;
        filled += octets;
      }
    } catch (error: unknown) {
      if (!(error instanceof ReadFailure)) throw error;
      throw unreadableCapture(this.name, offset + filled, error);
    }
    return filled;
  }

  #cut(what: string, offset: number, needs: number, has: number): never {
    throw new TruncatedCaptureError(this.name, what, offset, needs, has);
  }

  #fail(what: string, offset: number): never {
    throw damagedCapture(this.name, what, offset);
  }
}
