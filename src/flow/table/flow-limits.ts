import { LARGEST_ROW } from "../row/flow-row.ts";

/** Concurrent flows that surely fit into the memory of a table, rows that wait to be written included. */
export const MOST_FLOWS = 12_000_000;

/** Octets of the largest row. */
export const LARGEST_ROW_OCTETS: number = LARGEST_ROW * 4;
/**
 * Octets that the rare facts of a flow take at most: measured with 64 holes in each direction. With
 * one hole it is a quarter of that.
 */
export const EXTRA_OCTETS = 2400;
/**
 * Octets of a VLAN stack or tunnel chain, with its copy where another thread decodes and what is not
 * collected yet: measured as the growth of the process while 800,000 of them came and went. An eighth
 * of the memory is theirs: with more of them alive the collector falls behind.
 */
export const CONTEXT_OCTETS = 2000;
/**
 * Octets that listing takes for each flow when all end at once. Sorting takes 8 more, after the index, of
 * which each has 12 at least, is given back.
 */
export const ENDING_OCTETS = 4;

const MOST_WAITING = 1 << 18;
const FEWEST_WAITING = 1 << 10;
/** Where nothing else is said: as much as fits the heap that Node gives itself. */
const MOST_EXTRAS = 500_000;
const MOST_CONTEXTS = 1_000_000;

/** How much a flow table may hold. */
export type FlowLimits = {
  /** Concurrent flows. */
  readonly flows: number;
  /** Octets of rows, index, rare facts and contexts. */
  readonly octets: number;
  /** Rows that ended and wait to be written, before `update` stops for them. */
  readonly waiting: number;
  /** Flows with rare facts. */
  readonly extras: number;
  /** VLAN stacks and tunnel chains. */
  readonly contexts: number;
};

/**
 * What follows from the two limits that a user can set.
 * @param maxFlows - concurrent flows, Infinity for no limit
 * @param memory - octets for everything that flows take, Infinity for no limit
 * @param mostRowOctets - what the memory of rows can grow to
 */
export function flowLimits(maxFlows: number, memory: number, mostRowOctets: number): FlowLimits {
  const byMemory = Math.floor(memory / (LARGEST_ROW_OCTETS / 2));
  const waiting = Math.min(
    MOST_WAITING,
    Math.max(FEWEST_WAITING, Math.floor(Math.min(maxFlows, byMemory) / 16)),
  );
  // Rows that wait stand beside the open ones.
  const reserve = waiting * LARGEST_ROW_OCTETS;
  return {
    flows: maxFlows,
    octets: Math.max(reserve, Math.min(memory, mostRowOctets) - reserve),
    waiting,
    extras: Math.min(MOST_EXTRAS, Math.max(16, Math.floor(memory / 4 / EXTRA_OCTETS))),
    contexts: Math.min(MOST_CONTEXTS, Math.max(16, Math.floor(memory / 8 / CONTEXT_OCTETS))),
  };
}
