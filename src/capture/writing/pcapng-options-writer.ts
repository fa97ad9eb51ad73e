// u16 code | u16 length | value, padded to 32 bits; draft-ietf-opsawg-pcapng section 3.5
const HEADER = 4;
const END = 0;
const COMMENT = 1;
/** `opt_endofopt`. */
const TRAILER = 4;

/**
 * The options of a packet block with another comment in front.
 * @param options - those that it has; what follows the end of options, or is no option, stays
 * @param comment - none where left out
 * @param ownMark - comments that begin with it are left out
 * @returns the same octets where nothing changes
 */
export function commentedOptions(
  options: Uint8Array,
  littleEndian: boolean,
  comment: Uint8Array | undefined,
  ownMark: Uint8Array,
): Uint8Array {
  const kept = withoutOwn(options, littleEndian, ownMark);
  if (comment === undefined) return kept;
  const length = HEADER + padded(comment.length);
  const end = kept.length === 0 ? TRAILER : 0;
  const commented = new Uint8Array(length + kept.length + end);
  const view = new DataView(commented.buffer);
  view.setUint16(0, COMMENT, littleEndian);
  view.setUint16(2, comment.length, littleEndian);
  commented.set(comment, HEADER);
  commented.set(kept, length);
  return commented;
}

function withoutOwn(options: Uint8Array, littleEndian: boolean, ownMark: Uint8Array): Uint8Array {
  const view = new DataView(options.buffer, options.byteOffset, options.length);
  let kept = options;
  let cut = 0;
  for (let at = 0; options.length - at >= HEADER; ) {
    const code = view.getUint16(at, littleEndian);
    const length = view.getUint16(at + 2, littleEndian);
    const next = at + HEADER + padded(length);
    if (code === END || next > options.length) break;
    if (code === COMMENT && beginsWith(options.subarray(at + HEADER, next), ownMark)) {
      kept = concatenated(kept.subarray(0, at - cut), options.subarray(next));
      cut += next - at;
    }
    at = next;
  }
  // Nothing but an end of options is left of a list that was ours alone.
  return cut > 0 && kept.every((octet) => octet === 0) ? new Uint8Array(0) : kept;
}

function beginsWith(octets: Uint8Array, mark: Uint8Array): boolean {
  return mark.every((octet, i) => octets[i] === octet);
}

function concatenated(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function padded(length: number): number {
  return (length + 3) & ~3;
}
