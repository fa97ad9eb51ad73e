const DIGIT_ZERO = 48;
/** Up to here a number stays a small integer in every engine. */
const LARGEST_SMALL = 0x3fffffff;
const MINUS = 45;
const DOT = 46;
const COLON = 58;
const QUOTE = 34;
const BACKSLASH = 92;
const HEX = textBytes("0123456789abcdef");
// Both digits of every octet, so that an octet costs two copies instead of two shifts and look-ups.
const HEX_PAIRS = Uint8Array.from({ length: 512 }, (_, i) => HEX[i & 1 ? (i >> 1) & 15 : i >> 5]!);

function decimalDigits(value: number): number {
  if (value < 100) return 2;
  if (value < 1000) return 3;
  if (value < 10_000) return 4;
  if (value < 100_000) return 5;
  if (value < 1_000_000) return 6;
  if (value < 10_000_000) return 7;
  if (value < 100_000_000) return 8;
  return value < 1_000_000_000 ? 9 : 10;
}

/** `text` as UTF-8 octets; for constants that are written many times. */
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

  constructor(capacity: number = 1 << 16) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Makes room for `count` more octets. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    let capacity = this.bytes.length * 2;
    while (capacity < needed) capacity *= 2;
    const larger = new Uint8Array(capacity);
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
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

  /** A few octets out of a larger array. */
  slice(source: Uint8Array, from: number, count: number): void {
    this.reserve(count);
    const bytes = this.bytes;
    const at = this.length;
    for (let i = 0; i < count; i += 1) bytes[at + i] = source[from + i]!;
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
    this.reserve(17);
    if (value < 10) {
      this.bytes[this.length] = DIGIT_ZERO + value;
      this.length += 1;
      return;
    }
    if (value > LARGEST_SMALL) {
      // The upper digits first; what is left has nine, and 32-bit arithmetic does for it.
      const upper = Math.floor(value / 1e9);
      this.integer(upper);
      this.padded(value - upper * 1e9, 9);
      return;
    }
    const bytes = this.bytes;
    let small = value | 0;
    let at = this.length + decimalDigits(small);
    this.length = at;
    while (small > 9) {
      const quotient = (small / 10) | 0;
      at -= 1;
      bytes[at] = DIGIT_ZERO + (small - quotient * 10);
      small = quotient;
    }
    bytes[at - 1] = DIGIT_ZERO + small;
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
    this.padded(nanoseconds, 9);
    while (this.bytes[this.length - 1] === DIGIT_ZERO) this.length -= 1;
  }

  /** The low `digits` hexadecimal digits of an int32. */
  hex(value: number, digits: number): void {
    this.reserve(digits);
    for (let i = digits - 1; i >= 0; i -= 1) {
      this.bytes[this.length] = HEX[(value >>> (i * 4)) & 15]!;
      this.length += 1;
    }
  }

  /** An IPv4 address held in an int32, dotted. */
  ipv4(word: number): void {
    this.reserve(16);
    this.octet(word >>> 24);
    this.bytes[this.length - 1] = DOT;
    this.octet((word >>> 16) & 255);
    this.bytes[this.length - 1] = DOT;
    this.octet((word >>> 8) & 255);
    this.bytes[this.length - 1] = DOT;
    this.octet(word & 255);
    this.length -= 1;
  }

  /** Up to three digits and one place more. */
  private octet(value: number): void {
    const bytes = this.bytes;
    let at = this.length;
    if (value >= 100) {
      const hundreds = value >= 200 ? 2 : 1;
      bytes[at] = DIGIT_ZERO + hundreds;
      const rest = value - hundreds * 100;
      const tens = (rest / 10) | 0;
      bytes[at + 1] = DIGIT_ZERO + tens;
      bytes[at + 2] = DIGIT_ZERO + (rest - tens * 10);
      at += 3;
    } else if (value >= 10) {
      const tens = (value / 10) | 0;
      bytes[at] = DIGIT_ZERO + tens;
      bytes[at + 1] = DIGIT_ZERO + (value - tens * 10);
      at += 2;
    } else {
      bytes[at] = DIGIT_ZERO + value;
      at += 1;
    }
    this.length = at + 1;
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
    this.reserve(18);
    this.pair(high >>> 8);
    this.pair(high);
    this.pair(low >>> 24);
    this.pair(low >>> 16);
    this.pair(low >>> 8);
    this.pair(low);
    this.length -= 1;
  }

  /** Two hexadecimal digits and a colon. */
  private pair(value: number): void {
    const from = (value & 255) * 2;
    const at = this.length;
    this.bytes[at] = HEX_PAIRS[from]!;
    this.bytes[at + 1] = HEX_PAIRS[from + 1]!;
    this.bytes[at + 2] = COLON;
    this.length = at + 3;
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
