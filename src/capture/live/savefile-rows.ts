import type { PacketBatch } from "../../core/packet-batch.ts";

// Record header: 0 seconds | 4 fraction | 8 captured length | 12 wire length, in this machine's order.
const HEADER = 16;
const NANOSECONDS_IN_MICROSECOND = 1000;

/**
 * Packets as libpcap writes them, without a file header, into rows.
 * @param bytes - becomes the octets of the batch
 * @param from - offset of the first record
 * @param end - first octet after the last one that is there
 * @returns offset of the first record that was not taken: for lack of rows, or because it is not whole
 */
export function takeSavefileRows(
  bytes: Uint8Array,
  from: number,
  end: number,
  linkType: number,
  hasNanoseconds: boolean,
  batch: PacketBatch,
): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const scale = hasNanoseconds ? 1 : NANOSECONDS_IN_MICROSECOND;
  let at = from;
  let row = 0;
  while (row < batch.start.length && at + HEADER <= end) {
    const captured = view.getUint32(at + 8, IS_LITTLE_ENDIAN);
    if (at + HEADER + captured > end) break;
    batch.seconds[row] = view.getUint32(at, IS_LITTLE_ENDIAN);
    batch.nanoseconds[row] = view.getUint32(at + 4, IS_LITTLE_ENDIAN) * scale;
    batch.start[row] = at + HEADER;
    batch.capturedLength[row] = captured;
    batch.wireLength[row] = view.getUint32(at + 12, IS_LITTLE_ENDIAN);
    at += HEADER + captured;
    row += 1;
  }
  batch.linkType.fill(linkType, 0, row);
  batch.interfaceIndex.fill(0, 0, row);
  batch.marks.fill(0, 0, row);
  batch.bytes = bytes;
  batch.count = row;
  return at;
}

const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
