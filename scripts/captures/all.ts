import { byteOrdersCapture } from "./byte-orders.ts";
import { everythingCapture } from "./everything.ts";
import { linkTypesCapture } from "./link-types.ts";
import { resolutionsCapture } from "./resolutions.ts";

/** Every file of `test/captures/`, with what builds it; each build gives the same octets. */
export const CAPTURES: Readonly<Record<string, () => Uint8Array>> = {
  "pcapng-link-types.pcapng": linkTypesCapture,
  "pcapng-byte-orders.pcapng": byteOrdersCapture,
  "pcapng-resolutions-little.pcapng": () => resolutionsCapture("little"),
  "pcapng-resolutions-big.pcapng": () => resolutionsCapture("big"),
  "pcapng-everything.pcapng": everythingCapture,
};
