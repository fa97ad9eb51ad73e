import { frame, type Layer } from "../../test/support/build.ts";
import { ethernet } from "../../test/support/build-link.ts";
import type { Message } from "../../test/support/conversation.ts";
import { text } from "../../test/support/octets.ts";
import type { TimedPacket } from "../../test/support/timed-packet.ts";

/** 2026-03-02T09:00:00Z in microseconds: when every sample begins. */
export const MORNING = 1_772_442_000_000_000;

/** Microseconds in a second and a millisecond, for readable times. */
export const SECOND = 1_000_000;
export const MILLISECOND = 1_000;

/** Addresses of hosts that appear in several samples; MAC addresses are locally administered. */
export const HOST = {
  desk: { ip: "192.168.10.21", mac: "02:00:5e:10:00:21" },
  deskIpv6: { ip: "2001:db8:10::21", mac: "02:00:5e:10:00:21" },
  laptop: { ip: "192.168.10.34", mac: "02:00:5e:10:00:34" },
  router: { ip: "192.168.10.1", mac: "02:00:5e:10:00:01" },
  server: { ip: "192.168.10.5", mac: "02:00:5e:10:00:05" },
  printer: { ip: "192.168.10.9", mac: "02:00:5e:10:00:09" },
} as const;

/** A host outside, reached through the router. */
export function outside(ip: string, port: number): { ip: string; port: number; mac: string } {
  return { ip, port, mac: HOST.router.mac };
}

/** A message of text, lines ended as the protocols of mail and web want them. */
export function says(side: "c" | "s", ...lines: readonly string[]): Message {
  return [side, text(`${lines.join("\r\n")}\r\n`)];
}

/** One packet at a time of its own, on Ethernet from one host to another, padded to 60 octets. */
export function packet(
  microseconds: number,
  source: string,
  destination: string,
  ...layers: readonly Layer[]
): TimedPacket {
  const link = ethernet({ source, destination, minimumLength: 60 });
  return { microseconds, bytes: frame(link, ...layers) };
}

/** The same packets on another pcapng interface. */
export function onInterface(
  interfaceIndex: number,
  packets: readonly TimedPacket[],
): TimedPacket[] {
  return packets.map((one) => ({ ...one, interfaceIndex }));
}
