import type { DecodedHeaders } from "./decoded-headers.ts";
import { halves } from "./ones-complement.ts";

/** Sum of the 16-bit words of both addresses, for a pseudo header. */
export function addressSum(headers: DecodedHeaders): number {
  const sum = halves(headers.source3) + halves(headers.destination3);
  if (headers.ipVersion === 4) return sum;
  return (
    sum +
    halves(headers.source0) +
    halves(headers.source1) +
    halves(headers.source2) +
    halves(headers.destination0) +
    halves(headers.destination1) +
    halves(headers.destination2)
  );
}
