import { join, Pcapng } from "../../test/support/capture-bytes.ts";
import { datagram, MORNING_SECONDS, named, timed } from "./parts.ts";

/** Name, `if_tsresol`, `if_tsoffset`, and the ticks of the interface's only packet. */
type Clock = readonly [name: string, resolution: number, offset: bigint, ticks: bigint];

/** With the top bit set, `if_tsresol` is a negative power of two. */
const BASE_2 = 0x80;

const CLOCKS: readonly Clock[] = [
  ["2^-0", BASE_2 + 0, 0n, MORNING_SECONDS],
  ["2^-1", BASE_2 + 1, 0n, MORNING_SECONDS * 2n + 1n],
  ["2^-10", BASE_2 + 10, 0n, MORNING_SECONDS * 1024n + 1n],
  ["2^-20", BASE_2 + 20, 0n, (MORNING_SECONDS << 20n) + 1n],
  ["2^-30", BASE_2 + 30, 0n, (MORNING_SECONDS << 30n) + (1n << 30n) - 1n],
  ["2^-32", BASE_2 + 32, 0n, (MORNING_SECONDS << 32n) + 0xc000_0000n],
  ["2^-33", BASE_2 + 33, 0n, (MORNING_SECONDS << 33n) + 1n],
  // The seconds no longer fit beside the fraction: they are in the offset.
  ["2^-60", BASE_2 + 60, MORNING_SECONDS, 3n << 58n],
  ["2^-64", BASE_2 + 64, MORNING_SECONDS, (1n << 64n) - 1n],
  ["2^-10, an hour ahead", BASE_2 + 10, -3600n, (MORNING_SECONDS + 3600n) * 1024n + 512n],
  ["10^-0", 0, 0n, MORNING_SECONDS + 1n],
  ["10^-3", 3, 0n, MORNING_SECONDS * 1000n + 1234n],
  ["10^-9", 9, 0n, MORNING_SECONDS * 1_000_000_000n + 1_234_567_891n],
  ["10^-12", 12, MORNING_SECONDS, 1_999_999_999_999n],
];

/** One packet on each of fourteen raw IP interfaces that count time in different units, of either byte order. */
export function resolutionsCapture(order: "little" | "big"): Uint8Array {
  const file = new Pcapng(order);
  const interfaces = CLOCKS.map(([name, resolution, offset]) =>
    file.interface({ linkType: 101, options: [named(name), ...timed(file, resolution, offset)] }),
  );
  const packets = CLOCKS.map(([, , , ticks], index) =>
    file.packet({ interface: index, ticks, data: datagram(index + 1) }),
  );
  return join(file.section(), ...interfaces, ...packets);
}
