import type { DecodedHeaders } from "./decoded-headers.ts";
import { PseudoEtherType } from "./ether-type.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { fail, notIp } from "./report.ts";

// FRF.16.1 section 2.2: 0 beginning, ending, control (1 bit each), sequence number | 2 frame relay
const HEADER_LENGTH = 2;
const BEGINNING_ENDING_CONTROL = 0xe0;
const WHOLE_FRAME = 0xc0;

/**
 * Decodes the header of a multilink bundle's fragment. Behind it is a frame only when it is the first and
 * the last; links are managed with control frames.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the frame relay address with `out.nextLayer` set, or -1
 * @see https://www.tcpdump.org/linktypes.html LINKTYPE_MFR
 */
export function decodeMultilinkFrameRelay(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < HEADER_LENGTH) return fail(out, Fault.LinkHeaderTruncated, start);
  if ((bytes[start]! & BEGINNING_ENDING_CONTROL) !== WHOLE_FRAME) {
    return notIp(out, PseudoEtherType.FrameRelayOther);
  }
  out.nextLayer = Layer.FrameRelay;
  return start + HEADER_LENGTH;
}
