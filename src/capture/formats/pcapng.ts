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
import { unknownVersion } from "./file-header.ts";
import {
  BLOCK_TOTAL_LENGTH,
  Block,
  BYTE_ORDER_MAGIC,
  blockName,
  InterfaceDescription,
  InterfaceStatistics,
  isRead,
  leastLength,
  roundUpLength,
  SectionHeader,
  SMALLEST_BLOCK,
  TRAILER,
} from "./pcapng-block.ts";
import { type OptionList, readComments } from "./pcapng-options.ts";
import { PcapngPackets } from "./pcapng-packets.ts";
import { PcapngInterfaces } from "./pcapng-section.ts";

/** Comments on sections that are kept of one capture. */
const MOST_SECTION_COMMENTS = 64;

/** True when `head` begins with a section header block of either byte order, as far as `head` goes. */
export function isPcapng(head: Uint8Array): boolean {
  if (head.length < 4) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  if (view.getUint32(0) !== Block.SectionHeader) return false;
  if (head.length < SMALLEST_BLOCK) return true;
  const magic = view.getUint32(SectionHeader.magic, true);
  return magic === BYTE_ORDER_MAGIC || view.getUint32(SectionHeader.magic) === BYTE_ORDER_MAGIC;
}

/**
 * Opens a pcapng file: sections of either byte order, interface descriptions, enhanced, simple and
 * obsolete packet blocks, interface statistics; other blocks are skipped. A block that contradicts
 * itself ends the capture with an error, as in tshark: total lengths that differ, a packet longer
 * than its block, an interface not described in the section. Total lengths that are no multiple of
 * four are rounded up, as there.
 * @param window - at the first section header; owned by the source from now on
 * @param reader - what the window reads, for its progress
 * @param options - `comments`: whether comments on packets are handed over with them
 * @see draft-ietf-opsawg-pcapng
 */
export function openPcapng(
  window: ByteWindow,
  reader: OctetReader,
  options: { readonly comments?: boolean } = {},
): CaptureSource {
  return new PcapngSource(window, reader, options.comments === true);
}

class PcapngSource implements CaptureSource {
  readonly name: string;
  readonly counters: CaptureCounters = newCounters();

  readonly comments: string[] = [];

  readonly #window: ByteWindow;
  readonly #reader: OctetReader;
  readonly #interfaces: PcapngInterfaces = new PcapngInterfaces();
  readonly #packets: PcapngPackets;

  constructor(window: ByteWindow, reader: OctetReader, keepsComments: boolean) {
    this.name = window.name;
    this.#window = window;
    this.#reader = reader;
    this.#packets = new PcapngPackets(window, this.#interfaces, this.counters, keepsComments);
  }

  get interfaces(): readonly CaptureInterface[] {
    return this.#interfaces.all;
  }

  get progress(): CaptureProgress {
    return this.#reader.progress;
  }

