// Short pieces of text as little-endian 32-bit words: one store writes up to four characters, and what
// lies behind the last of them is overwritten by what comes next. Some ten numbers, two addresses and
// two times a record: half the time of writing them digit by digit.

const ZERO = 48;
const DOT = 46;
const COLON = 58;
const HEX = "0123456789abcdef";

function word(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i += 1) bits |= text.charCodeAt(i) << (i * 8);
  return bits;
}

/** Three digits with leading zeros, of 0 to 999. */
export const THREE_DIGITS: Int32Array = Int32Array.from(
  { length: 1000 },
  (_, value) =>
    (ZERO + Math.floor(value / 100)) |
    ((ZERO + (Math.floor(value / 10) % 10)) << 8) |
    ((ZERO + (value % 10)) << 16),
);

/** One to three digits without leading zeros, of 0 to 999. */
export const UP_TO_THREE_DIGITS: Int32Array = THREE_DIGITS.map((digits, value) =>
  value >= 100 ? digits : value >= 10 ? digits >>> 8 : digits >>> 16,
);

/** Decimal octet of an address and its dot, of 0 to 255. */
export const DOTTED_OCTET: Int32Array = Int32Array.from({ length: 256 }, (_, value) => {
  const length = value >= 100 ? 24 : value >= 10 ? 16 : 8;
  return UP_TO_THREE_DIGITS[value]! | (DOT << length);
});

/** Two hexadecimal digits, and a colon behind them. */
export const HEX_PAIR: Int32Array = Int32Array.from(
  { length: 256 },
  (_, value) => word(HEX[value >>> 4]! + HEX[value & 15]!) | (COLON << 16),
);
