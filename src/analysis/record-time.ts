import { digitsAt } from "../core/digits-at.ts";

/** Days, hours ... as RFC 3339 has them, and the forms without a colon in the offset that EVE writes. */
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\d*(Z|[+-]\d\d:?\d\d)?$/;

/** Those that portflow writes: `2026-03-02T09:00:00.000000000Z`. */
const OWN_LENGTH = 30;
/** Characters of it up to its fraction. */
const SECONDS_LENGTH = 19;
/** Where its nine digits are. */
const FRACTION = 20;

/**
 * The time of a record as seconds since 1970, exact to some 0.2 microseconds.
 * @param text - RFC 3339; without an offset it is UTC
 * @returns undefined when it is no time
 */
export function secondsOf(text: string): number | undefined {
  const own = ownSecond(text);
  const nanoseconds = own < 0 ? -1 : digitsAt(text, FRACTION, 9);
  if (nanoseconds >= 0) return own + nanoseconds / 1e9;
  const [, clock, fraction = "0", zone = "Z"] = TIME.exec(text) ?? [];
  if (clock === undefined) return undefined;
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const whole = Date.parse(`${clock}${offset}`) / 1000;
  return Number.isNaN(whole) ? undefined : whole + Number(`0.${fraction}`);
}

/**
 * The second of a time that portflow wrote; with its nanoseconds it may be more than a double keeps apart.
 * @returns NaN when it is no such time
 */
export function wholeSecondsOf(time: string): number {
  const own = ownSecond(time);
  return own < 0 ? Date.parse(`${time.slice(0, SECONDS_LENGTH)}Z`) / 1000 : own;
}

/** The second: most times are of this form, and taking them apart makes nothing. @returns -1 for any other */
function ownSecond(text: string): number {
  const isOwn =
    text.length === OWN_LENGTH &&
    text[4] === "-" &&
    text[7] === "-" &&
    text[10] === "T" &&
    text[13] === ":" &&
    text[16] === ":" &&
    text[19] === "." &&
    text[29] === "Z";
  if (!isOwn) return -1;
  const year = digitsAt(text, 0, 4);
  const month = digitsAt(text, 5, 2);
  const day = digitsAt(text, 8, 2);
  const hour = digitsAt(text, 11, 2);
  const minute = digitsAt(text, 14, 2);
  const second = digitsAt(text, 17, 2);
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31) return -1;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return -1;
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}
