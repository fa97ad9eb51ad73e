import type { ReceivedRanges } from "./received-ranges.ts";

/** Facts that few flows have; kept beside the table so that the others don't pay for them. */
export type FlowExtra = {
  /** Packets that were IP fragments. */
  fragments: number;
  /** Number of this part, from 1; more than 1 when an active timeout split the flow. */
  part: number;
  /** Id of the part before; "" for the first. */
  previousId: string;
  /** Time of the first packet, where a later one had an earlier time; nanoseconds -1 elsewhere. */
  firstSeconds: number;
  firstNanoseconds: number;
  /** VLAN ids of the first packet, where they are not part of the key. */
  vlan: readonly number[];
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
};

/** Extras of a flow that has none yet. */
export function newFlowExtra(): FlowExtra {
  return {
    fragments: 0,
    part: 1,
    previousId: "",
    firstSeconds: 0,
    firstNanoseconds: -1,
    vlan: [],
    carries: [],
    missedBytes: 0,
    gaps0: 0,
    gaps1: 0,
    ranges0: undefined,
    ranges1: undefined,
  };
}

/** Where to find, or make, the rare facts of a flow. */
export type ExtraOf = (row: number) => FlowExtra;
