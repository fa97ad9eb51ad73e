import { type ByteWriter, textBytes } from "../core/byte-writer.ts";
import { Evidence } from "../service/tag.ts";
import { copyOctets, isUnchanged } from "./line-edit.ts";
import { LineOutcome } from "./line-outcome.ts";
import { HIGHEST_PORT } from "./log-ends.ts";
import { ZEEK_FIELDS } from "./log-members.ts";
import { type LogTagger, protocolOf } from "./log-tagger.ts";
import { zeekValue } from "./zeek-fields.ts";

const HASH = 35;
const ZERO = 48;
/** Columns of any log that Zeek writes, many times over. */
const MOST_COLUMNS = 1024;
const TAB = 9;
const STRING_TYPE = textBytes("string");
const FIELD_OCTETS = ZEEK_FIELDS.map(textBytes);

/** Columns that a flow is known by. */
const COLUMNS = ["id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto"] as const;
const Column = {
  OriginatorAddress: 0,
  OriginatorPort: 1,
  ResponderAddress: 2,
  ResponderPort: 3,
  Protocol: 4,
} as const;

/**
 * Tags a Zeek conn.log in its own text format. Every header begins a new table, for logs are put
 * together by concatenation; tables of other logs pass as they are. The tag's columns come last, or
 * stay where an earlier run has put them.
 */
export class ZeekTsv {
  private separator = TAB;
  private unset = "-";
  private empty = "(empty)";
  private path = "";
  private columns = 0;
  private isConnection = false;
  /** Where the columns of `COLUMNS` are. */
  private readonly places: number[] = [];
  /** Where each of `ZEEK_FIELDS` is, -1 for one to be appended. */
  private readonly tagPlaces: number[] = [];
  /** Where each cell of the line begins; one more for the end. */
  private readonly cells: Int32Array = new Int32Array(MOST_COLUMNS + 2);

  /** Whether a header has said what the columns are. */
  get isOpen(): boolean {
    return this.columns > 0;
  }

  /**
   * Looks at a line that begins with `#`, and writes it where columns are to be added to it.
   * @param end - behind its last octet, line end excluded
   */
  header(bytes: Uint8Array, start: number, end: number, out: ByteWriter): void {
    const line = Buffer.from(bytes.subarray(start, end)).toString("utf8");
    if (line.startsWith("#separator ")) {
      this.restart(withoutEscapes(line.slice("#separator ".length)));
      return;
    }
    const [key = "", ...values] = line.split(String.fromCharCode(this.separator));
    if (key === "#unset_field") this.unset = values[0] ?? this.unset;
    else if (key === "#empty_field") this.empty = values[0] ?? this.empty;
    else if (key === "#path") this.path = values[0] ?? "";
    else if (key === "#fields") this.openTable(values);
    if (!this.isConnection || (key !== "#fields" && key !== "#types")) return;
    copyOctets(bytes, start, end, out);
    for (let field = 0; field < ZEEK_FIELDS.length; field += 1) {
      if (this.tagPlaces[field]! >= 0) continue;
      out.byte(this.separator);
      out.raw(key === "#fields" ? FIELD_OCTETS[field]! : STRING_TYPE);
    }
  }

  /**
   * Tags a line of the table.
   * @returns what is wrong with it, or the outcome, the line written when it is a flow
   */
  row(
    bytes: Uint8Array,
    start: number,
    end: number,
    tagger: LogTagger,
    out: ByteWriter,
  ): LineOutcome | string {
    if (!this.isConnection) return LineOutcome.Other;
    const found = this.split(bytes, start, end);
    if (found !== this.columns) return `${found} columns, #fields names ${this.columns}`;
    const complaint = this.read(bytes, tagger);
    if (complaint !== undefined) return complaint;
    tagger.classify();
    const written = out.length;
    this.write(bytes, start, end, tagger, out);
    if (this.tagPlaces[0]! < 0) return LineOutcome.Added;
    const isSame = isUnchanged(out, written, bytes, start, end);
    return isSame ? LineOutcome.Kept : LineOutcome.Changed;
  }

  private restart(separator: string): void {
    this.separator = separator.length === 1 ? separator.charCodeAt(0) : TAB;
    this.unset = "-";
    this.empty = "(empty)";
    this.path = "";
    this.columns = 0;
    this.isConnection = false;
  }

  private openTable(names: readonly string[]): void {
    this.columns = names.length;
    for (const [index, name] of COLUMNS.entries()) this.places[index] = names.indexOf(name);
    for (const [index, name] of ZEEK_FIELDS.entries()) this.tagPlaces[index] = names.indexOf(name);
    this.isConnection =
      this.places.every((place) => place >= 0) &&
      (this.path === "conn" || names.includes("conn_state")) &&
      names.length <= MOST_COLUMNS;
  }

