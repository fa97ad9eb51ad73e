/** Numbers that are passed over at once where none of them was counted. */
const STRETCH = 1024;
const NOTHING = new Uint8Array(STRETCH * Float64Array.BYTES_PER_ELEMENT);

/**
 * Visits the numbers of a table that were counted, going up. Such tables have a place for every number
 * there is, 65,536 of EtherTypes, and a capture has a few.
 */
export function visitCounted(
  counts: Float64Array,
  visit: (number: number, count: number) => void,
): void {
  for (let first = 0; first < counts.length; first += STRETCH) {
    const stretch = counts.subarray(first, first + STRETCH);
    const octets = Buffer.from(stretch.buffer, stretch.byteOffset, stretch.byteLength);
    if (octets.equals(NOTHING.subarray(0, octets.length))) continue;
    stretch.forEach((count, i) => {
      if (count > 0) visit(first + i, count);
    });
  }
}
