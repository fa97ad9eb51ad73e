import { join, Pcapng } from "../../test/support/capture-bytes.ts";
import { datagram, ethernetDatagram, MORNING_SECONDS, named } from "./parts.ts";

/**
 * A big-endian, a little-endian and another big-endian section. Interface 0 is another one in each:
 * Ethernet, raw IP, Ethernet; the first datagram's flow goes on in the other two.
 */
export function byteOrdersCapture(): Uint8Array {
  const big = new Pcapng("big");
  const little = new Pcapng("little");
  const microseconds = (after: bigint): bigint => MORNING_SECONDS * 1_000_000n + after;
  return join(
    big.section(),
    big.interface({ linkType: 1, options: [named("first")] }),
    big.packet({ ticks: microseconds(1n), data: ethernetDatagram(1) }),
    little.section(),
    little.interface({ linkType: 101, options: [named("second")] }),
    little.interface({ linkType: 1, options: [named("third")] }),
    little.packet({ interface: 0, ticks: microseconds(2_000_002n), data: datagram(1) }),
    little.packet({ interface: 1, ticks: microseconds(2_000_003n), data: ethernetDatagram(2) }),
    big.section(),
    big.interface({ linkType: 1, options: [named("fourth")] }),
    big.packet({ ticks: microseconds(3_999_999n), data: ethernetDatagram(1) }),
    big.packet({ ticks: microseconds(4_000_000n), data: ethernetDatagram(3) }),
  );
}
