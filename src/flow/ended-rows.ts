/** Rows that ended and wait to be written, with why and when the packet clock closed them. */
export class EndedRows {
  rows: Int32Array = new Int32Array(1024);
  reasons: Uint8Array = new Uint8Array(1024);
  seconds: Uint32Array = new Uint32Array(1024);
  nanoseconds: Int32Array = new Int32Array(1024);
  count = 0;

  /** Adds a row. */
  push(row: number, reason: number, seconds: number, nanoseconds: number): void {
    if (this.count === this.rows.length) this.grow(this.count * 2);
    this.rows[this.count] = row;
    this.reasons[this.count] = reason;
    this.seconds[this.count] = seconds;
    this.nanoseconds[this.count] = nanoseconds;
    this.count += 1;
  }

  /** Copies entry `from` of another list to the end of this one. */
  pushFrom(other: EndedRows, from: number): void {
    this.push(
      other.rows[from]!,
      other.reasons[from]!,
      other.seconds[from]!,
      other.nanoseconds[from]!,
    );
  }

  /** Makes room for `more` rows at once. */
  reserve(more: number): void {
    if (this.count + more > this.rows.length) this.grow(this.count + more);
  }

  private grow(capacity: number): void {
    const { rows, reasons, seconds, nanoseconds } = this;
    this.rows = new Int32Array(capacity);
    this.rows.set(rows);
    this.reasons = new Uint8Array(capacity);
    this.reasons.set(reasons);
    this.seconds = new Uint32Array(capacity);
    this.seconds.set(seconds);
    this.nanoseconds = new Int32Array(capacity);
    this.nanoseconds.set(nanoseconds);
  }
}
