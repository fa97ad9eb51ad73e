import type { DecodedHeaders } from "./decoded-headers.ts";
import { PseudoEtherType } from "./ether-type.ts";
import { looksLikeEthernet } from "./ethernet.ts";
import { Fault } from "./fault.ts";
import { layerOfIpWithin } from "./inner-ip.ts";
import { Layer } from "./layer.ts";
import { readInt32 } from "./read.ts";
import { fail, notIp } from "./report.ts";

// RFC 3032 section 2.1, one entry: label (20 bits), traffic class (3), bottom of stack (1), TTL (8)
const ENTRY_LENGTH = 4;
const BOTTOM_OF_STACK = 0x100;
const CONTROL_WORD_LENGTH = 4;

/**
 * Walks a label stack. Labels do not say what they carry: the first four bits behind the stack do
 * (RFC 4928), 0 being a pseudo-wire's control word (RFC 4385) and Ethernet behind it (RFC 4448). Without
 * a control word an address that begins with 4 or 6 looks like IP, but for the lengths (RFC 8469).
 * @param start - octet offset of the first entry in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 */
export function decodeMpls(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  let position = start;
  let entry = 0;
  do {
    if (end - position < ENTRY_LENGTH) return fail(out, Fault.MplsTruncated, position);
    entry = readInt32(bytes, position);
    position += ENTRY_LENGTH;
  } while ((entry & BOTTOM_OF_STACK) === 0);
  if (position >= end) return fail(out, Fault.MplsTruncated, position);
  const nibble = bytes[position]! >> 4;
  if ((nibble === 4 || nibble === 6) && !isOnlyEthernet(bytes, position, end, out.wireEnd)) {
    out.nextLayer = Layer.Ip;
    return position;
  }
  if (nibble === 0 && looksLikeEthernet(bytes, position + CONTROL_WORD_LENGTH, end)) {
    out.nextLayer = Layer.Ethernet;
    return position + CONTROL_WORD_LENGTH;
  }
  if (looksLikeEthernet(bytes, position, end)) {
    out.nextLayer = Layer.Ethernet;
    return position;
  }
  return notIp(out, PseudoEtherType.MplsOther);
}

/** Whether an Ethernet header begins here that no IP packet fits. */
function isOnlyEthernet(bytes: Uint8Array, start: number, end: number, wireEnd: number): boolean {
  if (!looksLikeEthernet(bytes, start, end)) return false;
  return layerOfIpWithin(bytes, start, end, wireEnd - start) === Layer.None;
}
