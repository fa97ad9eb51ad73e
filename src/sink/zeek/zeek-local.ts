import type { FlowView } from "../../flow/flow-view.ts";
import { isMappedIpv4 } from "./zeek-connection.ts";

// What Zeek holds to be local where nobody told it more: `Site::private_address_space` of its
// scripts/base/utils/site.zeek, from IANA's special-purpose address registries.

/** IPv4 networks, and the length of their prefixes. */
const NETWORKS: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["240.0.0.0", 4],
];

const MASKED = NETWORKS.map(([address, length]) => {
  const word = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0) | 0;
  return { network: word, mask: -1 << (32 - length) };
});

/** Whether an end's address is in a network that Zeek holds to be one's own. */
export function isZeekLocal(view: FlowView, end: number): boolean {
  const last = view.addressWord(end, 3);
  if (!view.isIpv6 || isMappedIpv4(view, end)) return isPrivate(last);
  const word0 = view.addressWord(end, 0);
  const word1 = view.addressWord(end, 1);
  const high = word0 >>> 16;
  // 2002::/16 holds an IPv4 address (RFC 3056).
  if (high === 0x2002) return isPrivate((word0 << 16) | (word1 >>> 16));
  // fc00::/7, fe80::/10, 2001:db8::/32, 2001::/23.
  if (high >>> 9 === 0xfc >>> 1 || high >>> 6 === 0xfe80 >>> 6) return true;
  if (word0 === 0x20010db8 || (word0 & 0xfffffe00) === 0x20010000) return true;
  const word2 = view.addressWord(end, 2);
  // 64:ff9b:1::/48, 100::/64, :: and ::1.
  if (word0 === 0x0064ff9b) return word1 >>> 16 === 1;
  if (word0 === 0x01000000) return word1 === 0;
  return (word0 | word1 | word2) === 0 && (last === 0 || last === 1);
}

function isPrivate(address: number): boolean {
  for (const { network, mask } of MASKED) if ((address & mask) === network) return true;
  return false;
}
