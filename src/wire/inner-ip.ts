import { type DecodedHeaders, Fragment } from "./decoded-headers.ts";
import { Layer } from "./layer.ts";
import { readUint16 } from "./read.ts";

const IPV4_SHORTEST = 20;
const IPV4_TOTAL_LENGTH = 2;
const IPV6_HEADER_LENGTH = 40;
const IPV6_PAYLOAD_LENGTH = 4;

/**
 * The kind of IP packet that begins here, for encapsulations whose own header says little: payload of
 * another protocol, on a port that happens to be registered, must not be taken for a packet. Version,
 * header length and total length have to fit the room there is; headers that are cut off are believed
 * as far as they go.
 * @param start - octet offset in `bytes`
 * @param end - first octet not readable
 * @param out - `payloadStart` and `payloadLength` say where the encapsulation ends
 * @returns `Layer.Ipv4`, `Layer.Ipv6` or `Layer.None`
 */
export function layerOfInnerIp(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DecodedHeaders,
): number {
  // A first fragment does not hold all of the packet inside.
  const isPart = out.fragment === Fragment.First;
  const room = isPart ? 0xffffffff : out.payloadStart + out.payloadLength - start;
  return layerOfIpWithin(bytes, start, end, room);
}

/**
 * The kind of IP packet that begins here and ends within some room, captured or not.
 * @param start - octet offset in `bytes`
 * @param end - first octet not readable
 * @param room - octets from `start`
 * @returns `Layer.Ipv4`, `Layer.Ipv6` or `Layer.None`
 */
export function layerOfIpWithin(
  bytes: Uint8Array,
  start: number,
  end: number,
  room: number,
): number {
  if (start >= end) return Layer.None;
  const first = bytes[start]!;
  switch (first >> 4) {
    case 4: {
      const headerLength = (first & 0x0f) << 2;
      if (headerLength < IPV4_SHORTEST || room < headerLength) return Layer.None;
      if (end - start < IPV4_SHORTEST) return Layer.Ipv4;
      const length = readUint16(bytes, start + IPV4_TOTAL_LENGTH);
      const fits = length === 0 || (length >= headerLength && length <= room);
      return fits ? Layer.Ipv4 : Layer.None;
    }
    case 6:
      if (room < IPV6_HEADER_LENGTH) return Layer.None;
      if (end - start < IPV6_HEADER_LENGTH) return Layer.Ipv6;
      return readUint16(bytes, start + IPV6_PAYLOAD_LENGTH) + IPV6_HEADER_LENGTH <= room
        ? Layer.Ipv6
        : Layer.None;
    default:
      return Layer.None;
  }
}
