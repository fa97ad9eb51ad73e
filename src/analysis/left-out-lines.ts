/** A line that could not be used. */
export type LeftOutLine = {
  /** 1-based. */
  readonly line: number;
  readonly complaint: string;
};

/**
 * What the user is told of lines that could not be used: the first one, and how many came after it.
 * @param count - all of them
 */
export function leftOutText(path: string, { line, complaint }: LeftOutLine, count: number): string {
  const others = count - 1;
  const more = others === 0 ? "" : `, and ${others} more such ${others === 1 ? "line" : "lines"}`;
  return `${path}: line ${line}: ${complaint}; left out${more}`;
}

/** How many lines of a log could not be used, none of them being what was wanted, and why the first one. */
export function lineCount(lines: number, first: LeftOutLine | undefined): string {
  const count = `${lines} ${lines === 1 ? "line" : "lines"}`;
  return first === undefined ? count : `${count} (line ${first.line}: ${first.complaint})`;
}

/** Lines of one log that could not be used: the first is kept, the others are counted. */
export class LeftOutLines {
  private count = 0;
  private first: LeftOutLine | undefined;

  add(line: number, complaint: string): void {
    this.count += 1;
    this.first ??= { line, complaint };
  }

  /** In one line, or undefined when there are none. */
  text(path: string): string | undefined {
    return this.first === undefined ? undefined : leftOutText(path, this.first, this.count);
  }
}
