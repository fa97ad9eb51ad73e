import type { SecureContextOptions } from "node:tls";
import { UsageError } from "../core/errors.ts";
import { readTextFile } from "./secret.ts";
import type { BatchLimits } from "./transport.ts";

const BATCH = ["batch", "batch-octets", "batch-time"];
const TLS = ["ca", "cert", "key"];
const LARGEST_BATCH = 100_000;
const LARGEST_BATCH_OCTETS = 64 << 20;

/** The options of an output: `key=value`, separated by commas, behind its `#`. */
export type NetworkOptions = ReadonlyMap<string, string>;

/**
 * Reads what stands behind `#`, which is never sent anywhere.
 * @param known - names that this kind of destination has besides those of all
 * @throws UsageError
 */
export function parseNetworkOptions(
  text: string,
  known: readonly string[],
  destination: string,
): NetworkOptions {
  const names = [...BATCH, ...TLS, ...known];
  const options = new Map<string, string>();
  for (const part of text === "" ? [] : text.split(",")) {
    const [, name = part, value] = /^([^=]*)=(.+)$/.exec(part) ?? [];
    if (value === undefined || !names.includes(name)) {
      throw new UsageError(
        "PF_OUTPUT_OPTION",
        `--output ${destination}: "${part}" is no option of it; known: ${names.join(", ")}`,
      );
    }
    options.set(name, value);
  }
  return options;
}

/** How many records go together. @param defaults - of the kind of destination */
export function batchLimits(options: NetworkOptions, defaults: BatchLimits): BatchLimits {
  const whole = (name: string, fallback: number, most: number): number => {
    const text = options.get(name);
    if (text === undefined) return fallback;
    if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= most) return Number(text);
    throw new UsageError("PF_OUTPUT_OPTION", `${name}=${text}: not a number from 1 to ${most}`);
  };
  return {
    records: whole("batch", defaults.records, LARGEST_BATCH),
    octets: whole("batch-octets", defaults.octets, LARGEST_BATCH_OCTETS),
    milliseconds: whole("batch-time", defaults.milliseconds, 3_600_000),
  };
}

/** Certificates: `ca` of those to trust, `cert` and `key` to show, each a PEM file. */
export function tlsOf(options: NetworkOptions): SecureContextOptions {
  const tls: Record<string, string> = {};
  for (const name of TLS) {
    const path = options.get(name);
    if (path !== undefined) tls[name] = readTextFile(path, name);
  }
  return tls;
}
