import type { DecodedHeaders } from "./decoded-headers.ts";
import { PseudoEtherType } from "./ether-type.ts";
import { enterProtocol } from "./ethernet.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { readUint16 } from "./read.ts";
import { fail, notIp } from "./report.ts";

// Capture devices and drivers that put octets of their own before a frame:
const SLIP_LENGTH = 16; // direction, compressed header; then IP
const BROADCOM_TAG_LENGTH = 4; // then Ethernet
const NET_ANALYZER_LENGTH = 4; // then Ethernet
const NET_ANALYZER_TRANSPARENT_LENGTH = 12; // 4 and the preamble; then Ethernet
const MPACKET_LENGTH = 8; // preamble with the start delimiter last; then Ethernet
const PREAMBLE = 0x55;
const EPON_LENGTH = 8; // preamble with the logical link id; then Ethernet
const FIRE_WIRE_LENGTH = 18; // 0 destination | 8 source | 16 EtherType
const INFINIBAND_LENGTH = 44; // 0 global routing header | 40 EtherType | 42 reserved
const EBHSCR_LENGTH = 32; // 0 what was captured, 50 for Ethernet; then Ethernet
const EBHSCR_ETHERNET = 0x50;
const SYMANTEC_LENGTH = 44; // 6 EtherType
const SYMANTEC_3_LENGTH = 56; // 20 EtherType; 6 is then 0

/**
 * Steps over octets of fixed length to the frame behind them, as `out.nextLayer` tells.
 * @param start - octet offset of the packet in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 * @see https://www.tcpdump.org/linktypes.html
 */
export function decodeLinkPrefix(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  switch (out.nextLayer) {
    case Layer.Slip:
      return skip(start, end, SLIP_LENGTH, Layer.Ip, out);
    case Layer.BroadcomTagInFront:
      return skip(start, end, BROADCOM_TAG_LENGTH, Layer.Ethernet, out);
    case Layer.NetAnalyzer:
      return skip(start, end, NET_ANALYZER_LENGTH, Layer.Ethernet, out);
    case Layer.NetAnalyzerTransparent:
      return skip(start, end, NET_ANALYZER_TRANSPARENT_LENGTH, Layer.Ethernet, out);
    case Layer.Epon:
      return skip(start, end, EPON_LENGTH, Layer.Ethernet, out);
    case Layer.Ebhscr:
      return decodeEbhscr(bytes, start, end, out);
    case Layer.Mpacket:
      return decodeMpacket(bytes, start, end, out);
    case Layer.FireWire:
      return typed(bytes, start, end, FIRE_WIRE_LENGTH, start + 16, out);
    case Layer.Infiniband:
      return typed(bytes, start, end, INFINIBAND_LENGTH, start + 40, out);
    default:
      return decodeSymantec(bytes, start, end, out);
  }
}

function skip(
  start: number,
  end: number,
  length: number,
  layer: number,
  out: DecodedHeaders,
): number {
  if (end - start < length) return fail(out, Fault.LinkHeaderTruncated, start);
  out.nextLayer = layer;
  return start + length;
}

function typed(
  bytes: Uint8Array,
  start: number,
  end: number,
  length: number,
  typeOffset: number,
  out: DecodedHeaders,
): number {
  if (end - start < length) return fail(out, Fault.LinkHeaderTruncated, start);
  return enterProtocol(start + length, readUint16(bytes, typeOffset), out);
}

function decodeSymantec(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < SYMANTEC_LENGTH) return fail(out, Fault.LinkHeaderTruncated, start);
  if (readUint16(bytes, start + 6) !== 0) {
    return typed(bytes, start, end, SYMANTEC_LENGTH, start + 6, out);
  }
  return typed(bytes, start, end, SYMANTEC_3_LENGTH, start + 20, out);
}

/** Elektrobit's devices capture field buses and Ethernet. */
function decodeEbhscr(bytes: Uint8Array, start: number, end: number, out: DecodedHeaders): number {
  if (start < end && bytes[start] !== EBHSCR_ETHERNET) {
    return notIp(out, PseudoEtherType.EncapsulatedOther);
  }
  return skip(start, end, EBHSCR_LENGTH, Layer.Ethernet, out);
}

/** IEEE 802.3 clause 99: continuation fragments of preempted frames have no header. */
function decodeMpacket(bytes: Uint8Array, start: number, end: number, out: DecodedHeaders): number {
  if (end - start < MPACKET_LENGTH) return fail(out, Fault.LinkHeaderTruncated, start);
  // Continuations have their delimiter one octet earlier, and a count in this place.
  if (bytes[start + MPACKET_LENGTH - 2] !== PREAMBLE) return notIp(out, PseudoEtherType.MacFrame);
  switch (bytes[start + MPACKET_LENGTH - 1]) {
    case 0xd5: // a whole frame
    case 0xe6: // the first fragment of a preemptable one, numbered 0 to 3
    case 0x4c:
    case 0x7f:
    case 0xb3:
      out.nextLayer = Layer.Ethernet;
      return start + MPACKET_LENGTH;
    default:
      return notIp(out, PseudoEtherType.MacFrame);
  }
}
