import type { DecodedHeaders } from "./decoded-headers.ts";
import { PseudoEtherType } from "./ether-type.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { readUint16 } from "./read.ts";
import { fail, notIp } from "./report.ts";

// LINKTYPE_SUNATM: 0 direction (1 bit), kind (low 4 bits) | 1 path id | 2 channel id
const SUN_HEADER_LENGTH = 4;
const SUN_LAN_EMULATION = 1;
const SUN_LLC = 2;
// ATM Forum LANE 1.0: 0 client id | 2 Ethernet; FF00 marks control frames
const LAN_EMULATION_LENGTH = 2;
const LAN_EMULATION_CONTROL = 0xff00;

/**
 * Decodes the header Sun's ATM driver puts before a packet.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 * @see https://www.tcpdump.org/linktypes.html LINKTYPE_SUNATM
 */
export function decodeSunAtm(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < SUN_HEADER_LENGTH) return fail(out, Fault.LinkHeaderTruncated, start);
  const position = start + SUN_HEADER_LENGTH;
  switch (bytes[start]! & 0x0f) {
    case SUN_LAN_EMULATION:
      return decodeLanEmulation(bytes, position, end, out);
    case SUN_LLC:
      return decodeAtmAdaptation(bytes, position, end, out);
    default:
      return notIp(out, PseudoEtherType.EncapsulatedOther);
  }
}

/**
 * Decodes an AAL5 frame of RFC 2684, told apart by its first octets as LLC, or IP without LLC.
 * @param start - octet offset of the frame in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 */
export function decodeAtmAdaptation(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < 3) return fail(out, Fault.LinkHeaderTruncated, start);
  const first = readUint16(bytes, start);
  if ((first === 0xaaaa || first === 0xfefe) && bytes[start + 2] === 0x03) {
    out.nextLayer = Layer.Llc;
    return start;
  }
  const version = first >> 12;
  if (version !== 4 && version !== 6) return notIp(out, PseudoEtherType.EncapsulatedOther);
  out.nextLayer = Layer.Ip;
  return start;
}

/**
 * Decodes an Ethernet frame of ATM LAN emulation.
 * @param start - octet offset of the LAN emulation client id in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the Ethernet frame with `out.nextLayer` set, or -1
 */
export function decodeLanEmulation(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < LAN_EMULATION_LENGTH) return fail(out, Fault.LinkHeaderTruncated, start);
  if (readUint16(bytes, start) === LAN_EMULATION_CONTROL) {
    return notIp(out, PseudoEtherType.EncapsulatedOther);
  }
  out.nextLayer = Layer.Ethernet;
  return start + LAN_EMULATION_LENGTH;
}
