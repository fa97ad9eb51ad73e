import type { SeededRandom } from "../support/seeded-random.ts";
import { type RecordSpan, recordsOf } from "./records.ts";

/** Values that lengths and counts break on: none, least, around powers of two, most. */
const TELLING = [
  0, 1, 2, 3, 4, 7, 8, 11, 12, 15, 16, 19, 20, 27, 28, 31, 32, 39, 40, 63, 64, 127, 128, 255, 256,
  1499, 1500, 0x7fff, 0x8000, 0xfffc, 0xffff, 0x1_0000, 0x3_ffff, 0x4_0000, 0x3ff_ffff, 0x400_0000,
  0x7fff_fff0, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_fffc, 0xffff_ffff,
];
/** Octets of a record in which its own header and the packet's headers lie. */
const HEADERS = 120;
/** Changes of one copy at most. */
const MOST_CHANGES = 8;

type Change = (bytes: Uint8Array, spans: readonly RecordSpan[], random: SeededRandom) => Uint8Array;

/**
 * A damaged copy of a capture: one to eight changes, of which most hit header and length fields. In
 * every other copy the container stays whole, so that the damage reaches the decoders. The same
 * random numbers give the same copy.
 * @param spans - the records of `bytes`, by `recordsOf`; found when absent
 */
export function mutated(
  bytes: Uint8Array,
  random: SeededRandom,
  spans: readonly RecordSpan[] = recordsOf(bytes),
): Uint8Array {
  // (A Buffer's own `slice` would share the octets.)
  let copy: Uint8Array = new Uint8Array(bytes);
  const keepsContainer = random.below(2) === 0;
  const changes = keepsContainer ? INSIDE_PACKETS : CHANGES;
  const targets = keepsContainer ? packetsOf(spans) : spans;
  for (let left = 1 + random.below(MOST_CHANGES); left > 0; left -= 1) {
    copy = changes[random.below(changes.length)]!(copy, targets, random);
  }
  return copy;
}

const flipBit: Change = (bytes, spans, random) => {
  const at = telling(bytes, spans, random);
  if (at < bytes.length) bytes[at]! ^= 1 << random.below(8);
  return bytes;
};

const flipAnyBit: Change = (bytes, _spans, random) => {
  if (bytes.length > 0) bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
  return bytes;
};

const setOctet: Change = (bytes, spans, random) => {
  const at = telling(bytes, spans, random);
  if (at < bytes.length) bytes[at] = random.word() >>> 24;
  return bytes;
};

/** A number of two or four octets, in either byte order, where a length is likely. */
const setNumber: Change = (bytes, spans, random) => {
  const width = random.below(2) === 0 ? 2 : 4;
  const at = telling(bytes, spans, random, 2);
  if (at + width > bytes.length) return bytes;
  const value = TELLING[random.below(TELLING.length)]!;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (width === 2) view.setUint16(at, value & 0xffff, random.below(2) === 0);
  else view.setUint32(at, value, random.below(2) === 0);
  return bytes;
};

/** Adds or takes a little: an off-by-one shows where a large lie is caught at once. */
const nudgeNumber: Change = (bytes, spans, random) => {
  const at = telling(bytes, spans, random);
  if (at < bytes.length) bytes[at]! += random.below(9) - 4;
  return bytes;
};

const swapRecords: Change = (bytes, spans, random) => {
  const one = someSpan(bytes, spans, random);
  const other = someSpan(bytes, spans, random);
  const [first, second] = one.start <= other.start ? [one, other] : [other, one];
  if (first.end > second.start) return bytes;
  return joined(
    bytes.subarray(0, first.start),
    bytes.subarray(second.start, second.end),
    bytes.subarray(first.end, second.start),
    bytes.subarray(first.start, first.end),
    bytes.subarray(second.end),
  );
};

const repeatRange: Change = (bytes, spans, random) => {
  const { start, end } = someRange(bytes, spans, random);
  return joined(bytes.subarray(0, end), bytes.subarray(start));
};

const removeRange: Change = (bytes, spans, random) => {
  const { start, end } = someRange(bytes, spans, random);
  return joined(bytes.subarray(0, start), bytes.subarray(end));
};

const fillRange: Change = (bytes, spans, random) => {
  const { start, end } = someRange(bytes, spans, random);
  return bytes.fill(random.below(2) === 0 ? 0 : 0xff, start, Math.min(end, start + 32));
};

const noiseRange: Change = (bytes, spans, random) => {
  const { start, end } = someRange(bytes, spans, random);
  const noise = random.bytes(Math.min(end - start, 32));
  bytes.set(noise, start);
  return bytes;
};

const cut: Change = (bytes, _spans, random) => bytes.slice(0, random.below(bytes.length + 1));

/** Changes that move nothing. */
const INSIDE_PACKETS: readonly Change[] = [flipBit, setOctet, setNumber, setNumber, nudgeNumber];

const CHANGES: readonly Change[] = [
  flipBit,
  flipBit,
  flipAnyBit,
  setOctet,
  setOctet,
  setNumber,
  setNumber,
  setNumber,
  nudgeNumber,
  nudgeNumber,
  swapRecords,
  repeatRange,
  removeRange,
  fillRange,
  noiseRange,
  cut,
];

/** The packets alone, as if they had no record headers. */
function packetsOf(spans: readonly RecordSpan[]): readonly RecordSpan[] {
  return spans
    .filter(({ packet, end }) => packet < end)
    .map(({ packet, end }) => ({ start: packet, end, packet, holdsPacket: true }));
}

/** An octet in the headers of some record; now and then in the head of the file, if that may change. */
function telling(
  bytes: Uint8Array,
  spans: readonly RecordSpan[],
  random: SeededRandom,
  step = 1,
): number {
  const { start, end, packet } = someSpan(bytes, spans, random);
  if (start < packet && random.below(16) === 0) return random.below(Math.min(end, HEADERS) + 1);
  const offset = random.below(Math.min(end - start, HEADERS));
  return start + offset - (offset % step);
}

function someSpan(
  bytes: Uint8Array,
  spans: readonly RecordSpan[],
  random: SeededRandom,
): RecordSpan {
  const span = spans[random.below(spans.length)];
  // Changes before this one may have made the copy shorter than the spans say.
  if (span === undefined || span.end > bytes.length) {
    return { start: 0, end: bytes.length, packet: bytes.length, holdsPacket: false };
  }
  return span;
}

function someRange(
  bytes: Uint8Array,
  spans: readonly RecordSpan[],
  random: SeededRandom,
): RecordSpan {
  if (random.below(2) === 0) return someSpan(bytes, spans, random);
  const start = random.below(bytes.length + 1);
  const length = random.below(2) === 0 ? random.below(8) : random.below(400);
  const end = Math.min(bytes.length, start + length);
  return { start, end, packet: end, holdsPacket: false };
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
