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
import { needFileHeader } from "./file-header.ts";
import { LengthOrder, PCAP_HEADER_LENGTH, type PcapHeader, readPcapHeader } from "./pcap-header.ts";

// Record header: 0 seconds | 4 microseconds or nanoseconds | 8 captured length | 12 wire length
// (16 interface index, 20 protocol, 22 packet type in the patched format), then the packet.
const FRACTION = 4;
const FIRST_LENGTH = 8;
const SECOND_LENGTH = 12;

const LATEST_SECOND = 0xffff_ffff;
const NANOSECONDS = 1_000_000_000;

/**
 * Opens a classic pcap file of either byte order and any variant.
 * @param window - at the file header; owned by the source from now on
 * @param reader - what the window reads, for its progress
 * @throws CaptureError when the header is cut short or of an unknown version
 * @see draft-ietf-opsawg-pcap
 */
export async function openPcap(window: ByteWindow, reader: OctetReader): Promise<CaptureSource> {
  await needFileHeader(window, PCAP_HEADER_LENGTH);
  const head = window.bytes.subarray(window.position, window.position + PCAP_HEADER_LENGTH);
  const header = readPcapHeader(head, window.name);
  await needFileHeader(window, header.length);
  window.position += header.length;
  return new PcapSource(window, reader, header);
}

class PcapSource implements CaptureSource {
  readonly name: string;
  readonly interfaces: readonly CaptureInterface[];
  readonly counters: CaptureCounters;

  readonly #window: ByteWindow;
  readonly #reader: OctetReader;
  readonly #header: PcapHeader;

  constructor(window: ByteWindow, reader: OctetReader, header: PcapHeader) {
    this.name = window.name;
    this.interfaces = [{ linkType: header.linkType }];
    this.counters = newCounters({ bytes: header.length, sections: 1 });
    this.#window = window;
    this.#reader = reader;
    this.#header = header;
  }

  get progress(): CaptureProgress {
    return this.#reader.progress;
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
    const header = this.#header;
    const { view, end } = window;
    const { littleEndian, unitsPerSecond, recordHeaderLength, lengthOrder, linkType } = header;
    const { start, capturedLength, wireLength, seconds, nanoseconds } = batch;
    const capacity = start.length;
    const nanosecondsPerUnit = NANOSECONDS / unitsPerSecond;
    let position = window.position;
    let row = 0;
    while (row < capacity) {
      const data = position + recordHeaderLength;
      if (data > end) break;
      const fraction = view.getUint32(position + FRACTION, littleEndian);
      let captured = view.getUint32(position + FIRST_LENGTH, littleEndian);
      let wire = view.getUint32(position + SECOND_LENGTH, littleEndian);
      if (
        lengthOrder !== LengthOrder.CapturedFirst &&
        (lengthOrder === LengthOrder.WireFirst || captured > wire)
      ) {
        const first = captured;
        captured = wire;
        wire = first;
      }
      if (captured > end - data) break;
      seconds[row] = view.getUint32(position, littleEndian);
      if (fraction < unitsPerSecond) nanoseconds[row] = Math.imul(fraction, nanosecondsPerUnit);
      else this.#carry(batch, row, fraction);
      start[row] = data;
      capturedLength[row] = captured;
      wireLength[row] = wire;
      row += 1;
      position = data + captured;
    }
    this.counters.capturedOctets += position - window.position - row * recordHeaderLength;
    batch.linkType.fill(linkType, 0, row);
    batch.interfaceIndex.fill(0, 0, row);
    batch.bytes = window.bytes;
    batch.count = row;
    window.position = position;
  }

  /** A fraction of a second and more: the whole seconds in it belong to the seconds. */
  #carry(batch: PacketBatch, row: number, fraction: number): void {
    const { unitsPerSecond } = this.#header;
    const over = Math.floor(fraction / unitsPerSecond);
    const sum = batch.seconds[row]! + over;
    if (sum > LATEST_SECOND) {
      batch.seconds[row] = LATEST_SECOND;
      batch.nanoseconds[row] = NANOSECONDS - 1;
      this.counters.timesClamped += 1;
      return;
    }
    batch.seconds[row] = sum;
    batch.nanoseconds[row] = (fraction - over * unitsPerSecond) * (NANOSECONDS / unitsPerSecond);
  }

  /** Called at a record that is not whole in the window. False at the end of the capture. */
  async #readOn(): Promise<boolean> {
    const window = this.#window;
    const { recordHeaderLength } = this.#header;
    let needed = recordHeaderLength;
    let whole = await window.more(needed);
    if (whole) {
      const captured = this.#capturedLength();
      if (captured > LARGEST_RECORD) {
        const what = `a packet record of ${captured} octets`;
        throw damagedCapture(this.name, what, window.offset, window.unread);
      }
      needed += captured;
      whole = await window.more(needed);
    }
    if (whole) return true;
    if (window.closed || window.available === 0) return false;
    throw new TruncatedCaptureError(
      this.name,
      "a packet record",
      window.offset,
      needed,
      window.available,
    );
  }

  #capturedLength(): number {
    const { view, position } = this.#window;
    const { littleEndian, lengthOrder } = this.#header;
    const first = view.getUint32(position + FIRST_LENGTH, littleEndian);
    const second = view.getUint32(position + SECOND_LENGTH, littleEndian);
    if (lengthOrder === LengthOrder.CapturedFirst) return first;
    return lengthOrder === LengthOrder.WireFirst ? second : Math.min(first, second);
  }
}
