import { DOTTED_OCTET, HEX_PAIR, THREE_DIGITS, UP_TO_THREE_DIGITS } from "./digit-words.ts";
import type { Fragment } from "./fragment.ts";

// Texts written into memory at a place, for what is written for every record: `ByteWriter` makes room
// once for a piece of a record, and the place goes from one of these to the next in a register. (Kept
// in the writer it is stored and read back some sixty times a record.) Each may overwrite up to
// `TEXT_SLACK` octets behind its text, and each returns where its text ends.

const DIGIT_ZERO = 48;
const DOT = 46;
const COLON = 58;
const DOUBLE_COLON = 0x3a3a;
/** Up to here a number stays a small integer in every engine. */
const LARGEST_SMALL = 0x3fffffff;
const MAPPED_LENGTH = 7;
const TWO_DIGITS = 0xffff;

/** Text prepared with `fragment`. */
export function fragmentAt(to: DataView, at: number, source: Fragment): number {
  const { words } = source;
  const end = at + source.length;
  for (let place = at, i = 0; place < end; place += 8, i += 1) {
    to.setFloat64(place, words[i]!, true);
  }
  return end;
}

/**
 * Text that lies in another memory, whole numbers of 64 bits from a multiple of eight octets on. Where
 * memory is shared among threads, `set` copies a third as fast.
 * @param words - that memory
 * @param from - number of the first
 * @param length - octets
 */
export function wordsAt(
  to: DataView,
  at: number,
  words: Float64Array,
  from: number,
  length: number,
): number {
  const end = at + length;
  for (let place = at, i = from; place < end; place += 16, i += 2) {
    to.setFloat64(place, words[i]!, true);
    to.setFloat64(place + 8, words[i + 1]!, true);
  }
  return end;
}

/** A fragment of up to `SHORT_FRAGMENT` octets: no loop, so no branch to foretell. */
export function shortFragmentAt(to: DataView, at: number, source: Fragment): number {
  const { words } = source;
  to.setFloat64(at, words[0]!, true);
  to.setFloat64(at + 8, words[1]!, true);
  to.setFloat64(at + 16, words[2]!, true);
  return at + source.length;
}

/** A non-negative integer up to 2^53. */
export function integerAt(to: DataView, at: number, value: number): number {
  if (value <= LARGEST_SMALL) return smallIntegerAt(to, at, value);
  // The upper digits first; what is left has nine, and 32-bit arithmetic does for it.
  const upper = Math.floor(value / 1e9);
  return nineDigitsAt(to, integerAt(to, at, upper), value - upper * 1e9);
}

/** A non-negative integer below 2^31. */
export function smallIntegerAt(to: DataView, at: number, value: number): number {
  // Known to have 32 bits it is divided as an integer.
  const all = value | 0;
  return all < 1000 ? shortIntegerAt(to, at, all) : longIntegerAt(to, at, all);
}

function longIntegerAt(to: DataView, at: number, value: number): number {
  const thousands = (value / 1000) | 0;
  const end = smallIntegerAt(to, at, thousands);
  to.setInt32(end, THREE_DIGITS[value - thousands * 1000]!, true);
  return end + 3;
}

/** 0 to 999. */
function shortIntegerAt(to: DataView, at: number, value: number): number {
  to.setInt32(at, UP_TO_THREE_DIGITS[value]!, true);
  return at + (value < 10 ? 1 : value < 100 ? 2 : 3);
}

/** 0 to 999,999,999 with leading zeros: nanoseconds of a second. */
export function nineDigitsAt(to: DataView, at: number, value: number): number {
  const all = value | 0;
  const thousands = (all / 1000) | 0;
  const millions = (thousands / 1000) | 0;
  to.setInt32(at, THREE_DIGITS[millions]!, true);
  to.setInt32(at + 3, THREE_DIGITS[thousands - millions * 1000]!, true);
  to.setInt32(at + 6, THREE_DIGITS[all - thousands * 1000]!, true);
  return at + 9;
}

/** Seconds of any sign but minus as a decimal number: no exponent, no trailing zeros, exact to the nanosecond. */
export function decimalSecondsAt(
  to: DataView,
  at: number,
  seconds: number,
  nanoseconds: number,
): number {
  let end = integerAt(to, at, seconds);
  if (nanoseconds === 0) return end;
  to.setUint8(end, DOT);
  end = nineDigitsAt(to, end + 1, nanoseconds);
  while (to.getUint8(end - 1) === DIGIT_ZERO) end -= 1;
  return end;
}

/** The eight hexadecimal digits of an int32. */
export function hexWordAt(to: DataView, at: number, word: number): number {
  to.setInt32(at, fourHexDigits(word >>> 16), true);
  to.setInt32(at + 4, fourHexDigits(word & 0xffff), true);
  return at + 8;
}

