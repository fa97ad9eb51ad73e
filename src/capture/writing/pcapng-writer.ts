import type { ByteWriter } from "../../core/byte-writer.ts";
import type { PacketBatch } from "../../core/packet-batch.ts";

// pcapng in little-endian order. Every block: u32 type | u32 length | body | u32 length.
// draft-ietf-opsawg-pcapng: 4.1 section header, 4.2 interface description, 4.3 enhanced packet,
// 4.6 interface statistics; options: u16 code | u16 length | value, padded to 32 bits.
const SECTION = 0x0a0d0d0a;
const BYTE_ORDER = 0x1a2b3c4d;
const INTERFACE = 1;
const PACKET = 6;
const STATISTICS = 5;
const OPTION_COMMENT = 1;
const OPTION_NAME = 2;
const OPTION_RESOLUTION = 9;
const OPTION_INTERFACE_DROPPED = 5;
const OPTION_SYSTEM_DROPPED = 7;
const NANOSECONDS = 9;
const PACKET_OVERHEAD = 32;
const SECTION_LENGTH = 28;
const NANOSECONDS_IN_SECOND = 1_000_000_000;
const TWO_32 = 0x1_0000_0000;

/** Writes the beginning of a file, or of a section of its own. */
export function writeSection(out: ByteWriter): void {
  u32(out, SECTION);
  u32(out, SECTION_LENGTH);
  u32(out, BYTE_ORDER);
  u16(out, 1);
  u16(out, 0);
  // The length of the section is not known.
  u32(out, 0xffff_ffff);
  u32(out, 0xffff_ffff);
  u32(out, SECTION_LENGTH);
}

/**
 * Writes the description of an interface; the first one of a section has number 0. Times are in nanoseconds.
 * @param snaplen - octets kept of a packet; 0 where that is not known
 * @param name - empty where it has none
 */
export function writeInterface(
  out: ByteWriter,
  linkType: number,
  snaplen: number,
  name: string,
): void {
  const octets = new TextEncoder().encode(name);
  const nameLength = octets.length === 0 ? 0 : 4 + padded(octets.length);
  const length = 20 + nameLength + 8 + 4;
  u32(out, INTERFACE);
  u32(out, length);
  u16(out, linkType);
  u16(out, 0);
  u32(out, snaplen);
  if (nameLength > 0) writeText(out, OPTION_NAME, octets);
  u16(out, OPTION_RESOLUTION);
  u16(out, 1);
  u32(out, NANOSECONDS);
  u32(out, 0);
  u32(out, length);
}

/**
 * Writes a packet of a batch.
 * @param interfaceNumber - within the section
 * @param comment - UTF-8, at most 65,535 octets; none where left out
 */
export function writePacket(
  out: ByteWriter,
  batch: PacketBatch,
  row: number,
  interfaceNumber: number,
  comment?: Uint8Array,
): void {
  const captured = batch.capturedLength[row]!;
  const start = batch.start[row]!;
  const optionsLength = comment === undefined ? 0 : 8 + padded(comment.length);
  const length = PACKET_OVERHEAD + padded(captured) + optionsLength;
  u32(out, PACKET);
  u32(out, length);
  u32(out, interfaceNumber);
  writeTime(out, batch.seconds[row]!, batch.nanoseconds[row]!);
  u32(out, captured);
  u32(out, batch.wireLength[row]!);
  out.reserve(captured);
  out.bytes.set(batch.bytes.subarray(start, start + captured), out.length);
  out.length += captured;
  pad(out, captured);
  if (comment !== undefined) {
    writeText(out, OPTION_COMMENT, comment);
    u32(out, 0);
  }
  u32(out, length);
}

/** Writes what an interface lost. @param seconds - when that was counted */
export function writeLosses(
  out: ByteWriter,
  interfaceNumber: number,
  seconds: number,
  byDevice: number,
  bySystem: number,
): void {
  const length = 24 + 12 + 12 + 4;
  u32(out, STATISTICS);
  u32(out, length);
  u32(out, interfaceNumber);
  writeTime(out, seconds, 0);
  u16(out, OPTION_INTERFACE_DROPPED);
  u16(out, 8);
  u64(out, byDevice);
  u16(out, OPTION_SYSTEM_DROPPED);
  u16(out, 8);
  u64(out, bySystem);
  u32(out, 0);
  u32(out, length);
}

function writeText(out: ByteWriter, option: number, octets: Uint8Array): void {
  u16(out, option);
  u16(out, octets.length);
  out.raw(octets);
  pad(out, octets.length);
}

/** Nanoseconds since 1970 in 64 bits, high half first: more than a double holds, so in two parts. */
function writeTime(out: ByteWriter, seconds: number, nanoseconds: number): void {
  const high = Math.floor(seconds / 65536) * NANOSECONDS_IN_SECOND;
  const low = (seconds % 65536) * NANOSECONDS_IN_SECOND + nanoseconds;
  const rest = (high % 65536) * 65536 + low;
  u32(out, Math.floor(high / 65536) + Math.floor(rest / TWO_32));
  u32(out, rest % TWO_32);
}

function u64(out: ByteWriter, value: number): void {
  u32(out, value % TWO_32);
  u32(out, Math.floor(value / TWO_32));
}

function u32(out: ByteWriter, value: number): void {
  u16(out, value & 0xffff);
  u16(out, value >>> 16);
}

function u16(out: ByteWriter, value: number): void {
  out.byte(value & 0xff);
  out.byte((value >>> 8) & 0xff);
}

function padded(length: number): number {
  return (length + 3) & ~3;
}

function pad(out: ByteWriter, length: number): void {
  for (let i = length; i < padded(length); i += 1) out.byte(0);
}
