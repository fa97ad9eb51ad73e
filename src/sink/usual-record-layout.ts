/**
 * Where things lie in the memory of the WebAssembly module that writes usual records, octets from its
 * beginning. Texts lie behind their length, at `TEXT_START` from there, and are read in whole vectors.
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
  /** What the module is told of a record: `Told` words. */
  Told: 9856,
  /** The block that is hashed for the Community ID: 16 words. */
  Block: 9984,
  /** Texts of recent seconds, 32 octets each. */
  Seconds: 10_240,
  /** The text of the last connection of each way, see `TcpText`. */
  Connections: 26_624,
  /** Where a record is written. */
  Record: 288_768,
  /** Other texts. */
  Texts: 419_840,
  End: 4_194_304,
} as const;

/** Octets from a text's length to the text. */
export const TEXT_START = 16;

/** Octets of a place for the text of a second: it has none of its own length. */
export const SECOND_SIZE = 32;
/** Octets of a place for the text of a connection. */
export const CONNECTION_SIZE = 1024;

/** Words that tell of a record: sides as the row has them. */
export const Told = {
  Ports: 0,
  Kind: 1,
  Source: 2,
  Destination: 3,
  StartNanoseconds: 4,
  EndNanoseconds: 5,
  StartSeconds: 6,
  /** Packets, octets of frames, of datagrams, and above the transport: two words each. */
  Counters: 7,
  Ordinal: 15,
  /** First two octets of both MAC addresses, last four of each. */
  MacHigh: 16,
  MacLow: 17,
  /** Upper three words of both IPv6 addresses. */
  Ipv6: 19,
  /** Handshake round trip of TCP, nanoseconds; 0 for none. */
  Handshake: 25,
  /** 1 when side 1 is the initiator. */
  Initiator: 26,
  HasMac: 27,
  CommunityIdSeed: 28,
} as const;
