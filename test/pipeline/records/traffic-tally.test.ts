import { describe, expect, it } from "vitest";
import { openCaptureBytes } from "../../../src/capture/open.ts";
import { newPacketBatch } from "../../../src/core/packet-batch.ts";
import { DEFAULT_TIMEOUTS } from "../../../src/flow/ending/timeouts.ts";
import { ContextTable } from "../../../src/flow/id/context-table.ts";
import { newHashSecret } from "../../../src/flow/packet/flow-hash.ts";
import { Staged } from "../../../src/flow/packet/staged-packet.ts";
import { Annotator } from "../../../src/pipeline/annotator.ts";
import { Books } from "../../../src/pipeline/books/books.ts";
import { Emitter } from "../../../src/pipeline/emitter.ts";
import { TrafficTally } from "../../../src/pipeline/records/traffic-tally.ts";
import { Stager } from "../../../src/pipeline/staging/stager.ts";
import { loadRegistry } from "../../../src/service/registry.ts";
import { ipv4 } from "../../support/build-ip.ts";
import { udp } from "../../support/build-transport.ts";
import type { TimedPacket } from "../../support/timed-packet.ts";
import { at, capture } from "../run.ts";

const dns = (seconds: number, sourcePort: number) =>
  at(seconds, ipv4(), udp({ sourcePort, destinationPort: 53 }));

describe("TrafficTally", () => {
  it("adds up by service, host and flow, and tells what is recent", async () => {
    const books = new Books();
    const contexts = new ContextTable();
    const secret = newHashSecret();
    const tally = new TrafficTally(loadRegistry(), undefined);
    const emitter = new Emitter(tally, books, []);
    const options = { useVlanKey: true, tunnels: "outer", checksums: false } as const;
    const stager = new Stager(options, books, contexts, secret);
    const annotator = new Annotator(
      { timeouts: DEFAULT_TIMEOUTS, maxFlows: 100 },
      books,
      emitter,
      contexts,
      secret,
    );
    await emitter.drain(annotator.table, contexts, 0, 0);
    const staged = new Int32Array(64 * Staged.Size);
    async function feed(...packets: readonly TimedPacket[]): Promise<void> {
      const source = await openCaptureBytes(capture(...packets), "x");
      const batch = newPacketBatch();
      while (await source.fill(batch)) {
        stager.stagedCount = 0;
        stager.stageRows(batch, 0, 0, staged, 64);
        await annotator.addStaged(staged, stager.stagedCount);
        stager.endBatch(batch);
      }
    }
    const length = dns(0, 1).bytes.length;

    await feed(dns(0, 1000), dns(0, 1000), dns(0, 2000));
    tally.scan();
    const [service] = tally.entries("service");
    expect(service).toMatchObject({ flows: 2, packets: 3, bytes: 3 * length });
    expect(service?.name).toMatch(/^dns.*\/udp$/);
    expect(service?.recentBytes).toBe(3 * length);
    expect(
      tally
        .entries("host")
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["192.0.2.1", "198.51.100.1"]);
    expect(
      tally
        .entries("flow")
        .map(({ packets }) => packets)
        .sort(),
    ).toEqual([1, 2]);

    await feed(dns(1, 2000));
    tally.scan();
    expect(tally.entries("service")[0]).toMatchObject({ flows: 2, packets: 4, recentPackets: 1 });
    tally.scan();
    expect(tally.entries("service")[0]).toMatchObject({ packets: 4, recentPackets: 0 });

    // A flow that begins and ends between two scans counts all the same.
    await feed(dns(2, 3000));
    await annotator.endFlows();
    tally.scan();
    expect(tally.entries("service")[0]).toMatchObject({ flows: 3, packets: 5, recentPackets: 1 });
  });
});
