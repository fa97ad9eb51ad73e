import type { Claim } from "./claim.ts";
import type { ClaimTable } from "./claim-table.ts";
import {
  cellsOf,
  headerError,
  noHeaderError,
  type RowPlace,
  tableError,
  tableOctets,
} from "./table-file.ts";
import { PORTS } from "./transport.ts";

/** What a registry file is made of. */
export type PortTableForm = {
  readonly columns: readonly string[];
  /** Which of them has the ports. */
  readonly portColumn: number;
  /**
   * Gets the file's name and the comment lines before the header; gives what makes a claim of a row.
   * @throws UsageError with file and line, as what it gives does
   */
  readonly reader: (
    path: string,
    comments: readonly string[],
  ) => (cells: readonly string[], place: RowPlace) => Claim;
};

/** Ports whose rows are found together, as a power of two. */
const BLOCK_SHIFT = 6;
const BLOCK_PORTS = 1 << BLOCK_SHIFT;

const NEWLINE = 0x0a;
const TAB = 0x09;
const HASH = 0x23;
const DASH = 0x2d;
const ZERO = 0x30;

/**
 * A registry file whose rows stay octets until their port is asked for: the files have 8,000 rows, and
 * a run needs a few dozen. Rows on several ports come first in the file, then those on one, ports going
 * up, so that a port is found by halving; the rows of its neighbours are found with it.
 */
export class PortTable implements ClaimTable {
  readonly ranges: readonly Claim[];
  private readonly path: string;
  private readonly form: PortTableForm;
  private readonly octets: Buffer;
  private readonly claimOf: (cells: readonly string[], place: RowPlace) => Claim;
  /** Where rows begin, and those on one port. */
  private readonly firstRow: number;
  private readonly firstExact: number;
  /** Per port where its first row begins plus one, 0 for none; of known blocks only. */
  private readonly rows = new Int32Array(PORTS);
  private readonly isKnown = new Uint8Array(PORTS >> BLOCK_SHIFT);

  /** @throws UsageError when the file can't be read, or is not what it should be as far as it is read */
  constructor(path: string, form: PortTableForm) {
    this.path = path;
    this.form = form;
    this.octets = tableOctets(path);
    const comments: string[] = [];
    const header = form.columns.join("\t");
    let at = 0;
    for (; this.octets[at] === HASH; at = this.lineAfter(at)) comments.push(this.text(at));
    if (at >= this.octets.length) throw noHeaderError({ path, line: comments.length + 1 });
    if (this.text(at) !== header) throw headerError(this.place(at), form.columns);
    this.claimOf = form.reader(path, comments);
    at = this.next(at);
    this.firstRow = at;
    const ranges: Claim[] = [];
    while (at < this.octets.length && this.hasRange(at)) {
      ranges.push(this.claim(at));
      at = this.next(at);
    }
    this.ranges = ranges;
    this.firstExact = at;
  }

  hasExact(port: number): boolean {
    const block = port >> BLOCK_SHIFT;
    if (this.isKnown[block] === 0) this.learn(block, block + 1);
    return this.rows[port] !== 0;
  }

  addExact(port: number, into: Claim[]): void {
    if (!this.hasExact(port)) return;
    let at = this.rows[port]! - 1;
    while (at < this.octets.length && this.portAt(at) === port) {
      into.push(this.claim(at));
      at = this.next(at);
    }
  }

  addExactPorts(from: number, to: number, into: number[]): void {
    const ports: number[] = [];
    this.learn(from >> BLOCK_SHIFT, (to + BLOCK_PORTS - 1) >> BLOCK_SHIFT, ports);
    for (const port of ports) if (port >= from && port < to) into.push(port);
  }

  all(): readonly Claim[] {
    const claims: Claim[] = [];
    for (let at = this.firstRow; at < this.octets.length; at = this.next(at)) {
      claims.push(this.claim(at));
    }
    return claims;
  }

  /**
   * Finds the rows of the ports of blocks.
   * @param end - behind the last of them
   * @param ports - those that have rows are put there
   */
  private learn(block: number, end: number, ports: number[] = []): void {
    const first = block << BLOCK_SHIFT;
    let before = first - 1;
    for (let at = this.find(first); at < this.octets.length; at = this.next(at)) {
      const port = this.portAt(at);
      const isWrong = port < before || port >= PORTS || this.hasRange(at);
      if (isWrong) throw this.disorder(at, port, before);
      if (port >= end << BLOCK_SHIFT) break;
      if (port > before) {
        this.rows[port] = at + 1;
        ports.push(port);
      }
      before = port;
    }
    this.isKnown.fill(1, block, end);
  }

  /** Where the first row begins of those on this port or a higher one. */
  private find(port: number): number {
    let low = this.firstExact;
    let high = this.octets.length;
    while (low < high) {
      // The line that the middle lies in.
      const middle = this.octets.lastIndexOf(NEWLINE, ((low + high) >>> 1) - 1) + 1;
      const row = this.rowFrom(middle);
      if (row < high && this.portAt(row) < port) low = this.next(row);
      else high = middle;
    }
    return low;
  }

  /** Where the row's ports are written. */
  private portCellAt(row: number): number {
    let at = row;
    for (let column = 0; column < this.form.portColumn; column += 1) {
      at = this.octets.indexOf(TAB, at) + 1;
    }
    return at;
  }

  /** The row's first port; -1 or a number beyond all ports for what is none. */
  private portAt(row: number): number {
    const start = this.portCellAt(row);
    let port = 0;
    let at = start;
    for (; at < start + 6; at += 1) {
      const digit = (this.octets[at] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      port = port * 10 + digit;
    }
    return at === start ? -1 : port;
  }

  private hasRange(row: number): boolean {
    let at = this.portCellAt(row);
    while ((this.octets[at] ?? 0) >= ZERO) at += 1;
    return this.octets[at] === DASH;
  }

  private claim(row: number): Claim {
    const place = this.place(row);
    return this.claimOf(cellsOf(place, this.text(row), this.form.columns), place);
  }

  private text(row: number): string {
    const end = this.octets.indexOf(NEWLINE, row);
    return this.octets.toString("utf8", row, end < 0 ? this.octets.length : end);
  }

  /** Where the next row begins, the end where there is none. */
  private next(row: number): number {
    return this.rowFrom(this.lineAfter(row));
  }

  /** Where the row begins that this line is, or the first behind it where it is a comment. */
  private rowFrom(line: number): number {
    let at = line;
    while (this.octets[at] === HASH) at = this.lineAfter(at);
    return at;
  }

  private lineAfter(at: number): number {
    const end = this.octets.indexOf(NEWLINE, at);
    return end < 0 ? this.octets.length : end + 1;
  }

  private place(row: number): RowPlace {
    const { path, octets } = this;
    return {
      path,
      get line() {
        let line = 1;
        for (let at = octets.indexOf(NEWLINE); at >= 0 && at < row; line += 1) {
          at = octets.indexOf(NEWLINE, at + 1);
        }
        return line;
      },
    };
  }

  /** What is wrong with a row that is not where it should be. */
  private disorder(row: number, port: number, before: number): Error {
    // A row that is damaged says so itself.
    this.claim(row);
    if (this.hasRange(row)) {
      return tableError(this.place(row), "a range after single ports; ranges come first");
    }
    return tableError(this.place(row), `port ${port} after ${before}; ports go up`);
  }
}
