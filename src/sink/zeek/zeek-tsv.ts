import type { ByteWriter } from "../../core/byte-writer.ts";
import { isConnection } from "../../flow/zeek-counts.ts";
import type { Sink, SinkOptions } from "../sink.ts";
import { ZEEK_COLUMNS } from "./zeek-columns.ts";

const TAB = 9;
const LINE_FEED = 10;
const MINUS = 45;
const BACKSLASH = 92;
const DELETE = 127;
const SPACE = 32;
const LETTER_X = 120;

/**
 * Zeek's conn.log as its ASCII writer has it: header lines, one record a line, tabs between, `-` for
 * what is unset. `#open` and `#close` are the first and last time in the log, not those of the wall
 * clock, so that a capture gives the same octets every time; a log without records has neither.
 */
export function newZeekTsvSink(options: SinkOptions): Sink {
  let hasOpened = false;
  let latest = 0;
  return {
    begin() {},
    write(record, out) {
      const { view } = record;
      if (!isConnection(view)) return;
      view.turnToZeek();
      if (!hasOpened) writeHeader(view.startSeconds, out);
      hasOpened = true;
      if (view.endSeconds > latest) latest = view.endSeconds;
      for (let i = 0; i < ZEEK_COLUMNS.length; i += 1) {
        const column = ZEEK_COLUMNS[i]!;
        if (i > 0) out.byte(TAB);
        const start = out.length;
        if (column.writeTsv === undefined) column.write(record, out, options);
        else column.writeTsv(record, out);
        if (out.length === start) out.byte(MINUS);
        else if (column.isFreeText === true) protect(out, start);
      }
      out.byte(LINE_FEED);
      view.turnBack();
    },
    recordsOf: (view) => (isConnection(view) ? 1 : 0),
    end(out) {
      if (!hasOpened) writeHeader(undefined, out);
      else out.text(`#close\t${timeOfDay(latest)}\n`);
    },
  };
}

function writeHeader(opened: number | undefined, out: ByteWriter): void {
  const names = ZEEK_COLUMNS.map(({ name }) => name).join("\t");
  const types = ZEEK_COLUMNS.map(({ type }) => type).join("\t");
  out.text("#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n");
  out.text("#path\tconn\n");
  if (opened !== undefined) out.text(`#open\t${timeOfDay(opened)}\n`);
  out.text(`#fields\t${names}\n#types\t${types}\n`);
}

/** `2026-03-02-09-00-06`, UTC. */
function timeOfDay(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace(/[T:]/g, "-");
}

/** Escapes what would break a line, and a word that would read as unset or empty. */
function protect(out: ByteWriter, start: number): void {
  const cell = out.bytes.slice(start, out.length);
  const text = new TextDecoder().decode(cell);
  const isTaken = text === "-" || text === "(empty)";
  out.length = start;
  for (let i = 0; i < cell.length; i += 1) {
    const octet = cell[i]!;
    const isPlain = octet >= SPACE && octet !== BACKSLASH && octet !== DELETE;
    if (isPlain && !(isTaken && i === 0)) {
      out.byte(octet);
      continue;
    }
    out.byte(BACKSLASH);
    out.byte(LETTER_X);
    out.hex(octet, 2);
  }
}
