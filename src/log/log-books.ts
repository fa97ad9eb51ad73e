import { LineOutcome, LogFormatName } from "./line-outcome.ts";

/** The books of a run over flow logs: every line read is in exactly one bin. */
export class LogBooks {
  logs = 0;
  lines = 0;
  /** Octets of log read, after decompression. */
  bytes = 0;
  headers = 0;
  others = 0;
  malformed = 0;
  /** Flows by what became of their tags. */
  added = 0;
  changed = 0;
  kept = 0;
  /** Flows that have a name now. */
  named = 0;
  /** Flows by `LogFormat`. */
  readonly formats: Float64Array = new Float64Array(LogFormatName.length);

  /** Flows of all formats. */
  get flows(): number {
    return this.added + this.changed + this.kept;
  }

  /** Whether every line is in exactly one bin. */
  get balanced(): boolean {
    return this.lines === this.flows + this.headers + this.others + this.malformed;
  }

  /** Counts a line. */
  count(outcome: LineOutcome, format: number, isNamed: boolean): void {
    this.lines += 1;
    switch (outcome) {
      case LineOutcome.Header:
        this.headers += 1;
        return;
      case LineOutcome.Other:
        this.others += 1;
        return;
      case LineOutcome.Malformed:
        this.malformed += 1;
        return;
      case LineOutcome.Added:
        this.added += 1;
        break;
      case LineOutcome.Changed:
        this.changed += 1;
        break;
      default:
        this.kept += 1;
    }
    this.formats[format]! += 1;
    if (isNamed) this.named += 1;
  }

  /** The books as the public JSON object. @param wallSeconds - since the start of the run */
  toJson(wallSeconds: number, cpuSeconds: number): object {
    return {
      type: "annotate-stats",
      schema: "portflow.annotate-stats/1",
      lines: {
        read: this.lines,
        flows: this.flows,
        headers: this.headers,
        others: this.others,
        malformed: this.malformed,
      },
      balanced: this.balanced,
      flows: {
        total: this.flows,
        by_format: this.byFormat(),
        named: this.named,
        tags: { added: this.added, changed: this.changed, kept: this.kept },
      },
      logs: this.logs,
      bytes: this.bytes,
      seconds: { wall: thousandths(wallSeconds), cpu: thousandths(cpuSeconds) },
      lines_per_second: wallSeconds > 0 ? Math.round(this.lines / wallSeconds) : 0,
    };
  }

  /** The closing report, one line. */
  summary(wallSeconds: number): string {
    const rate = wallSeconds > 0 ? Math.round(this.lines / wallSeconds) : 0;
    const logs = this.logs === 1 ? "1 log" : `${this.logs} logs`;
    const formats = Object.entries(this.byFormat()).map(([name, count]) => `${name} ${count}`);
    const list = formats.length === 0 ? "" : ` (${formats.join(", ")})`;
    return (
      `${this.lines} lines of ${logs} in ${wallSeconds.toFixed(2)} s (${rate} lines/s): ` +
      `${this.flows} flows${list}, ${this.named} with a name; tags: ${this.added} added, ` +
      `${this.changed} changed, ${this.kept} kept; ` +
      `passed on: ${this.headers} header, ${this.others} other, ${this.malformed} malformed lines`
    );
  }

  private byFormat(): Record<string, number> {
    const found: Record<string, number> = {};
    for (const [format, name] of LogFormatName.entries()) {
      if (this.formats[format]! > 0) found[name] = this.formats[format]!;
    }
    return found;
  }
}

function thousandths(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
