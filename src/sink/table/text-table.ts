import { displayWidth } from "./terminal-text.ts";

/** How a piece of text is set off where colour is welcome. */
export type Tone = "plain" | "strong" | "faint" | "good" | "doubtful" | "bad";

// Select Graphic Rendition, ECMA-48 section 8.3.117.
const CODES: Readonly<Record<Tone, string>> = {
  plain: "",
  strong: "1",
  faint: "2",
  good: "32",
  doubtful: "33",
  bad: "31",
};

/** Sets text off, or leaves it as it is. */
export type Painter = (tone: Tone, text: string) => string;

/** A painter for terminals that show colours, or one that changes nothing. */
export function newPainter(color: boolean): Painter {
  if (!color) return (_tone, text) => text;
  return (tone, text) =>
    tone === "plain" || text === "" ? text : `\u001b[${CODES[tone]}m${text}\u001b[0m`;
}

/** One cell. */
export type Cell = {
  readonly text: string;
  readonly tone: Tone;
};

/** One column: its heading, where its text stands, and its cells from top to bottom. */
export type Column = {
  readonly heading: string;
  readonly isNumber: boolean;
  readonly cells: readonly Cell[];
  /** Stands close to the column before it, whatever the gap between the others. */
  readonly isClose?: true;
};

/** Columns the widest cell of a column takes. */
function columnWidth(column: Column): number {
  return column.cells.reduce(
    (widest, cell) => Math.max(widest, displayWidth(cell.text)),
    displayWidth(column.heading),
  );
}

/** Columns the whole table takes with so many blanks between two. */
export function tableWidth(columns: readonly Column[], gap: number): number {
  return columns.reduce((sum, column) => sum + columnWidth(column) + gapOf(column, gap), -gap);
}

function gapOf(column: Column, gap: number): number {
  return column.isClose === true ? 1 : gap;
}

/**
 * The table's lines, headings first, aligned, without blanks at the ends.
 * @param gap - blanks between two columns
 */
export function tableLines(columns: readonly Column[], paint: Painter, gap: number = 2): string[] {
  const widths = columns.map(columnWidth);
  const line = (cellOf: (column: Column) => Cell): string => {
    let text = "";
    let blanks = -gap;
    columns.forEach((column, i) => {
      const cell = cellOf(column);
      const padding = widths[i]! - displayWidth(cell.text);
      blanks += gapOf(column, gap) + (column.isNumber ? padding : 0);
      if (cell.text !== "") {
        text += " ".repeat(blanks) + paint(cell.tone, cell.text);
        blanks = 0;
      } else blanks += widths[i]! - padding;
      if (!column.isNumber) blanks += padding;
    });
    return text;
  };
  const lines = [line(({ heading }) => ({ text: heading, tone: "faint" }))];
  const count = columns[0]?.cells.length ?? 0;
  for (let row = 0; row < count; row += 1) lines.push(line(({ cells }) => cells[row]!));
  return lines;
}
