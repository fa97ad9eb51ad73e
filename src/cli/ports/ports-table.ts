import type { PortRow } from "../../service/port-rows.ts";
import type { PortsIo } from "./ports-io.ts";

/** Characters that would let a file's text move the cursor or forge a line. */
const CONTROLS = /[\p{Cc}\p{Cf}]/gu;

/** Columns as wide as their widest cell, the last one free; two blanks between. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, cell.length);
    }
  }
  return rows.map((row) =>
    row
      .map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
      .join("  ")
      .replaceAll(CONTROLS, "?")
      .trimEnd(),
  );
}

/** `443/udp`, or the whole range of a claim that holds for several ports. */
export function placeOf(row: PortRow): string {
  return `${row.range ?? row.port}/${row.transport}`;
}

/** The familiar word, with the source's own in brackets when they differ. */
export function nameOf(row: PortRow): string {
  if (row.name === undefined) return "-";
  return row.keyword === undefined ? row.name : `${row.keyword} (${row.name})`;
}

/** Print rows for people: the winner marked, and bold where colour is wanted. */
export function printRows(rows: readonly PortRow[], io: PortsIo): void {
  const head = ["", "PORT", "NAME", "STATUS", "SOURCE", "DESCRIPTION"];
  const cells = rows.map((row) => [
    row.wins ? "*" : "",
    placeOf(row),
    nameOf(row),
    row.weak === true ? `${row.status} (weak)` : row.status,
    row.id ?? row.source,
    describe(row),
  ]);
  for (const [index, line] of aligned([head, ...cells]).entries()) {
    const strong = index === 0 || rows[index - 1]?.wins === true;
    io.stdout(`${strong ? emphasise(line, io) : line}\n`);
  }
}

function describe(row: PortRow): string {
  const when = row.when === undefined ? "" : ` [${row.when} only]`;
  const server = row.server === undefined ? "" : ` [servers ${row.server}]`;
  return `${row.description}${when}${server}`;
}

/** Bold, where the terminal takes it. */
export function emphasise(text: string, io: PortsIo): string {
  return io.color ? `\u001b[1m${text}\u001b[22m` : text;
}

/** One JSON document on one line, so that both `jq` and line readers take it. */
export function printJson(value: unknown, io: PortsIo): void {
  io.stdout(`${JSON.stringify(value)}\n`);
}
