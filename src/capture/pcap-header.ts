import { CaptureError } from "../core/errors.ts";

// Classic pcap file header, 24 octets, in the byte order of the machine that wrote it:
// 0 magic | 4 major | 6 minor | 8 time zone (0) | 12 accuracy (0) | 16 snaplen | 20 link type
const MAJOR = 4;
const MINOR = 6;
const LINK_TYPE = 20;
export const PCAP_HEADER_LENGTH = 24;

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
/** Alexey Kuznetsov's patch to libpcap: record headers carry interface, protocol and packet type too. */
const MAGIC_PATCHED = 0xa1b2cd34;

const RECORD_HEADER_LENGTH = 16;
const PATCHED_RECORD_HEADER_LENGTH = 24;

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
  /** LINKTYPE_*: the low 16 bits; above them lie the FCS length and bits without meaning to us. */
  readonly linkType: number;
};

/** True when `head` (4 octets or more) begins with one of the six magic numbers of classic pcap. */
export function isPcap(head: Uint8Array): boolean {
  return head.length >= 4 && (isMagic(magicOf(head, true)) || isMagic(magicOf(head, false)));
}

/**
 * Reads the 24 octets of the file header.
 * @param path - for messages
 * @throws CaptureError for versions libpcap does not read either
 * @see draft-ietf-opsawg-pcap; libpcap 1.10 for versions, the order of the lengths and 543.0 (DG/UX)
 */
export function readPcapHeader(head: Uint8Array, path: string): PcapHeader {
  const littleEndian = isMagic(magicOf(head, true));
  const view = new DataView(head.buffer, head.byteOffset, PCAP_HEADER_LENGTH);
  const magic = view.getUint32(0, littleEndian);
  const major = view.getUint16(MAJOR, littleEndian);
  const minor = view.getUint16(MINOR, littleEndian);
  if (!((major === 2 && minor <= 4) || (major === 543 && minor === 0))) {
    throw new CaptureError(
      "PF_CAPTURE_VERSION",
      path,
      MAJOR,
      `${path}: pcap version ${major}.${minor} is not known; convert it with "editcap -F pcapng"`,
    );
  }
  return {
    littleEndian,
    unitsPerSecond: magic === MAGIC_NANOSECONDS ? 1_000_000_000 : 1_000_000,
    recordHeaderLength:
      magic === MAGIC_PATCHED ? PATCHED_RECORD_HEADER_LENGTH : RECORD_HEADER_LENGTH,
    lengthOrder: lengthOrderOf(major, minor),
    linkType: view.getUint32(LINK_TYPE, littleEndian) & 0xffff,
  };
}

/** Version 2.3 put the captured length first, but some of its writers did not. */
function lengthOrderOf(major: number, minor: number): LengthOrder {
  if (major !== 2 || minor < 3) return LengthOrder.WireFirst;
  return minor === 3 ? LengthOrder.SmallerIsCaptured : LengthOrder.CapturedFirst;
}

function magicOf(head: Uint8Array, littleEndian: boolean): number {
  return new DataView(head.buffer, head.byteOffset, 4).getUint32(0, littleEndian);
}

function isMagic(magic: number): boolean {
  return magic === MAGIC_MICROSECONDS || magic === MAGIC_NANOSECONDS || magic === MAGIC_PATCHED;
}
