import { expect, it } from "vitest";
import { drive, type TestPacket, type TestRecord } from "../drive.ts";

const SECOND = 1e9;
const UDP = 17;

/** A datagram at a time in seconds, 1 for each port; one flow a port. */
function datagram(seconds: number, port: number, payload = 10): TestPacket {
  const ends = { source: 1, destination: 2, sourcePort: port, destinationPort: 53 };
  return { time: seconds * SECOND, protocol: UDP, ...ends, payload };
}

/** Records of packets that come one at a time, so that each finds the flow of those before it. */
function records(packets: readonly TestPacket[]): TestRecord[] {
  return [...drive(packets, { group: () => 1 })];
}

it("the last time stays the latest where packets of one second come in the wrong order", () => {
  const [flow, ...others] = records([datagram(1, 7), datagram(1.9, 7), datagram(1.2, 7)]);
  expect(others).toEqual([]);
  expect(flow).toMatchObject({ packets: [3, 0], start: SECOND, end: 1.9 * SECOND });
});

it("a flow whose time is up by the packet clock takes no late packet", () => {
  // Datagrams of another flow move the clock to the sixtieth second, where the first one's time is up.
  const found = records([datagram(0.25, 7), datagram(60.5, 8), datagram(1, 7)]);
  const own = found.filter(({ flow }) => flow.includes(":7"));
  expect(own.map(({ packets }) => packets[0])).toEqual([1, 1]);
});

it("a flow is idle by its own times where its packets came late", () => {
  // By the clock no time has passed between the two.
  const found = records([datagram(100, 8), datagram(10, 7), datagram(100.5, 7)]);
  expect(found.filter(({ flow }) => flow.includes(":7"))).toHaveLength(2);
});

it.each([
  ["packets of 2 GiB", 2 ** 31, 5],
  ["packets of 1.5 GiB", 1.5 * 2 ** 30, 7],
])("counts beyond 4 GiB: %s", (_name, payload, count) => {
  const packets = Array.from({ length: count }, (_, i) => datagram(i, 7, payload));
  const [flow] = records(packets);
  expect(flow).toMatchObject({
    packets: [count, 0],
    payloadBytes: [count * payload, 0],
    ipBytes: [count * (payload + 28), 0],
    bytes: [count * (payload + 42), 0],
  });
});
