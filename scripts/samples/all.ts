import { damagedSample } from "./damaged.ts";
import { mailSample } from "./mail.ts";
import { officeSample } from "./office.ts";
import { tunnelsSample } from "./tunnels.ts";
import { unknownPortsSample } from "./unknown-ports.ts";
import { vlanIpv6Sample } from "./vlan-ipv6.ts";
import { voipSample } from "./voip.ts";
import { webSample } from "./web.ts";

/** Every file of `samples/`, with what builds it; each build gives the same octets. */
export const SAMPLES: Readonly<Record<string, () => Uint8Array>> = {
  "web.pcapng": webSample,
  "mail.pcap": mailSample,
  "voip.pcap": voipSample,
  "office.pcapng": officeSample,
  "vlan-ipv6.pcap": vlanIpv6Sample,
  "damaged.pcap": damagedSample,
  "tunnels.pcap": tunnelsSample,
  "unknown-ports.pcap": unknownPortsSample,
};
