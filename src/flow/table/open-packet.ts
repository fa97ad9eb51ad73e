import { Mark, Staged } from "../packet/staged-packet.ts";
import type { ExtraOf } from "../row/flow-extra.ts";
import { Flag, Row, TcpRow } from "../row/flow-row.ts";
import { EndpointState, endpointState, Position, shortPositionOf } from "../row/tcp-state.ts";
import { TcpFlag } from "../tcp/tcp-flags.ts";
import { isShortlySinceStart } from "../tcp/tcp-handshake.ts";
import { trackPacket } from "../tcp/tcp-packet.ts";
import { countPacket } from "./count-packet.ts";

/** Beyond these, positions and what is told of them are left to numbers of more than 32 bits. Octets. */
const LARGEST_POSITION = 1 << 29;
const LARGEST_STEP = 1 << 20;

/**
 * A packet of an open TCP flow that is not late: of a handshake, of an end, with a letter that was not
 * written yet. It is what `FlowTable` does to such a packet, but for the wheel.
 * @param row - its flow, without rare facts
 * @param clockSeconds - of the packet clock, as int32
 * @param extraOf - where WebAssembly does it, nothing is changed and false given when it is asked for
 * @returns whether it was added
 */
export function addOpenPacket(
  words: Int32Array,
  row: number,
  side: number,
  staged: Int32Array,
  at: number,
  clockSeconds: number,
  clockNanoseconds: number,
  extraOf: ExtraOf,
): boolean {
  countPacket(words, row, side, staged, at, extraOf);
  const flagsBefore = words[row + Row.Flags]!;
  trackPacket(words, row, side, staged, at, false, extraOf);
  const flags = words[row + Row.Flags]!;
  if ((flagsBefore & Flag.Closed) === 0 && (flags & Flag.HalfOpen) === 0) {
    words[row + Row.ClockSeconds] = clockSeconds;
    words[row + Row.ClockNanoseconds] = clockNanoseconds;
  }
  return true;
}

/**
 * Whether a packet of a row is one that `addOpenPacket` takes: TCP, it begins nothing, and all of its
 * numbers are near those of its flow.
 */
export function isOpenPacket(
  words: Int32Array,
  row: number,
  side: number,
  staged: Int32Array,
  at: number,
): boolean {
  if ((staged[at + Staged.Marks]! & Mark.HasTcp) === 0) return false;
  const flags = staged[at + Staged.TcpFlags]!;
  // A SYN may begin another flow.
  if ((flags & (TcpFlag.Syn | TcpFlag.Ack)) === TcpFlag.Syn) return false;
  // Only the second packet of side 0 can tell how long the handshake took.
  const mayTell = side === 0 && words[row + Row.Packets] === 1;
  if (mayTell && !isShortlySinceStart(words, row, staged, at)) return false;
  if (words[row + TcpRow.Wraps] !== 0) return false;
  if (!isNearStart(words, row, 0) || !isNearStart(words, row, 1)) return false;
  if (!isShortPayload(staged[at + Staged.PayloadLength]!)) return false;
  const last = words[row + TcpRow.LastSequence + side]!;
  const acknowledged = words[row + TcpRow.Acknowledged + (1 - side)]!;
  return (
    isNear(words, row, side, staged[at + Staged.TcpSequence]!, last) &&
    isNear(words, row, 1 - side, staged[at + Staged.TcpAcknowledgement]!, acknowledged)
  );
}

/** Whether a payload is one of 32-bit positions. @param octets - of it */
export function isShortPayload(octets: number): boolean {
  return octets >= 0 && octets <= LARGEST_STEP;
}

/** Whether a number is near one of a side, or the first of it. */
function isNear(
  words: Int32Array,
  row: number,
  side: number,
  number: number,
  other: number,
): boolean {
  if (endpointState(words, row, side) === EndpointState.Inactive) return true;
  const step = (number - other) | 0;
  return step <= LARGEST_STEP && step >= -LARGEST_STEP;
}

function isNearStart(words: Int32Array, row: number, side: number): boolean {
  const last = shortPositionOf(words, row, side, Position.Last);
  const acknowledged = shortPositionOf(words, row, side, Position.Acknowledged);
  if (last < 0 || last > LARGEST_POSITION) return false;
  return acknowledged >= 0 && acknowledged <= LARGEST_POSITION;
}
