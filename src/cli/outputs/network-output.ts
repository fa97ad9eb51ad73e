import { hostname } from "node:os";
import { UsageError } from "../../core/errors.ts";
import {
  type NetworkDestination,
  parseNetworkDestination,
} from "../../delivery/network-destination.ts";
import { formatNames } from "../../sink/formats.ts";
import type { PlannedOutput } from "./open-outputs.ts";

/** Formats of one JSON object a line, and of one line of another kind. */
const JSON_LINES = ["ndjson", "zeek-json", "eve", "ecs", "ocsf", "cim"];
const OTHER_LINES = ["csv", "tsv"];

/**
 * What a planned output on the network is in full. A module of its own: a run that writes files need not
 * load the words of all networks.
 * @throws UsageError when its destination is wrong, or does not take its format
 */
export function networkOutput({ destination, format }: PlannedOutput): NetworkDestination {
  const network = parseNetworkDestination(destination, {
    environment: process.env,
    hostName: hostname(),
    clock: () => performance.now(),
  });
  checkFormat(network, format);
  return network;
}

function checkFormat({ name, needsJson }: NetworkDestination, format: string): void {
  const known = needsJson ? JSON_LINES : [...JSON_LINES, ...OTHER_LINES];
  if (known.includes(format)) return;
  const fit = known.filter((one) => formatNames.includes(one)).join(", ");
  throw new UsageError(
    "PF_FORMAT_UNFIT",
    `--output ${name}: takes no ${format}; give one of ${fit}`,
  );
}
