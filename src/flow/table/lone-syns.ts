import { Staged } from "../packet/staged-packet.ts";
import { Kind, Row } from "../row/flow-row.ts";
import { LIKELY_SERVERS } from "../row/likely-server-port.ts";
import { fillLoneSyn, isLoneSyn, newSynRow, wholeSyn } from "./lone-syn-row.ts";
import type { OpenRows } from "./open-rows.ts";

/**
 * Flows of nothing but one SYN over IPv4, which are what floods and scans are made of: all there is to
 * know of such a packet fits one cache line, a third of a TCP row. The row is made from it when a second
 * packet comes, or for the record. That costs a second row for every connection, so it is done only where
 * many flows are open.
 */
export class LoneSyns {
  private readonly open: OpenRows;
  /** Open flows from which on new ones are kept so. */
  readonly from: number;
  private readonly syn = newSynRow();
  /** Rows that others took the place of; the group that is under way may have looked them up. */
  left: number[] = [];

  constructor(open: OpenRows, from: number) {
    this.open = open;
    this.from = from;
  }

  /** Begins a flow with its first packet, if it can be kept so. */
  begin(staged: Int32Array, at: number): boolean {
    const { open } = this;
    const { seconds, nanoseconds } = open.clock;
    if (open.index.count < this.from) return false;
    if (!isLoneSyn(staged, at, seconds | 0, nanoseconds)) return false;
    const kind = staged[at + Staged.Kind]! | Kind.LoneSyn;
    const row = open.allocate(kind);
    if (row === 0) return false;
    fillLoneSyn(open.memory.words, row, kind, staged, at, LIKELY_SERVERS);
    open.enter(row, staged[at + Staged.Hash]!);
    return true;
  }

  /** An open row that a packet was found for, made whole; its hash is the packet's. */
  promoted(row: number, hash: number): number {
    const { open } = this;
    const kind = open.memory.words[row + Row.Kind]!;
    if ((kind & Kind.LoneSyn) === 0) return row;
    const next = open.allocateOrThrow(kind & ~Kind.LoneSyn);
    const { words } = open.memory;
    words.set(this.syn, next);
    wholeSyn(words, row, words, next);
    open.takePlace(row, next, hash);
    this.left.push(row);
    return next;
  }

  /** Gives back what was left. */
  releaseLeft(): void {
    for (let row = this.left.pop(); row !== undefined; row = this.left.pop()) {
      this.open.releaseWords(row);
    }
  }

  /** All rows are given back at once. */
  forget(): void {
    this.left = [];
  }
}
