import type { PacketBatch } from "../../core/packet-batch.ts";
import { type ByteWindow, LARGEST_RECORD } from "../input/byte-window.ts";
import { damagedCapture, TruncatedCaptureError } from "../input/damage.ts";
import type { OctetReader } from "../input/octet-reader.ts";
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

/**
 * Frames of a Network Monitor capture as they lie, one after the other, up to the table that lists
 * them. What the table should say is added up on the way: it is not kept.
 */
export class NetmonInOrder implements CaptureSource {
  readonly name: string;
  readonly counters: CaptureCounters = newCounters({ bytes: NETMON_HEADER_LENGTH, sections: 1 });

  readonly #window: ByteWindow;
  readonly #octets: OctetReader;
  readonly #header: NetmonHeader;
  readonly #frames: NetmonFrames;
  /** Where frames end; Infinity where the table was never written. */
  readonly #end: number;
  #frameCount = 0;
  #sumOfOffsets = 0;
  #isOver = false;

  constructor(window: ByteWindow, octets: OctetReader, header: NetmonHeader, frames: NetmonFrames) {
    this.name = window.name;
    this.#window = window;
    this.#octets = octets;
    this.#header = header;
    this.#frames = frames;
    const isWritten = header.tableOffset > 0 || header.tableLength > 0;
    this.#end = isWritten ? header.tableOffset : Number.POSITIVE_INFINITY;
  }

  get interfaces(): readonly CaptureInterface[] {
    return this.#frames.interfaces;
  }

  get progress(): CaptureProgress {
    return this.#octets.progress;
  }

  async fill(batch: PacketBatch): Promise<boolean> {
    for (;;) {
      this.#readRows(batch);
      this.counters.bytes = this.#window.offset;
      this.counters.timesClamped = this.#frames.timesClamped;
      if (batch.count > 0) return true;
      if (!(await this.#readOn())) return false;
    }
  }

  close(): Promise<void> {
    return this.#window.close();
  }

  /** The hot loop: every frame that is whole in the window, up to the capacity of the batch. */
  #readRows(batch: PacketBatch): void {
    const window = this.#window;
    const frames = this.#frames;
    const { view } = window;
    const { headLength } = frames;
    const base = window.offset - window.position;
    const end = Math.min(window.end, this.#end - base);
    const capacity = batch.start.length;
    let position = window.position;
    let row = 0;
    let octets = 0;
    while (row < capacity && end - position >= headLength) {
      const length = frames.lengthOf(view, position);
      if (length > end - position) break;
      if (frames.take(view, position, batch, row)) {
        octets += batch.capturedLength[row]!;
        row += 1;
      }
      this.#frameCount += 1;
      this.#sumOfOffsets = (this.#sumOfOffsets + base + position) >>> 0;
      position += length;
    }
    this.counters.capturedOctets += octets;
    batch.bytes = window.bytes;
    batch.count = row;
    window.position = position;
  }

  /** Called at a frame that is not whole in the window, or at the table. False at the end. */
  async #readOn(): Promise<boolean> {
    const window = this.#window;
    const frames = this.#frames;
    if (this.#isOver) return false;
    const room = this.#end - window.offset;
    if (room <= 0) return this.#readTable(room);
    let needed = frames.headLength;
    let whole = await window.more(needed);
    if (whole) {
      needed = frames.lengthOf(window.view, window.position);
      if (needed > LARGEST_RECORD) this.#fail(`${FRAME} of ${needed} octets`);
      const beyond = needed - room;
      if (beyond > 0) this.#fail(`${FRAME} that reaches ${beyond} octets into the table of frames`);
      whole = await window.more(needed);
    }
    if (whole) return true;
    if (window.closed) return false;
    if (window.available > 0) this.#cut(FRAME, window.offset, needed, window.available);
    if (this.#end !== Number.POSITIVE_INFINITY) this.#cutTable(0);
    return false;
  }

  async #readTable(room: number): Promise<false> {
    const window = this.#window;
    const { tableOffset, tableLength } = this.#header;
    if (room < 0) throw damagedCapture(this.name, "a table of frames in the header", tableOffset);
    if (tableLength !== this.#frameCount * ENTRY_LENGTH) {
      this.#fail(`a table of frames of ${tableLength} octets behind ${this.#frameCount} frames`);
    }
    let sum = 0;
    for (let read = 0; read < tableLength; read += ENTRY_LENGTH) {
      if (!(await window.more(ENTRY_LENGTH))) {
        if (window.closed) return false;
        this.#cutTable(read + window.available);
      }
      sum = (sum + window.view.getUint32(window.position, true)) >>> 0;
      window.position += ENTRY_LENGTH;
    }
    if (sum !== this.#sumOfOffsets) {
      throw damagedCapture(this.name, "a table of frames that lie elsewhere", tableOffset);
    }
    this.counters.bytes = window.offset;
    this.#isOver = true;
    return false;
  }

  #cutTable(has: number): never {
    return this.#cut(
      "the table of frames",
      this.#header.tableOffset,
      this.#header.tableLength,
      has,
    );
  }

  #cut(what: string, offset: number, needs: number, has: number): never {
    throw new TruncatedCaptureError(this.name, what, offset, needs, has);
  }

  #fail(what: string): never {
    const { offset, unread } = this.#window;
    throw damagedCapture(this.name, what, offset, unread);
  }
}
