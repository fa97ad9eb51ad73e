/** A row of a Zeek log by column name; unset cells are left out. */
export type ZeekRow = ReadonlyMap<string, string>;

/**
 * Reads a Zeek log in its own text format. Headers may come again and again, as in logs put together
 * by concatenation.
 * @see Zeek, logging framework, ASCII writer
 */
export class ZeekTable {
  /** The log's own word for what it is: conn, dns ... */
  path = "";
  columns: readonly string[] = [];
  private separator = "\t";
  private unset = "-";
  private empty = "(empty)";

  /** Looks at a header line, one that begins with `#`. */
  header(line: string): void {
    if (line.startsWith("#separator ")) {
      this.separator = unescaped(line.slice("#separator ".length)) || "\t";
      this.columns = [];
      this.path = "";
      return;
    }
    const [key, ...values] = line.split(this.separator);
    if (key === "#unset_field") this.unset = values[0] ?? this.unset;
    else if (key === "#empty_field") this.empty = values[0] ?? this.empty;
    else if (key === "#path") this.path = values[0] ?? "";
    else if (key === "#fields") this.columns = values;
  }

  /** A row by its columns' names. @returns undefined when it has too few or too many cells */
  row(line: string): ZeekRow | undefined {
    const cells = line.split(this.separator);
    if (cells.length !== this.columns.length) return undefined;
    const row = new Map<string, string>();
    for (let i = 0; i < cells.length; i += 1) {
      const cell = cells[i]!;
      if (cell === this.unset) continue;
      row.set(this.columns[i]!, cell === this.empty ? "" : unescaped(cell));
    }
    return row;
  }
}

function unescaped(text: string): string {
  if (!text.includes("\\x")) return text;
  return text.replace(/\\x([0-9a-f]{2})/gi, (_all, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
