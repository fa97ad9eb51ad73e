import { EndReason } from "../ending/end-reason.ts";
import { Rank } from "../ending/timer-lists.ts";
import { Staged } from "../packet/staged-packet.ts";
import { Row } from "../row/flow-row.ts";
import type { OpenRows } from "./open-rows.ts";

/** Moves the packet clock on, and ends the rows whose time is up by it. */
export class Expiry {
  private readonly open: OpenRows;

  constructor(open: OpenRows) {
    this.open = open;
  }

  /**
   * Moves the clock on; rows whose deadline lies in a second before the new one end. A time behind the
   * clock leaves it where it is.
   * @returns whether it moved
   */
  moveClock(seconds: number, nanoseconds: number): boolean {
    const { clock } = this.open;
    if (seconds > clock.seconds || !clock.hasBegun) this.turnTo(seconds);
    else if (nanoseconds <= clock.nanoseconds || seconds !== clock.seconds) return false;
    clock.nanoseconds = nanoseconds;
    return true;
  }

  /** Moves it to a staged packet's. Behind the clock after `FlowTable.advance`: it stays where it is. */
  moveClockTo(staged: Int32Array, at: number): void {
    const seconds = staged[at + Staged.ClockSeconds]! >>> 0;
    this.moveClock(seconds, staged[at + Staged.ClockNanoseconds]!);
  }

  /** Whether there are rows whose deadline may lie in the clock's second. */
  get mayExpireWithinSecond(): boolean {
    const { wheel } = this.open;
    return wheel.first(Rank.Unproven, 0) !== 0 || wheel.first(Rank.Proven, 0) !== 0;
  }

  /** Ends the rows whose deadline lies in the clock's second but not after the clock. */
  expireWithinSecond(): void {
    const { clock, wheel } = this.open;
    if (!clock.hasBegun) return;
    this.expirePast(wheel.first(Rank.Unproven, 0));
    this.expirePast(wheel.first(Rank.Proven, 0));
  }

  /** Begins a second; rows whose deadline lies in an earlier one end. */
  private turnTo(seconds: number): void {
    const { clock, wheel } = this.open;
    if (!clock.hasBegun) wheel.start(seconds);
    clock.turnTo(seconds);
    for (let head = wheel.takeDue(seconds); head >= 0; head = wheel.takeDue(seconds)) {
      this.expire(head, seconds);
    }
  }

  /** Looks at the rows of a bucket that came due: ends those whose time is up, puts the others back. */
  private expire(head: number, second: number): void {
    const { open } = this;
    const { words } = open.memory;
    for (let row = head; row > 0; ) {
      const next = words[row + Row.TimerNext]!;
      const deadline = open.deadlineSecond(row);
      if (deadline >= second) open.wheel.add(row, deadline, open.rankOf(row));
      else open.endTaken(row);
      row = next;
    }
  }

  private expirePast(head: number): void {
    const { open } = this;
    const { words } = open.memory;
    for (let row = head; row > 0; ) {
      const next = words[row + Row.TimerNext]!;
      if (open.isPastDeadline(row)) open.end(row, EndReason.Idle);
      row = next;
    }
  }
}
