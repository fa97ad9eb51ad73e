import { HEX_PAIR } from "./digit-words.ts";
import { type Fragment, TEXT_SLACK } from "./fragment.ts";
import {
  decimalSecondsAt,
  fragmentAt,
  integerAt,
  ipv4At,
  ipv6At,
  macAt,
  nineDigitsAt,
} from "./text-at.ts";

const DIGIT_ZERO = 48;
const MINUS = 45;
const QUOTE = 34;
const BACKSLASH = 92;
const HEX = textBytes("0123456789abcdef");

/** `text` as UTF-8 octets; what is written for every record is better prepared as a `fragment`. */
export function textBytes(text: string): Uint8Array {
  const encoded = new TextEncoder().encode(text);
  return encoded;
}

/** Octets of the longest number, and of the longest address. */
const LONGEST_NUMBER = 20;
const LONGEST_ADDRESS = 39;

/**
 * A growing buffer of octets with writers for what records are made of. Every writer makes room
 * first, so none can overrun; nothing is allocated but when the buffer doubles. What is written for
 * every record of the fastest formats makes room once for many texts, and writes them into `memory`
 * with what `text-at.ts` has.
 */
export class ByteWriter {
  bytes: Uint8Array;
  length = 0;
  /** The same octets, for stores of several at once wherever they lie; another one after `reserve`. */
  memory: DataView;

  /** @param room - how many octets to begin with, or the memory for them; what does not fit moves elsewhere */
  constructor(room: number | Uint8Array = 1 << 16) {
    this.bytes = typeof room === "number" ? new Uint8Array(room) : room;
    this.memory = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
  }

  /** Makes room for `count` more octets, and for what writing them may overwrite behind. */
  reserve(count: number): void {
    const needed = this.length + count + TEXT_SLACK;
    if (needed > this.bytes.length) this.grow(needed);
  }

  private grow(needed: number): void {
    let capacity = this.bytes.length * 2;
    while (capacity < needed) capacity *= 2;
    const larger = new Uint8Array(capacity);
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
    this.memory = new DataView(larger.buffer);
  }

  /** Text prepared with `fragment`. */
  put(source: Fragment): void {
    this.reserve(source.length);
    this.length = fragmentAt(this.memory, this.length, source);
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
    this.reserve(LONGEST_NUMBER);
    this.length = integerAt(this.memory, this.length, value);
  }

  /** 0 to 999,999,999 with leading zeros: nanoseconds of a second. */
  nineDigits(value: number): void {
    this.reserve(LONGEST_NUMBER);
    this.length = nineDigitsAt(this.memory, this.length, value);
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
    this.reserve(LONGEST_NUMBER * 2);
    this.length = decimalSecondsAt(this.memory, this.length, seconds, nanoseconds);
  }

  /** The low `digits` hexadecimal digits of an int32. */
  hex(value: number, digits: number): void {
    this.reserve(digits);
    let left = digits;
    if ((left & 1) !== 0) {
      left -= 1;
      this.bytes[this.length] = HEX[(value >>> (left * 4)) & 15]!;
      this.length += 1;
    }
    for (left -= 2; left >= 0; left -= 2) {
      this.memory.setInt32(this.length, HEX_PAIR[(value >>> (left * 4)) & 255]!, true);
      this.length += 2;
    }
  }

  /** An IPv4 address held in an int32, dotted. */
  ipv4(word: number): void {
    this.reserve(LONGEST_ADDRESS);
    this.length = ipv4At(this.memory, this.length, word);
  }

  /** An IPv6 address held in four int32 words, in the canonical text of RFC 5952. */
  ipv6(word0: number, word1: number, word2: number, word3: number): void {
    this.reserve(LONGEST_ADDRESS);
    this.length = ipv6At(this.memory, this.length, word0, word1, word2, word3);
  }

  /** A MAC address (first two octets in `high`, the other four in `low`), lower case with colons. */
  mac(high: number, low: number): void {
    this.reserve(LONGEST_ADDRESS);
    this.length = macAt(this.memory, this.length, high, low);
  }

  /** What was written, as text; for tests and cold callers. */
  toString(): string {
    return new TextDecoder().decode(this.bytes.subarray(0, this.length));
  }
}
