import type { ByteWindow } from "../input/byte-window.ts";
import { needFileHeader, unknownVersion } from "./file-header.ts";

// Little-endian, padded to 128 octets: 0 "RTSS" (1.x) or "GMBU" (2.x) | 4 minor | 5 major | 6 media type
// 8 start of the capture: year, month, day of the week, day, hour, minute, second, millisecond
// 24 offset of the frame table | 28 its length | then tables that are not read
const MINOR = 4;
const MAJOR = 5;
const MEDIA = 6;
const START = 8;
const TABLE_OFFSET = 24;
const TABLE_LENGTH = 28;
export const NETMON_HEADER_LENGTH = 128;
/** Octets of an entry of the frame table: the offset of a frame. */
export const ENTRY_LENGTH = 4;

/** What the file header says. */
export type NetmonHeader = {
  /** 1 or 2. */
  readonly major: number;
  readonly minor: number;
  /** Media type of all frames, where they do not state their own. */
  readonly media: number;
  /** Start of the capture, Unix time in seconds, taken for UTC. */
  readonly startSeconds: number;
  readonly startNanoseconds: number;
  /** Offset of the table that lists the offsets of frames; 0 when it was never written. */
  readonly tableOffset: number;
  readonly tableLength: number;
};

/**
 * Reads the file header and steps over it.
 * @param window - at the first octet
 * @throws CaptureError when it is cut short or of an unknown version
 * @see Network Monitor 3.4, "Capture File Format" in its help
 */
export async function readNetmonHeader(window: ByteWindow): Promise<NetmonHeader> {
  await needFileHeader(window, NETMON_HEADER_LENGTH);
  const { view, position, name } = window;
  const major = view.getUint8(position + MAJOR);
  const minor = view.getUint8(position + MINOR);
  if (major !== 1 && major !== 2) {
    throw unknownVersion(name, `Network Monitor version ${major}.${minor}`, MINOR);
  }
  const startPart = (index: number): number => view.getUint16(position + START + 2 * index, true);
  const milliseconds = Date.UTC(
    startPart(0),
    startPart(1) - 1,
    startPart(3),
    startPart(4),
    startPart(5),
    startPart(6),
    startPart(7),
  );
  const startSeconds = Math.floor(milliseconds / 1000);
  window.position += NETMON_HEADER_LENGTH;
  return {
    major,
    minor,
    media: view.getUint16(position + MEDIA, true),
    startSeconds,
    startNanoseconds: (milliseconds - startSeconds * 1000) * 1_000_000,
    tableOffset: view.getUint32(position + TABLE_OFFSET, true),
    tableLength: view.getUint32(position + TABLE_LENGTH, true),
  };
}
