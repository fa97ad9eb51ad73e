import { frame, payload } from "../../test/support/build.ts";
import { ipv4, ipv6 } from "../../test/support/build-ip.ts";
import { udp } from "../../test/support/build-transport.ts";
import { type Option, type Pcapng, unsigned } from "../../test/support/capture-bytes.ts";
import { hex, join, text } from "../../test/support/octets.ts";

/** 2026-03-02T09:00:00Z: when every capture begins, Unix seconds. */
export const MORNING_SECONDS = 1_772_442_000n;

/** Options of an Interface Description Block. */
const NAME = 2;
const TIME_RESOLUTION = 9;
const TIME_OFFSET = 14;

export function named(name: string): Option {
  return [NAME, text(name)];
}

/** IPv4 UDP from 192.0.2.`host` port 40000 + `host` to 198.51.100.1 port 5001, 4 octets of payload. */
export function datagram(host: number): Uint8Array {
  const ports = { sourcePort: 40000 + host, destinationPort: 5001 };
  return frame(ipv4({ source: `192.0.2.${host}` }), udp(ports), payload(4));
}

/** The same in IPv6, from 2001:db8::`host` to 2001:db8::2. */
export function datagram6(host: number): Uint8Array {
  const ports = { sourcePort: 40000 + host, destinationPort: 5001 };
  return frame(ipv6({ source: `2001:db8::${host}` }), udp(ports), payload(4));
}

/** Ethernet header with the EtherType of IPv4. */
const ETHERNET: Uint8Array = hex("020000000002 020000000001 0800");

/** How an interface counts time: `if_tsresol` as written, and `if_tsoffset` in seconds. */
export function timed(file: Pcapng, resolution: number, offsetSeconds = 0n): readonly Option[] {
  const options: Option[] = [[TIME_RESOLUTION, unsigned(resolution, 1, file.order)]];
  if (offsetSeconds !== 0n) options.push([TIME_OFFSET, file.u(offsetSeconds, 8)]);
  return options;
}

/** An IPv4 datagram of `host` behind an Ethernet header. */
export function ethernetDatagram(host: number): Uint8Array {
  return join(ETHERNET, datagram(host));
}
