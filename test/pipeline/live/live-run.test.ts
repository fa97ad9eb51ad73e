import { expect, it } from "vitest";
import type { LiveInterface } from "../../../src/capture/live/live-interface.ts";
import type { PacketBatch } from "../../../src/core/packet-batch.ts";
import { LineOutput } from "../../../src/delivery/line-output.ts";
import { DEFAULT_TIMEOUTS } from "../../../src/flow/ending/timeouts.ts";
import { Books } from "../../../src/pipeline/books/books.ts";
import { LiveRun } from "../../../src/pipeline/live/live-run.ts";
import { LocalTaker } from "../../../src/pipeline/records/local-taker.ts";
import { recordsOfRun } from "../../../src/pipeline/records/records-of-run.ts";
import { loadRegistry } from "../../../src/service/registry.ts";
import type { FlowRecordJson } from "../../../src/sink/flow-record.ts";
import { newNdjsonSink } from "../../../src/sink/ndjson/ndjson.ts";
import { frame, payload } from "../../support/build.ts";
import { ipv4 } from "../../support/build-ip.ts";
import { ethernet } from "../../support/build-link.ts";
import { udp } from "../../support/build-transport.ts";

const ETHERNET = 1;

/** Something to listen to that many devices are behind: one packet each, with the device's number as its port. */
function devices(name: string, names: readonly string[], address: string): LiveInterface {
  let next = 0;
  return {
    name,
    interfaces: names.map((one) => ({ linkType: ETHERNET, name: one })),
    get taken() {
      return next;
    },
    octets: 0,
    get linkState() {
      return next === names.length ? ("gone" as const) : ("up" as const);
    },
    trouble: undefined,
    take(batch: PacketBatch) {
      batch.count = 0;
      if (next === names.length) return;
      const octets = frame(
        ethernet(),
        ipv4({ source: address }),
        udp({ sourcePort: next, destinationPort: 53 }),
        payload(1),
      );
      batch.bytes = octets;
      batch.start[0] = 0;
      batch.capturedLength[0] = octets.length;
      batch.wireLength[0] = octets.length;
      batch.seconds[0] = 1_772_442_000;
      batch.nanoseconds[0] = 0;
      batch.linkType[0] = ETHERNET;
      batch.interfaceIndex[0] = next;
      batch.marks[0] = 0;
      batch.count = 1;
      next += 1;
    },
    listen: (onReady) => setImmediate(onReady),
    counts: () => ({ received: next, dropped: 0, interfaceDropped: 0 }),
    seal() {},
    isDrained: true,
    close() {},
  };
}

it("the devices behind two things that are listened to keep their names, however many there are", async () => {
  const some = Array.from({ length: 3000 }, (_, i) => `veth${i}`);
  const others = Array.from({ length: 1500 }, (_, i) => `tap${i}`);
  const books = new Books();
  const output = new LineOutput();
  const names: (string | undefined)[] = [];
  const sink = newNdjsonSink({ communityIdSeed: 0, color: false, columns: 100 });
  const run = new LiveRun(
    {
      timeouts: DEFAULT_TIMEOUTS,
      maxFlows: 10_000,
      memory: Number.POSITIVE_INFINITY,
      useVlanKey: true,
      useTunnelKey: true,
      tunnels: "inner",
      fragments: "join",
      checksums: true,
      interfaces: [devices("any", some, "192.0.2.1"), devices("vm", others, "192.0.2.2")],
      books,
      onNotice: () => undefined,
    },
    new LocalTaker(loadRegistry({}), sink, output, books.unknownPorts, names),
    names,
  );
  const flows: FlowRecordJson[] = [];
  for await (const flow of recordsOfRun(output, run.run(), () => run.stop())) flows.push(flow);
  expect(flows.length).toBe(4500);
  for (const flow of flows) {
    const list = flow.src.ip === "192.0.2.1" ? some : others;
    expect(flow.interface).toBe(list[flow.src.port!]);
  }
});
