import { addressSum } from "../../wire/address-sum.ts";
import { type DecodedHeaders, Fragment } from "../../wire/decoded-headers.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { foldSum, RIGHT_SUM, wordSum } from "../../wire/ones-complement.ts";
import { readUint16 } from "../../wire/read.ts";
import { holdsVxlanFrame, VXLAN_PORT } from "../../wire/vxlan.ts";

const UDP_CHECKSUM = 6;

/**
 * Whether Zeek holds a transport checksum to be wrong, also where nobody is to blame: a network card was
 * still to fill it in, a route changes the destination, UDP over IPv6 came without one. It sums all that
 * IP says is there.
 * @param headers - their addresses are those that Zeek goes by; without a fault
 * @see Zeek, TCPAnalyzer::ValidateChecksum, UDPAnalyzer::DeliverPacket, ICMPAnalyzer::DeliverPacket
 */
export function isWrongToZeek(bytes: Uint8Array, headers: DecodedHeaders): boolean {
  if (headers.fault !== 0 || headers.truncated !== 0) return false;
  if (headers.fragment !== Fragment.None) return false;
  const { protocol, transportStart } = headers;
  switch (protocol) {
    case IpProtocol.Tcp:
    case IpProtocol.Icmpv6:
      return isSumWrong(bytes, headers);
    case IpProtocol.Udp:
      if (readUint16(bytes, transportStart + UDP_CHECKSUM) !== 0) return isSumWrong(bytes, headers);
      return headers.ipVersion === 6 && !isVxlan(bytes, headers);
    default:
      return false;
  }
}

function isSumWrong(bytes: Uint8Array, headers: DecodedHeaders): boolean {
  const { ipStart, ipLength, protocol, transportStart } = headers;
  const end = ipStart + ipLength;
  const pseudo = addressSum(headers) + protocol + (end - transportStart);
  return foldSum(pseudo + wordSum(bytes, transportStart, end)) !== RIGHT_SUM;
}

/** RFC 7348 wants VXLAN's checksum to be 0. */
function isVxlan(bytes: Uint8Array, headers: DecodedHeaders): boolean {
  const { destinationPort, payloadStart, payloadLength } = headers;
  return destinationPort === VXLAN_PORT && holdsVxlanFrame(bytes, payloadStart, payloadLength);
}
