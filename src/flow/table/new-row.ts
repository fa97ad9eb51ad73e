import { IpProtocol } from "../../wire/ip-protocol.ts";
import { Staged } from "../packet/staged-packet.ts";
import {
  Flag,
  IPV6_DESTINATION_OFFSET,
  ipv6Offset,
  Kind,
  MAC_DESTINATION_LOW,
  MAC_HIGH,
  MAC_SOURCE_LOW,
  ordinalOffset,
  Row,
} from "../row/flow-row.ts";
import { markTcpFlipped } from "../row/tcp-state.ts";
import { beginFlipped } from "../tcp/tcp-history.ts";
import { firstFlags, isSynAck } from "./originator.ts";

/**
 * Writes what a flow's first packet says into a row of zeros; its clock is the table's to set.
 * @param likely - `LIKELY_SERVERS`
 */
export function fillRow(
  words: Int32Array,
  row: number,
  staged: Int32Array,
  at: number,
  likely: Int32Array,
): void {
  const kind = staged[at + Staged.Kind]!;
  words[row + Row.Ports] = staged[at + Staged.Ports]!;
  words[row + Row.Kind] = kind;
  words[row + Row.Context] = staged[at + Staged.Context]!;
  words[row + Row.Source] = staged[at + Staged.Source]!;
  words[row + Row.Destination] = staged[at + Staged.Destination]!;
  words[row + Row.StartSeconds] = staged[at + Staged.Seconds]!;
  words[row + Row.StartNanoseconds] = staged[at + Staged.Nanoseconds]!;
  words[row + Row.EndSeconds] = staged[at + Staged.Seconds]!;
  words[row + Row.EndNanoseconds] = staged[at + Staged.Nanoseconds]!;
  const ordinal = row + ordinalOffset(kind);
  words[ordinal] = staged[at + Staged.Ordinal]!;
  words[ordinal + MAC_HIGH] = staged[at + Staged.MacHigh]!;
  words[ordinal + MAC_SOURCE_LOW] = staged[at + Staged.MacSourceLow]!;
  words[ordinal + MAC_DESTINATION_LOW] = staged[at + Staged.MacDestinationLow]!;
  words[row + Row.Flags] =
    firstFlags(staged, at, likely) | (staged[at + Staged.Interface]! << Flag.InterfaceShift);
  if ((kind & Kind.Ipv6) !== 0) {
    const base = row + ipv6Offset(kind);
    for (let i = 0; i < 3; i += 1) {
      words[base + i] = staged[at + Staged.SourceHigh + i]!;
      words[base + IPV6_DESTINATION_OFFSET + i] = staged[at + Staged.DestinationHigh + i]!;
    }
  }
  if ((kind & Kind.ProtocolMask) === IpProtocol.Tcp) beginTcp(words, row, staged, at);
}

/** Who began a connection, as far as its first packet shows; also in Zeek's letters. */
function beginTcp(words: Int32Array, row: number, staged: Int32Array, at: number): void {
  const isFlipped = (words[row + Row.Flags]! & Flag.Flipped) !== 0;
  if (isFlipped) beginFlipped(words, row);
  if (isFlipped || isSynAck(staged, at)) markTcpFlipped(words, row);
}
