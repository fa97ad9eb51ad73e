import { IpProtocol } from "../../wire/ip-protocol.ts";
import { Flag, Kind, Row } from "./flow-row.ts";
import { isLikelyServerPort } from "./likely-server-port.ts";
import { isTcpFlipped } from "./tcp-state.ts";

/** How sure it is which endpoint is the initiator. */
export const Certainty = { Unknown: 0, Inferred: 1, Certain: 2 } as const;
/** Public names by code. */
export const CertaintyName: readonly string[] = ["unknown", "inferred", "certain"];

/** Why. */
export const DirectionReason = {
  Syn: 0,
  SynAck: 1,
  Init: 2,
  Multicast: 3,
  Broadcast: 4,
  ServerPort: 5,
  FirstPacket: 6,
  MidStream: 7,
} as const;
/** Public names by code. */
export const DirectionReasonName: readonly string[] = [
  "syn",
  "synack",
  "init",
  "multicast-destination",
  "broadcast-destination",
  "server-port",
  "first-packet",
  "mid-stream",
];

/** Which side began a flow, how sure that is and why; one reused record. */
export type Direction = {
  /** 1 when side 1 of the row is the initiator: everything that has a side is then read crosswise. */
  flipped: number;
  certainty: number;
  reason: number;
};

/**
 * Decides once for a whole record; nothing else may choose a side. The flow's first packet decides, by
 * Zeek's rule, with two exceptions where the packet knows better: the sender of a SYN+ACK is the
 * responder even where Zeek holds that it might be a scan, and what goes to a group or to everybody is
 * no answer.
 */
export function decideDirection(words: Int32Array, row: number, out: Direction): void {
  const flags = words[row + Row.Flags]!;
  const isTcp = (words[row + Row.Kind]! & Kind.ProtocolMask) === IpProtocol.Tcp;
  const isToMany = (flags & (Flag.Multicast | Flag.Broadcast)) !== 0;
  out.flipped = initiatorSide(words, row, isTcp, isToMany);
  const forward = out.flipped === 0;
  if ((flags & (forward ? Flag.SynBy0 : Flag.SynBy1)) !== 0) {
    set(out, Certainty.Certain, DirectionReason.Syn);
  } else if ((flags & (forward ? Flag.SynAckBy1 : Flag.SynAckBy0)) !== 0) {
    set(out, Certainty.Certain, DirectionReason.SynAck);
  } else if ((flags & (forward ? Flag.InitBy0 : Flag.InitBy1)) !== 0) {
    set(out, Certainty.Certain, DirectionReason.Init);
  } else if (isToMany) {
    const isGroup = (flags & Flag.Multicast) !== 0;
    set(out, Certainty.Certain, isGroup ? DirectionReason.Multicast : DirectionReason.Broadcast);
  } else if ((flags & Flag.FlippedByPort) !== 0) {
    set(out, Certainty.Inferred, DirectionReason.ServerPort);
  } else if (isTcp) decideMidStream(words[row + Row.Ports]!, forward, out);
  else set(out, Certainty.Inferred, DirectionReason.FirstPacket);
}

function initiatorSide(words: Int32Array, row: number, isTcp: boolean, isToMany: boolean): 0 | 1 {
  if (isTcp) return isTcpFlipped(words, row) ? 1 : 0;
  return isToMany ? 0 : zeekOriginator(words, row);
}

function decideMidStream(ports: number, forward: boolean, out: Direction): void {
  const port = forward ? ports & 0xffff : ports >>> 16;
  if (isLikelyServerPort(IpProtocol.Tcp, port) !== 0) {
    set(out, Certainty.Inferred, DirectionReason.ServerPort);
  } else set(out, Certainty.Unknown, DirectionReason.MidStream);
}

/** Side that Zeek holds to be the originator. */
export function zeekOriginator(words: Int32Array, row: number): 0 | 1 {
  return (words[row + Row.Flags]! & Flag.Flipped) === 0 ? 0 : 1;
}

function set(out: Direction, certainty: number, reason: number): void {
  out.certainty = certainty;
  out.reason = reason;
}
