import { type ByteOrder, Pcapng } from "../../test/support/capture-bytes.ts";
import { join } from "../../test/support/octets.ts";
import { datagram, MORNING_SECONDS, timed } from "./parts.ts";

const BASE_2 = 0x80;
const MOST_TICKS = (1n << 64n) - 1n;

/**
 * All 256 values of `if_tsresol`, one raw IP interface and one packet each: the morning and five
 * eighths of a second; where 64 bits don't hold that, the morning is `if_tsoffset` and the packet has
 * five eighths, or, of units so small that 64 bits don't hold those either, as many as there are.
 */
export function everyResolutionCapture(order: ByteOrder): Uint8Array {
  const file = new Pcapng(order);
  const blocks: Uint8Array[] = [];
  const packets: Uint8Array[] = [];
  for (let resolution = 0; resolution < 256; resolution += 1) {
    const exponent = BigInt(resolution % BASE_2);
    const perSecond = resolution < BASE_2 ? 10n ** exponent : 1n << exponent;
    const fraction = (perSecond * 5n) / 8n;
    const whole = MORNING_SECONDS * perSecond + fraction;
    const isTooFine = whole > MOST_TICKS;
    const ticks = isTooFine ? (fraction > MOST_TICKS ? MOST_TICKS : fraction) : whole;
    const offset = isTooFine ? MORNING_SECONDS : 0n;
    blocks.push(file.interface({ linkType: 101, options: timed(file, resolution, offset) }));
    packets.push(file.packet({ interface: resolution, ticks, data: datagram(resolution % 250) }));
  }
  return join(file.section(), ...blocks, ...packets);
}
