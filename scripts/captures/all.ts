import { byteOrdersCapture } from "./byte-orders.ts";
import { everyResolutionCapture } from "./every-resolution.ts";
import { everythingCapture } from "./everything.ts";
import { linkTypesCapture } from "./link-types.ts";
import { odditiesCapture } from "./oddities.ts";
import { pcapLengthsCapture } from "./pcap-lengths.ts";
import { PCAP_VARIANTS, pcapVariant } from "./pcap-variants.ts";
import { resolutionsCapture } from "./resolutions.ts";

/** Every file of `test/captures/`, with what builds it; each build gives the same octets. */
export const CAPTURES: Readonly<Record<string, () => Uint8Array>> = {
  "pcapng-link-types.pcapng": linkTypesCapture,
  "pcapng-byte-orders.pcapng": byteOrdersCapture,
  "pcapng-resolutions-little.pcapng": () => resolutionsCapture("little"),
  "pcapng-resolutions-big.pcapng": () => resolutionsCapture("big"),
  "pcapng-everything.pcapng": everythingCapture,
  "pcapng-every-resolution-little.pcapng": () => everyResolutionCapture("little"),
  "pcapng-every-resolution-big.pcapng": () => everyResolutionCapture("big"),
  "pcapng-oddities-little.pcapng": () => odditiesCapture("little"),
  "pcapng-oddities-big.pcapng": () => odditiesCapture("big"),
  "pcap-lengths.pcap": pcapLengthsCapture,
  ...Object.fromEntries(
    PCAP_VARIANTS.flatMap((name) =>
      (["little", "big"] as const).map((order) => [
        `pcap-${name}-${order}.pcap`,
        () => pcapVariant(name, order),
      ]),
    ),
  ),
};
