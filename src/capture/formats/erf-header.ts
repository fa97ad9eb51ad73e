import type { ByteWindow } from "../input/byte-window.ts";

// Endace ERF: 0 time, 2^-32 s (little-endian) | 4 seconds (little-endian) | 8 type (7 bits), extension
// headers follow (1 bit) | 9 flags | 10 record length | 12 lost before it, or a colour | 14 wire length
// 16 extension headers of 8 octets, the first bit of each tells whether another follows; then what the
// type has in front of the packet, and the packet
export const ErfHeader = {
  Fraction: 0,
  Seconds: 4,
  Type: 8,
  Flags: 9,
  RecordLength: 10,
  Lost: 12,
  WireLength: 14,
  Length: 16,
} as const;

export const EXTENSION_LENGTH = 8;
/** In the type of a record and in an extension header: another extension header follows. */
export const MORE = 0x80;
/** Flag: records are as long as their packets. */
const VARYING_LENGTH = 0x04;
/** Records are padded to a multiple of eight octets at most. */
const MOST_PADDING = 7;

/** The header, some extension headers, and what a type has in front of the packet. */
const MOST_HEADERS = ErfHeader.Length + 16 * EXTENSION_LENGTH + 4;
/** Two characters of a text, a tab the first. */
const LEAST_OF_TEXT = 0x0900;

export const PROVENANCE = 27;
export const PADDING = 48;
const LAST_KNOWN_TYPE = 29;

/** Records that must be sound before a capture is one of ERF, where there are so many. */
const RECORDS_CHECKED = 3;
const YEAR_SECONDS = 366 * 86_400;

/**
 * Looks at the first records, which a capture that is no ERF does not have: of known types, one where
 * the other ends, with times that follow each other.
 * @param window - at the first record, whose header is there; nothing is taken from it
 * @throws CaptureError when the octets can't be read
 */
export async function isErf(window: ByteWindow): Promise<boolean> {
  let at = 0;
  let before = 0;
  for (let record = 0; record < RECORDS_CHECKED; record += 1) {
    // The first was looked at; there may be no other.
    if (!(await window.more(at + ErfHeader.Length))) return true;
    const position = window.position + at;
    if (!isSound(window.view, position) || !follows(window.view, position, before)) return false;
    before = timeOf(window.view, position) || before;
    at += window.view.getUint16(position + ErfHeader.RecordLength);
    // A record that is cut off is believed when it is not the first, or when its lengths agree.
    if (!(await window.more(at))) {
      return record > 0 || lengthsAgree(window.view, window.position);
    }
  }
  return true;
}

function isSound(view: DataView, position: number): boolean {
  const type = typeOf(view, position);
  if (type === 0 || (type > LAST_KNOWN_TYPE && type !== PADDING)) return false;
  const length = view.getUint16(position + ErfHeader.RecordLength);
  if (length < ErfHeader.Length) return false;
  const isVarying = (view.getUint8(position + ErfHeader.Flags) & VARYING_LENGTH) !== 0;
  if (!isVarying || type === PADDING) return true;
  // Not shorter than its packet, but for headers whose number is not known here.
  const wire = view.getUint16(position + ErfHeader.WireLength);
  return length <= wire + MOST_HEADERS + MOST_PADDING;
}

/** A record of which only the beginning is there tells nothing else. */
function lengthsAgree(view: DataView, position: number): boolean {
  const length = view.getUint16(position + ErfHeader.RecordLength);
  const wire = view.getUint16(position + ErfHeader.WireLength);
  if (length >= LEAST_OF_TEXT || typeOf(view, position) === PADDING) return false;
  return length >= wire + ErfHeader.Length && length <= wire + MOST_HEADERS + MOST_PADDING;
}

/** Of one capture, if not in order; padding and provenance may have no time. */
function follows(view: DataView, position: number, before: number): boolean {
  const time = timeOf(view, position);
  return time === 0 || before === 0 || Math.abs(time - before) <= YEAR_SECONDS;
}

/** Seconds of a packet's time, 0 of another record. */
function timeOf(view: DataView, position: number): number {
  const type = typeOf(view, position);
  if (type === PADDING || type === PROVENANCE) return 0;
  return view.getUint32(position + ErfHeader.Seconds, true);
}

function typeOf(view: DataView, position: number): number {
  return view.getUint8(position + ErfHeader.Type) & ~MORE;
}