/** The four hexadecimal digits of 0 to 65535. */
export function hexHalfAt(to: DataView, at: number, half: number): number {
  to.setInt32(at, fourHexDigits(half), true);
  return at + 4;
}

/** As a 32-bit word, the first digit lowest. */
function fourHexDigits(half: number): number {
  // The colon of the lower pair is shifted out.
  return (HEX_PAIR[half >>> 8]! & TWO_DIGITS) | (HEX_PAIR[half & 255]! << 16);
}

/** An IPv4 address held in an int32, dotted. */
export function ipv4At(to: DataView, at: number, word: number): number {
  let end = dottedOctetAt(to, at, word >>> 24);
  end = dottedOctetAt(to, end, (word >>> 16) & 255);
  end = dottedOctetAt(to, end, (word >>> 8) & 255);
  return dottedOctetAt(to, end, word & 255) - 1;
}

/** Up to three digits and a dot. */
function dottedOctetAt(to: DataView, at: number, value: number): number {
  to.setInt32(at, DOTTED_OCTET[value]!, true);
  return at + (value < 10 ? 2 : value < 100 ? 3 : 4);
}

/** A MAC address (first two octets in `high`, the other four in `low`), lower case with colons. */
export function macAt(to: DataView, at: number, high: number, low: number): number {
  to.setInt32(at, HEX_PAIR[(high >>> 8) & 255]!, true);
  to.setInt32(at + 3, HEX_PAIR[high & 255]!, true);
  to.setInt32(at + 6, HEX_PAIR[low >>> 24]!, true);
  to.setInt32(at + 9, HEX_PAIR[(low >>> 16) & 255]!, true);
  to.setInt32(at + 12, HEX_PAIR[(low >>> 8) & 255]!, true);
  to.setInt32(at + 15, HEX_PAIR[low & 255]!, true);
  return at + 17;
}

/**
 * An IPv6 address held in four int32 words, in the canonical text of RFC 5952: lower case, no leading
 * zeros, the longest run of two or more zero groups (the first of equals) as `::`, IPv4-mapped addresses
 * with a dotted tail (section 5).
 */
export function ipv6At(
  to: DataView,
  at: number,
  word0: number,
  word1: number,
  word2: number,
  word3: number,
): number {
  if ((word0 | word1) === 0 && word2 === 0xffff) {
    // ::ffff:
    to.setInt32(at, 0x66663a3a, true);
    to.setInt32(at + 4, 0x3a6666, true);
    return ipv4At(to, at + MAPPED_LENGTH, word3);
  }
  const run = ZERO_RUNS[zeroGroups(word0, word1, word2, word3)]!;
  const runStart = run >> 4;
  const runEnd = runStart + (run & 15);
  let end = at;
  for (let i = 0; i < 8; i += 1) {
    if (i === runStart && runEnd > runStart) {
      to.setInt16(end, DOUBLE_COLON, true);
      end += 2;
      i = runEnd - 1;
      continue;
    }
    if (i !== 0 && (i !== runEnd || runEnd === runStart)) {
      to.setUint8(end, COLON);
      end += 1;
    }
    const word = i < 4 ? (i < 2 ? word0 : word1) : i < 6 ? word2 : word3;
    end = groupAt(to, end, (i & 1) === 0 ? word >>> 16 : word & 0xffff);
  }
  return end;
}

/** One to four hexadecimal digits. */
function groupAt(to: DataView, at: number, group: number): number {
  const digits = group > 0xff ? (group > 0xfff ? 4 : 3) : group > 0xf ? 2 : 1;
  to.setInt32(at, fourHexDigits(group) >>> ((4 - digits) * 8), true);
  return at + digits;
}

/** A bit for each group that is zero, the first group's lowest. */
function zeroGroups(word0: number, word1: number, word2: number, word3: number): number {
  return (
    zeroHalves(word0) |
    (zeroHalves(word1) << 2) |
    (zeroHalves(word2) << 4) |
    (zeroHalves(word3) << 6)
  );
}

function zeroHalves(word: number): number {
  return (word >>> 16 === 0 ? 1 : 0) | ((word & 0xffff) === 0 ? 2 : 0);
}

/** By `zeroGroups`: first group and number of groups of the longest run, as start * 16 + length; 0 when none is of two. */
export const ZERO_RUNS: Uint8Array = Uint8Array.from({ length: 256 }, (_, zeros) =>
  longestRun(zeros),
);

function longestRun(zeros: number): number {
  let best = 0;
  let length = 0;
  for (let i = 0; i < 8; i += 1) {
    length = (zeros >> i) % 2 === 1 ? length + 1 : 0;
    if (length > Math.max(1, best & 15)) best = (i - length + 1) * 16 + length;
  }
  return best;
}
