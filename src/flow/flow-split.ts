import { EndReason } from "./ending/end-reason.ts";
import { type FlowTimeouts, idleTimeout, SECOND } from "./ending/timeouts.ts";
import { isIdleAtLook } from "./ending/zeek-timers.ts";
import { flowId, flowIdText, ID_WORDS } from "./id/flow-id.ts";
import { fillNextExtra, fillNextPart } from "./next-part.ts";
import { Mark, Staged } from "./packet/staged-packet.ts";
import { Flag, Row } from "./row/flow-row.ts";
import type { OpenRows } from "./table/open-rows.ts";
import { TcpFlag } from "./tcp/tcp-flags.ts";
import { isReuse, isZeekReuse } from "./tcp/tcp-handshake.ts";
import { giveUpExcess } from "./tcp/tcp-holes.ts";
import { isUnseen } from "./uncounted.ts";

/** Where a packet's key has an open flow: whether the packet still belongs to it or begins another. */
export class FlowSplit {
  private readonly open: OpenRows;
  private readonly timeouts: FlowTimeouts;
  private readonly zeekRules: boolean;
  private readonly idWords = new Int32Array(ID_WORDS);
  /** No timeout is shorter, whole seconds: below this gap none is looked up. */
  readonly shortestSeconds: number;
  readonly hasActive: boolean;

  /** @param zeekRules - whether Zeek's rule says where a connection's ports are used anew */
  constructor(open: OpenRows, timeouts: FlowTimeouts, zeekRules: boolean) {
    this.open = open;
    this.timeouts = timeouts;
    this.zeekRules = zeekRules;
    const { tcp, udp, icmp, other, unanswered, linger, active } = timeouts;
    const shortest = Math.min(tcp, udp, icmp, other, unanswered, linger);
    this.shortestSeconds = Math.floor(shortest / SECOND) - 1;
    this.hasActive = active !== Number.POSITIVE_INFINITY;
  }

  /**
   * Ends a flow whose time was up, whose ports are used anew or that is due for its next part.
   * @param found - open row of the packet's key
   * @param side - of the packet in it
   * @returns the row that the packet belongs to, 0 when it begins a new flow
   */
  splitIfDue(found: number, side: number, staged: Int32Array, at: number): number {
    const words = this.open.memory.words;
    let row = found;
    // Where packets come late, a flow's own times lag behind the clock.
    if (
      this.open.clock.seconds - (words[row + Row.ClockSeconds]! >>> 0) > this.shortestSeconds ||
      (staged[at + Staged.Seconds]! >>> 0) - (words[row + Row.EndSeconds]! >>> 0) >
        this.shortestSeconds
    ) {
      row = this.splitWhenIdle(row, staged, at);
    }
    if (row !== 0 && this.zeekRules) row = this.splitAsZeek(row, staged, at);
    else if (row !== 0 && isBareSyn(staged, at)) row = this.splitWhenReused(row, side, staged, at);
    if (row !== 0 && this.hasActive) row = this.splitWhenActive(row, staged, at);
    return row;
  }

  private splitWhenIdle(row: number, staged: Int32Array, at: number): number {
    const { open } = this;
    const words = open.memory.words;
    if (open.isPastDeadline(row)) {
      open.end(row, EndReason.Idle);
      return 0;
    }
    const { dns } = this.timeouts;
    if (dns !== undefined && isIdleAtLook(words, row, dns, open.clock)) {
      open.endIdle(row);
      return 0;
    }
    // Captures whose clocks disagree put late packets among newer ones: a flow is idle by its own
    // packets' times too, but for those whose end is fixed.
    if ((words[row + Row.Flags]! & (Flag.Closed | Flag.HalfOpen)) !== 0) return row;
    const gap =
      ((staged[at + Staged.Seconds]! >>> 0) - (words[row + Row.EndSeconds]! >>> 0)) * SECOND +
      (staged[at + Staged.Nanoseconds]! - words[row + Row.EndNanoseconds]!);
    if (gap < idleTimeout(words, row, this.timeouts)) return row;
    open.end(row, EndReason.Idle);
    return 0;
  }

  private splitWhenReused(row: number, side: number, staged: Int32Array, at: number): number {
    const words = this.open.memory.words;
    if (!isReuse(words, row, side, staged[at + Staged.TcpSequence]!)) return row;
    this.open.end(row, EndReason.Reuse);
    return 0;
  }

  /** Zeek's connection begins with the first packet that it sees, and ends by its own rule of reuse. */
  private splitAsZeek(row: number, staged: Int32Array, at: number): number {
    const { open } = this;
    const words = open.memory.words;
    const marks = staged[at + Staged.Marks]!;
    if ((marks & Mark.Unseen) !== 0) return row;
    const extra = (words[row + Row.Flags]! & Flag.Extra) === 0 ? undefined : open.extras.get(row);
    const flags = staged[at + Staged.TcpFlags]!;
    const isSyn =
      (marks & (Mark.HasTcp | Mark.Refused)) === Mark.HasTcp && (flags & TcpFlag.Syn) !== 0;
    const isNew =
      (extra !== undefined && isUnseen(words, row, extra)) ||
      (isSyn && isZeekReuse(words, row, flags, staged[at + Staged.TcpSequence]!));
    if (isNew) {
      open.end(row, EndReason.Reuse);
      return 0;
    }
    if ((marks & Mark.HasTcp) !== 0) {
      giveUpExcess(words, row, 0, open.extraOf);
      giveUpExcess(words, row, 1, open.extraOf);
    }
    return row;
  }

  private splitWhenActive(row: number, staged: Int32Array, at: number): number {
    const words = this.open.memory.words;
    const age =
      ((staged[at + Staged.Seconds]! >>> 0) - (words[row + Row.StartSeconds]! >>> 0)) * SECOND +
      (staged[at + Staged.Nanoseconds]! - words[row + Row.StartNanoseconds]!);
    if (age < this.timeouts.active) return row;
    return this.continueFlow(row, staged, at);
  }

  /** Ends a part and begins the next, which keeps what is known of the conversation. */
  private continueFlow(row: number, staged: Int32Array, at: number): number {
    const { open, idWords } = this;
    const next = open.allocate(open.memory.words[row + Row.Kind]!);
    if (next === 0) return row;
    const words = open.memory.words;
    fillNextPart(words, row, next, staged, at);
    const before = open.extras.get(row);
    flowId(words, row, open.contexts, before, idWords);
    fillNextExtra(words, row, before, flowIdText(idWords), open.extra(next));
    open.replace(row, next);
    return next;
  }
}

function isBareSyn(staged: Int32Array, at: number): boolean {
  return (
    (staged[at + Staged.Marks]! & Mark.HasTcp) !== 0 &&
    (staged[at + Staged.TcpFlags]! & (TcpFlag.Syn | TcpFlag.Ack | TcpFlag.Reset)) === TcpFlag.Syn
  );
}
