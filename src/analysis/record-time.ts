/** Days, hours ... as RFC 3339 has them, and the forms without a colon in the offset that EVE writes. */
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\d*(Z|[+-]\d\d:?\d\d)?$/;

/**
 * The time of a record as seconds since 1970, exact to some 0.2 microseconds.
 * @param text - RFC 3339; without an offset it is UTC
 * @returns undefined when it is no time
 */
export function secondsOf(text: string): number | undefined {
  const [, clock, fraction = "0", zone = "Z"] = TIME.exec(text) ?? [];
  if (clock === undefined) return undefined;
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const whole = Date.parse(`${clock}${offset}`) / 1000;
  return Number.isNaN(whole) ? undefined : whole + Number(`0.${fraction}`);
}
