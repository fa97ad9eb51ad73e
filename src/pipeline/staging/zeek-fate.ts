import { Mark } from "../../flow/packet/staged-packet.ts";
import { type DecodedHeaders, Fragment } from "../../wire/decoded-headers.ts";
import { Fault } from "../../wire/fault.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { takeJourneyEnds } from "../../wire/journey-ends.ts";
import { foldSum, RIGHT_SUM, wordSum } from "../../wire/ones-complement.ts";
import { readUint16 } from "../../wire/read.ts";

const IPV4_TOTAL_LENGTH = 2;
const IPV4_CHECKSUM = 10;
const IPV6_PAYLOAD_LENGTH = 4;
const IPV6_NEXT_HEADER = 6;
const IPV6_HEADER = 40;

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
  if (isLongerThanStated(bytes, headers)) return Mark.Unseen;
  if (verifies && headers.ipVersion === 4 && isLeftToCard(bytes, headers)) return Mark.Unseen;
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

/** Whether an IPv4 header's length or checksum was still to be filled in: Zeek believes neither. */
function isLeftToCard(bytes: Uint8Array, headers: DecodedHeaders): boolean {
  const { ipStart } = headers;
  if (lengthInZeek(bytes, headers) === 0) return true;
  if (readUint16(bytes, ipStart + IPV4_CHECKSUM) !== 0) return false;
  const length = (bytes[ipStart]! & 15) << 2;
  return foldSum(wordSum(bytes, ipStart, ipStart + length)) !== RIGHT_SUM;
}

/**
 * Whether IPv6 has extension headers, but by its own length nothing behind the first 40 octets: so have
 * jumbograms, which Zeek does not know.
 */
function isLongerThanStated(bytes: Uint8Array, headers: DecodedHeaders): boolean {
  if (headers.ipVersion !== 6) return false;
  const next = bytes[headers.ipStart + IPV6_NEXT_HEADER]!;
  const isExtended = next === IpProtocol.HopByHop || next !== headers.protocol;
  return isExtended && lengthInZeek(bytes, headers) === IPV6_HEADER;
}

/** Octets of an IP packet by its header alone, also where they were left to the network card: so Zeek counts. */
export function lengthInZeek(bytes: Uint8Array, headers: DecodedHeaders): number {
  const { ipStart } = headers;
  if (headers.ipVersion === 4) return readUint16(bytes, ipStart + IPV4_TOTAL_LENGTH);
  return readUint16(bytes, ipStart + IPV6_PAYLOAD_LENGTH) + IPV6_HEADER;
}

/** Marks of a packet that the snaplen cut. */
export function cutMarks(headers: DecodedHeaders): number {
  const isMessage = headers.hasIcmp !== 0 && headers.fragment === Fragment.None;
  return isMessage ? Mark.CutPayload | Mark.CutMessage : Mark.CutPayload;
}

/** Zeek knows an IPv6 packet by the ends of its journey. */
export function takeEnds(bytes: Uint8Array, headers: DecodedHeaders): void {
  const { ipStart, ipVersion, fragment, payloadStart, transportStart } = headers;
  // Nothing of the transport is in a later fragment.
  const end = fragment === Fragment.Later ? payloadStart : transportStart;
  if (ipVersion === 6 && end > ipStart + IPV6_HEADER) takeJourneyEnds(bytes, headers, end);
}
