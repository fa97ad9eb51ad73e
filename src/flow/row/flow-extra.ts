import { Flag, Row } from "./flow-row.ts";
import type { ReceivedRanges } from "./received-ranges.ts";

/** A packet time: seconds since 1970, nanoseconds. */
export type PacketTime = { seconds: number; nanoseconds: number };
/** What all earlier parts of a flow counted, by side, and when the first began. */
export type EarlierParts = {
  readonly packets: readonly [number, number];
  readonly bytes: readonly [number, number];
  readonly startSeconds: number;
  readonly startNanoseconds: number;
};

/** A flow around another one: number of its first packet, and its id. */
export type TunnelParent = { readonly ordinal: number; readonly id: string };

/** Facts that few flows have; kept beside the table so that the others don't pay for them. */
export type FlowExtra = {
  /** Packets that were IP fragments. */
  fragments: number;
  /** Security parameter indexes of IPsec as int32, of what each side sent first; 0 for none. */
  spi0: number;
  spi1: number;
  /** Number of this part, from 1; more than 1 when an active timeout split the flow. */
  part: number;
  /** Id of the part before; "" for the first. */
  previousId: string;
  /** Time of the first packet, where a later one had an earlier time; nanoseconds -1 elsewhere. */
  firstSeconds: number;
  firstNanoseconds: number;
  /** Sums over the parts before; undefined for the first. */
  earlier: EarlierParts | undefined;
  /** TCP: payload by sequence numbers in the parts before this one, by sender. */
  sequenceBytesBefore0: number;
  sequenceBytesBefore1: number;
  /** VLAN ids of the first packet, where they are not part of the key. */
  vlan: readonly number[];
  /** Comments on its packets. */
  comments: readonly PacketComment[];
  /** Multiples of 2^32 of the counters from `Row.Packets` on; empty while there are none. */
  carries: number[];
  /** Octets that were acknowledged but never captured, both sides. */
  missedBytes: number;
  /** Gaps by sender. */
  gaps0: number;
  gaps1: number;
  /** Holes in what was received, by sender; undefined while there is none. */
  ranges0: ReceivedRanges | undefined;
  ranges1: ReceivedRanges | undefined;
  /** TCP packets that filled a hole left by later ones, by sender. */
  outOfOrder0: number;
  outOfOrder1: number;
  /** SYNs with payload, by sender: Zeek's letters count them as repeats, which they are not. */
  synData0: number;
  synData1: number;
  /** Packets whose checksum is wrong, by sender. */
  badChecksums0: number;
  badChecksums1: number;
  /** Letters beyond those that the row holds, in the row's code. */
  history: number[];
  /** Positions of the last SYN of each side, where that is not 0. */
  synMark0: number;
  synMark1: number;
  /** Position of the last FIN of each side, where another flag came with it; undefined elsewhere. */
  mixedFin0: number | undefined;
  mixedFin1: number | undefined;
  /** What Zeek leaves out of the flow's counters, by `Uncounted`; empty where it is nothing. */
  uncounted: number[];
  /** Packets among those for which Zeek has found, or made, a connection all the same. */
  refused: number;
  /** Packets that Zeek discards before it looks for a connection. */
  unseen: number;
  /** Flows that carried this one, where they are recorded, too. */
  parents: TunnelParent[];
  /** First packet that Zeek counts, where that is not the flow's first. */
  firstCounted: PacketTime | undefined;
  /** Last packet that Zeek counts, where that is neither the flow's last nor at the row's clock. */
  lastCounted: PacketTime | undefined;
};

/** A comment that somebody left on a packet of the capture. */
export type PacketComment = {
  /** Number of the packet in its capture, the first is 1. */
  readonly packet: number;
  readonly text: string;
};

const NO_COMMENTS: readonly PacketComment[] = [];

/** Extras of a flow that has none yet. */
export function newFlowExtra(): FlowExtra {
  return {
    fragments: 0,
    spi0: 0,
    spi1: 0,
    part: 1,
    previousId: "",
    sequenceBytesBefore0: 0,
    sequenceBytesBefore1: 0,
    firstSeconds: 0,
    firstNanoseconds: -1,
    earlier: undefined,
    vlan: [],
    comments: NO_COMMENTS,
    carries: [],
    missedBytes: 0,
    gaps0: 0,
    gaps1: 0,
    ranges0: undefined,
    ranges1: undefined,
    outOfOrder0: 0,
    outOfOrder1: 0,
    synData0: 0,
    synData1: 0,
    badChecksums0: 0,
    badChecksums1: 0,
    history: [],
    synMark0: 0,
    synMark1: 0,
    mixedFin0: undefined,
    mixedFin1: undefined,
    uncounted: [],
    refused: 0,
    unseen: 0,
    parents: [],
    firstCounted: undefined,
    lastCounted: undefined,
  };
}

/** Takes over what the next part of a flow must know of the one before; counts begin anew. */
export function carryOver(before: FlowExtra | undefined, next: FlowExtra): void {
  next.part = (before?.part ?? 1) + 1;
  if (before === undefined) return;
  next.vlan = before.vlan;
  next.gaps0 = before.gaps0;
  next.gaps1 = before.gaps1;
  next.ranges0 = before.ranges0;
  next.ranges1 = before.ranges1;
  next.badChecksums0 = before.badChecksums0;
  next.badChecksums1 = before.badChecksums1;
  next.history = [...before.history];
  next.synMark0 = before.synMark0;
  next.synMark1 = before.synMark1;
  next.mixedFin0 = before.mixedFin0;
  next.mixedFin1 = before.mixedFin1;
}

/** Where to find, or make, the rare facts of a flow. */
export type ExtraOf = (row: number) => FlowExtra;

/** The rare facts of a flow that has some. */
export function extraIfAny(
  words: Int32Array,
  row: number,
  extraOf: ExtraOf,
): FlowExtra | undefined {
  return (words[row + Row.Flags]! & Flag.Extra) === 0 ? undefined : extraOf(row);
}

/** What the part in a row and those before it counted together. */
export function earlierParts(
  words: Int32Array,
  row: number,
  extra: FlowExtra | undefined,
): EarlierParts {
  const before = extra?.earlier;
  const sum = (word: number, side: 0 | 1, earlier: number): number => {
    const carry = extra?.carries[word + side - Row.Packets] ?? 0;
    return earlier + carry * 0x1_0000_0000 + (words[row + word + side]! >>> 0);
  };
  return {
    packets: [
      sum(Row.Packets, 0, before?.packets[0] ?? 0),
      sum(Row.Packets, 1, before?.packets[1] ?? 0),
    ],
    bytes: [sum(Row.Bytes, 0, before?.bytes[0] ?? 0), sum(Row.Bytes, 1, before?.bytes[1] ?? 0)],
    startSeconds: before?.startSeconds ?? words[row + Row.StartSeconds]! >>> 0,
    startNanoseconds: before?.startNanoseconds ?? words[row + Row.StartNanoseconds]!,
  };
}
