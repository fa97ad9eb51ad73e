import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const DEVICES = "/sys/class/net";

/** A number that Linux says of a network device; undefined where it says nothing. */
export function deviceNumber(name: string, fact: string): number | undefined {
  const text = deviceText(name, fact);
  if (text === undefined || !/^(-?\d+|0x[0-9a-f]+)$/.test(text)) return undefined;
  return Number(text);
}

/** A word that Linux says of a network device; undefined where it says nothing. */
export function deviceText(name: string, fact: string): string | undefined {
  if (name.includes("/")) return undefined;
  try {
    return readFileSync(join(DEVICES, name, fact), "utf8").trim();
  } catch {
    return undefined;
  }
}

/** Names of the network devices of this name space, as Linux lists them. */
export function deviceNames(): readonly string[] {
  try {
    return readdirSync(DEVICES).sort();
  } catch {
    return [];
  }
}

/** Packets that a device lost for lack of room of its own, since it was made; undefined when unknown. */
export function deviceLosses(name: string): number | undefined {
  const missed = deviceNumber(name, "statistics/rx_missed_errors");
  const overrun = deviceNumber(name, "statistics/rx_fifo_errors");
  return missed === undefined && overrun === undefined ? undefined : (missed ?? 0) + (overrun ?? 0);
}
