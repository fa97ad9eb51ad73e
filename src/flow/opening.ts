import { TcpRow } from "./flow-row.ts";

/** Rows of each size that are kept ready at most: those of a group of packets, each of a flow of its own. */
export const MOST_READY = 128;

/**
 * What it takes to open flows without the table's objects, as words of one array, which WebAssembly finds
 * beside the rows: numbers that the table tells before a run of packets and looks at after it.
 */
export const Opening = {
  /** Open flows, and how many there may be before the table has to make room. */
  Count: 0,
  Most: 1,
  /** Open flows from which on those of one SYN are kept in a line. */
  LoneSynsFrom: 2,
  /** Of the index: number of its slots, less one, and of the group that was looked ahead. */
  Mask: 3,
  Group: 4,
  /** Of the wheel: the second that comes due next, and how soon after it any row does that was put there. */
  NextSecond: 5,
  Ahead: 6,
  /** A bit for each size, in lines, of which rows were taken. */
  Taken: 7,
  /** Idle times: whole seconds, and nanoseconds beyond. */
  Tcp: 8,
  Unanswered: 10,
  Udp: 12,
  Linger: 14,
  /** By size in lines: how many rows are ready. */
  Ready: 16,
  /** 1 where the index grows: a row may be in the table before, which is not at hand. */
  Growing: 21,
  /** How many rows others took the place of in this run. */
  Left: 22,
  /** By size in lines, of which there are four and none: `MOST_READY` rows, those that are ready first. */
  Rows: 32,
  /** Those rows, `MOST_READY` at most. */
  LeftRows: 672,
  /** `newSynRow()`. */
  Syn: 800,
} as const;

/** Words of `Opening`. */
export const OPENING_WORDS: number = Opening.Syn + TcpRow.Size;
