import { writeFileSync } from "node:fs";
import { frame, payload } from "./build.ts";
import { ipv4 } from "./build-ip.ts";
import { ethernet } from "./build-link.ts";
import { udp } from "./build-transport.ts";

const FILE_HEADER = 24;
const PACKET_HEADER = 16;
const IP_SOURCE = 14 + 12;
const IP_CHECKSUM = 14 + 10;
/** 2026-03-02T09:00:00Z */
const START = 1_772_442_000;

/**
 * Writes a capture of so many flows of one UDP packet each, a millisecond apart, every one from
 * another address.
 */
export function writeManyFlows(path: string, count: number): void {
  const packet = frame(
    ethernet(),
    ipv4({ source: "10.0.0.0", destination: "198.51.100.7" }),
    udp({ sourcePort: 40000, destinationPort: 53, checksum: 0 }),
    payload(4),
  );
  const size = PACKET_HEADER + packet.length;
  const octets = Buffer.alloc(FILE_HEADER + count * size);
  octets.writeUInt32LE(0xa1b2c3d4, 0);
  octets.writeUInt16LE(2, 4);
  octets.writeUInt16LE(4, 6);
  octets.writeUInt32LE(65535, 16);
  octets.writeUInt32LE(1, 20);
  for (let i = 0; i < count; i += 1) {
    const at = FILE_HEADER + i * size;
    octets.writeUInt32LE(START + Math.floor(i / 1000), at);
    octets.writeUInt32LE((i % 1000) * 1000, at + 4);
    octets.writeUInt32LE(packet.length, at + 8);
    octets.writeUInt32LE(packet.length, at + 12);
    octets.set(packet, at + PACKET_HEADER);
    const start = at + PACKET_HEADER;
    octets.writeUInt32BE(0x0a00_0000 + i, start + IP_SOURCE);
    octets.writeUInt16BE(0, start + IP_CHECKSUM);
    octets.writeUInt16BE(headerChecksum(octets, start + 14), start + IP_CHECKSUM);
  }
  writeFileSync(path, octets);
}

/** RFC 1071 over the 20 octets of an IPv4 header. */
function headerChecksum(octets: Buffer, at: number): number {
  let sum = 0;
  for (let i = 0; i < 20; i += 2) sum += octets.readUInt16BE(at + i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
