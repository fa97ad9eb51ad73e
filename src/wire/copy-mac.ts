import type { DecodedHeaders } from "./decoded-headers.ts";

/** Gives a packet without MAC addresses those of another, which has some. */
export function copyMac(from: DecodedHeaders, to: DecodedHeaders): void {
  to.hasMac = 1;
  to.sourceMacHigh = from.sourceMacHigh;
  to.sourceMacLow = from.sourceMacLow;
  to.destinationMacHigh = from.destinationMacHigh;
  to.destinationMacLow = from.destinationMacLow;
}
