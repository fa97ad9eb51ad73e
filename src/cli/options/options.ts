import { InvalidArgumentError } from "commander";
import { SECOND } from "../../flow/ending/timeouts.ts";

const DURATION_UNITS = new Map([
  ["ms", 1_000_000],
  ["s", SECOND],
  ["m", 60 * SECOND],
  ["h", 3600 * SECOND],
  ["d", 86_400 * SECOND],
]);

const SIZE_UNITS = new Map([
  ["", 1],
  ["k", 1024],
  ["m", 1024 ** 2],
  ["g", 1024 ** 3],
  ["t", 1024 ** 4],
]);

/** `90s`, `5m`, `1.5h`, `250ms`; a bare number is seconds. @returns nanoseconds */
export function parseDuration(text: string): number {
  const [, amount, unit = "s"] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text.trim()) ?? [];
  const scale = DURATION_UNITS.get(unit);
  if (amount === undefined || scale === undefined) {
    throw new InvalidArgumentError("not a duration; write 300s, 5m or 1.5h");
  }
  const nanoseconds = Math.round(Number(amount) * scale);
  if (nanoseconds <= 0) throw new InvalidArgumentError("must be longer than 0");
  return nanoseconds;
}

/** The same, or `off` for no limit. */
export function parseDurationOrOff(text: string): number {
  return text === "off" ? Number.POSITIVE_INFINITY : parseDuration(text);
}

/** `512M`, `2G`; a bare number is octets. @returns octets */
export function parseSize(text: string): number {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)([kmgt]?)(?:i?b)?$/i.exec(text.trim()) ?? [];
  const scale = SIZE_UNITS.get(unit.toLowerCase());
  if (amount === undefined || scale === undefined) {
    throw new InvalidArgumentError("not a size; write 512M or 2G");
  }
  return Math.round(Number(amount) * scale);
}

/** A whole number between bounds. */
export function parseWhole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`not a whole number from ${least} to ${most}`);
    }
    return value;
  };
}

/** A number of threads; `auto` is 0. */
export function parseWorkers(text: string): number {
  return text === "auto" ? 0 : parseWhole(1, 64)(text);
}
