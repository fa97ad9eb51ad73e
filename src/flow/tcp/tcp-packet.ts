import { Staged } from "../packet/staged-packet.ts";
import type { ExtraOf } from "../row/flow-extra.ts";
import { Flag, Row } from "../row/flow-row.ts";
import { isCloseComplete } from "./tcp-closing.ts";
import { tcpIsOver, tcpWasReset } from "./tcp-endpoints.ts";
import { TcpFlag } from "./tcp-flags.ts";
import { isAttempt, markHandshake } from "./tcp-handshake.ts";
import { trackTcp } from "./tcp-tracker.ts";

/**
 * What a TCP header says of its connection, and whether that is still half open, or over.
 * @param side - 0 when the sender of the flow's first packet sent this one
 * @param zeekRules - whether Zeek's rules say that
 */
export function trackPacket(
  words: Int32Array,
  row: number,
  side: number,
  staged: Int32Array,
  at: number,
  zeekRules: boolean,
  extraOf: ExtraOf,
): void {
  const flags = staged[at + Staged.TcpFlags]!;
  markHandshake(words, row, side, staged, at);
  trackTcp(words, row, side, staged, at, extraOf);
  if (zeekRules ? !isAttempt(words, row) : isMore(flags, side)) {
    words[row + Row.Flags]! &= ~Flag.HalfOpen;
  }
  const isOver = zeekRules
    ? isCloseComplete(words, row)
    : (flags & (TcpFlag.Fin | TcpFlag.Reset)) !== 0 && tcpIsOver(words, row);
  if (!isOver) return;
  words[row + Row.Flags]! |= tcpWasReset(words, row) ? Flag.Closed | Flag.Reset : Flag.Closed;
}

/** Whether a packet is more than the SYN of a connection that waits for an answer. */
function isMore(flags: number, side: number): boolean {
  return (flags & TcpFlag.Syn) === 0 || (flags & TcpFlag.Ack) !== 0 || side !== 0;
}
