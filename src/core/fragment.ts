/**
 * Octets that writing text may overwrite behind its end: `ByteWriter.reserve` keeps so many free beyond
 * what it is asked for.
 */
export const TEXT_SLACK = 24;

/**
 * Constant text that is written many times: its UTF-8 octets as 64-bit numbers, so that copying takes
 * a store for eight octets. (29 pieces of an NDJSON record, 646 octets: 0.93 us one octet at a time,
 * 0.29 us so; `set` costs as much as the loop below some 50 octets.) Numbers that are no number would
 * not keep their bits, but no UTF-8 text has such octets: FF never occurs in it, and 7F never follows
 * F0 or more.
 */
export type Fragment = {
  /** Octets. */
  readonly length: number;
  /** Eight octets each, the first one lowest; filled up with zeros, and never fewer than three. */
  readonly words: Float64Array;
};

/** Octets of a fragment that `shortFragmentAt` takes. */
export const SHORT_FRAGMENT = 24;

const encoder = new TextEncoder();
// One for all: some hundred fragments are made at every start.
let scratch = new DataView(new ArrayBuffer(256));

/** Prepares `text` for `ByteWriter.put`. */
export function fragment(text: string): Fragment {
  const most = text.length * 3 + SHORT_FRAGMENT;
  if (most > scratch.byteLength) scratch = new DataView(new ArrayBuffer(most * 2));
  const octets = new Uint8Array(scratch.buffer);
  const length = encoder.encodeInto(text, octets).written;
  octets.fill(0, length, length + SHORT_FRAGMENT);
  const words = new Float64Array(Math.ceil(Math.max(length, SHORT_FRAGMENT) / 8));
  for (let i = 0; i < words.length; i += 1) words[i] = scratch.getFloat64(i * 8, true);
  return { length, words };
}
