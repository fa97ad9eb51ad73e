import type { DecodedHeaders } from "./decoded-headers.ts";
import { PseudoEtherType } from "./ether-type.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { readInt32, readUint16 } from "./read.ts";
import { fail, notIp } from "./report.ts";

// IEEE 802.5: 0 access control | 1 frame control | 2 destination | 8 source | 14 routing, if the
// source's first bit is set: its length in the low 5 bits of the first octet
const TOKEN_RING_LENGTH = 14;
// ISO 9314 (FDDI): 0 frame control | 1 destination | 7 source
const FDDI_LENGTH = 13;
// RFC 2625 section 3.2 (Fibre Channel): 0 name type, 2 destination | 8 name type, 10 source
const FIBRE_CHANNEL_LENGTH = 16;

/**
 * Decodes an IEEE 802.5 header.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the LLC header with `out.nextLayer` set, or -1
 */
export function decodeTokenRing(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < TOKEN_RING_LENGTH) return fail(out, Fault.LinkHeaderTruncated, start);
  keepAddresses(bytes, start + 2, start + 8, out);
  out.sourceMacHigh &= 0x7fff;
  if (bytes[start + 1]! >> 6 !== 1) return notIp(out, PseudoEtherType.MacFrame);
  let position = start + TOKEN_RING_LENGTH;
  if ((bytes[start + 8]! & 0x80) !== 0) {
    if (position >= end) return fail(out, Fault.LinkHeaderTruncated, position);
    position += bytes[position]! & 0x1f;
  }
  if (position > end) return fail(out, Fault.LinkHeaderTruncated, start);
  out.nextLayer = Layer.Llc;
  return position;
}

/**
 * Decodes an FDDI header.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the LLC header with `out.nextLayer` set, or -1
 */
export function decodeFddi(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < FDDI_LENGTH) return fail(out, Fault.LinkHeaderTruncated, start);
  keepAddresses(bytes, start + 1, start + 7, out);
  // LLC frames are xx01 in the high bits; the rest is station and ring management.
  if ((bytes[start]! & 0x70) !== 0x50) return notIp(out, PseudoEtherType.MacFrame);
  out.nextLayer = Layer.Llc;
  return start + FDDI_LENGTH;
}

/**
 * Decodes the network header of IP over Fibre Channel.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the LLC header with `out.nextLayer` set, or -1
 */
export function decodeFibreChannel(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < FIBRE_CHANNEL_LENGTH) return fail(out, Fault.LinkHeaderTruncated, start);
  keepAddresses(bytes, start + 2, start + 10, out);
  out.nextLayer = Layer.Llc;
  return start + FIBRE_CHANNEL_LENGTH;
}

function keepAddresses(
  bytes: Uint8Array,
  destination: number,
  source: number,
  out: DecodedHeaders,
): void {
  out.hasMac = 1;
  out.destinationMacHigh = readUint16(bytes, destination);
  out.destinationMacLow = readInt32(bytes, destination + 2);
  out.sourceMacHigh = readUint16(bytes, source);
  out.sourceMacLow = readInt32(bytes, source + 2);
}
