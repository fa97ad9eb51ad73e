import { fitted, printable } from "../sink/table/terminal-text.ts";
import { type Painter, tableLines } from "../sink/table/text-table.ts";

/** A value as DuckDB's client gives it as JSON: 64-bit integers are texts. */
export type ResultValue = null | boolean | number | string | readonly unknown[] | object;

/** One column of a result. */
export type ResultColumn = { readonly name: string; readonly isNumber: boolean };

/** Rows of a table at most; whoever wants more takes CSV or JSON. */
export const TABLE_ROWS = 1000;
const WIDEST_CELL = 60;

/** A result for a person. */
export function resultTable(
  columns: readonly ResultColumn[],
  rows: readonly (readonly ResultValue[])[],
  paint: Painter,
): string {
  const lines = tableLines(
    columns.map(({ name, isNumber }, i) => ({
      heading: printable(name),
      isNumber,
      cells: rows.map((row) => ({ text: cellText(row[i] ?? null, isNumber), tone: "plain" })),
    })),
    paint,
  );
  return `${lines.join("\n")}\n`;
}

/** A row as CSV, RFC 4180; null is an empty cell. */
export function csvRow(values: readonly ResultValue[]): string {
  return `${values.map((value) => csvCell(value === null ? "" : plainText(value))).join(",")}\n`;
}

/** A row as an object, one a line. Integers that a double holds become numbers. */
export function jsonRow(columns: readonly ResultColumn[], values: readonly ResultValue[]): string {
  const entries = columns.map(({ name, isNumber }, i) => {
    const value = values[i] ?? null;
    const isExact = isNumber && typeof value === "string" && Number.isSafeInteger(Number(value));
    return [name, isExact ? Number(value) : value] as const;
  });
  return `${JSON.stringify(Object.fromEntries(entries))}\n`;
}

function cellText(value: ResultValue, isNumber: boolean): string {
  if (value === null) return "";
  const text = plainText(value);
  // As text: 64 and 128 bits are more than a double holds.
  if (isNumber && /^-?\d+$/.test(text)) return text.replace(/\B(?=(?:\d{3})+$)/g, ",");
  return fitted(printable(text), WIDEST_CELL);
}

function plainText(value: ResultValue): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
