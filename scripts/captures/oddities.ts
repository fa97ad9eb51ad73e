import { type ByteOrder, type Option, Pcapng } from "../../test/support/capture-bytes.ts";
import { join, text } from "../../test/support/octets.ts";
import { ethernetDatagram, MORNING_SECONDS, named } from "./parts.ts";

const COMMENT = 1;
const FLAGS = 2;
const DROPS = 4;
const INBOUND = 1;
const OUTBOUND = 2;

/** Blocks that hold no packets, by type: all but the interface statistics. */
const NAME_RESOLUTION = 4;
const SYSTEMD_JOURNAL = 9;
const DECRYPTION_SECRETS = 10;
const CUSTOM = 0x0bad;
const CUSTOM_NOT_COPIED = 0x4000_0bad;
const LOCAL_USE = 0x8000_0001;

/**
 * What a pcapng file may have besides packets, and what careless writers make of it: every kind of
 * block and option, a section length that is wrong, options without an end, total lengths that are no
 * multiple of four, an interface without packets, statistics of every kind. Six packets, six flows.
 */
export function odditiesCapture(order: ByteOrder): Uint8Array {
  const file = new Pcapng(order);
  const ticks = (after: bigint): bigint => MORNING_SECONDS * 1_000_000n + after;
  const flags = (value: number): Option => [FLAGS, file.u(value, 4)];
  const comment = (words: string): Option => [COMMENT, text(words)];
  const count = (code: number, value: number): Option => [code, file.u(value, 8)];
  return join(
    file.section({
      length: 40n,
      options: [
        comment("taken at noon"),
        [2, text("a machine")],
        [3, text("a system")],
        [4, text("a program")],
      ],
    }),
    file.block(CUSTOM, join(file.u(32473, 4), text("of somebody"))),
    file.interface({
      snapLength: 96,
      options: [
        named("eth0"),
        [3, text("the uplink")],
        [4, Uint8Array.of(192, 0, 2, 1, 255, 255, 255, 0)],
        [6, Uint8Array.of(2, 0, 0, 0, 0, 1)],
        [8, file.u(1_000_000_000, 8)],
        [11, join(Uint8Array.of(0), text("udp port 5001"))],
        [12, text("a system")],
        [13, Uint8Array.of(4)],
        comment("behind the tap"),
      ],
    }),
    file.block(
      NAME_RESOLUTION,
      join(
        file.u(1, 2),
        file.u(9, 2),
        Uint8Array.of(192, 0, 2, 1),
        text("host\0"),
        new Uint8Array(3),
        file.u(0, 4),
      ),
    ),
    file.interface({ linkType: 101, options: [named("silent0")] }),
    file.packet({
      ticks: ticks(1n),
      data: ethernetDatagram(1),
      options: [flags(INBOUND), comment("the first"), comment("and only")],
    }),
    file.packet({
      ticks: ticks(2n),
      data: ethernetDatagram(2),
      options: [flags(OUTBOUND), [DROPS, file.u(3, 8)]],
    }),
    file.block(DECRYPTION_SECRETS, join(text("KLST"), file.u(8, 4), text("secrets!"))),
    // Options without an end.
    file.packet({
      ticks: ticks(3n),
      data: ethernetDatagram(3),
      rawOptions: join(file.u(FLAGS, 2), file.u(4, 2), file.u(INBOUND, 4)),
    }),
    file.block(SYSTEMD_JOURNAL, text("__REALTIME_TIMESTAMP=1772442000000000\nMESSAGE=x\n\n\n")),
    // 46 octets of packet are padded to 48, which this total length forgets.
    file.packet({ ticks: ticks(4n), data: ethernetDatagram(4) }, { total: 32 + 46 }),
    file.block(CUSTOM_NOT_COPIED, file.u(32473, 4)),
    file.simplePacket(46, ethernetDatagram(5)),
    file.obsoletePacket({
      ticks: ticks(5n),
      data: ethernetDatagram(6),
      drops: 2,
      options: [flags(OUTBOUND), comment("an old block")],
    }),
    file.block(LOCAL_USE, new Uint8Array(0)),
    file.statistics(0, [
      [2, join(file.u(ticks(0n) >> 32n, 4), file.u(ticks(0n) & 0xffff_ffffn, 4))],
      [3, join(file.u(ticks(9n) >> 32n, 4), file.u(ticks(9n) & 0xffff_ffffn, 4))],
      count(4, 100),
      count(5, 7),
      count(6, 50),
      count(7, 2),
      count(8, 41),
    ]),
    file.statistics(1, [count(4, 0)]),
  );
}
