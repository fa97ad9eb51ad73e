import type { ChecksumChoice, Layer, PseudoHeader } from "./build.ts";
import { chooseChecksum } from "./build.ts";
import { crc32c, internetChecksum } from "./checksum.ts";
import { join, u16, u24, u32 } from "./octets.ts";

/** Bits of the TCP flags, by the letters Zeek and tcpdump users know (RFC 9293 section 3.1). */
const FLAG_BITS: Readonly<Record<string, number>> = {
  F: 1,
  S: 2,
  R: 4,
  P: 8,
  A: 16,
  U: 32,
  E: 64,
  C: 128,
};

export type TcpOptions = {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence?: number;
  readonly acknowledgement?: number;
  /** Letters of F S R P A U E C, such as "SA"; or the octet itself. */
  readonly flags?: string | number;
  readonly window?: number;
  readonly urgentPointer?: number;
  /** Options as octets; padded with zeros to a multiple of 4. */
  readonly options?: Uint8Array;
  /** Header length in octets to claim, instead of the right one. */
  readonly headerLength?: number;
  readonly checksum?: ChecksumChoice;
};

/** TCP header (RFC 9293). */
export function tcp(options: TcpOptions): Layer {
  return {
    ipProtocol: 6,
    build(body, { pseudoHeader }) {
      const given = options.options ?? new Uint8Array(0);
      const extra = join(given, new Uint8Array((4 - (given.length % 4)) % 4));
      const length = options.headerLength ?? 20 + extra.length;
      const segment = join(
        u16(options.sourcePort),
        u16(options.destinationPort),
        u32(options.sequence ?? 0),
        u32(options.acknowledgement ?? 0),
        (length >>> 2) << 4,
        flagOctet(options.flags ?? "A"),
        u16(options.window ?? 64240),
        [0, 0],
        u16(options.urgentPointer ?? 0),
        extra,
        body,
      );
      const right = transportChecksum(pseudoHeader, 6, segment);
      segment.set(u16(chooseChecksum(options.checksum, right)), 16);
      return segment;
    },
  };
}

function flagOctet(flags: string | number): number {
  if (typeof flags === "number") return flags;
  let octet = 0;
  for (const letter of flags) {
    const bit = FLAG_BITS[letter];
    if (bit === undefined) throw new Error(`${flags}: "${letter}" is no TCP flag`);
    octet |= bit;
  }
  return octet;
}

export type UdpOptions = {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Instead of the right one, to lie. */
  readonly length?: number;
  /** `none` writes 0, which in UDP means that there is no checksum. */
  readonly checksum?: ChecksumChoice | "none";
};

/** UDP header (RFC 768). */
export function udp(options: UdpOptions): Layer {
  return {
    ipProtocol: 17,
    build(body, { pseudoHeader }) {
      const datagram = join(
        u16(options.sourcePort),
        u16(options.destinationPort),
        u16(options.length ?? 8 + body.length),
        [0, 0],
        body,
      );
      if (options.checksum === "none") return datagram;
      const right = transportChecksum(pseudoHeader, 17, datagram) || 0xffff;
      datagram.set(u16(chooseChecksum(options.checksum, right)), 6);
      return datagram;
    },
  };
}

export type UdpLiteOptions = {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Octets the checksum covers; 0, the default, is all. */
  readonly coverage?: number;
};

/** UDP-Lite header (RFC 3828). */
export function udpLite(options: UdpLiteOptions): Layer {
  return {
    ipProtocol: 136,
    build(body, { pseudoHeader }) {
      const coverage = options.coverage ?? 0;
      const datagram = join(
        u16(options.sourcePort),
        u16(options.destinationPort),
        u16(coverage),
        [0, 0],
        body,
      );
      const covered = coverage === 0 ? datagram : datagram.subarray(0, coverage);
      const right = transportChecksum(pseudoHeader, 136, covered, datagram.length) || 0xffff;
      datagram.set(u16(right), 6);
      return datagram;
    },
  };
}

export type IcmpOptions = {
  readonly type: number;
  readonly code?: number;
  /** The four octets after the checksum: identifier and sequence number, gateway, unused ... */
  readonly rest?: number;
  readonly checksum?: ChecksumChoice;
};

/** ICMP header (RFC 792). */
export function icmp(options: IcmpOptions): Layer {
  return {
    ipProtocol: 1,
    build(body) {
      const message = join(options.type, options.code ?? 0, [0, 0], u32(options.rest ?? 0), body);
      message.set(u16(chooseChecksum(options.checksum, internetChecksum(message))), 2);
      return message;
    },
  };
}

