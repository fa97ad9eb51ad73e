import { unknownVersion } from "./file-header.ts";

// Classic pcap file header, 24 octets, in the byte order of the machine that wrote it:
// 0 magic | 4 major | 6 minor | 8 time zone (0) | 12 accuracy (0) | 16 snaplen | 20 link type
const MAJOR = 4;
const MINOR = 6;
const LINK_TYPE = 20;
export const PCAP_HEADER_LENGTH = 24;

const MICROSECONDS = 1_000_000;
const NANOSECONDS = 1_000_000_000;
const RECORD_HEADER_LENGTH = 16;

/** What a magic number says of the file. */
type Variant = {
  readonly magic: number;
  readonly unitsPerSecond: number;
  readonly recordHeaderLength: number;
  /** Octets between the file header and the first record. */
  readonly extraLength: number;
};

function variant(magic: number, unitsPerSecond: number, facts: Partial<Variant> = {}): Variant {
  const recordHeaderLength = RECORD_HEADER_LENGTH;
  return { magic, unitsPerSecond, recordHeaderLength, extraLength: 0, ...facts };
}

/** Magic numbers as libpcap (sf-pcap.c) and Wireshark (wiretap/libpcap.h) know them. */
const VARIANTS: readonly Variant[] = [
  variant(0xa1b2c3d4, MICROSECONDS),
  variant(0xa1b23c4d, NANOSECONDS),
  // Alexey Kuznetsov's patch to libpcap: record headers carry interface, protocol and packet type too.
  variant(0xa1b2cd34, MICROSECONDS, { recordHeaderLength: 24 }),
  // Navtel Communications.
  variant(0xa12b3c4d, NANOSECONDS),
  // IXIA lcap, made by hardware and by software: the length of all records follows the file header.
  variant(0x1c0001ac, NANOSECONDS, { extraLength: 4 }),
  variant(0x1c0001ab, MICROSECONDS, { extraLength: 4 }),
];

/** In which order a file writes captured length and wire length. */
export const LengthOrder = { CapturedFirst: 0, WireFirst: 1, SmallerIsCaptured: 2 } as const;
export type LengthOrder = (typeof LengthOrder)[keyof typeof LengthOrder];

/** What the file header says about the records. */
export type PcapHeader = {
  readonly littleEndian: boolean;
  /** Units of the fractional part: 1,000,000 or 1,000,000,000. */
  readonly unitsPerSecond: number;
  readonly recordHeaderLength: number;
  readonly lengthOrder: LengthOrder;
  /** Octets of the file before the first record. */
  readonly length: number;
  /** LINKTYPE_*: the low 16 bits; above them lie the FCS length and bits without meaning to us. */
  readonly linkType: number;
};

/** True when `head` (4 octets or more) begins with one of the magic numbers of classic pcap, in either byte order. */
export function isPcap(head: Uint8Array): boolean {
  return head.length >= 4 && (variantOf(head, true) ?? variantOf(head, false)) !== undefined;
}

/**
 * Reads the 24 octets of the file header.
 * @param path - for messages
 * @throws CaptureError for versions nobody reads
 * @see draft-ietf-opsawg-pcap; libpcap 1.10 for old versions, the order of their lengths and 543.0
 *   (DG/UX); minor versions above 4 are read as Wireshark reads them, like 2.4
 */
export function readPcapHeader(head: Uint8Array, path: string): PcapHeader {
  const little = variantOf(head, true);
  const littleEndian = little !== undefined;
  const { unitsPerSecond, recordHeaderLength, extraLength } = little ?? variantOf(head, false)!;
  const view = new DataView(head.buffer, head.byteOffset, PCAP_HEADER_LENGTH);
  const major = view.getUint16(MAJOR, littleEndian);
  const minor = view.getUint16(MINOR, littleEndian);
  if (!(major === 2 || (major === 543 && minor === 0))) {
    throw unknownVersion(path, `pcap version ${major}.${minor}`, MAJOR);
  }
  return {
    littleEndian,
    unitsPerSecond,
    recordHeaderLength,
    lengthOrder: lengthOrderOf(major, minor),
    length: PCAP_HEADER_LENGTH + extraLength,
    linkType: view.getUint32(LINK_TYPE, littleEndian) & 0xffff,
  };
}

/** Version 2.3 put the captured length first, but some of its writers did not. */
function lengthOrderOf(major: number, minor: number): LengthOrder {
  if (major !== 2 || minor < 3) return LengthOrder.WireFirst;
  return minor === 3 ? LengthOrder.SmallerIsCaptured : LengthOrder.CapturedFirst;
}

function variantOf(head: Uint8Array, littleEndian: boolean): Variant | undefined {
  const magic = new DataView(head.buffer, head.byteOffset, 4).getUint32(0, littleEndian);
  return VARIANTS.find((one) => one.magic === magic);
}