  async fill(batch: PacketBatch): Promise<boolean> {
    for (;;) {
      this.#packets.readRows(batch);
      this.counters.bytes = this.#window.offset;
      if (batch.count > 0) return true;
      if (!(await this.#readOtherBlock())) return false;
    }
  }

  close(): Promise<void> {
    return this.#window.close();
  }

  /** Called at a block that `readRows` did not take. False at the end of the capture. */
  async #readOtherBlock(): Promise<boolean> {
    const window = this.#window;
    if (!(await window.more(SMALLEST_BLOCK))) return this.#end("a block", SMALLEST_BLOCK);
    const order = this.#readByteOrder();
    const type = window.view.getUint32(window.position, order);
    const stated = window.view.getUint32(window.position + BLOCK_TOTAL_LENGTH, order);
    const total = roundUpLength(stated);
    const name = blockName(type);
    if (total < leastLength(type)) this.#fail(`${name} with a total length of ${stated}`);
    if (!isRead(type)) return this.#skip(name, total);
    if (total > LARGEST_RECORD) this.#fail(`${name} with a total length of ${stated}`);
    if (!(await window.more(total))) return this.#end(name, total);
    const trailer = window.view.getUint32(window.position + total - TRAILER, order);
    if (roundUpLength(trailer) !== total) {
      this.#fail(`${name} with total lengths of ${stated} and ${trailer}`);
    }
    this.#packets.littleEndian = order;
    this.#readBlock(type, total);
    return true;
  }

  /** A block whole in the window. Packets are only judged, the hot loop reads them. */
  #readBlock(type: number, total: number): void {
    const window = this.#window;
    const block = window.position;
    const end = block + total - TRAILER;
    switch (type) {
      case Block.SectionHeader:
        this.#beginSection(block);
        this.#keepComments(readComments(this.#options(block + SectionHeader.options, end)));
        break;
      case Block.InterfaceDescription: {
        const list = this.#options(block + InterfaceDescription.options, end);
        const fault = this.#interfaces.describe(block, list);
        if (fault !== undefined) this.#fail(fault);
        break;
      }
      case Block.InterfaceStatistics:
        this.#interfaces.count(block, this.#options(block + InterfaceStatistics.options, end));
        break;
      default: {
        const fault = this.#packets.fault(block, type, total);
        if (fault !== undefined) this.#fail(`${blockName(type)} ${fault}`);
        return;
      }
    }
    window.position += total;
  }

  #beginSection(block: number): void {
    const { view } = this.#window;
    const major = view.getUint16(block + SectionHeader.major, this.#packets.littleEndian);
    const minor = view.getUint16(block + SectionHeader.minor, this.#packets.littleEndian);
    // 1.2 is written by tools with block types of their own and reads the same (draft, section 4.1).
    if (major !== 1 || (minor !== 0 && minor !== 2)) {
      const what = `pcapng version ${major}.${minor}`;
      throw unknownVersion(this.name, what, this.#window.offset);
    }
    this.counters.sections += 1;
    this.#interfaces.beginSection();
  }

  #keepComments(comments: readonly string[]): void {
    const room = MOST_SECTION_COMMENTS - this.comments.length;
    this.comments.push(...comments.slice(0, room));
  }

  /** The byte order of the block at hand: a section header brings its own, all others have the section's. */
  #readByteOrder(): boolean {
    const { view, position } = this.#window;
    if (view.getUint32(position, true) !== Block.SectionHeader) return this.#packets.littleEndian;
    const magic = view.getUint32(position + SectionHeader.magic, true);
    if (magic === BYTE_ORDER_MAGIC) return true;
    if (view.getUint32(position + SectionHeader.magic, false) === BYTE_ORDER_MAGIC) return false;
    return this.#fail(`a section header block with byte-order magic 0x${magic.toString(16)}`);
  }

  async #skip(name: string, total: number): Promise<boolean> {
    const window = this.#window;
    const { offset, unread } = window;
    const skipped = await window.skip(total - TRAILER);
    if (skipped === total - TRAILER && (await window.more(TRAILER))) {
      const trailer = window.view.getUint32(window.position, this.#packets.littleEndian);
      if (roundUpLength(trailer) !== total) {
        throw damagedCapture(
          this.name,
          `${name} with total lengths of ${total} and ${trailer}`,
          offset,
          unread,
        );
      }
      window.position += TRAILER;
      return true;
    }
    if (window.closed) return false;
    throw new TruncatedCaptureError(this.name, name, offset, total, skipped + window.available);
  }

  #options(start: number, end: number): OptionList {
    return { view: this.#window.view, start, end, littleEndian: this.#packets.littleEndian };
  }

  /** The window has no more: the end of the capture at a block's start, a cut elsewhere. */
  #end(name: string, needs: number): false {
    const window = this.#window;
    if (window.closed || window.available === 0) return false;
    throw new TruncatedCaptureError(this.name, name, window.offset, needs, window.available);
  }

  #fail(what: string): never {
    const { offset, unread } = this.#window;
    throw damagedCapture(this.name, what, offset, unread);
  }
}
