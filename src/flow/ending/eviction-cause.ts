import { Flag, Row } from "../row/flow-row.ts";
import { Rank } from "./timer-lists.ts";

/** What an evicted flow was: why it, rather than another, gave way. Names are public. */
export const EvictionCause = { HalfOpen: 0, Brief: 1, Idle: 2, Extra: 3 } as const;
export type EvictionCause = (typeof EvictionCause)[keyof typeof EvictionCause];

/**
 * Name by code: TCP of nothing but SYNs; fewer than three packets; longest without a packet; oldest of
 * those whose holes and fragments are followed.
 */
export const EvictionCauseName: readonly string[] = ["half_open", "brief", "idle", "loss_tracking"];

/** Packets from which on a flow counts as a conversation: a handshake and what it was made for. */
const PROVEN_PACKETS = 3;

/**
 * How readily a flow gives way.
 * @param isContinued - a part of a flow that has parts before it
 */
export function rankOf(words: Int32Array, row: number, isContinued: boolean): Rank {
  if ((words[row + Row.Flags]! & (Flag.Closed | Flag.HalfOpen)) !== 0) return Rank.Unproven;
  return isContinued || !isBrief(words, row) ? Rank.Proven : Rank.Unproven;
}

/** The cause that is told for a flow of its present state. */
export function causeOf(words: Int32Array, row: number, rank: Rank): EvictionCause {
  if (rank === Rank.Proven) return EvictionCause.Idle;
  const isHalfOpen = (words[row + Row.Flags]! & Flag.HalfOpen) !== 0;
  return isHalfOpen ? EvictionCause.HalfOpen : EvictionCause.Brief;
}

/** In numbers of 32 bits, as WebAssembly has them. */
function isBrief(words: Int32Array, row: number): boolean {
  const packets0 = words[row + Row.Packets]! >>> 0;
  const packets1 = words[row + Row.Packets + 1]! >>> 0;
  if (packets0 >= PROVEN_PACKETS || packets1 >= PROVEN_PACKETS) return false;
  return packets0 + packets1 < PROVEN_PACKETS;
}