  /** Finds the cells of a line. @returns how many there are */
  private split(bytes: Uint8Array, start: number, end: number): number {
    const { cells, separator } = this;
    let count = 1;
    cells[0] = start;
    for (let i = start; i < end; i += 1) {
      if (bytes[i] !== separator) continue;
      // The rest is only counted: so many columns are wrong anyway.
      if (count <= MOST_COLUMNS) cells[count] = i + 1;
      count += 1;
    }
    if (count <= MOST_COLUMNS) cells[count] = end + 1;
    return count;
  }

  private read(bytes: Uint8Array, tagger: LogTagger): string | undefined {
    const { cells, places } = this;
    const word = places[Column.Protocol]!;
    const protocol = protocolOf(bytes, cells[word]!, cells[word + 1]! - 1);
    tagger.begin(protocol);
    // The ports of ICMP are its type and code.
    if (protocol !== 0) {
      const originator = this.port(bytes, places[Column.OriginatorPort]!);
      const responder = this.port(bytes, places[Column.ResponderPort]!);
      if (originator < 0 || responder < 0) return "id.orig_p or id.resp_p is no port";
      tagger.setPorts(originator, responder);
    }
    const responder = places[Column.ResponderAddress]!;
    if (tagger.needsAddresses) {
      const from = this.text(bytes, places[Column.OriginatorAddress]!);
      if (!tagger.setAddresses(from, this.text(bytes, responder))) {
        return "id.orig_h or id.resp_h is no address";
      }
    }
    tagger.markDestination(bytes, cells[responder]!, cells[responder + 1]! - 1);
    tagger.input.evidence = Evidence.InitiatorKnown;
    return undefined;
  }

  private port(bytes: Uint8Array, place: number): number {
    const from = this.cells[place]!;
    const to = this.cells[place + 1]! - 1;
    if (to === from || to - from > 5) return -1;
    let value = 0;
    for (let i = from; i < to; i += 1) {
      const digit = bytes[i]! - ZERO;
      if (digit < 0 || digit > 9) return -1;
      value = value * 10 + digit;
    }
    return value <= HIGHEST_PORT ? value : -1;
  }

  private text(bytes: Uint8Array, place: number): string {
    const cell = bytes.subarray(this.cells[place], this.cells[place + 1]! - 1);
    return Buffer.from(cell).toString("latin1");
  }

  private write(
    bytes: Uint8Array,
    start: number,
    end: number,
    tagger: LogTagger,
    out: ByteWriter,
  ): void {
    const { cells, columns, tagPlaces } = this;
    let from = start;
    for (let place = 0; place < columns; place += 1) {
      const field = tagPlaces.indexOf(place);
      if (field < 0) continue;
      copyOctets(bytes, from, cells[place]!, out);
      out.text(this.cellText(zeekValue(tagger, field)));
      from = cells[place + 1]! - 1;
    }
    copyOctets(bytes, from, end, out);
    for (let field = 0; field < ZEEK_FIELDS.length; field += 1) {
      if (tagPlaces[field]! >= 0) continue;
      out.byte(this.separator);
      out.text(this.cellText(zeekValue(tagger, field)));
    }
  }

  /** A value as Zeek's ASCII writer has it: separators and what would be taken for unset are escaped. */
  private cellText(value: string): string {
    if (value === "") return this.unset;
    if (value === this.unset || value === this.empty) {
      return hexEscape(value.charCodeAt(0)) + value.slice(1);
    }
    let text = value;
    for (let i = 0; i < value.length; i += 1) {
      const code = value.charCodeAt(i);
      if (code !== this.separator && code >= 32 && code !== 92) continue;
      text = escapeAll(value, this.separator);
      break;
    }
    return text;
  }
}

/** Whether a line is one of a header. */
export function isZeekHeader(bytes: Uint8Array, start: number, end: number): boolean {
  return start < end && bytes[start] === HASH;
}

function escapeAll(value: string, separator: number): string {
  return [...value]
    .map((letter) => {
      const code = letter.charCodeAt(0);
      if (code === 92) return "\\\\";
      return code === separator || code < 32 ? hexEscape(code) : letter;
    })
    .join("");
}

function hexEscape(code: number): string {
  return `\\x${code.toString(16).padStart(2, "0")}`;
}

/** `\x09` as a tab. */
function withoutEscapes(text: string): string {
  return text.replace(/\\x([0-9a-f]{2})/gi, (_all, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
