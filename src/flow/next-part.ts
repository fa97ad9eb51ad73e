import { IpProtocol } from "../wire/ip-protocol.ts";
import { Staged } from "./packet/staged-packet.ts";
import { carryOver, earlierParts, type FlowExtra } from "./row/flow-extra.ts";
import { COUNTERS, Flag, Kind, ordinalOffset, Row, rowSize, TcpRow } from "./row/flow-row.ts";
import { sequenceBytes } from "./row/tcp-state.ts";

/** Writes the row of a flow's next part: what is known of the conversation stays, counts begin anew. */
export function fillNextPart(
  words: Int32Array,
  row: number,
  next: number,
  staged: Int32Array,
  at: number,
): void {
  const kind = words[row + Row.Kind]!;
  words.copyWithin(next, row, row + rowSize(kind));
  for (let i = 0; i < COUNTERS; i += 1) words[next + Row.Packets + i] = 0;
  words[next + Row.Flags]! &= ~Flag.Extra;
  words[next + Row.StartSeconds] = staged[at + Staged.Seconds]!;
  words[next + Row.StartNanoseconds] = staged[at + Staged.Nanoseconds]!;
  words[next + Row.EndSeconds] = staged[at + Staged.Seconds]!;
  words[next + Row.EndNanoseconds] = staged[at + Staged.Nanoseconds]!;
  words[next + ordinalOffset(kind)] = staged[at + Staged.Ordinal]!;
  if ((kind & Kind.ProtocolMask) !== IpProtocol.Tcp) return;
  for (let i = 0; i < 2; i += 1) words[next + TcpRow.Retransmits + i] = 0;
}

/**
 * Says in a next part's rare facts what came before it.
 * @param row - of the part before, with its rare facts, where it has any, in `before`
 * @param previousId - flow id of the part before
 * @param extra - of the next part, still empty
 */
export function fillNextExtra(
  words: Int32Array,
  row: number,
  before: FlowExtra | undefined,
  previousId: string,
  extra: FlowExtra,
): void {
  carryOver(before, extra);
  extra.previousId = previousId;
  extra.earlier = earlierParts(words, row, before);
  if ((words[row + Row.Kind]! & Kind.ProtocolMask) !== IpProtocol.Tcp) return;
  extra.sequenceBytesBefore0 = sequenceBytes(words, row, 0);
  extra.sequenceBytesBefore1 = sequenceBytes(words, row, 1);
}
