import type { DecodedHeaders } from "./decoded-headers.ts";
import { PseudoEtherType } from "./ether-type.ts";
import { Fault } from "./fault.ts";
import { Layer } from "./layer.ts";
import { readUint16 } from "./read.ts";
import { fail, keepTunnel, notIp } from "./report.ts";
import { Tunnel } from "./tunnel.ts";

// TaZmen Sniffer Protocol: 0 version 1 | 1 type | 2 encapsulated protocol | 4 tags up to an end tag:
// 0 tag | 1 length | 2 value; padding and the end tag are a single octet
const TYPE = 1;
const PROTOCOL = 2;
const TAGS = 4;
const VERSION_1 = 1;
const LAST_TYPE_WITH_FRAME = 1;
const TAG_PADDING = 0;
const TAG_END = 1;

/**
 * Decodes a TZSP header with its tags, where it is what a UDP packet carries.
 * @param start - octet offset of the UDP payload in `bytes`
 * @param end - first octet not readable
 */
export function findTzsp(bytes: Uint8Array, start: number, end: number, out: DecodedHeaders): void {
  const frame = frameStart(bytes, start, end);
  if (frame < 0) return;
  keepTunnel(out, Tunnel.Tzsp, layerOf(readUint16(bytes, start + PROTOCOL)), frame, -1);
}

/**
 * Decodes a TZSP header, where it is what a capture's packets begin with.
 * @param start - octet offset of the header in `bytes`
 * @param end - first octet past what the capture holds
 * @returns offset of the frame with `out.nextLayer` set, or -1
 * @see https://www.tcpdump.org/linktypes.html LINKTYPE_TZSP
 */
export function decodeTzsp(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  if (end - start < TAGS) return fail(out, Fault.LinkHeaderTruncated, start);
  const frame = frameStart(bytes, start, end);
  if (frame < 0) return notIp(out, PseudoEtherType.EncapsulatedOther);
  out.nextLayer = layerOf(readUint16(bytes, start + PROTOCOL));
  return frame;
}

/** Where the frame begins behind the tags; -1 where there is none, or none that is decoded. */
function frameStart(bytes: Uint8Array, start: number, end: number): number {
  if (end - start <= TAGS || bytes[start] !== VERSION_1) return -1;
  if (bytes[start + TYPE]! > LAST_TYPE_WITH_FRAME) return -1;
  if (layerOf(readUint16(bytes, start + PROTOCOL)) === Layer.None) return -1;
  let position = start + TAGS;
  while (position < end && bytes[position] !== TAG_END) {
    if (bytes[position] === TAG_PADDING) position += 1;
    else if (position + 1 < end) position += 2 + bytes[position + 1]!;
    else return -1;
  }
  return position + 1 < end ? position + 1 : -1;
}

function layerOf(protocol: number): number {
  switch (protocol) {
    case 1:
      return Layer.Ethernet;
    case 18:
      return Layer.Wifi;
    case 119:
      return Layer.Prism;
    case 127:
      return Layer.Avs;
    default:
      return Layer.None;
  }
}
