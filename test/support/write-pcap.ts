import type { TimedPacket } from "./timed-packet.ts";

export type PcapOptions = {
  readonly nano?: boolean;
  readonly bigEndian?: boolean;
  /** LINKTYPE_* number; 1, Ethernet, unless given. */
  readonly linkType?: number;
  /** Longer packets are cut to this; 262144 unless given. */
  readonly snaplen?: number;
};

/** A classic pcap file of these packets (draft-ietf-opsawg-pcap). */
export function writePcap(packets: readonly TimedPacket[], options: PcapOptions = {}): Uint8Array {
  const little = options.bigEndian !== true;
  const snaplen = options.snaplen ?? 262144;
  const cut = packets.map((packet) => packet.bytes.subarray(0, snaplen));
  const bytes = new Uint8Array(24 + cut.reduce((sum, octets) => sum + 16 + octets.length, 0));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, options.nano === true ? 0xa1b23c4d : 0xa1b2c3d4, little);
  view.setUint16(4, 2, little);
  view.setUint16(6, 4, little);
  view.setUint32(16, snaplen, little);
  view.setUint32(20, options.linkType ?? 1, little);
  let at = 24;
  for (const [index, packet] of packets.entries()) {
    const seconds = Math.floor(packet.microseconds / 1e6);
    const micro = packet.microseconds - seconds * 1e6;
    const part = options.nano === true ? micro * 1000 + (packet.nanoseconds ?? 0) : micro;
    view.setUint32(at, seconds, little);
    view.setUint32(at + 4, part, little);
    view.setUint32(at + 8, cut[index]!.length, little);
    view.setUint32(at + 12, packet.wireLength ?? packet.bytes.length, little);
    bytes.set(cut[index]!, at + 16);
    at += 16 + cut[index]!.length;
  }
  return bytes;
}
