/**
 * Reads two octets in network order. The caller has checked that they are there.
 * @param offset - octet offset in `bytes`
 * @returns 0 to 65535
 */
export function readUint16(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 8) | bytes[offset + 1]!;
}

/**
 * Reads four octets in network order as an int32, which V8 keeps as a small integer where an
 * unsigned word above 2^31 would become a heap number. The caller has checked that they are there.
 * @param offset - octet offset in `bytes`
 */
export function readInt32(bytes: Uint8Array, offset: number): number {
  return (
    (bytes[offset]! << 24) |
    (bytes[offset + 1]! << 16) |
    (bytes[offset + 2]! << 8) |
    bytes[offset + 3]!
  );
}

/**
 * Reads two octets in little-endian order, as radiotap, PPI and NFLOG write them.
 * @param offset - octet offset in `bytes`
 * @returns 0 to 65535
 */
export function readUint16LittleEndian(bytes: Uint8Array, offset: number): number {
  return bytes[offset]! | (bytes[offset + 1]! << 8);
}

/**
 * Reads four octets in little-endian order as an int32.
 * @param offset - octet offset in `bytes`
 */
export function readInt32LittleEndian(bytes: Uint8Array, offset: number): number {
  return (
    bytes[offset]! |
    (bytes[offset + 1]! << 8) |
    (bytes[offset + 2]! << 16) |
    (bytes[offset + 3]! << 24)
  );
}
