import { type ByteWriter, textBytes } from "../../core/byte-writer.ts";
import { FIELDS } from "../fields/fields.ts";
import type { Sink, SinkOptions } from "../sink.ts";

const TAB = 9;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const QUOTE = 34;
const APOSTROPHE = 39;
const COMMA = 44;
const BACKSLASH = 92;
const DELETE = 127;
const LETTER_X = 120;

// Every record has the same text in these: they tell nothing in a table.
const COLUMNS = FIELDS.filter(({ constant }) => constant === undefined);

/**
 * Comma-separated values, RFC 4180: a header line of field paths, one record a line, quotes only
 * around what needs them. Lines end in a bare line feed, as everything else on a Unix pipe does and
 * as every reader accepts. An absent field is an empty cell. Free text that a spreadsheet would run
 * as a formula gets an apostrophe in front, so a capture's interface name can't: for the exact text
 * of those rare cells read TSV or NDJSON.
 */
export function newCsvSink(options: SinkOptions): Sink {
  return newDelimitedSink(options, COMMA, protectCsv);
}

/**
 * Tab-separated values: a header line of field paths, one record a line, no quotes. Tab, line feed,
 * carriage return and backslash are written `\t`, `\n`, `\r` and `\\`, other control characters
 * `\x` and two hexadecimal digits, which is what PostgreSQL's COPY reads; nothing is lost. An absent
 * field is an empty cell.
 */
export function newTsvSink(options: SinkOptions): Sink {
  return newDelimitedSink(options, TAB, protectTsv);
}

/** @param protect - makes the text from an offset to the end of the buffer fit for a cell */
function newDelimitedSink(
  options: SinkOptions,
  separator: number,
  protect: (out: ByteWriter, start: number) => void,
): Sink {
  return {
    begin(out) {
      const header = COLUMNS.map(({ path }) => path).join(String.fromCharCode(separator));
      out.text(`${header}\n`);
    },
    write(record, out) {
      for (let i = 0; i < COLUMNS.length; i += 1) {
        const column = COLUMNS[i]!;
        if (i > 0) out.byte(separator);
        const start = out.length;
        column.write(record, out, options);
        if (column.isFreeText === true && out.length > start) protect(out, start);
      }
      out.byte(LINE_FEED);
    },
    end() {},
  };
}

function protectCsv(out: ByteWriter, start: number): void {
  const isFormula = startsFormula(out.bytes, start, out.length);
  if (!isFormula && !needsQuotes(out.bytes, start, out.length)) return;
  const cell = out.bytes.slice(start, out.length);
  const isQuoted = needsQuotes(cell, 0, cell.length);
  out.length = start;
  if (isQuoted) out.byte(QUOTE);
  if (isFormula) out.byte(APOSTROPHE);
  for (const octet of cell) {
    if (octet === QUOTE) out.byte(QUOTE);
    out.byte(octet);
  }
  if (isQuoted) out.byte(QUOTE);
}

function needsQuotes(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i += 1) {
    const octet = bytes[i]!;
    if (octet === COMMA || octet === QUOTE || octet === LINE_FEED || octet === CARRIAGE_RETURN) {
      return true;
    }
  }
  return false;
}

const FORMULA_SIGNS = textBytes("=+-@");
/** The full-width forms of the same, U+FF1D U+FF0B U+FF0D U+FF20, begin with these two octets. */
const FULL_WIDTH = [0xef, 0xbc] as const;
const FULL_WIDTH_SIGNS = [0x9d, 0x8b, 0x8d, 0xa0];

/**
 * Whether spreadsheets may take a cell for a formula: its first visible character is one of = + - @.
 * They skip blanks and control characters before it.
 * @see OWASP, "CSV Injection"
 */
function startsFormula(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end && bytes[at]! <= SPACE) at += 1;
  if (at === end) return false;
  if (FORMULA_SIGNS.includes(bytes[at]!)) return true;
  return (
    at + 2 < end &&
    bytes[at] === FULL_WIDTH[0] &&
    bytes[at + 1] === FULL_WIDTH[1] &&
    FULL_WIDTH_SIGNS.includes(bytes[at + 2]!)
  );
}

function protectTsv(out: ByteWriter, start: number): void {
  let at = start;
  while (at < out.length && !isEscaped(out.bytes[at]!)) at += 1;
  if (at === out.length) return;
  const rest = out.bytes.slice(at, out.length);
  out.length = at;
  for (const octet of rest) {
    if (isEscaped(octet)) writeEscape(octet, out);
    else out.byte(octet);
  }
}

function isEscaped(octet: number): boolean {
  return octet < SPACE || octet === BACKSLASH || octet === DELETE;
}

const ESCAPE_LETTERS: ReadonlyMap<number, number> = new Map([
  [TAB, "t".charCodeAt(0)],
  [LINE_FEED, "n".charCodeAt(0)],
  [CARRIAGE_RETURN, "r".charCodeAt(0)],
  [BACKSLASH, BACKSLASH],
]);

function writeEscape(octet: number, out: ByteWriter): void {
  out.byte(BACKSLASH);
  const letter = ESCAPE_LETTERS.get(octet);
  if (letter !== undefined) {
    out.byte(letter);
    return;
  }
  out.byte(LETTER_X);
  out.hex(octet, 2);
}
