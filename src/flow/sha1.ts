const INITIAL = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0] as const;
const schedule = new Int32Array(80);

/** Longest input of `sha1Short`: one block less the length and the end mark. */
export const SHA1_SHORT_LIMIT = 55;

/**
 * SHA-1 of at most 55 octets. node:crypto takes 1.4 us a digest, most of it for crossing into native
 * code and back; a Community ID for every record needs 0.2.
 * @param input - octets, with room for 64; what lies behind `length` is overwritten
 * @param out - five words of the digest, big-endian order
 * @see FIPS 180-4 section 6.1
 */
export function sha1Short(input: Uint8Array, length: number, out: Int32Array): void {
  input[length] = 0x80;
  input.fill(0, length + 1, 62);
  input[62] = (length * 8) >>> 8;
  input[63] = (length * 8) & 255;
  const w = schedule;
  for (let i = 0; i < 16; i += 1) {
    const at = i * 4;
    w[i] = (input[at]! << 24) | (input[at + 1]! << 16) | (input[at + 2]! << 8) | input[at + 3]!;
  }
  for (let i = 16; i < 80; i += 1) {
    const word = w[i - 3]! ^ w[i - 8]! ^ w[i - 14]! ^ w[i - 16]!;
    w[i] = (word << 1) | (word >>> 31);
  }
  let a: number = INITIAL[0] | 0;
  let b: number = INITIAL[1] | 0;
  let c: number = INITIAL[2] | 0;
  let d: number = INITIAL[3] | 0;
  let e: number = INITIAL[4] | 0;
  // Four loops instead of one with a choice inside: the choice costs a fifth of the time.
  for (let i = 0; i < 20; i += 1) {
    const next = (((a << 5) | (a >>> 27)) + (((b & c) | (~b & d)) + 0x5a827999) + e + w[i]!) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let i = 20; i < 40; i += 1) {
    const next = (((a << 5) | (a >>> 27)) + ((b ^ c ^ d) + 0x6ed9eba1) + e + w[i]!) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let i = 40; i < 60; i += 1) {
    const next =
      (((a << 5) | (a >>> 27)) + (((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc) + e + w[i]!) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let i = 60; i < 80; i += 1) {
    const next = (((a << 5) | (a >>> 27)) + ((b ^ c ^ d) + 0xca62c1d6) + e + w[i]!) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  out[0] = (a + INITIAL[0]) | 0;
  out[1] = (b + INITIAL[1]) | 0;
  out[2] = (c + INITIAL[2]) | 0;
  out[3] = (d + INITIAL[3]) | 0;
  out[4] = (e + INITIAL[4]) | 0;
}
