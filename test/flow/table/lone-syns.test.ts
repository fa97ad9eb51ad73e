import { expect, it } from "vitest";
import { SeededRandom } from "../../support/seeded-random.ts";
import { Driver, type TestPacket } from "../drive.ts";

const SYN = 2;
const ACK = 16;
const CONGESTION = 0xc0;

/** Attempts at connecting, many of which are never answered, seen through every window and flag. */
function attempts(random: SeededRandom, count: number): TestPacket[] {
  const packets: TestPacket[] = [];
  for (let time = 0; packets.length < count; time += random.below(40_000_000)) {
    const client = random.below(400);
    const isAnswer = random.below(4) === 0;
    const [source, destination] = isAnswer ? [255, client] : [client, 255];
    const [sourcePort, destinationPort] = isAnswer ? [80, 5000] : [5000, 80];
    packets.push({
      // Some come late.
      time: Math.max(0, time - (random.below(20) === 0 ? random.below(9e9) : 0)),
      protocol: 6,
      source,
      destination,
      sourcePort,
      destinationPort,
      flags: isAnswer ? SYN | ACK : SYN | (random.below(3) === 0 ? CONGESTION : 0),
      sequence: random.below(3) * 1000,
      acknowledgement: isAnswer ? 1 : random.below(2) * 77,
      window: random.below(8) === 0 ? 0 : 5000,
      payload: random.below(9) === 0 ? 4 : random.below(30) === 0 ? 6000 : 0,
      ...(random.below(12) === 0 ? { vlan: 5 } : {}),
      ...(random.below(12) === 0 ? { isIpv6: true } : {}),
    });
  }
  return packets;
}

it.each([
  ["all of them", 0, Number.POSITIVE_INFINITY],
  ["those of a crowd", 50, Number.POSITIVE_INFINITY],
  ["and some give way", 0, 40],
])("kept in a line they give the records that whole rows give: %s", (_name, from, maxFlows) => {
  const packets = attempts(new SeededRandom(from + 3), 6000);
  const recordsOf = (loneSynsFrom: number): readonly object[] => {
    const random = new SeededRandom(9);
    const driver = new Driver({ loneSynsFrom, maxFlows, group: () => 1 + random.below(128) });
    driver.add(packets);
    return driver.end();
  };
  const records = recordsOf(from);
  expect(records).toEqual(recordsOf(Number.POSITIVE_INFINITY));
  expect(records.length).toBeGreaterThan(2000);
});

it("where memory is short they leave room for more flows, from the first packets on", () => {
  const most = (loneSynsFrom: number): number => {
    const driver = new Driver({ loneSynsFrom, memory: 3_000_000 });
    for (let i = 0; i < 40_000; i += 100) {
      driver.add(
        Array.from({ length: 100 }, (_, k) => ({
          time: i + k,
          protocol: 6,
          source: i + k,
          destination: 0xffffff,
          sourcePort: 1,
          destinationPort: 2,
          flags: SYN,
        })),
      );
    }
    return driver.table.peakFlows;
  };
  expect(most(1 << 17)).toBeGreaterThan(1.7 * most(Number.POSITIVE_INFINITY));
});

it("a line is a third of the memory of a whole row", () => {
  const octetsOf = (loneSynsFrom: number): number => {
    const driver = new Driver({ loneSynsFrom });
    const packet = (source: number, flags: number): TestPacket => ({
      time: source,
      protocol: 6,
      source,
      destination: 0xffffff,
      sourcePort: 1,
      destinationPort: 2,
      flags,
    });
    driver.add(Array.from({ length: 3000 }, (_, i) => packet(i, SYN)));
    return driver.table.octets;
  };
  const saved = octetsOf(Number.POSITIVE_INFINITY) - octetsOf(0);
  expect(saved).toBeGreaterThanOrEqual(3000 * 124);
  expect(saved).toBeLessThan(3000 * 136);
});

it("the line of a SYN whose flow goes on is used again", () => {
  const driver = new Driver({ loneSynsFrom: 0 });
  const octetsAfter = (wave: number): number => {
    const packets = [SYN, ACK].flatMap((flags) =>
      Array.from({ length: 3000 }, (_, i) => ({
        // Each wave has ended when the next one comes.
        time: wave * 1e12 + i,
        protocol: 6,
        source: i,
        destination: 0xffffff,
        sourcePort: 1,
        destinationPort: 2,
        flags,
      })),
    );
    driver.add(packets);
    return driver.table.octets;
  };
  const first = octetsAfter(0);
  for (let wave = 1; wave < 6; wave += 1) expect(octetsAfter(wave)).toBeLessThan(first + 3000 * 16);
});
