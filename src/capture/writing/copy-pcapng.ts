import type { ByteWriter } from "../../core/byte-writer.ts";
import {
  BLOCK_TOTAL_LENGTH,
  Block,
  BYTE_ORDER_MAGIC,
  EnhancedPacket,
  leastLength,
  roundUpLength,
  SectionHeader,
  SMALLEST_BLOCK,
  TRAILER,
} from "../formats/pcapng-block.ts";
import { type ByteWindow, LARGEST_RECORD } from "../input/byte-window.ts";
import { COPY_CHUNK, type CommentedCopyOptions, type CopiedPackets } from "./commented-copy.ts";
import { commentedOptions } from "./pcapng-options-writer.ts";

const SECTION_LENGTH = 16;
const UNKNOWN = 0xffff_ffff;

/**
 * Copies a pcapng file block by block, with comments on packets: every other block, option and octet stays, in
 * its byte order; only the length of a section, which is another one then, becomes unknown. It ends before a block
 * that is not whole.
 * @param window - at the first section header
 * @throws CaptureError when the octets can't be read or decompressed
 */
export async function copyPcapng(
  window: ByteWindow,
  options: CommentedCopyOptions,
): Promise<CopiedPackets> {
  const { out, signal } = options;
  const copied: CopiedPackets = { packets: 0, comments: 0, withoutRoom: 0 };
  let littleEndian = true;
  while (!signal.aborted && (await window.more(SMALLEST_BLOCK))) {
    const order = byteOrder(window, littleEndian);
    if (order === undefined) break;
    littleEndian = order;
    const type = window.view.getUint32(window.position, order);
    const isPacket = isPacketBlock(type);
    if (isPacket && copied.packets === options.mostPackets) break;
    const total = await wholeBlock(window, type, order);
    if (total === 0 || (isPacket && !holdsPacket(window, type, total, order))) break;
    if (isPacket) copyPacket(window, type, total, order, options, copied);
    else {
      const start = copyOctets(window, total, out);
      if (type === Block.SectionHeader) {
        out.memory.setUint32(start + SECTION_LENGTH, UNKNOWN);
        out.memory.setUint32(start + SECTION_LENGTH + 4, UNKNOWN);
      }
      setLengths(out, start, order);
    }
    window.position += total;
    if (out.length >= COPY_CHUNK) await options.flush();
  }
  await options.flush();
  return copied;
}

/** Byte order of the block at hand, a section header's own; undefined where that has none. */
function byteOrder({ view, position }: ByteWindow, before: boolean): boolean | undefined {
  if (view.getUint32(position, true) !== Block.SectionHeader) return before;
  if (view.getUint32(position + SectionHeader.magic, true) === BYTE_ORDER_MAGIC) return true;
  return view.getUint32(position + SectionHeader.magic) === BYTE_ORDER_MAGIC ? false : undefined;
}

function isPacketBlock(type: number): boolean {
  return type === Block.EnhancedPacket || type === Block.SimplePacket || type === Block.Packet;
}

/** Brings the block at hand into the window. @returns its length, 0 where it is not whole or contradicts itself */
async function wholeBlock(window: ByteWindow, type: number, order: boolean): Promise<number> {
  const stated = window.view.getUint32(window.position + BLOCK_TOTAL_LENGTH, order);
  const total = roundUpLength(stated);
  if (total < leastLength(type) || total > LARGEST_RECORD) return 0;
  if (!(await window.more(total))) return 0;
  const trailer = window.view.getUint32(window.position + total - TRAILER, order);
  return roundUpLength(trailer) === total ? total : 0;
}

/** Whether the packet ends where its block does, or before. */
function holdsPacket(window: ByteWindow, type: number, total: number, order: boolean): boolean {
  if (type === Block.SimplePacket) return true;
  const { view, position } = window;
  const captured = view.getUint32(position + EnhancedPacket.capturedLength, order);
  return captured <= total - EnhancedPacket.least;
}

function copyPacket(
  window: ByteWindow,
  type: number,
  total: number,
  order: boolean,
  options: CommentedCopyOptions,
  copied: CopiedPackets,
): void {
  const { out, ownMark } = options;
  copied.packets += 1;
  const comment = options.commentOf(copied.packets);
  const start = out.length;
  if (type === Block.SimplePacket) {
    if (comment !== undefined) copied.withoutRoom += 1;
    copyOctets(window, total, out);
  } else {
    const { bytes, view, position } = window;
    // The obsolete packet block has it in the same place.
    const captured = view.getUint32(position + EnhancedPacket.capturedLength, order);
    const data = EnhancedPacket.data + roundUpLength(captured);
    const list = bytes.subarray(position + data, position + total - TRAILER);
    copyOctets(window, data, out);
    out.raw(commentedOptions(list, order, comment, ownMark));
    out.reserve(TRAILER);
    out.length += TRAILER;
    if (comment !== undefined) copied.comments += 1;
  }
  setLengths(out, start, order);
}

/** @returns where they begin */
function copyOctets({ bytes, position }: ByteWindow, count: number, out: ByteWriter): number {
  const start = out.length;
  out.reserve(count);
  out.bytes.set(bytes.subarray(position, position + count), start);
  out.length += count;
  return start;
}

/** Both total lengths of the block that ends where `out` does. */
function setLengths(out: ByteWriter, start: number, order: boolean): void {
  const total = out.length - start;
  out.memory.setUint32(start + BLOCK_TOTAL_LENGTH, total, order);
  out.memory.setUint32(out.length - TRAILER, total, order);
}
