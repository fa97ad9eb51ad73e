/**
 * Reads a Zeek log in its own text format, a row at a time. Headers may come again and again, as in logs
 * put together by concatenation.
 * @see Zeek, logging framework, ASCII writer
 */
export class ZeekTable {
  /** The log's own word for what it is: conn, dns ... */
  path = "";
  columns: readonly string[] = [];
  private separator = "\t";
  private unset = "-";
  private empty = "(empty)";
  /** Places of the columns by name. */
  private places: ReadonlyMap<string, number> = new Map();
  private cells: readonly string[] = [];

  /** Looks at a header line, one that begins with `#`. */
  header(line: string): void {
    if (line.startsWith("#separator ")) {
      this.separator = unescaped(line.slice("#separator ".length)) || "\t";
      this.name([]);
      this.path = "";
      return;
    }
    const [key, ...values] = line.split(this.separator);
    if (key === "#unset_field") this.unset = values[0] ?? this.unset;
    else if (key === "#empty_field") this.empty = values[0] ?? this.empty;
    else if (key === "#path") this.path = values[0] ?? "";
    else if (key === "#fields") this.name(values);
  }

  /** Goes to a row. @returns false when it has too few or too many cells */
  row(line: string): boolean {
    this.cells = line.split(this.separator);
    return this.cells.length === this.columns.length;
  }

  /** The row's cell of a column. @returns undefined when it is unset, or there is no such column */
  cell(name: string): string | undefined {
    const cell = this.cells[this.places.get(name) ?? -1];
    if (cell === undefined || cell === this.unset) return undefined;
    return cell === this.empty ? "" : unescaped(cell);
  }

  private name(columns: readonly string[]): void {
    this.columns = columns;
    this.places = new Map(columns.map((name, place) => [name, place]));
  }
}

function unescaped(text: string): string {
  if (!text.includes("\\x")) return text;
  return text.replace(/\\x([0-9a-f]{2})/gi, (_all, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
