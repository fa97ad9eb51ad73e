import { readInt32 } from "./read.ts";

// RFC 2675 section 2, in a hop-by-hop options header (RFC 8200 section 4.3: 0 next | 1 length):
// option type C2 | option length 4 | jumbo payload length, four octets
const PAD1 = 0;
const JUMBO_PAYLOAD = 0xc2;
const JUMBO_PAYLOAD_OCTETS = 4;
const SMALLEST_JUMBO = 65536;

/**
 * Looks for the jumbo payload option of a hop-by-hop header.
 * @param start - octet offset of the hop-by-hop header
 * @param end - first octet not readable
 * @returns the length, hop-by-hop header included (0x7fffffff at most), or 0 when the option is not
 *   there or has a value no jumbogram can have
 */
export function jumboPayloadLength(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 8) return 0;
  const headerEnd = start + ((bytes[start + 1]! + 1) << 3);
  const optionsEnd = Math.min(headerEnd, end);
  let position = start + 2;
  while (position + 1 < optionsEnd) {
    if (bytes[position] === PAD1) {
      position += 1;
      continue;
    }
    const length = bytes[position + 1]!;
    if (bytes[position] === JUMBO_PAYLOAD) {
      if (length !== JUMBO_PAYLOAD_OCTETS || position + 6 > optionsEnd) return 0;
      const jumbo = readInt32(bytes, position + 2);
      if (jumbo < 0) return 0x7fffffff;
      return jumbo < SMALLEST_JUMBO ? 0 : jumbo;
    }
    position += 2 + length;
  }
  return 0;
}
