import type { DecodedHeaders } from "./decoded-headers.ts";
import { enterProtocol } from "./ethernet.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { readUint16 } from "./read.ts";
import { fail } from "./report.ts";

// RFC 1547 section 4.3.1: 0 address (0F unicast, 8F multicast) | 1 control | 2 protocol, an EtherType
// or Cisco's own number | 4 payload
const PROTOCOL = 2;
const HEADER_LENGTH = 4;

/**
 * Decodes Cisco HDLC.
 * @param start - octet offset of the address in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 */
export function decodeCiscoHdlc(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < HEADER_LENGTH) return fail(out, Fault.LinkHeaderTruncated, start);
  return enterProtocol(start + HEADER_LENGTH, readUint16(bytes, start + PROTOCOL), out);
}

/**
 * Steps over the octet that tells the direction in front of Cisco HDLC or frame relay, as
 * `out.nextLayer` tells.
 * @param start - octet offset of the direction
 * @param end - first octet past what the capture holds
 * @returns offset of the next layer with `out.nextLayer` set, or -1
 * @see https://www.tcpdump.org/linktypes.html LINKTYPE_C_HDLC_WITH_DIR, LINKTYPE_FRELAY_WITH_DIR
 */
export function skipDirection(start: number, end: number, out: DecodedHeaders): number {
  if (end - start < 1) return fail(out, Fault.LinkHeaderTruncated, start);
  out.nextLayer = out.nextLayer === Layer.HdlcDirection ? Layer.CiscoHdlc : Layer.FrameRelay;
  return start + 1;
}
