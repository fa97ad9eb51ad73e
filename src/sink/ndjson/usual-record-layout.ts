import { Flag } from "../../flow/row/flow-row.ts";

/**
 * Where things lie in the memory of the WebAssembly module that writes usual records, octets from its
 * beginning. Texts lie behind their length, at `TEXT_START` from there, and are read in pairs of vectors.
 */
export const Layout = {
  /** A dot and what stands before it, for each octet of an IPv4 address, four octets each. */
  DottedOctets: 64,
  /** Numbers below 1000 without leading zeros, and with them, four octets each. */
  UpToThreeDigits: 1088,
  ThreeDigits: 5088,
  /** Two hexadecimal digits for each octet, two octets each. */
  HexPairs: 9088,
  /** By which groups of an IPv6 address are zero: first group and length of the run that is left out. */
  ZeroRuns: 9600,
  /** What the module is told and tells: `Told` words. */
  Told: 9856,
  /**
   * Four blocks that are hashed for Community IDs, a word of each after the other, and the words that SHA-1
   * makes of them; their digests after that.
   */
  Block: 9984,
  /** Where the rows of those blocks lie. */
  Hashed: 11_520,
  /** A whole row of a lone SYN, and one made of any. */
  Syn: 11_584,
  /** Places of texts: by protocol and IP version, by end reason, by index of the interface. */
  Protocols: 11_776,
  Ends: 11_840,
  Interfaces: 11_904,
  /** Texts of recent seconds, see `SecondPlace`. */
  Seconds: 16_000,
  /** Which connections the texts of `Connections` are of: six words of eight each, see `TcpText`. */
  Ways: 32_384,
  /** What is told of a flow's surroundings: words that its id is made of, and the text. */
  Context: 65_152,
  Around: 65_536,
  /** The text of the last connection of each way. */
  Connections: 69_632,
  /** Where a record is written. */
  Record: 331_776,
  /** What kind each port is of, two octets each: first those of TCP, then those of UDP. */
  PortKinds: 462_848,
  /** How flows are tagged, see `Memo`. */
  Memos: 725_056,
  /** Rows, each behind the code of its end reason; at the end room for a single one. */
  Rows: 1_249_344,
  SingleRow: 1_511_488,
  /** Their Community IDs, 32 octets for each 64 of rows. */
  Digests: 1_511_808,
  /** Where the rows of flows without a name begin. */
  Nameless: 1_643_072,
  /** Vectors that the module writes or reckons with. */
  Vectors: 1_671_936,
  /** Other texts. */
  Texts: 1_673_984,
  End: 5_439_488,
} as const;

/** Octets from a text's length to the text. */
export const TEXT_START = 16;
/** Stands for a text that is not to be written; 0 for one that is not there. */
export const NO_TEXT = 1;

/** Octets of a record at most, with what is overwritten behind it. */
export const LONGEST_RECORD: number = Layout.PortKinds - Layout.Record;

/** Words of `Layout.Rows`. */
export const BLOCK_WORDS: number = (Layout.SingleRow - Layout.Rows) / 4;
/** Interfaces of which there are places. */
export const INTERFACES = 1024;

/** Octets of a place for the text of a second: the text, which second it is, and whether there is any. */
export const SecondPlace = { Second: 24, IsKept: 28, Size: 32 } as const;
/** Seconds whose text is kept, as in `TimeText`. */
export const KEPT_SECONDS: number = (Layout.Ways - Layout.Seconds) / SecondPlace.Size;

/** Octets of a place for the text of a connection. */
export const CONNECTION_SIZE = 256;
/** Octets of its words in `Layout.Ways`, as a power of two. */
export const WAYS_SHIFT = 5;

/** Words that tell of the run, and of what the module met. */
export const Told = {
  CommunityIdSeed: 0,
  /** What a memo has to have to be the row's. */
  Kinds: 1,
  Flags: 2,
  /** Where the row that was not written begins. */
  Stopped: 3,
  /** Octets of the list of rows without a name. */
  Nameless: 4,
  /** The row that the rest is told of, 0 for none; numbers that each end has begin with the initiator's. */
  Of: 5,
  Retransmits: 6,
  OutOfOrder: 8,
  Missed: 10,
  /** Security parameter indexes, 0 for none. */
  Spi: 11,
  Fragments: 13,
  /** Place of the text of the surroundings, and where their words end. */
  Around: 14,
  ContextEnd: 15,
} as const;

/** Octets of what is remembered of a flow's tag, and how many there are of them: a power of two. */
export const MEMO_SIZE = 16;
export const MEMOS: number = (Layout.Rows - Layout.Memos) / MEMO_SIZE;

/**
 * How a flow is tagged: offsets of its words, and the lowest bits of the last one. It depends on what the
 * ports stand for, on flags and on which of the ports is the higher.
 */
export const Memo = {
  /** Kind of the first side's port in the upper half, of the second's in the lower. */
  Kinds: 0,
  /** `TAG_FLAGS` and more. */
  Flags: 4,
  /** Places of the texts before and behind the port's number. */
  Before: 8,
  Behind: 12,
  /** Side of the row that is the initiator. */
  Initiator: 1,
  /** Whether there is a port's number, and whose. */
  HasPort: 2,
  PortSideShift: 2,
  /** The flow has no name. */
  Nameless: 8,
} as const;

/** Flags of a row that its tag depends on. */
export const TAG_FLAGS: number =
  Flag.Multicast |
  Flag.Broadcast |
  Flag.SynBy0 |
  Flag.SynBy1 |
  Flag.SynAckBy0 |
  Flag.SynAckBy1 |
  Flag.InitBy0 |
  Flag.InitBy1 |
  Flag.Flipped |
  Flag.FlippedByPort;
/**
 * Bits beside them: whether the first side's port is the lower, whether both are the same, and one that is
 * always set: what was never remembered is all 0, as are the kinds of ports that were never met.
 */
export const TagBit = { Ascending: 0x400, Equal: 0x800, Always: 0x20_000 } as const;
/** Octets from the kinds of TCP's ports to those of UDP's. */
export const PORT_KINDS_OF_UDP = 131_072;
