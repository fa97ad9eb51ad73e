import type { DecodedHeaders } from "./decoded-headers.ts";
import { Layer } from "./layer.ts";
import { readUint16 } from "./read.ts";
import { keepTunnel } from "./report.ts";
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
 * Decodes a TZSP header with its tags.
 * @param start - octet offset of the UDP payload in `bytes`
 * @param end - first octet not readable
 */
export function findTzsp(bytes: Uint8Array, start: number, end: number, out: DecodedHeaders): void {
  if (end - start <= TAGS || bytes[start] !== VERSION_1) return;
  if (bytes[start + TYPE]! > LAST_TYPE_WITH_FRAME) return;
  const layer = layerOf(readUint16(bytes, start + PROTOCOL));
  if (layer === Layer.None) return;
  let position = start + TAGS;
  while (position < end && bytes[position] !== TAG_END) {
    if (bytes[position] === TAG_PADDING) position += 1;
    else if (position + 1 < end) position += 2 + bytes[position + 1]!;
    else return;
  }
  if (position + 1 < end) keepTunnel(out, Tunnel.Tzsp, layer, position + 1, -1);
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
