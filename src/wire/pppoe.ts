import type { DecodedHeaders } from "./decoded-headers.ts";
import { narrowTo } from "./ethernet.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { readUint16 } from "./read.ts";
import { fail, notIp } from "./report.ts";

// RFC 2516 section 4: 0 version (4 bits), type (4 bits) | 1 code | 2 session id | 4 length | 6 PPP
const CODE = 1;
const LENGTH = 4;
const HEADER_LENGTH = 6;
const VERSION_1_TYPE_1 = 0x11;
const SESSION_DATA = 0;
const DISCOVERY_ETHER_TYPE = 0x8863;

/**
 * Decodes a PPPoE header of the session stage.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the PPP protocol with `out.nextLayer` set, or -1
 */
export function decodePppoe(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < HEADER_LENGTH) return fail(out, Fault.PppoeTruncated, start);
  if (bytes[start] !== VERSION_1_TYPE_1) return fail(out, Fault.PppoeHeaderInvalid, start);
  if (bytes[start + CODE] !== SESSION_DATA) return notIp(out, DISCOVERY_ETHER_TYPE);
  narrowTo(out, start + HEADER_LENGTH + readUint16(bytes, start + LENGTH));
  out.nextLayer = Layer.PppProtocol;
  return start + HEADER_LENGTH;
}