/** ICMPv6 header (RFC 4443); its checksum covers the addresses. */
export function icmpv6(options: IcmpOptions): Layer {
  return {
    ipProtocol: 58,
    build(body, { pseudoHeader }) {
      const message = join(options.type, options.code ?? 0, [0, 0], u32(options.rest ?? 0), body);
      const right = transportChecksum(pseudoHeader, 58, message);
      message.set(u16(chooseChecksum(options.checksum, right)), 2);
      return message;
    },
  };
}

export type SctpChunk = {
  readonly type: number;
  readonly flags?: number;
  /** What comes after the chunk's length field. */
  readonly value?: Uint8Array;
};

export type SctpOptions = {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly verificationTag?: number;
  readonly chunks: readonly SctpChunk[];
  readonly checksum?: ChecksumChoice;
};

/** SCTP common header and chunks (RFC 9260 section 3); the checksum is a CRC-32C, sent low octet first. */
export function sctp(options: SctpOptions): Layer {
  return {
    ipProtocol: 132,
    build(body) {
      const packet = join(
        u16(options.sourcePort),
        u16(options.destinationPort),
        u32(options.verificationTag ?? 0),
        [0, 0, 0, 0],
        ...options.chunks.map(sctpChunk),
        body,
      );
      const check = chooseChecksum(options.checksum, crc32c(packet));
      packet.set(u32(check).reverse(), 8);
      return packet;
    },
  };
}

/** Value of an SCTP INIT or INIT ACK chunk without parameters (RFC 9260 section 3.3.2). */
export function sctpInit(initiateTag: number, firstSequence: number): Uint8Array {
  return join(u32(initiateTag), u32(106496), u16(10), u16(10), u32(firstSequence));
}

/** Value of an SCTP DATA chunk of stream 0 (RFC 9260 section 3.3.1). */
export function sctpData(sequence: number, protocol: number, content: Uint8Array): Uint8Array {
  return join(u32(sequence), u16(0), u16(0), u32(protocol), content);
}

function sctpChunk({ type, flags, value }: SctpChunk): Uint8Array {
  const content = value ?? new Uint8Array(0);
  const padding = new Uint8Array((4 - (content.length % 4)) % 4);
  return join(type, flags ?? 0, u16(4 + content.length), content, padding);
}

export type DccpOptions = {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** 0 request, 1 response, 2 data, 3 ack, 4 data-ack, 5 close request, 6 close, 7 reset. */
  readonly type: number;
  /** 48 bits. */
  readonly sequence?: number;
  readonly acknowledgement?: number;
  /** Of requests and responses. */
  readonly serviceCode?: number;
  readonly checksum?: ChecksumChoice;
};

/** DCCP header with long sequence numbers (RFC 4340 section 5). */
export function dccp(options: DccpOptions): Layer {
  return {
    ipProtocol: 33,
    build(body, { pseudoHeader }) {
      const { type } = options;
      const acknowledges = type !== 0 && type !== 2;
      const subheader = join(
        acknowledges ? join([0, 0], u48(options.acknowledgement ?? 0)) : [],
        type <= 1 ? u32(options.serviceCode ?? 0) : [],
        type === 7 ? [0, 0, 0, 0] : [],
      );
      const words = (16 + subheader.length) / 4;
      const packet = join(
        u16(options.sourcePort),
        u16(options.destinationPort),
        words,
        0,
        [0, 0],
        (type << 1) | 1,
        0,
        u48(options.sequence ?? 1),
        subheader,
        body,
      );
      const right = transportChecksum(pseudoHeader, 33, packet);
      packet.set(u16(chooseChecksum(options.checksum, right)), 6);
      return packet;
    },
  };
}

function u48(value: number): Uint8Array {
  return join(u24(Math.floor(value / 0x1000000)), u24(value % 0x1000000));
}

/** Checksum with the pseudo header; both versions' give one sum, since their zeros add nothing. */
function transportChecksum(
  addresses: PseudoHeader | undefined,
  protocol: number,
  covered: Uint8Array,
  length: number = covered.length,
): number {
  if (addresses === undefined) return 0;
  const { source, destination } = addresses;
  return internetChecksum(source, destination, u32(length), u32(protocol), covered);
}
