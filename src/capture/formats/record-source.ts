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

/** Records of a capture format that has them one after the other, each with its own length. */
export type RecordReader = {
  /** Grows as packets come from others. */
  readonly interfaces: readonly CaptureInterface[];
  /** Octets of a record that tell how long it is. */
  readonly headLength: number;
  /**
   * Octets of the record at `position`, of which the first `headLength` are there.
   * @returns 0 when it contradicts itself; `faultOf` says how
   */
  lengthOf(view: DataView, position: number): number;
  /** What is wrong with a record without a length, in words that read well before "at byte N". */
  faultOf(view: DataView, position: number): string;
  /**
   * Writes all columns of a row but `marks`. The whole record is there.
   * @returns false when it holds no packet
   */
  take(view: DataView, position: number, batch: PacketBatch, row: number): boolean;
};

const RECORD = "a packet record";

/** Hands over the packets of such a capture. */
export class RecordSource implements CaptureSource {
  readonly name: string;
  readonly counters: CaptureCounters;

  readonly #window: ByteWindow;
  readonly #octets: OctetReader;
  readonly #records: RecordReader;

  /**
   * @param window - at the first record; owned by the source from now on
   * @param octets - what the window reads, for its progress
   */
  constructor(window: ByteWindow, octets: OctetReader, records: RecordReader) {
    this.name = window.name;
    this.counters = newCounters({ bytes: window.offset, sections: 1 });
    this.#window = window;
    this.#octets = octets;
    this.#records = records;
  }

  get interfaces(): readonly CaptureInterface[] {
    return this.#records.interfaces;
  }

  get progress(): CaptureProgress {
    return this.#octets.progress;
  }

  async fill(batch: PacketBatch): Promise<boolean> {
    for (;;) {
      this.#readRows(batch);
      this.counters.bytes = this.#window.offset;
      if (batch.count > 0) return true;
      if (!(await this.#readOn())) return false;
    }
  }

  close(): Promise<void> {
    return this.#window.close();
  }

  /** The hot loop: every record that is whole in the window, up to the capacity of the batch. */
  #readRows(batch: PacketBatch): void {
    const window = this.#window;
    const records = this.#records;
    const { view, end } = window;
    const { headLength } = records;
    const capacity = batch.start.length;
    let position = window.position;
    let row = 0;
    let octets = 0;
    while (row < capacity && end - position >= headLength) {
      const length = records.lengthOf(view, position);
      if (length === 0 || length > end - position) break;
      if (records.take(view, position, batch, row)) {
        octets += batch.capturedLength[row]!;
        row += 1;
      }
      position += length;
    }
    this.counters.capturedOctets += octets;
    batch.bytes = window.bytes;
    batch.count = row;
    window.position = position;
  }

  /** Called at a record that is not whole in the window, or is damaged. False at the end of the capture. */
  async #readOn(): Promise<boolean> {
    const window = this.#window;
    const records = this.#records;
    let needed = records.headLength;
    let whole = await window.more(needed);
    if (whole) {
      needed = records.lengthOf(window.view, window.position);
      if (needed === 0) this.#fail(records.faultOf(window.view, window.position));
      if (needed > LARGEST_RECORD) this.#fail(`${RECORD} of ${needed} octets`);
      whole = await window.more(needed);
    }
    if (whole) return true;
    if (window.closed || window.available === 0) return false;
    throw new TruncatedCaptureError(this.name, RECORD, window.offset, needed, window.available);
  }

  #fail(what: string): never {
    const { offset, unread } = this.#window;
    throw damagedCapture(this.name, what, offset, unread);
  }
}
