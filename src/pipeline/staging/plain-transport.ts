import { Mark, Staged } from "../../flow/packet/staged-packet.ts";
import { Kind } from "../../flow/row/flow-row.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { foldSum, RIGHT_SUM, wordSum } from "../../wire/ones-complement.ts";
import { isTeredo } from "../../wire/teredo.ts";
import { ESP_SHORTEST, NAT_TRAVERSAL_PORT, SPI_LENGTH } from "../../wire/transport.ts";
import { Tunnel } from "../../wire/tunnel.ts";

// Octet offsets: RFC 9293 section 3.1, RFC 768. Neighbouring fields are read as one word.
/** Octets of a TCP header without options, and of a UDP header. */
export const TCP_LENGTH = 20;
export const UDP_LENGTH = 8;
const TCP_CHECKSUM = 16;
const UDP_CHECKSUM = 6;

/**
 * Writes the words of a plain TCP header.
 * @param start - octet offset of the header
 * @param packetEnd - where IP says that the packet ends, captured or not
 * @param addresses - their sum, -1 where the checksum does not matter
 * @returns false for another case
 */
export function stageTcp(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  packetEnd: number,
  staged: Int32Array,
  at: number,
  addresses: number,
): boolean {
  const length = packetEnd - start;
  if (length < TCP_LENGTH) return false;
  const offsetFlagsWindow = view.getInt32(start + 12);
  const headerLength = (offsetFlagsWindow >>> 26) & 0x3c;
  if (headerLength < TCP_LENGTH || headerLength > length) return false;
  if (addresses >= 0) {
    // 0 was left to the network card.
    if (view.getUint16(start + TCP_CHECKSUM) === 0) return false;
    const sum = addresses + IpProtocol.Tcp + length + wordSum(bytes, start, packetEnd);
    if (foldSum(sum) !== RIGHT_SUM) return false;
  }
  staged[at + Staged.PayloadLength] = length - headerLength;
  staged[at + Staged.TcpFlags] = (offsetFlagsWindow >>> 16) & 0xff;
  staged[at + Staged.TcpWindow] = offsetFlagsWindow & 0xffff;
  staged[at + Staged.TcpSequence] = view.getInt32(start + 4);
  staged[at + Staged.TcpAcknowledgement] = view.getInt32(start + 8);
  staged[at + Staged.Marks]! |= Mark.HasTcp;
  return true;
}

/**
 * Writes the words of a UDP header that begins no tunnel; otherwise as `stageTcp`.
 * @param capturedEnd - first octet that is not in the capture
 * @param tunnelPorts - the `Tunnel` that each port is registered for
 */
export function stageUdp(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  capturedEnd: number,
  packetEnd: number,
  staged: Int32Array,
  at: number,
  addresses: number,
  tunnelPorts: Uint8Array,
): boolean {
  if (packetEnd - start < UDP_LENGTH) return false;
  const ports = staged[at + Staged.Ports]!;
  const sourcePort = ports >>> 16;
  const destinationPort = ports & 0xffff;
  if (tunnelPorts[sourcePort] !== Tunnel.None || tunnelPorts[destinationPort] !== Tunnel.None) {
    return false;
  }
  const length = view.getUint16(start + 4);
  if (length !== packetEnd - start) return false;
  if (isTeredo(bytes, start + UDP_LENGTH, start + length, length - UDP_LENGTH)) return false;
  if (addresses >= 0) {
    if (view.getUint16(start + UDP_CHECKSUM) === 0) {
      // None was made, as it should have been over IPv6.
      if ((staged[at + Staged.Kind]! & Kind.Ipv6) !== 0) return false;
    } else {
      const sum = addresses + IpProtocol.Udp + length + wordSum(bytes, start, start + length);
      if (foldSum(sum) !== RIGHT_SUM) return false;
    }
  }
  staged[at + Staged.PayloadLength] = length - UDP_LENGTH;
  if (sourcePort === NAT_TRAVERSAL_PORT || destinationPort === NAT_TRAVERSAL_PORT) {
    stageSpi(view, start + UDP_LENGTH, capturedEnd, length - UDP_LENGTH, staged, at);
  }
  return true;
}

/** The security parameter index of ESP in UDP, where it was captured. @param start - of the payload */
function stageSpi(
  view: DataView,
  start: number,
  capturedEnd: number,
  length: number,
  staged: Int32Array,
  at: number,
): void {
  if (length < ESP_SHORTEST || capturedEnd - start < SPI_LENGTH) return;
  const spi = view.getInt32(start);
  if (spi === 0) return;
  staged[at + Staged.MessageType] = spi;
  staged[at + Staged.Marks]! |= Mark.HasSpi;
}
