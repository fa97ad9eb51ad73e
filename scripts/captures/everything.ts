import { join, Pcapng } from "../../test/support/capture-bytes.ts";
import { hex } from "../../test/support/octets.ts";
import { datagram, datagram6, ethernetDatagram, MORNING_SECONDS, named, timed } from "./parts.ts";

const DROPPED = 5;

/**
 * Everything that may change within one file does: byte order, link type, unit of time, kind of
 * packet block, snap length; blocks that nobody needs lie between.
 */
export function everythingCapture(): Uint8Array {
  const big = new Pcapng("big");
  const little = new Pcapng("little");
  const seconds = MORNING_SECONDS;
  const nameResolution = (file: Pcapng): Uint8Array => file.block(4, file.u(0, 4));
  return join(
    big.section(),
    nameResolution(big),
    big.interface({ linkType: 101, options: [named("raw"), ...timed(big, 0x80 + 20)] }),
    big.interface({ linkType: 1, options: [named("ethernet")] }),
    // 2^19 of 2^20 parts and one more: half a second and 953.67 nanoseconds.
    big.packet({ interface: 0, ticks: (seconds << 20n) + (1n << 19n) + 1n, data: datagram(1) }),
    big.packet({
      interface: 1,
      ticks: seconds * 1_000_000n + 600_000n,
      data: ethernetDatagram(2),
    }),
    big.statistics(0, [[DROPPED, big.u(3, 8)]]),
    little.section(),
    // PPP, nanoseconds, at most 54 octets of a packet.
    little.interface({
      linkType: 9,
      snapLength: 54,
      options: [named("ppp"), ...timed(little, 9)],
    }),
    little.block(0x0bad, little.u(0, 8)),
    little.packet({
      interface: 0,
      ticks: (seconds + 1n) * 1_000_000_000n + 1n,
      data: join(hex("ff03 0021"), datagram(3)),
    }),
    // No time of its own, on interface 0, cut to the snap length: 2 octets of payload are missing.
    little.simplePacket(56, join(hex("ff03 0057"), datagram6(4)).slice(0, 54)),
    nameResolution(little),
    big.section(),
    // 2^-32 of a second, counted from the morning.
    big.interface({ linkType: 113, options: [named("cooked"), ...timed(big, 0x80 + 32, seconds)] }),
    big.obsoletePacket({
      interface: 0,
      drops: 4,
      ticks: (2n << 32n) + 1n,
      data: join(hex("0000 0001 0006 020000000001 0000 0800"), datagram(5)),
    }),
    big.packet({
      interface: 0,
      ticks: (2n << 32n) + 0xffff_ffffn,
      data: join(hex("0000 0001 0006 020000000001 0000 86dd"), datagram6(6)),
    }),
  );
}
