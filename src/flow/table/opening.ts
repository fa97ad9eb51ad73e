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
  /** Of the wheel: the second that comes due next, and how soon after it any row of `Rank.Unproven` may. */
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
  /** Open flows at most: with so many one gives way to the next. 0 as long as none may be opened. */
  Limit: 23,
  /** How many rows may still end before those that did are to be written. */
  MayEnd: 24,
  /** How many gave way in this run, and how many of each cause. */
  Gone: 25,
  GoneHalfOpen: 26,
  GoneBrief: 27,
  /** The secret of the hashes. */
  Multiplier: 28,
  Seed: 29,
  /** Row that gives way to the flow that is being opened, 0 for none, and its slot. */
  Giving: 30,
  GivingSlot: 31,
  /** By size in lines, of which there are four and none: `MOST_READY` rows, those that are ready first. */
  Rows: 32,
  /** Rows that others took the place of, `MOST_READY` at most. */
  LeftRows: 672,
  /** Rows that gave way as entries of `EndedRows`, `MOST_READY` at most. */
  GoneRows: 800,
  /** `newSynRow()`. */
  Syn: 928,
  /** How many rows that are to give way were brought near, and what was read for that. */
  Near: 976,
  Touched: 977,
} as const;

/** Words of `Opening`. */
export const OPENING_WORDS: number = Opening.Touched + 1;
