// Every block: 0 type | 4 total length | 8 body, padded to a multiple of 4 octets | total length again
export const BLOCK_TOTAL_LENGTH = 4;
/** Type, both total lengths and no body. */
export const SMALLEST_BLOCK = 12;

/** The total length, at the end of the block. */
export const TRAILER = 4;

/** Block types that are read; all others are skipped. */
export const Block = {
  SectionHeader: 0x0a0d0d0a,
  InterfaceDescription: 1,
  /** Obsolete since 2005, still in old files. */
  Packet: 2,
  SimplePacket: 3,
  InterfaceStatistics: 5,
  EnhancedPacket: 6,
} as const;

// Offsets from the start of the block, and the least total length of each.
/** 8 byte-order magic | 12 major | 14 minor | 16 section length (64 bits) | 24 options */
export const SectionHeader = { magic: 8, major: 12, minor: 14, options: 24, least: 28 } as const;
/** 8 link type | 10 reserved | 12 snaplen | 16 options */
export const InterfaceDescription = {
  linkType: 8,
  snapLength: 12,
  options: 16,
  least: 20,
} as const;
/** 8 interface (16 bits) | 10 drops (16 bits) | then as the enhanced packet block */
export const ObsoletePacket = { interface: 8, drops: 10 } as const;
/** 8 interface | 12 time, upper | 16 time, lower | 20 captured length | 24 wire length | 28 packet */
export const EnhancedPacket = {
  interface: 8,
  timeUpper: 12,
  timeLower: 16,
  capturedLength: 20,
  wireLength: 24,
  data: 28,
  least: 32,
} as const;
/** 8 wire length | 12 packet */
export const SimplePacket = { wireLength: 8, data: 12, least: 16 } as const;
/** 8 interface | 12 time, upper | 16 time, lower | 20 options */
export const InterfaceStatistics = { interface: 8, options: 20, least: 24 } as const;

/** Byte-order magic of a section header. */
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

/** The record as the user is told of it, with its article. */
export function blockName(type: number): string {
  switch (type) {
    case Block.SectionHeader:
      return "a section header block";
    case Block.InterfaceDescription:
      return "an interface description block";
    case Block.Packet:
    case Block.SimplePacket:
    case Block.EnhancedPacket:
      return "a packet block";
    case Block.InterfaceStatistics:
      return "an interface statistics block";
    default:
      return `a block of type 0x${type.toString(16)}`;
  }
}

/** Least total length of a block of this type. */
export function leastLength(type: number): number {
  switch (type) {
    case Block.SectionHeader:
      return SectionHeader.least;
    case Block.InterfaceDescription:
      return InterfaceDescription.least;
    case Block.Packet:
    case Block.EnhancedPacket:
      return EnhancedPacket.least;
    case Block.SimplePacket:
      return SimplePacket.least;
    case Block.InterfaceStatistics:
      return InterfaceStatistics.least;
    default:
      return SMALLEST_BLOCK;
  }
}

/** True for the blocks whose body matters to us. */
export function isRead(type: number): boolean {
  return leastLength(type) !== SMALLEST_BLOCK;
}

/** Total lengths that are no multiple of four are rounded up, as tshark does for writers that forget the padding. */
export function roundUpLength(length: number): number {
  return length + (-length & 3);
}
