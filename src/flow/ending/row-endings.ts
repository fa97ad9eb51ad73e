import { ClosedRow, Flag, Row, rowSize } from "../row/flow-row.ts";
import type { GrowableMemory } from "../row/growable-memory.ts";
import { EndReason } from "./end-reason.ts";
import { EndedRows, endedEntry, endedRow } from "./ended-rows.ts";
import { deadlineAt } from "./row-deadline.ts";
import { type FlowTimeouts, SECOND } from "./timeouts.ts";

/** Ends rows: says in them when and why, and lists them until they are written. */
export class RowEndings {
  /** Rows that ended and were not taken yet. */
  readonly ended: EndedRows = new EndedRows();
  /** What rows take that ended and were not released yet. */
  octets = 0;
  private readonly memory: GrowableMemory;
  private readonly timeouts: FlowTimeouts;

  constructor(memory: GrowableMemory, timeouts: FlowTimeouts) {
    this.memory = memory;
    this.timeouts = timeouts;
  }

  /** Ends a row by the packet clock. */
  end(row: number, reason: EndReason, clockSeconds: number, clockNanoseconds: number): void {
    this.endAs(row, this.toldReason(row, reason), clockSeconds, clockNanoseconds);
  }

  /** Ends a row whose next part goes on: whatever it has seen, that is why. */
  endPart(row: number, clockSeconds: number, clockNanoseconds: number): void {
    this.endAs(row, EndReason.Active, clockSeconds, clockNanoseconds);
  }

  /** Ends an idle row when its time was up. */
  endAtDeadline(row: number, clockSeconds: number, clockNanoseconds: number): void {
    const words = this.memory.words;
    const told = this.toldReason(row, EndReason.Idle);
    const total = deadlineAt(words, row, this.timeouts);
    const whole = Math.floor(total / SECOND);
    const seconds = (words[row + Row.ClockSeconds]! >>> 0) + whole;
    const nanoseconds = total - whole * SECOND;
    const isAhead =
      seconds > clockSeconds || (seconds === clockSeconds && nanoseconds > clockNanoseconds);
    // A late packet can show a gap before the packet clock reaches the deadline.
    if (isAhead) this.endAs(row, told, clockSeconds, clockNanoseconds);
    else this.endAs(row, told, seconds, nanoseconds);
  }

  /** A row ended elsewhere, which says so and when. @param entry - of `EndedRows` */
  noteEnded(entry: number): void {
    this.ended.push(entry);
    this.octets += this.octetsOf(endedRow(entry));
  }

  /** A row is released that has ended. */
  noteReleased(row: number): void {
    this.octets -= this.octetsOf(row);
  }

  private endAs(row: number, reason: EndReason, seconds: number, nanoseconds: number): void {
    const words = this.memory.words;
    words[row + ClosedRow.Seconds] = seconds;
    words[row + ClosedRow.Nanoseconds] = nanoseconds;
    this.noteEnded(endedEntry(row, reason));
  }

  private octetsOf(row: number): number {
    return rowSize(this.memory.words[row + Row.Kind]!) * 4;
  }

  /** A flow that is over ended by that, whatever made its row end. */
  private toldReason(row: number, reason: EndReason): EndReason {
    const flags = this.memory.words[row + Row.Flags]!;
    if ((flags & Flag.Closed) === 0) return reason;
    return (flags & Flag.Reset) !== 0 ? EndReason.Reset : EndReason.Closed;
  }
}
