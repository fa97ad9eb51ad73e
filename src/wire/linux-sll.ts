import type { DecodedHeaders } from "./decoded-headers.ts";
import { PseudoEtherType, SMALLEST_ETHER_TYPE } from "./ether-type.ts";
import { enterProtocol } from "./ethernet.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { readUint16 } from "./read.ts";
import { fail, notIp } from "./report.ts";

// LINKTYPE_LINUX_SLL: 0 packet type | 2 ARPHRD_ type | 4 address length | 6 address | 14 protocol
const SLL_HARDWARE_TYPE = 2;
const SLL_PROTOCOL = 14;
const SLL_HEADER_LENGTH = 16;

// LINKTYPE_LINUX_SLL2: 0 protocol | 2 reserved | 4 interface index | 8 ARPHRD_ type
// 10 packet type | 11 address length | 12 address
const SLL2_HARDWARE_TYPE = 8;
const SLL2_HEADER_LENGTH = 20;

// Hardware types (IANA ARP parameters, and Linux's own) whose frames bring their header along.
const ARPHRD_FRAME_RELAY = 770;
const ARPHRD_WIFI_RADIOTAP = 803;
const ARPHRD_GRE = 778;
const ARPHRD_NETLINK = 824;
const ARPHRD_CAN = 280;

// Protocols below 1536 are Linux's own: what the frame begins with.
const NOVELL_RAW = 0x0001;
const ETHERNET = 0x0003;
const LLC = 0x0004;
const PPP = 0x0007;
const CAN = 0x000c;
const CAN_FD = 0x000d;

/**
 * Decodes a Linux cooked header of version 1. It holds the sender's address only, so `hasMac`
 * stays 0.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 * @see https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html
 */
export function decodeLinuxSll(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < SLL_HEADER_LENGTH) return fail(out, Fault.LinkHeaderTruncated, start);
  const hardwareType = readUint16(bytes, start + SLL_HARDWARE_TYPE);
  const protocol = readUint16(bytes, start + SLL_PROTOCOL);
  return enterCooked(start + SLL_HEADER_LENGTH, hardwareType, protocol, out);
}

/**
 * Decodes a Linux cooked header of version 2.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 * @see https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html
 */
export function decodeLinuxSll2(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < SLL2_HEADER_LENGTH) return fail(out, Fault.LinkHeaderTruncated, start);
  const hardwareType = readUint16(bytes, start + SLL2_HARDWARE_TYPE);
  const protocol = readUint16(bytes, start);
  return enterCooked(start + SLL2_HEADER_LENGTH, hardwareType, protocol, out);
}

function enterCooked(
  start: number,
  hardwareType: number,
  protocol: number,
  out: DecodedHeaders,
): number {
  switch (hardwareType) {
    case ARPHRD_WIFI_RADIOTAP:
      out.nextLayer = Layer.Radiotap;
      return start;
    case ARPHRD_FRAME_RELAY:
      out.nextLayer = Layer.FrameRelay;
      return start;
    case ARPHRD_NETLINK:
      return notIp(out, PseudoEtherType.Netlink);
    case ARPHRD_CAN:
      return notIp(out, PseudoEtherType.Can);
    case ARPHRD_GRE: // the protocol field is GRE's protocol type, which is an EtherType
      return enterProtocol(start, protocol, out);
  }
  if (protocol >= SMALLEST_ETHER_TYPE) return enterProtocol(start, protocol, out);
  return enterLinuxProtocol(start, protocol, out);
}

function enterLinuxProtocol(start: number, protocol: number, out: DecodedHeaders): number {
  switch (protocol) {
    case NOVELL_RAW:
      return notIp(out, PseudoEtherType.NovellRaw);
    case ETHERNET:
      out.nextLayer = Layer.Ethernet;
      return start;
    case LLC:
      out.nextLayer = Layer.Llc;
      return start;
    case PPP:
      out.nextLayer = Layer.Ppp;
      return start;
    case CAN:
    case CAN_FD:
      return notIp(out, PseudoEtherType.Can);
    default:
      return notIp(out, PseudoEtherType.EncapsulatedOther);
  }
}
