import { join, payload, unsigned } from "./capture-bytes.ts";

export type SnoopPacket = {
  seconds?: number;
  microseconds?: number;
  data?: Uint8Array;
  wireLength?: number;
  drops?: number;
  /** Octets behind the packet; up to a multiple of four unless given. */
  padding?: number;
  /** What the record says of itself where it lies. */
  includedLength?: number;
  recordLength?: number;
};

const u32 = (value: number): Uint8Array => unsigned(value, 4, "big");

/** One record of a snoop capture (RFC 1761). */
export function snoopRecord(packet: SnoopPacket = {}): Uint8Array {
  const data = packet.data ?? payload(20);
  const padding = packet.padding ?? -data.length & 3;
  return join(
    u32(packet.wireLength ?? data.length),
    u32(packet.includedLength ?? data.length),
    u32(packet.recordLength ?? 24 + data.length + padding),
    u32(packet.drops ?? 0),
    u32(packet.seconds ?? 1_600_000_000),
    u32(packet.microseconds ?? 0),
    data,
    new Uint8Array(padding),
  );
}

/** A snoop capture; datalink 4 is Ethernet. */
export function snoop(
  packets: readonly SnoopPacket[],
  { version = 2, datalink = 4 }: { version?: number; datalink?: number } = {},
): Uint8Array {
  const magic = new TextEncoder().encode("snoop\0\0\0");
  return join(magic, u32(version), u32(datalink), ...packets.map(snoopRecord));
}
