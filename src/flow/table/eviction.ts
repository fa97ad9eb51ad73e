import { EndReason } from "../ending/end-reason.ts";
import { causeOf, EvictionCause, EvictionCauseName } from "../ending/eviction-cause.ts";
import { Rank, WHEEL_SECONDS } from "../ending/timer-lists.ts";
import { Flag, Row } from "../row/flow-row.ts";
import { LEAVING } from "./look-ahead.ts";
import type { OpenRows } from "./open-rows.ts";

/**
 * Which flows give way where memory is short, in this order: half-open, over or of fewer than three
 * packets, the one due first; then the one that is the longest without a packet, measured by its
 * timeout.
 */
export class Eviction {
  /** Flows that gave way to others, by `EvictionCause`. */
  readonly counts: Float64Array = new Float64Array(EvictionCauseName.length);
  /** Rows were evicted for facts that only their release gives back. */
  mustRelease = false;
  /** Sum of what was looked ahead; public so that no compiler may leave the reads out. */
  touched = 0;
  /** Rows that were brought near and are still to give way. */
  private near = 0;
  private readonly open: OpenRows;

  constructor(open: OpenRows) {
    this.open = open;
  }

  /** True when so many rows wait to be written that none may be added. */
  get isFull(): boolean {
    return this.mustRelease || this.open.ended.count >= this.open.limits.waiting;
  }

  /** Before a new flow: at the limit one gives way, beyond the memory two, until it is enough again. */
  makeRoom(): void {
    const { open } = this;
    const { limits } = open;
    if (open.index.count < limits.flows && open.octets <= limits.octets) return;
    this.evict();
    if (open.octets > limits.octets) this.evict();
  }

  /**
   * Brings what reached its limit back under it.
   * @returns whether rows must be released before anything else
   */
  relieve(): boolean {
    const { open } = this;
    if (open.extraCount > open.limits.extras) this.evictExtras();
    if (open.contexts.count > open.limits.contexts) this.evictContexts();
    open.isPressed = this.isFull;
    return open.isPressed;
  }

  private evict(): void {
    if (!this.evictFrom(Rank.Unproven)) this.evictFrom(Rank.Proven);
  }

  /** Packets don't touch the wheel: what came first to hand may have become another rank or got time. */
  private evictFrom(rank: Rank): boolean {
    const { open } = this;
    const { wheel } = open;
    for (let row = wheel.earliest(rank); row !== 0; row = wheel.earliest(rank)) {
      if (this.near === 0) this.lookAhead(row);
      this.near -= 1;
      const second = open.deadlineSecond(row);
      const rankNow = rank === Rank.Proven ? rank : open.rankOf(row);
      if (rankNow === rank && !wheel.isLater(second, rank)) {
        this.evictRow(row, causeOf(open.memory.words, row, rank));
        return true;
      }
      wheel.remove(row);
      wheel.add(row, second, rankNow);
    }
    return false;
  }

  private lookAhead(row: number): void {
    const { open } = this;
    this.touched = open.lookAhead(row);
    this.near = LEAVING;
  }

  private evictRow(row: number, cause: EvictionCause): void {
    const { open } = this;
    if (open.isPastDeadline(row)) {
      open.end(row, EndReason.Idle);
      return;
    }
    // What is over already ends a little earlier, and loses nothing.
    if ((open.memory.words[row + Row.Flags]! & Flag.Closed) === 0) this.counts[cause]! += 1;
    open.end(row, EndReason.Evicted);
  }

  /** An eighth of the flows with rare facts, those that have them longest. */
  private evictExtras(): void {
    const { open } = this;
    const words = open.memory.words;
    let left = Math.ceil(open.limits.extras / 8);
    this.mustRelease = true;
    for (const row of open.extras.keys()) {
      if ((words[row + Row.Flags]! & Flag.Ended) !== 0) continue;
      this.evictRow(row, EvictionCause.Extra);
      left -= 1;
      if (left === 0) return;
    }
  }

  /** As many flows inside tunnels and VLANs as make an eighth of the limit, those that are due first. */
  private evictContexts(): void {
    const { open } = this;
    const words = open.memory.words;
    let left = Math.ceil(open.limits.contexts / 8);
    this.mustRelease = true;
    for (const rank of [Rank.Unproven, Rank.Proven]) {
      for (let ahead = 0; ahead < WHEEL_SECONDS; ahead += 1) {
        for (let row = open.wheel.first(rank, ahead); row > 0 && left > 0; ) {
          const next = words[row + Row.TimerNext]!;
          if (words[row + Row.Context] !== 0) {
            this.evictRow(row, causeOf(words, row, rank));
            left -= 1;
          }
          row = next;
        }
      }
    }
  }
}
