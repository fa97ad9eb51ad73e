import { IpProtocol } from "../../wire/ip-protocol.ts";
import { Mark, Staged } from "../packet/staged-packet.ts";
import type { FlowExtra } from "../row/flow-extra.ts";
import {
  Flag,
  Kind,
  LoneSynRow,
  MAC_DESTINATION_LOW,
  MAC_HIGH,
  MAC_SOURCE_LOW,
  Row,
  TcpRow,
} from "../row/flow-row.ts";
import { LIKELY_SERVERS } from "../row/likely-server-port.ts";
import { TcpFlag } from "../tcp/tcp-flags.ts";
import { markHandshake } from "../tcp/tcp-handshake.ts";
import { trackTcp } from "../tcp/tcp-tracker.ts";
import { countPacket } from "./count-packet.ts";
import { fillRow } from "./new-row.ts";
import { firstFlags } from "./originator.ts";

const MOST_FLAGS = 0xff;
const WIRE_SHIFT = 8;
const IP_SHIFT = 20;

/** Frames and datagrams of more octets do not fit beside the flags in one word. */
const MOST_OCTETS = 0xfff;
/** With any of these set, or without SYN, it is another packet; as flags that 8 bits do not hold. */
const OTHER_FLAGS: number = TcpFlag.Syn | TcpFlag.Ack | TcpFlag.Reset | TcpFlag.Fin | ~MOST_FLAGS;

/**
 * Whether a `LoneSynRow` says all there is to know of a packet.
 * @param clockSeconds - of the packet clock, as int32
 */
export function isLoneSyn(
  staged: Int32Array,
  at: number,
  clockSeconds: number,
  clockNanoseconds: number,
): boolean {
  return (
    (staged[at + Staged.Marks]! & ~Mark.HasMac) === Mark.HasTcp &&
    (staged[at + Staged.TcpFlags]! & OTHER_FLAGS) === TcpFlag.Syn &&
    (staged[at + Staged.Kind]! & Kind.Ipv6) === 0 &&
    staged[at + Staged.Context] === 0 &&
    staged[at + Staged.PayloadLength] === 0 &&
    staged[at + Staged.TcpWindow] !== 0 &&
    (staged[at + Staged.WireLength]! & ~MOST_OCTETS) === 0 &&
    (staged[at + Staged.IpLength]! & ~MOST_OCTETS) === 0 &&
    staged[at + Staged.Seconds] === clockSeconds &&
    staged[at + Staged.Nanoseconds] === clockNanoseconds
  );
}

/**
 * Writes the `LoneSynRow` of a packet.
 * @param kind - the packet's with `Kind.LoneSyn`
 * @param likely - `LIKELY_SERVERS`
 */
export function fillLoneSyn(
  words: Int32Array,
  row: number,
  kind: number,
  staged: Int32Array,
  at: number,
  likely: Int32Array,
): void {
  words[row + Row.Ports] = staged[at + Staged.Ports]!;
  words[row + Row.Kind] = kind;
  words[row + Row.Source] = staged[at + Staged.Source]!;
  words[row + Row.Destination] = staged[at + Staged.Destination]!;
  words[row + Row.Flags] =
    firstFlags(staged, at, likely) | (staged[at + Staged.Interface]! << Flag.InterfaceShift);
  words[row + LoneSynRow.Sequence] = staged[at + Staged.TcpSequence]!;
  words[row + LoneSynRow.Lengths] =
    staged[at + Staged.TcpFlags]! |
    (staged[at + Staged.WireLength]! << WIRE_SHIFT) |
    (staged[at + Staged.IpLength]! << IP_SHIFT);
  words[row + LoneSynRow.Ordinal] = staged[at + Staged.Ordinal]!;
  words[row + LoneSynRow.MacHigh] = staged[at + Staged.MacHigh]!;
  words[row + LoneSynRow.StartSeconds] = staged[at + Staged.Seconds]!;
  words[row + LoneSynRow.StartNanoseconds] = staged[at + Staged.Nanoseconds]!;
  words[row + LoneSynRow.MacSourceLow] = staged[at + Staged.MacSourceLow]!;
  words[row + LoneSynRow.MacDestinationLow] = staged[at + Staged.MacDestinationLow]!;
}

/** The whole row of a lone SYN whose words are all 0: what `wholeSyn` leaves as it is. */
export function newSynRow(): Int32Array {
  const staged = new Int32Array(Staged.Size);
  staged[Staged.Kind] = IpProtocol.Tcp | Kind.HasPorts;
  staged[Staged.Marks] = Mark.HasTcp;
  staged[Staged.TcpFlags] = TcpFlag.Syn;
  // Any that is not 0: nothing else is kept of it.
  staged[Staged.TcpWindow] = 1;
  const words = new Int32Array(TcpRow.Size);
  fillRow(words, 0, staged, 0, LIKELY_SERVERS);
  countPacket(words, 0, 0, staged, 0, noExtra);
  markHandshake(words, 0, 0, staged, 0);
  trackTcp(words, 0, 0, staged, 0, noExtra);
  return words;
}

/**
 * Writes all in which the whole row of a lone SYN differs from others.
 * @param words - with its `LoneSynRow` at `row`
 * @param to - where the whole row is to be, at `next`: a copy of `newSynRow`
 */
export function wholeSyn(words: Int32Array, row: number, to: Int32Array, next: number): void {
  const lengths = words[row + LoneSynRow.Lengths]!;
  const sequence = words[row + LoneSynRow.Sequence]!;
  const seconds = words[row + LoneSynRow.StartSeconds]!;
  const nanoseconds = words[row + LoneSynRow.StartNanoseconds]!;
  to[next + Row.Ports] = words[row + Row.Ports]!;
  to[next + Row.Kind] = words[row + Row.Kind]! & ~Kind.LoneSyn;
  to[next + Row.Source] = words[row + Row.Source]!;
  to[next + Row.Destination] = words[row + Row.Destination]!;
  to[next + Row.Flags] = words[row + Row.Flags]! | Flag.SynBy0;
  to[next + Row.StartSeconds] = seconds;
  to[next + Row.StartNanoseconds] = nanoseconds;
  to[next + Row.EndSeconds] = seconds;
  to[next + Row.EndNanoseconds] = nanoseconds;
  to[next + Row.ClockSeconds] = seconds;
  to[next + Row.ClockNanoseconds] = nanoseconds;
  to[next + Row.Bytes] = (lengths >>> WIRE_SHIFT) & MOST_OCTETS;
  to[next + Row.IpBytes] = lengths >>> IP_SHIFT;
  // What else the word holds are the letters of a SYN.
  to[next + TcpRow.Flags] = (to[next + TcpRow.Flags]! & ~MOST_FLAGS) | (lengths & MOST_FLAGS);
  to[next + TcpRow.StartSequence] = sequence;
  to[next + TcpRow.LastSequence] = (sequence + 1) | 0;
  to[next + TcpRow.Acknowledged] = sequence;
  to[next + TcpRow.Ordinal] = words[row + LoneSynRow.Ordinal]!;
  to[next + TcpRow.Ordinal + MAC_HIGH] = words[row + LoneSynRow.MacHigh]!;
  to[next + TcpRow.Ordinal + MAC_SOURCE_LOW] = words[row + LoneSynRow.MacSourceLow]!;
  to[next + TcpRow.Ordinal + MAC_DESTINATION_LOW] = words[row + LoneSynRow.MacDestinationLow]!;
}

function noExtra(): FlowExtra {
  throw new Error("a lone SYN has no rare facts");
}
