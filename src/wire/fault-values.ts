import type { DecodedHeaders } from "./decoded-headers.ts";
import { FAULTS, Fault } from "./fault.ts";
import { readUint16 } from "./read.ts";

/** The numbers behind a fault, each absent where the fault has none; octets, or an IP version. */
export type FaultValues = {
  /** What the field says. */
  readonly says?: number;
  /** What is there. */
  readonly has?: number;
  /** The least that would do, or the only right one. */
  readonly needs?: number;
};

const NOTHING: FaultValues = {};
const IPV6_HEADER_LENGTH = 40;

/** Octets of headers that are one length whoever writes them. */
const HEADER_LENGTHS: ReadonlyMap<number, number> = new Map([
  [Fault.EthernetTruncated, 14],
  [Fault.VlanTruncated, 4],
  [Fault.IpTruncated, 1],
  [Fault.Ipv6Truncated, IPV6_HEADER_LENGTH],
  [Fault.TcpTruncated, 20],
  [Fault.UdpTruncated, 8],
  [Fault.UdpLiteTruncated, 8],
  [Fault.SctpTruncated, 12],
  [Fault.DccpTruncated, 12],
  [Fault.IcmpTruncated, 8],
  [Fault.EspTruncated, 4],
]);

/**
 * Reads again what a faulty packet says where its fault shows; for a few packets that people look at.
 * @param bytes - the packet's array, as decoding left it
 * @param headers - what `decodeFrame` or `decodeTunnel` made of the packet; its `fault` is not 0
 */
export function faultValues(bytes: Uint8Array, headers: DecodedHeaders): FaultValues {
  const at = headers.frameStart + headers.faultOffset;
  switch (headers.fault) {
    case Fault.IpVersionUnknown:
      return { says: versionAt(bytes, at) };
    case Fault.Ipv4VersionWrong:
      return { says: versionAt(bytes, at), needs: 4 };
    case Fault.Ipv6VersionWrong:
      return { says: versionAt(bytes, at), needs: 6 };
    case Fault.Ipv4HeaderLengthTooSmall:
      return { says: ipv4HeaderLength(bytes, at), needs: 20 };
    case Fault.Ipv4TotalLengthTooSmall:
      return { says: readUint16(bytes, at), needs: ipv4HeaderLength(bytes, at - 2) };
    case Fault.Ipv4Truncated:
      return ipv4Truncated(bytes, at, headers.capturedEnd);
    case Fault.IpLengthBeyondFrame:
      return lengthBeyondFrame(headers, at);
    case Fault.TcpDataOffsetTooSmall:
      return { says: (bytes[at]! >> 2) & 0x3c, needs: 20 };
    case Fault.TcpDataOffsetBeyondPacket:
      return { says: (bytes[at]! >> 2) & 0x3c, has: packetEnd(headers) - (at - 12) };
    case Fault.UdpLengthTooSmall:
      return { says: readUint16(bytes, at), needs: 8 };
    case Fault.UdpLengthBeyondPacket:
      return { says: readUint16(bytes, at), has: packetEnd(headers) - (at - 4) };
    case Fault.UdpLiteCoverageInvalid: {
      const says = readUint16(bytes, at);
      return says < 8 ? { says, needs: 8 } : { says, has: packetEnd(headers) - (at - 4) };
    }
    case Fault.DccpDataOffsetInvalid: {
      const says = bytes[at]! << 2;
      return says < 12 ? { says, needs: 12 } : { says, has: packetEnd(headers) - (at - 4) };
    }
    default:
      return cutOff(headers, at);
  }
}

/** A header of known length of which part is there; not where the length itself is what misled. */
function cutOff(headers: DecodedHeaders, at: number): FaultValues {
  const needs = HEADER_LENGTHS.get(headers.fault);
  if (needs === undefined) return NOTHING;
  const isTransport = FAULTS[headers.fault - 1]!.layer === "transport";
  const end = isTransport ? Math.min(headers.capturedEnd, packetEnd(headers)) : headers.capturedEnd;
  const has = Math.max(0, end - at);
  return has < needs ? { has, needs } : NOTHING;
}

/** IPv4 states the length with its header, at octet 2; IPv6 without, at octet 4 or in a jumbo option. */
function lengthBeyondFrame(headers: DecodedHeaders, at: number): FaultValues {
  if (headers.ipVersion === 4) {
    return { says: headers.ipLength, has: headers.wireEnd - (at - 2) };
  }
  return {
    says: headers.ipLength - IPV6_HEADER_LENGTH,
    has: headers.wireEnd - (at - 4) - IPV6_HEADER_LENGTH,
  };
}

function ipv4Truncated(bytes: Uint8Array, at: number, end: number): FaultValues {
  const has = Math.max(0, end - at);
  return { has, needs: has < 20 ? 20 : ipv4HeaderLength(bytes, at) };
}

/** Where IP says that the packet ends; transport decoders keep this sum. */
function packetEnd(headers: DecodedHeaders): number {
  return headers.payloadStart + headers.payloadLength;
}

function versionAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! >> 4;
}

function ipv4HeaderLength(bytes: Uint8Array, start: number): number {
  return (bytes[start]! & 0x0f) << 2;
}
