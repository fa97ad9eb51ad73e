import { DOTTED_OCTET, HEX_PAIR, THREE_DIGITS, UP_TO_THREE_DIGITS } from "./digit-words.ts";
import { FRAGMENT_SLACK, type Fragment } from "./fragment.ts";

const DIGIT_ZERO = 48;
/** Up to here a number stays a small integer in every engine. */
const LARGEST_SMALL = 0x3fffffff;
const MINUS = 45;
const DOT = 46;
const COLON = 58;
const QUOTE = 34;
const BACKSLASH = 92;
const HEX = textBytes("0123456789abcdef");

/** `text` as UTF-8 octets; what is written for every record is better prepared as a `fragment`. */
export function textBytes(text: string): Uint8Array {
  const encoded = new TextEncoder().encode(text);
  return encoded;
}

/**
 * A growing buffer of octets with writers for what records are made of. Every writer makes room
 * first, so none can overrun; nothing is allocated but when the buffer doubles.
 */
export class ByteWriter {
  bytes: Uint8Array;
  length = 0;
  /** The same octets, for stores of several at once wherever they lie. */
  private view: DataView;

  constructor(capacity: number = 1 << 16) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Makes room for `count` more octets. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed > this.bytes.length) this.grow(needed);
  }

  private grow(needed: number): void {
    let capacity = this.bytes.length * 2;
    while (capacity < needed) capacity *= 2;
    const larger = new Uint8Array(capacity);
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }

  /** Text prepared with `fragment`. */
  put(source: Fragment): void {
    const { words } = source;
    this.reserve(source.length + FRAGMENT_SLACK);
    const { view } = this;
    let at = this.length;
    for (let i = 0; i < words.length; i += 1) {
      view.setFloat64(at, words[i]!, true);
      at += 8;
    }
    this.length += source.length;
  }

  /** One octet. */
  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length] = value;
    this.length += 1;
  }

  /** Octets prepared with `textBytes`. A loop beats `set` below some 50 octets, which is what fragments have. */
  raw(source: Uint8Array): void {
    const count = source.length;
    this.reserve(count);
    const bytes = this.bytes;
    const at = this.length;
    if (count > 64) bytes.set(source, at);
    else for (let i = 0; i < count; i += 1) bytes[at + i] = source[i]!;
    this.length = at + count;
  }

  /** Text; anything outside ASCII goes through the encoder. */
  text(text: string): void {
    const count = text.length;
    this.reserve(count * 3);
    const bytes = this.bytes;
    const at = this.length;
    for (let i = 0; i < count; i += 1) {
      const code = text.charCodeAt(i);
      if (code > 127) {
        this.raw(textBytes(text.slice(i)));
        return;
      }
      bytes[at + i] = code;
      this.length = at + i + 1;
    }
  }

  /** A JSON string with its quotes. Plain ASCII is copied; the rest is left to JSON.stringify, which knows every rule. */
  jsonString(text: string): void {
    for (let i = 0; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      if (code < 32 || code > 126 || code === QUOTE || code === BACKSLASH) {
        this.text(JSON.stringify(text));
        return;
      }
    }
    this.byte(QUOTE);
    this.text(text);
    this.byte(QUOTE);
  }

  /** A non-negative integer up to 2^53. */
  integer(value: number): void {
    this.reserve(20);
    if (value < 1000) this.shortInteger(value);
    else if (value < 1_000_000) {
      const thousands = (value / 1000) | 0;
      this.shortInteger(thousands);
      this.threeDigits(value - thousands * 1000);
    } else if (value > LARGEST_SMALL) {
      // The upper digits first; what is left has nine, and 32-bit arithmetic does for it.
      const upper = Math.floor(value / 1e9);
      this.integer(upper);
      this.nineDigits(value - upper * 1e9);
    } else {
      const upper = (value / 1_000_000) | 0;
      const rest = value - upper * 1_000_000;
      const thousands = (rest / 1000) | 0;
      this.integer(upper);
      this.threeDigits(thousands);
      this.threeDigits(rest - thousands * 1000);
    }
  }

  /** 0 to 999; room was made. */
  private shortInteger(value: number): void {
    this.view.setInt32(this.length, UP_TO_THREE_DIGITS[value]!, true);
    this.length += value < 10 ? 1 : value < 100 ? 2 : 3;
  }

  /** 0 to 999 with leading zeros; room was made for four octets. */
  private threeDigits(value: number): void {
    this.view.setInt32(this.length, THREE_DIGITS[value]!, true);
    this.length += 3;
  }

  /** 0 to 999,999,999 with leading zeros: nanoseconds of a second. */
  nineDigits(value: number): void {
    this.reserve(10);
    const thousands = (value / 1000) | 0;
    const millions = (thousands / 1000) | 0;
    this.threeDigits(millions);
    this.threeDigits(thousands - millions * 1000);
    this.threeDigits(value - thousands * 1000);
  }

  /** `value` with exactly `digits` decimal digits, leading zeros kept. */
  padded(value: number, digits: number): void {
    this.reserve(digits);
    let rest = value | 0;
    for (let i = this.length + digits - 1; i >= this.length; i -= 1) {
      const quotient = (rest / 10) | 0;
      this.bytes[i] = DIGIT_ZERO + (rest - quotient * 10);
      rest = quotient;
    }
    this.length += digits;
  }

  /** Seconds as a decimal number: no exponent, no trailing zeros, exact to the nanosecond. */
  decimalSeconds(seconds: number, nanoseconds: number): void {
    if (seconds < 0) {
      // -0.25 s arrives as (-1, 750000000).
      this.byte(MINUS);
      this.decimalSeconds(
        nanoseconds === 0 ? -seconds : -seconds - 1,
        nanoseconds === 0 ? 0 : 1e9 - nanoseconds,
      );
      return;
    }
    this.integer(seconds);
    if (nanoseconds === 0) return;
    this.byte(DOT);
    this.nineDigits(nanoseconds);
    while (this.bytes[this.length - 1] === DIGIT_ZERO) this.length -= 1;
  }

  /** The low `digits` hexadecimal digits of an int32. */
  hex(value: number, digits: number): void {
    this.reserve(digits + 4);
    let left = digits;
    if ((left & 1) !== 0) {
      left -= 1;
      this.bytes[this.length] = HEX[(value >>> (left * 4)) & 15]!;
      this.length += 1;
    }
    for (left -= 2; left >= 0; left -= 2) {
      this.view.setInt32(this.length, HEX_PAIR[(value >>> (left * 4)) & 255]!, true);
      this.length += 2;
    }
  }

  /** An IPv4 address held in an int32, dotted. */
  ipv4(word: number): void {
    this.reserve(17);
    this.dottedOctet(word >>> 24);
    this.dottedOctet((word >>> 16) & 255);
    this.dottedOctet((word >>> 8) & 255);
    this.dottedOctet(word & 255);
    this.length -= 1;
  }

  /** Up to three digits and a dot; room was made. */
  private dottedOctet(value: number): void {
    this.view.setInt32(this.length, DOTTED_OCTET[value]!, true);
    this.length += value < 10 ? 2 : value < 100 ? 3 : 4;
  }

  /**
   * An IPv6 address held in four int32 words, in the canonical text of RFC 5952: lower case, no
   * leading zeros, the longest run of two or more zero groups (the first of equals) as `::`,
   * IPv4-mapped addresses with a dotted tail (section 5).
   */
  ipv6(word0: number, word1: number, word2: number, word3: number): void {
    if (word0 === 0 && word1 === 0 && word2 === 0xffff) {
      this.text("::ffff:");
      this.ipv4(word3);
      return;
    }
    const run = longestZeroRun(word0, word1, word2, word3);
    const runStart = run >> 4;
    const runEnd = runStart + (run & 15);
    for (let i = 0; i < 8; i += 1) {
      if (i === runStart && runEnd > runStart) {
        this.byte(COLON);
        this.byte(COLON);
        i = runEnd - 1;
        continue;
      }
      if (i !== 0 && (i !== runEnd || runEnd === runStart)) this.byte(COLON);
      const group = ipv6Group(word0, word1, word2, word3, i);
      this.hex(group, group > 0xfff ? 4 : group > 0xff ? 3 : group > 0xf ? 2 : 1);
    }
  }

  /** A MAC address (first two octets in `high`, the other four in `low`), lower case with colons. */
  mac(high: number, low: number): void {
    this.reserve(19);
    this.pair(high >>> 8);
    this.pair(high);
    this.pair(low >>> 24);
    this.pair(low >>> 16);
    this.pair(low >>> 8);
    this.pair(low);
    this.length -= 1;
  }

  /** Two hexadecimal digits and a colon; room was made for four octets. */
  private pair(value: number): void {
    this.view.setInt32(this.length, HEX_PAIR[value & 255]!, true);
    this.length += 3;
  }

  /** What was written, as text; for tests and cold callers. */
  toString(): string {
    return new TextDecoder().decode(this.bytes.subarray(0, this.length));
  }
}

/** First group and number of groups of the longest run of zeros, as start * 16 + length; 0 when none is of two. */
function longestZeroRun(word0: number, word1: number, word2: number, word3: number): number {
  let best = 0;
  let length = 0;
  for (let i = 0; i < 8; i += 1) {
    length = ipv6Group(word0, word1, word2, word3, i) === 0 ? length + 1 : 0;
    if (length > Math.max(1, best & 15)) best = (i - length + 1) * 16 + length;
  }
  return best;
}

function ipv6Group(word0: number, word1: number, word2: number, word3: number, i: number): number {
  const word = i < 4 ? (i < 2 ? word0 : word1) : i < 6 ? word2 : word3;
  return (i & 1) === 0 ? word >>> 16 : word & 0xffff;
}
