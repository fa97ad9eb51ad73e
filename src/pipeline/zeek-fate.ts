import { Mark } from "../flow/staged-packet.ts";
import { type DecodedHeaders, Fragment } from "../wire/decoded-headers.ts";
import { Fault } from "../wire/fault.ts";
import { IpProtocol } from "../wire/ip-protocol.ts";
import { readUint16 } from "../wire/read.ts";

const IPV4_TOTAL_LENGTH = 2;
const UDP_LENGTH = 8;
const UDP_CHECKSUM = 6;
const VXLAN_PORT = 4789;
/** VXLAN's flag of a valid network identifier. */
const VXLAN_HAS_ID = 0x08;
/** The least that Zeek takes for VXLAN: its header and that of the frame inside. */
const VXLAN_LENGTH = 8 + 14;

/**
 * What Zeek does with a packet that it does not count: discards it before it looks for a connection, or
 * finds that but does not let it have the packet.
 * @param end - first octet that was not on the wire: Zeek believes IP's length, not that of PPPoE or so
 * @param verifies - whether checksums are verified
 * @returns `Mark.Unseen`, `Mark.Refused`, or 0 for others
 * @see Zeek, IPAnalyzer and IPBasedAnalyzer::AnalyzePacket, TCPAnalyzer::DeliverPacket
 */
export function fateInZeek(
  bytes: Uint8Array,
  headers: DecodedHeaders,
  end: number,
  verifies: boolean,
): number {
  const { fault } = headers;
  if (fault === Fault.Ipv4ChecksumWrong) return Mark.Unseen;
  if (headers.ipStart + headers.ipLength > end) return Mark.Unseen;
  // Left to the network card, as the checksum then is: Zeek believes neither.
  const isIpv4 = headers.ipVersion === 4;
  if (verifies && isIpv4 && readUint16(bytes, headers.ipStart + IPV4_TOTAL_LENGTH) === 0) {
    return Mark.Unseen;
  }
  if (headers.fragment !== Fragment.None) {
    // What the snaplen cut can't be put together: the first fragment is taken as it is.
    return headers.fragment === Fragment.Later && headers.truncated !== 0 ? Mark.Unseen : 0;
  }
  switch (fault) {
    case Fault.TcpTruncated:
    case Fault.UdpTruncated:
    case Fault.IcmpTruncated:
      return Mark.Unseen;
    case Fault.TcpDataOffsetTooSmall:
    case Fault.TcpDataOffsetBeyondPacket:
      return Mark.Refused;
    default:
      // Options that the capture does not hold.
      return headers.hasTcp !== 0 && headers.payloadStart > headers.capturedEnd ? Mark.Refused : 0;
  }
}

/**
 * Whether a UDP datagram over IPv6 came without a checksum, which Zeek holds to be wrong where it is
 * not VXLAN (RFC 6935 allows it for any tunnel).
 * @param headers - whole, no fragment, without a fault
 */
export function lacksChecksum(bytes: Uint8Array, headers: DecodedHeaders): boolean {
  if (headers.ipVersion !== 6 || headers.protocol !== IpProtocol.Udp) return false;
  if (headers.fault !== 0 || headers.truncated !== 0 || headers.fragment !== Fragment.None) {
    return false;
  }
  const start = headers.transportStart;
  if (readUint16(bytes, start + UDP_CHECKSUM) !== 0) return false;
  const isVxlan =
    headers.destinationPort === VXLAN_PORT &&
    headers.payloadLength > VXLAN_LENGTH &&
    (bytes[start + UDP_LENGTH]! & VXLAN_HAS_ID) !== 0;
  return !isVxlan;
}
