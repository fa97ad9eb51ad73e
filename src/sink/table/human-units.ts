const LETTERS = ["", "k", "M", "G", "T", "P", "E"] as const;

/** A count in at most five characters, thousands as k, M, G ...: 999, 1.23k, 45.6M. Counts below 1000 are exact. */
export function humanCount(count: number): string {
  if (count < 1000) return String(count);
  let value = count;
  let power = 0;
  // 999,950 is no 999.95k but a million: three digits are shown, so that is where the next unit begins.
  while (value >= 999.5 && power < LETTERS.length - 1) {
    value /= 1000;
    power += 1;
  }
  return threeDigits(value) + LETTERS[power];
}

/** A time span in at most seven characters: 250ns, 1.23ms, 12.3s, 5m03s, 2h05m, 3d04h. */
export function humanDuration(seconds: number, nanoseconds: number): string {
  if (seconds === 0) {
    if (nanoseconds === 0) return "0s";
    if (nanoseconds < 1000) return `${nanoseconds}ns`;
    if (nanoseconds < 999_500) return `${threeDigits(nanoseconds / 1e3)}us`;
    if (nanoseconds < 999_500_000) return `${threeDigits(nanoseconds / 1e6)}ms`;
  }
  const exact = seconds + nanoseconds / 1e9;
  if (exact < 59.95) return `${threeDigits(exact)}s`;
  const whole = Math.round(exact);
  if (whole < 3600) return pair(whole, 60, "m", 1, "s");
  if (whole < 86400) return pair(whole, 3600, "h", 60, "m");
  return pair(whole, 86400, "d", 3600, "h");
}

/** A share of a whole in percent, one decimal; a dash of nothing. */
export function humanShare(part: number, whole: number): string {
  return whole === 0 ? "-" : `${((part / whole) * 100).toFixed(1)}%`;
}

/** 1.23, 12.3 or 123. */
function threeDigits(value: number): string {
  if (value < 9.995) return value.toFixed(2);
  return value < 99.95 ? value.toFixed(1) : value.toFixed(0);
}

function pair(value: number, large: number, letter: string, small: number, rest: string): string {
  const whole = Math.floor(value / large);
  const part = Math.floor((value - whole * large) / small);
  return `${whole}${letter}${String(part).padStart(2, "0")}${rest}`;
}
