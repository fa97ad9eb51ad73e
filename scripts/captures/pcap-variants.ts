import {
  type ByteOrder,
  pcapHeader,
  pcapRecord,
  unsigned,
} from "../../test/support/capture-bytes.ts";
import { join } from "../../test/support/octets.ts";
import { ethernetDatagram, MORNING_SECONDS } from "./parts.ts";

/** What one kind of pcap file has that others have not. */
type Variant = {
  readonly magic: number;
  readonly version?: readonly [major: number, minor: number];
  /** Of a fraction of a second. */
  readonly unitsPerSecond: number;
  /** Octets between the file header and the first record. */
  readonly afterHeader?: number;
  /** Octets between the lengths and the packet. */
  readonly inRecord?: number;
  readonly hasWireLengthFirst?: boolean;
  /** Bits above the link type. */
  readonly linkTypeBits?: number;
};

const MICRO = 1_000_000;
const NANO = 1_000_000_000;

const VARIANTS: Readonly<Record<string, Variant>> = {
  micro: { magic: 0xa1b2c3d4, unitsPerSecond: MICRO },
  nano: { magic: 0xa1b23c4d, unitsPerSecond: NANO },
  // Interface 2, IPv4, outgoing: nobody needs to know.
  kuznetzov: { magic: 0xa1b2cd34, unitsPerSecond: MICRO, inRecord: 8 },
  "ixia-hardware": { magic: 0x1c0001ac, unitsPerSecond: NANO, afterHeader: 4 },
  "ixia-software": { magic: 0x1c0001ab, unitsPerSecond: MICRO, afterHeader: 4 },
  navtel: { magic: 0xa12b3c4d, unitsPerSecond: NANO },
  "version-2.2": {
    magic: 0xa1b2c3d4,
    version: [2, 2],
    unitsPerSecond: MICRO,
    hasWireLengthFirst: true,
  },
  "version-2.3": { magic: 0xa1b2c3d4, version: [2, 3], unitsPerSecond: MICRO },
  "version-2.3-swapped": {
    magic: 0xa1b2c3d4,
    version: [2, 3],
    unitsPerSecond: MICRO,
    hasWireLengthFirst: true,
  },
  "version-543.0": {
    magic: 0xa1b2c3d4,
    version: [543, 0],
    unitsPerSecond: MICRO,
    hasWireLengthFirst: true,
  },
  // FCS of four octets (two 16-bit words, and the bit that says so).
  fcs: { magic: 0xa1b2c3d4, unitsPerSecond: MICRO, linkTypeBits: 0x2400_0000 },
};

/** Names of the variants. */
export const PCAP_VARIANTS: readonly string[] = Object.keys(VARIANTS);

/** Three datagrams of one flow, 1 ms apart, the second cut to 44 of 46 octets. */
export function pcapVariant(name: string, order: ByteOrder): Uint8Array {
  const variant = VARIANTS[name]!;
  const [major, minor] = variant.version ?? [2, 4];
  const linkType = (variant.linkTypeBits ?? 0) + 1;
  const frame = ethernetDatagram(1);
  const records = [0, 1, 2].map((index) => {
    const data = index === 1 ? frame.slice(0, 44) : frame;
    const lengths = variant.hasWireLengthFirst === true ? [frame, data] : [data, frame];
    return pcapRecord(
      {
        seconds: Number(MORNING_SECONDS),
        fraction: (variant.unitsPerSecond / 1000) * index + index,
        capturedLength: lengths[0]!.length,
        wireLength: lengths[1]!.length,
        data,
      },
      order,
      new Uint8Array(variant.inRecord ?? 0),
    );
  });
  const total = records.reduce((sum, record) => sum + record.length, 0);
  return join(
    pcapHeader({ magic: variant.magic, order, major, minor, linkType }),
    unsigned(total, variant.afterHeader ?? 0, order),
    ...records,
  );
}
