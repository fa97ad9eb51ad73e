import { readFileSync } from "node:fs";
import { UsageError } from "../core/errors.ts";
import { reasonOf } from "../core/reason-of.ts";
import { transportMask } from "./transport.ts";

/** The empty cell. */
export const NONE = "-";

/** Where a row stands, for messages. */
export type RowPlace = {
  readonly path: string;
  /** 1-based; worked out when it is asked for, where rows are not read in order. */
  readonly line: number;
};

/** A registry file is damaged: names the file and the line. */
export function tableError({ path, line }: RowPlace, what: string): UsageError {
  return new UsageError("PF_REGISTRY_DATA", `${path}: line ${line}: ${what}`);
}

/** The first line that is no comment must be the header. */
export function headerError(place: RowPlace, columns: readonly string[]): UsageError {
  return tableError(place, `not the header; write ${columns.join(" ")}`);
}

/** No line is left, and none was the header. */
export function noHeaderError(place: RowPlace): UsageError {
  return tableError(place, "ends before the header");
}

/**
 * Walk a tab-separated registry file. Lines that start with `#` are comments; the first other line
 * must be the header. Every row must have exactly the header's cells, none of them empty.
 * @param columns - the header's words, in order
 * @param visit - gets the cells and their place; throws through `tableError`
 * @returns the comment lines, for what they say about the snapshot
 * @throws UsageError with file and line
 */
export function readTable(
  path: string,
  columns: readonly string[],
  visit: (cells: readonly string[], place: RowPlace) => void,
): string[] {
  const comments: string[] = [];
  const lines = tableOctets(path).toString().split("\n");
  // A file ends with a newline: what follows the last one is no row.
  if (lines.at(-1) === "") lines.pop();
  const header = columns.join("\t");
  let headerSeen = false;
  for (let index = 0; index < lines.length; index += 1) {
    const text = lines[index]!;
    const place = { path, line: index + 1 };
    if (text.startsWith("#")) comments.push(text);
    else if (headerSeen) visit(cellsOf(place, text, columns), place);
    else if (text === header) headerSeen = true;
    else throw headerError(place, columns);
  }
  if (!headerSeen) throw noHeaderError({ path, line: lines.length + 1 });
  return comments;
}

/**
 * The cells of a row.
 * @throws UsageError when one is empty, missing or too many
 */
export function cellsOf(
  place: RowPlace,
  text: string,
  columns: readonly string[],
): readonly string[] {
  const cells = text.split("\t");
  if (cells.length !== columns.length) {
    const what = `${cells.length} cells, not ${columns.length}; separate them by one tab each`;
    throw tableError(place, what);
  }
  const empty = cells.indexOf("");
  if (empty < 0) return cells;
  throw tableError(place, `the ${columns[empty]} cell is empty; write ${NONE} for none`);
}

/**
 * A registry file as it lies on disk.
 * @throws UsageError when it can't be read
 */
export function tableOctets(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error: unknown) {
    throw new UsageError("PF_REGISTRY_DATA", `${path}: can't be read: ${reasonOf(error)}`, error);
  }
}

/** Decimal port number, -1 when the text is anything else. */
export function parsePort(text: string): number {
  if (text.length === 0 || text.length > 5) return -1;
  let port = 0;
  for (let index = 0; index < text.length; index += 1) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return -1;
    port = port * 10 + digit;
  }
  return port > 65535 ? -1 : port;
}

/** Ports of a cell, both ends inclusive. */
export type PortRange = { readonly from: number; readonly to: number };

/** `N` or `N-M` with N < M; undefined when it is neither. */
export function parsePortRange(text: string): PortRange | undefined {
  const dash = text.indexOf("-");
  if (dash < 0) {
    const port = parsePort(text);
    return port < 0 ? undefined : { from: port, to: port };
  }
  const from = parsePort(text.slice(0, dash));
  const to = parsePort(text.slice(dash + 1));
  return from < 0 || to <= from ? undefined : { from, to };
}

/** The port cell of a row. */
export function portCell(place: RowPlace, text: string): PortRange {
  const range = parsePortRange(text);
  if (range !== undefined) return range;
  throw tableError(place, `"${text}" is no port; write 0 to 65535, or a range low-high`);
}

const masks = new Map<string, number>();

/** The transports cell of a row as a mask. */
export function transportsCell(place: RowPlace, text: string): number {
  let mask = masks.get(text);
  if (mask === undefined) {
    mask = transportMask(text);
    if (mask === 0) {
      throw tableError(place, `"${text}" names no transports; write tcp, udp, sctp, dccp`);
    }
    masks.set(text, mask);
  }
  return mask;
}

/** A cell that holds one of a few words. */
export function wordCell(place: RowPlace, text: string, words: readonly string[]): string {
  if (words.includes(text)) return text;
  throw tableError(place, `"${text}" is none of ${words.join(", ")}`);
}

/** A name or a comma-separated list of names: printable, no blanks. */
const NAMES = /^[\x21-\x7e]+$/;

/** A name cell; "" for none. */
export function nameCell(place: RowPlace, text: string): string {
  if (text === NONE) return "";
  if (NAMES.test(text) && !text.includes(",")) return text;
  throw tableError(place, `"${text}" is no service name; write one word`);
}

const noNames: readonly string[] = [];

/** A cell of comma-separated names. */
export function namesCell(place: RowPlace, text: string): readonly string[] {
  if (text === NONE) return noNames;
  const names = text.split(",");
  if (NAMES.test(text) && !names.includes("")) return names;
  throw tableError(place, `"${text}" is no list of names; write words separated by commas`);
}

const DATE = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;

/** A date cell, YYYY-MM-DD. */
export function dateCell(place: RowPlace, text: string): string {
  if (DATE.test(text)) return text;
  throw tableError(place, `"${text}" is no date; write YYYY-MM-DD`);
}

/** Free text; "" for none. */
export function textCell(text: string): string {
  return text === NONE ? "" : text;
}
