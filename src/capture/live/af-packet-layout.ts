// Numbers and layouts of Linux's packet sockets, version 3 of the ring.
// Sources: linux/if_packet.h, linux/if_arp.h, asm-generic/socket.h; packet(7);
// Documentation/networking/packet_mmap.rst.

/** Arguments of socket, setsockopt and mmap. */
export const Socket = {
  FamilyPacket: 17,
  TypeRaw: 3,
  CloseOnExec: 0o2000000,
  ProtocolAll: 3,
  LevelSocket: 1,
  Error: 4,
  AttachFilter: 26,
  LevelPacket: 263,
  AddMembership: 1,
  ReceiveRing: 5,
  Statistics: 6,
  Version: 10,
  Reserve: 12,
  Fanout: 18,
  IgnoreOutgoing: 23,
  MembershipPromiscuous: 1,
  RingVersion3: 2,
  /** By a hash of both ends, the same in either direction; IPv4 fragments are put together first. */
  FanoutHash: 0,
  FanoutDefragment: 0x8000,
  /** The kernel finds a number that no group has. */
  FanoutNewGroup: 0x2000,
} as const;

/** Arguments of mmap. */
export const Mapping = {
  ReadWrite: 3,
  Shared: 0x01,
  /** PRIVATE | FIXED | ANONYMOUS | NORESERVE: pages of zeros at exactly this address. */
  FixedNothing: 0x4032,
  Failed: 0xffff_ffff_ffff_ffffn,
} as const;

/** A block's header, octets from its start. 0 version, 4 private area, 20 length, 24 sequence. */
export const Block = {
  Status: 8,
  PacketCount: 12,
  FirstPacket: 16,
} as const;

/** Set in a block's status when it is ours to read. */
export const BLOCK_IS_OURS = 1;
export const BLOCK_IS_KERNELS = 0;

/** A packet's header, octets from its start; 48 in all, then sockaddr_ll. */
export const Header = {
  NextPacket: 0,
  Seconds: 4,
  Nanoseconds: 8,
  CapturedLength: 12,
  WireLength: 16,
  Status: 20,
  LinkHeader: 24,
  NetworkHeader: 26,
  VlanTag: 32,
  VlanType: 36,
  /** sockaddr_ll: protocol, big-endian. */
  Protocol: 50,
  InterfaceIndex: 52,
  Hardware: 56,
} as const;

/** Bits of a packet's status. */
export const PacketStatus = {
  ChecksumNotReady: 0x8,
  VlanValid: 0x10,
  VlanTypeValid: 0x40,
} as const;
