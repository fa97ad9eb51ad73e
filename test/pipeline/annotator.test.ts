import { expect, it } from "vitest";
import { DEFAULT_TIMEOUTS } from "../../src/flow/ending/timeouts.ts";
import { ipv4 } from "../support/build-ip.ts";
import { tcp } from "../support/build-transport.ts";
import type { TimedPacket } from "../support/timed-packet.ts";
import { at, capture, datagram, MORNING, run } from "./run.ts";

/** SYNs that begin so many flows, 5 us from one to the next. */
function flood(count: number, seconds: number): TimedPacket[] {
  const { bytes } = at(0, ipv4(), tcp({ sourcePort: 1, destinationPort: 80, flags: "S" }));
  const sourceAddress = 14 + 12;
  const sourcePort = 14 + 20;
  return Array.from({ length: count }, (_, i) => {
    const syn = Uint8Array.from(bytes);
    new DataView(syn.buffer).setUint16(sourceAddress, i >>> 15);
    new DataView(syn.buffer).setUint16(sourcePort, 1024 + (i & 0x7fff));
    return { bytes: syn, microseconds: MORNING + seconds * 1e6 + i * 5 };
  });
}

it("under a flood, too, a record that is due within the second comes before those closed later", async () => {
  const conversation = [datagram(0), datagram(0), datagram(0)];
  const { records } = await run([capture(...conversation, ...flood(86_000, 0.1))], {
    timeouts: { ...DEFAULT_TIMEOUTS, udp: 502_002_500 },
    maxFlows: 80_000,
    checksums: false,
  });
  // The 80,000th SYN, 0.499995 s after the datagrams, is the first that another flow gives way to; 402 of
  // them came until 0.502 s.
  const ends = records.map(({ end_reason: reason, transport }) => `${transport} ${reason}`);
  expect(ends.indexOf("udp idle")).toBe(402);
  expect(ends.slice(0, 402).every((end) => end === "tcp evicted")).toBe(true);
  expect(ends.filter((end) => end === "tcp evicted")).toHaveLength(86_000 - 80_000);
});
