import { SeededRandom } from "../support/seeded-random.ts";
import type { TestPacket } from "./drive.ts";

const SECOND = 1e9;
const FLAGS = [
  0x02, 0x02, 0x02, 0x12, 0x12, 0x10, 0x10, 0x10, 0x18, 0x18, 0x11, 0x11, 0x14, 0x04, 0x01, 0x00,
  0x15,
];
// Few and around the turn of the numbers, so that copies and reuse are both frequent.
const SEQUENCES = [0xfffffffe, 0xffffffff, 1, 2];
const TCP_PORTS = [40000, 40001, 80, 443, 22];
const UDP_PORTS = [50000, 50001, 53, 123];
const ICMP_TYPES = [8, 0, 8, 0, 13, 14, 3, 11];
const ICMPV6_TYPES = [128, 129, 135, 136, 1];
const MESSAGES = [0, 1, 3, 6, 7, 14];

export type TrafficOptions = {
  readonly packets: number;
  /** Hosts; few, so that everything collides. */
  readonly hosts: number;
  /** Longest ordinary pause between packets, nanoseconds. */
  readonly pause: number;
  /** In how many of 1,000 packets time leaps by up to 400 s. */
  readonly leaps: number;
  /** In how many of 1,000 packets time is up to `lag` nanoseconds behind. */
  readonly late: number;
  readonly lag: number;
};

/** Packets of all protocols between few ends, with repeated and out-of-order times. */
export function randomTraffic(seed: number, options: TrafficOptions): TestPacket[] {
  const random = new SeededRandom(seed);
  const packets: TestPacket[] = [];
  let time = 1000 * SECOND;
  for (let i = 0; i < options.packets; i += 1) {
    if (random.fraction() * 1000 < options.leaps) time += random.below(400_000) * 1e6;
    else if (random.below(4) !== 0) time += random.below(options.pause);
    const isLate = random.fraction() * 1000 < options.late;
    packets.push({
      time: isLate ? time - random.below(options.lag) : time,
      source: 1 + random.below(options.hosts),
      destination: 1 + random.below(options.hosts),
      ...(random.below(6) === 0 ? { isIpv6: true } : {}),
      ...(random.below(6) === 0 ? { vlan: 1 + random.below(3) } : {}),
      ...(random.below(20) === 0 ? { isFragment: true } : {}),
      ...transport(random),
    });
  }
  return packets;
}

type Transport = Omit<TestPacket, "time" | "source" | "destination">;

function transport(random: SeededRandom): Transport {
  const pick = (list: readonly number[]): number => list[random.below(list.length)]!;
  const payload = random.below(3) === 0 ? random.below(1500) : 0;
  const ports = (list: readonly number[]): { sourcePort: number; destinationPort: number } => ({
    sourcePort: pick(list),
    destinationPort: pick(list),
  });
  switch (random.below(12)) {
    case 0:
    case 1:
      return { protocol: 17, payload, ...ports(UDP_PORTS) };
    case 2:
      return { protocol: 1, payload, type: pick(ICMP_TYPES), code: random.below(2) };
    case 3:
      return { protocol: 58, payload, type: pick(ICMPV6_TYPES), code: random.below(2) };
    case 4:
      return { protocol: 132, payload, message: pick(MESSAGES), ...ports(UDP_PORTS) };
    case 5:
      return { protocol: 33, payload, message: pick(MESSAGES), ...ports(UDP_PORTS) };
    case 6:
      return { protocol: random.below(2) === 0 ? 47 : 136, payload };
    case 7:
      // A TCP header that was cut behind its ports.
      if (random.below(4) === 0) return { protocol: 6, payload, ...ports(TCP_PORTS) };
  }
  return {
    protocol: 6,
    payload,
    ...ports(TCP_PORTS),
    flags: pick(FLAGS),
    sequence: pick(SEQUENCES),
    acknowledgement: pick(SEQUENCES),
  };
}
