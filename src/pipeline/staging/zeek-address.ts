import type { DecodedHeaders } from "../../wire/decoded-headers.ts";

/** Third word of an IPv6 address that maps one of IPv4 (RFC 4291 section 2.5.5.2); the first two are 0. */
const MAPS_IPV4 = 0xffff;

/**
 * Whether an IPv6 packet is one of IPv4 to Zeek: it keeps IPv4 addresses in that form itself, so both
 * ends that have it are IPv4.
 * @see Zeek, IPAddr::GetFamily
 */
export function isIpv4ToZeek(headers: DecodedHeaders): boolean {
  const { source0, source1, source2, destination0, destination1, destination2 } = headers;
  if (headers.ipVersion !== 6 || source2 !== MAPS_IPV4 || destination2 !== MAPS_IPV4) return false;
  return (source0 | source1 | destination0 | destination1) === 0;
}
