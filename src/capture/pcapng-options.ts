// Option: 0 code (16 bits) | 2 length (16 bits) | 4 value, padded to a multiple of 4 octets
const OPTION_HEADER = 4;
const END_OF_OPTIONS = 0;

const IF_NAME = 2;
const IF_TSRESOL = 9;
const IF_TSOFFSET = 14;
const ISB_IFDROP = 5;
const ISB_OSDROP = 7;

const MICROSECONDS = 6;
/** A name is for people; a longer one is cut, so that a hostile file can't fill the memory with names. */
const LONGEST_NAME = 256;

/** What the options of an Interface Description Block say, defaults where they say nothing. */
export type InterfaceOptions = {
  name: string | undefined;
  /** `if_tsresol` as written; 6 (microseconds) when absent. */
  resolution: number;
  /** `if_tsoffset`; 0 when absent. Beyond 2^53 not exact, which no time of 1970..2106 is. */
  offsetSeconds: number;
};

/** Where the options of a block lie. */
export type OptionList = {
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
  readonly littleEndian: boolean;
};

/**
 * Reads the options of an Interface Description Block.
 * @returns undefined when an option does not fit in the block
 * @see draft-ietf-opsawg-pcapng section 4.2
 */
export function readInterfaceOptions(list: OptionList): InterfaceOptions | undefined {
  const options: InterfaceOptions = { name: undefined, resolution: MICROSECONDS, offsetSeconds: 0 };
  const sound = eachOption(list, (code, start, length) => {
    if (code === IF_NAME) options.name = text(list.view, start, length);
    if (code === IF_TSRESOL && length >= 1) options.resolution = list.view.getUint8(start);
    if (code === IF_TSOFFSET && length >= 8) {
      options.offsetSeconds = signed64(list.view, start, list.littleEndian);
    }
  });
  return sound ? options : undefined;
}

/**
 * Reads the drops of an Interface Statistics Block: `isb_ifdrop` + `isb_osdrop`.
 * @returns undefined when it states neither
 * @see draft-ietf-opsawg-pcapng section 4.6
 */
export function readDroppedPackets(list: OptionList): number | undefined {
  let dropped: number | undefined;
  // What an ill-formed list says before the fault is kept: statistics are no reason to stop.
  eachOption(list, (code, start, length) => {
    if ((code !== ISB_IFDROP && code !== ISB_OSDROP) || length < 8) return;
    const upper = list.view.getUint32(start + (list.littleEndian ? 4 : 0), list.littleEndian);
    const lower = list.view.getUint32(start + (list.littleEndian ? 0 : 4), list.littleEndian);
    // All ones is how some writers say "not known".
    if (upper === 0xffff_ffff && lower === 0xffff_ffff) return;
    dropped = (dropped ?? 0) + upper * 2 ** 32 + lower;
  });
  return dropped;
}

function eachOption(
  list: OptionList,
  visit: (code: number, start: number, length: number) => void,
): boolean {
  const { view, end, littleEndian } = list;
  let position = list.start;
  while (position < end) {
    if (end - position < OPTION_HEADER) return false;
    const code = view.getUint16(position, littleEndian);
    const length = view.getUint16(position + 2, littleEndian);
    if (code === END_OF_OPTIONS) return true;
    const start = position + OPTION_HEADER;
    if (length > end - start) return false;
    visit(code, start, length);
    position = start + ((length + 3) & ~3);
  }
  return true;
}

function signed64(view: DataView, start: number, littleEndian: boolean): number {
  const upper = view.getInt32(start + (littleEndian ? 4 : 0), littleEndian);
  const lower = view.getUint32(start + (littleEndian ? 0 : 4), littleEndian);
  return upper * 2 ** 32 + lower;
}

/** UTF-8, not zero-terminated by the draft, but by some writers. */
function text(view: DataView, start: number, length: number): string | undefined {
  const bytes = new Uint8Array(
    view.buffer,
    view.byteOffset + start,
    Math.min(length, LONGEST_NAME),
  );
  const zero = bytes.indexOf(0);
  const name = new TextDecoder().decode(zero < 0 ? bytes : bytes.subarray(0, zero));
  return name === "" ? undefined : name;
}
