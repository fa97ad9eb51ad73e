const DIGIT_ZERO = 48;

/**
 * A number of so many decimal digits, read without making anything.
 * @param count - 15 at most, so that no rounding comes into it
 * @returns -1 when there are other characters among them, or fewer
 */
export function digitsAt(text: string, from: number, count: number): number {
  let value = 0;
  for (let i = from; i < from + count; i += 1) {
    const digit = text.charCodeAt(i) - DIGIT_ZERO;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}
