/** Octets that JSON's grammar is made of, RFC 8259 section 2. */
export const JsonOctet = {
  Quote: 34,
  Plus: 43,
  Comma: 44,
  Minus: 45,
  Dot: 46,
  Zero: 48,
  Nine: 57,
  Colon: 58,
  OpenArray: 91,
  Backslash: 92,
  CloseArray: 93,
  OpenObject: 123,
  CloseObject: 125,
} as const;

const LITERALS: readonly Uint8Array[] = ["true", "false", "null"].map((word) =>
  new TextEncoder().encode(word),
);

// Each function gets where a token begins and where the text ends, and returns where the token ends,
// or the complement (~) of the offset at which it stops being one.

/** Behind the blanks at `from`. */
export function skipBlanks(bytes: Uint8Array, from: number, limit: number): number {
  let at = from;
  while (at < limit) {
    const octet = bytes[at]!;
    if (octet !== 32 && octet !== 9 && octet !== 13 && octet !== 10) break;
    at += 1;
  }
  return at;
}

/** A string, RFC 8259 section 7; that it is UTF-8 is not checked. */
export function endOfString(bytes: Uint8Array, quote: number, limit: number): number {
  let at = quote + 1;
  while (at < limit) {
    const octet = bytes[at]!;
    if (octet === JsonOctet.Quote) return at + 1;
    if (octet < 32) return ~at;
    if (octet !== JsonOctet.Backslash) at += 1;
    else {
      const length = escapeLength(bytes, at, limit);
      if (length === 0) return ~at;
      at += length;
    }
  }
  return ~at;
}

/** Whether a number begins with this octet. */
export function isNumberStart(octet: number): boolean {
  return octet === JsonOctet.Minus || isDigit(octet);
}

/** A number, RFC 8259 section 6. */
export function endOfNumber(bytes: Uint8Array, first: number, limit: number): number {
  const whole = bytes[first] === JsonOctet.Minus ? first + 1 : first;
  let at = skipDigits(bytes, whole, limit);
  // No number without digits, and none with a leading zero.
  if (at === whole || (bytes[whole] === JsonOctet.Zero && at > whole + 1)) return ~at;
  if (at < limit && bytes[at] === JsonOctet.Dot) {
    const fraction = at + 1;
    at = skipDigits(bytes, fraction, limit);
    if (at === fraction) return ~at;
  }
  // e or E
  if (at < limit && (bytes[at]! | 32) === 101) {
    const sign = at + 1 < limit ? bytes[at + 1] : 0;
    const exponent = at + (sign === JsonOctet.Plus || sign === JsonOctet.Minus ? 2 : 1);
    at = skipDigits(bytes, exponent, limit);
    if (at === exponent) return ~at;
  }
  return at;
}

/** true, false or null. */
export function endOfLiteral(bytes: Uint8Array, at: number, limit: number): number {
  for (let i = 0; i < LITERALS.length; i += 1) {
    const literal = LITERALS[i]!;
    if (at + literal.length > limit) continue;
    let matched = 0;
    while (matched < literal.length && bytes[at + matched] === literal[matched]) matched += 1;
    if (matched === literal.length) return at + matched;
  }
  return ~at;
}

function isDigit(octet: number): boolean {
  return octet >= JsonOctet.Zero && octet <= JsonOctet.Nine;
}

function skipDigits(bytes: Uint8Array, from: number, limit: number): number {
  let at = from;
  while (at < limit && isDigit(bytes[at]!)) at += 1;
  return at;
}

/** Octets of the escape sequence at a backslash, 0 when it is none. */
function escapeLength(bytes: Uint8Array, at: number, limit: number): number {
  if (at + 1 >= limit) return 0;
  switch (bytes[at + 1]) {
    case JsonOctet.Quote:
    case JsonOctet.Backslash:
    case 47: // slash
    case 98: // b
    case 102: // f
    case 110: // n
    case 114: // r
    case 116: // t
      return 2;
    case 117: // u
      break;
    default:
      return 0;
  }
  if (at + 6 > limit) return 0;
  for (let i = at + 2; i < at + 6; i += 1) {
    const letter = bytes[i]! | 32;
    if (!isDigit(bytes[i]!) && (letter < 97 || letter > 102)) return 0;
  }
  return 6;
}
