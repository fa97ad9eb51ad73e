import type { ByteWriter } from "../core/byte-writer.ts";
import type { Ends } from "./compared-flow.ts";
import type { WordBook } from "./word-book.ts";

/** Lead octets of a number; smaller ones are the number itself. */
const Lead = { Word: 252, Double: 253, Undefined: 255 } as const;
const MOST_DIRECT = 251;
/** Octets of the longest number. */
const LONGEST_NUMBER = 9;
/** What stands in the place of a word's number where its text follows. */
const INLINE = 0;
const LATIN1 = 0;
const UTF16 = 1;
const MOST_LATIN1 = 255;

/** Octets that hold values one after the other. */
export type OctetPage = { readonly bytes: Buffer; readonly view: DataView };

/** A page over octets. */
export function pageOf(bytes: Buffer): OctetPage {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
}

/**
 * Writes values compactly and exactly, for `ValueReader` to read in the same order: any number, any
 * text, half of a surrogate pair included, and undefined for none.
 */
export class ValueWriter {
  private readonly out: ByteWriter;
  private readonly words: WordBook;

  /** @param words - takes texts that come often; the reader needs the same */
  constructor(out: ByteWriter, words: WordBook) {
    this.out = out;
    this.words = words;
  }

  number(value: number | undefined): void {
    const { out } = this;
    out.reserve(LONGEST_NUMBER);
    const { bytes, memory } = out;
    const at = out.length;
    if (value === undefined) {
      bytes[at] = Lead.Undefined;
      out.length = at + 1;
    } else if (value >>> 0 !== value || Object.is(value, -0)) {
      bytes[at] = Lead.Double;
      memory.setFloat64(at + 1, value, true);
      out.length = at + 9;
    } else if (value > MOST_DIRECT) {
      bytes[at] = Lead.Word;
      memory.setUint32(at + 1, value, true);
      out.length = at + 5;
    } else {
      bytes[at] = value;
      out.length = at + 1;
    }
  }

  numbers(pair: Ends<number> | undefined): void {
    this.number(pair?.[0]);
    if (pair !== undefined) this.number(pair[1]);
  }

  /** A text that other values have, too. */
  word(text: string | undefined): void {
    const number = text === undefined ? undefined : (this.words.numberOf(text) ?? INLINE);
    this.number(number);
    if (number === INLINE) this.text(text!);
  }

  /** A text of its own. */
  text(text: string): void {
    const count = text.length;
    this.number(count);
    const { out } = this;
    out.reserve(1 + count * 2);
    const { bytes } = out;
    const at = out.length + 1;
    bytes[out.length] = LATIN1;
    out.length = at + count;
    for (let i = 0; i < count; i += 1) {
      const code = text.charCodeAt(i);
      if (code > MOST_LATIN1) {
        bytes[at - 1] = UTF16;
        out.length = at + 2 * count;
        for (let k = 0; k < count; k += 1) {
          out.memory.setUint16(at + 2 * k, text.charCodeAt(k), true);
        }
        return;
      }
      bytes[at + i] = code;
    }
  }
}

/** Reads what a `ValueWriter` wrote, in the same order. */
export class ValueReader {
  at = 0;
  private page: OctetPage = pageOf(Buffer.alloc(0));
  private readonly words: WordBook;

  constructor(words: WordBook) {
    this.words = words;
  }

  /** Goes to the value that begins at `at`. */
  open(page: OctetPage, at: number): void {
    this.page = page;
    this.at = at;
  }

  /** A number that was not undefined. */
  wholeNumber(): number {
    return this.number()!;
  }

  number(): number | undefined {
    const { at, page } = this;
    const lead = page.bytes[at]!;
    if (lead <= MOST_DIRECT) {
      this.at = at + 1;
      return lead;
    }
    if (lead === Lead.Undefined) {
      this.at = at + 1;
      return undefined;
    }
    if (lead === Lead.Word) {
      this.at = at + 5;
      return page.view.getUint32(at + 1, true);
    }
    this.at = at + 9;
    return page.view.getFloat64(at + 1, true);
  }

  numbers(): Ends<number> | undefined {
    const first = this.number();
    return first === undefined ? undefined : [first, this.number()!];
  }

  word(): string | undefined {
    const number = this.number();
    if (number === undefined) return undefined;
    return number === INLINE ? this.text() : this.words.textOf(number);
  }

  text(): string {
    const count = this.number()!;
    const { bytes } = this.page;
    const start = this.at + 1;
    const isLatin1 = bytes[this.at] === LATIN1;
    const end = start + (isLatin1 ? count : 2 * count);
    this.at = end;
    return bytes.toString(isLatin1 ? "latin1" : "utf16le", start, end);
  }
}
