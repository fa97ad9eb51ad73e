import type { DecodedHeaders } from "./decoded-headers.ts";
import { PseudoEtherType } from "./ether-type.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { fail, notIp } from "./report.ts";

// DOCSIS MAC (CM-SP-MULPIv3.1 section 6.2.1): 0 frame control: type (2 bits), parameter (5 bits),
// extended header (1 bit) | 1 its length | 2 length | 4 extended header | checksum (2 octets)
const EXTENDED_LENGTH = 1;
const SHORTEST = 6;
const EXTENDED = 0x01;

/**
 * Decodes a DOCSIS header; only frame type 0 with parameter 0 carries a plain Ethernet frame.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the Ethernet frame with `out.nextLayer` set, or -1
 */
export function decodeDocsis(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < SHORTEST) return fail(out, Fault.LinkHeaderTruncated, start);
  const control = bytes[start]!;
  if (control >> 1 !== 0) return notIp(out, PseudoEtherType.MacFrame);
  const extended = (control & EXTENDED) !== 0 ? bytes[start + EXTENDED_LENGTH]! : 0;
  const position = start + SHORTEST + extended;
  if (position > end) return fail(out, Fault.LinkHeaderTruncated, start);
  out.nextLayer = Layer.Ethernet;
  return position;
}
