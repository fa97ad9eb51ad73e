import type { ByteWriter } from "../../core/byte-writer.ts";

const DIGITS = new TextEncoder().encode(
  "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
);
const BASE = 62;
/** Digits that hold the 80 bits of an id: 62^13 < 2^80 < 62^14. */
const LENGTH = 14;
const LETTER_C = 67;

const digits = new Uint8Array(LENGTH);

/**
 * A flow's id in the shape of Zeek's uid: `C`, then the 80 bits in base 62. The same flow has the same
 * uid in every run, and its id can be computed from it.
 * @param id - two words and, in the upper half of the third, 16 bits
 */
export function writeZeekUid(id: Int32Array, out: ByteWriter): void {
  // 80 bits as five limbs of 16, so that a remainder and a limb fit 32 bits.
  let limb0 = id[0]! >>> 16;
  let limb1 = id[0]! & 0xffff;
  let limb2 = id[1]! >>> 16;
  let limb3 = id[1]! & 0xffff;
  let limb4 = id[2]! >>> 16;
  for (let i = LENGTH - 1; i >= 0; i -= 1) {
    let rest = limb0;
    limb0 = (rest / BASE) | 0;
    rest = ((rest % BASE) << 16) | limb1;
    limb1 = (rest / BASE) | 0;
    rest = ((rest % BASE) << 16) | limb2;
    limb2 = (rest / BASE) | 0;
    rest = ((rest % BASE) << 16) | limb3;
    limb3 = (rest / BASE) | 0;
    rest = ((rest % BASE) << 16) | limb4;
    limb4 = (rest / BASE) | 0;
    digits[i] = DIGITS[rest % BASE]!;
  }
  out.byte(LETTER_C);
  out.raw(digits);
}
