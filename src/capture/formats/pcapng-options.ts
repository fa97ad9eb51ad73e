import type { InterfaceCounts } from "../source.ts";

// Option: 0 code (16 bits) | 2 length (16 bits) | 4 value, padded to a multiple of 4 octets
const OPTION_HEADER = 4;
const END_OF_OPTIONS = 0;
const ALL_ONES = 0xffff_ffff;

const COMMENT = 1;
const IF_NAME = 2;
const IF_DESCRIPTION = 3;
const IF_TSRESOL = 9;
const IF_FILTER = 11;
const IF_TSOFFSET = 14;
/** First octet of an `if_filter` that is text. */
const FILTER_TEXT = 0;
const PACKET_FLAGS = 2;
const PACKET_DROPS = 4;

/** Options of an Interface Statistics Block that count, by code. */
const COUNTS = new Map<number, keyof InterfaceCounts>([
  [4, "received"],
  [5, "interfaceDropped"],
  [6, "filterAccepted"],
  [7, "osDropped"],
  [8, "delivered"],
]);

const MICROSECONDS = 6;
/** A text is for people; a longer one is cut, so that a hostile file can't fill the memory with them. */
const LONGEST_NAME = 256;
const LONGEST_COMMENT = 1024;
/** Comments kept of one block. */
const MOST_COMMENTS = 16;

/** What the options of an Interface Description Block say, defaults where they say nothing. */
export type InterfaceOptions = {
  name: string | undefined;
  description: string | undefined;
  filter: string | undefined;
  comments: readonly string[];
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
  const comments: string[] = [];
  const options: InterfaceOptions = {
    name: undefined,
    description: undefined,
    filter: undefined,
    comments,
    resolution: MICROSECONDS,
    offsetSeconds: 0,
  };
  const sound = eachOption(list, (code, start, length) => {
    if (code === COMMENT) addComment(comments, list.view, start, length);
    if (code === IF_NAME) options.name = text(list.view, start, length);
    if (code === IF_DESCRIPTION) options.description = text(list.view, start, length);
    if (code === IF_FILTER && length > 1 && list.view.getUint8(start) === FILTER_TEXT) {
      options.filter = text(list.view, start + 1, length - 1);
    }
    if (code === IF_TSRESOL && length >= 1) options.resolution = list.view.getUint8(start);
    if (code === IF_TSOFFSET && length >= 8) {
      options.offsetSeconds = signed64(list.view, start, list.littleEndian);
    }
  });
  return sound ? options : undefined;
}

/**
 * Reads what an Interface Statistics Block counts. What an ill-formed list says before the fault is
 * kept: statistics are no reason to stop.
 * @see draft-ietf-opsawg-pcapng section 4.6
 */
export function readInterfaceCounts(list: OptionList): InterfaceCounts {
  const counts: { -readonly [Name in keyof InterfaceCounts]: number } = {};
  eachOption(list, (code, start, length) => {
    const name = COUNTS.get(code);
    if (name === undefined || length < 8) return;
    const value = unsigned64(list.view, start, list.littleEndian);
    if (value !== undefined) counts[name] = value;
  });
  return counts;
}

/** The comments of any block, some at most. */
export function readComments(list: OptionList): string[] {
  const comments: string[] = [];
  eachOption(list, (code, start, length) => {
    if (code === COMMENT) addComment(comments, list.view, start, length);
  });
  return comments;
}

/** What the options of a packet say, overwritten for each. */
export type PacketOptions = {
  /** 1 received, 2 sent, 0 not said. */
  direction: number;
  /** Packets lost since the one before on the same interface. */
  drops: number;
  hasComments: boolean;
};

/**
 * Reads the options of a packet block, without allocating; an ill-formed list ends where it is.
 * @see draft-ietf-opsawg-pcapng section 4.3
 */
export function readPacketOptions(
  view: DataView,
  start: number,
  end: number,
  littleEndian: boolean,
  out: PacketOptions,
): void {
  out.direction = 0;
  out.drops = 0;
  out.hasComments = false;
  let position = start;
  while (end - position >= OPTION_HEADER) {
    const code = view.getUint16(position, littleEndian);
    const length = view.getUint16(position + 2, littleEndian);
    position += OPTION_HEADER;
    if (code === END_OF_OPTIONS || length > end - position) return;
    if (code === COMMENT) out.hasComments = true;
    else if (code === PACKET_FLAGS && length >= 4) {
      out.direction = view.getUint32(position, littleEndian) & 3;
    } else if (code === PACKET_DROPS && length >= 8) {
      out.drops += unsigned64(view, position, littleEndian) ?? 0;
    }
    position += (length + 3) & ~3;
  }
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

function addComment(comments: string[], view: DataView, start: number, length: number): void {
  const comment = text(view, start, length, LONGEST_COMMENT);
  if (comment !== undefined && comments.length < MOST_COMMENTS) comments.push(comment);
}

function signed64(view: DataView, start: number, littleEndian: boolean): number {
  const upper = view.getInt32(start + (littleEndian ? 4 : 0), littleEndian);
  const lower = view.getUint32(start + (littleEndian ? 0 : 4), littleEndian);
  return upper * 2 ** 32 + lower;
}

/** All ones is how some writers say "not known". */
function unsigned64(view: DataView, start: number, littleEndian: boolean): number | undefined {
  const upper = view.getUint32(start + (littleEndian ? 4 : 0), littleEndian);
  const lower = view.getUint32(start + (littleEndian ? 0 : 4), littleEndian);
  return upper === ALL_ONES && lower === ALL_ONES ? undefined : upper * 2 ** 32 + lower;
}

/** UTF-8, not zero-terminated by the draft, but by some writers. */
function text(
  view: DataView,
  start: number,
  length: number,
  longest: number = LONGEST_NAME,
): string | undefined {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + start, Math.min(length, longest));
  const zero = bytes.indexOf(0);
  // A character cut in two by the limit is left out.
  const found = new TextDecoder().decode(zero < 0 ? bytes : bytes.subarray(0, zero), {
    stream: length > longest,
  });
  return found === "" ? undefined : found;
}
