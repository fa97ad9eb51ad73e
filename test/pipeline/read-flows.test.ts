import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CaptureError } from "../../src/core/errors.ts";
import { type FlowRecordJson, readFlows } from "../../src/portflow.ts";
import { everyShape } from "../sink/traffic.ts";
import { capture, datagram, inChunks, MORNING, run } from "./run.ts";

async function all(flows: AsyncIterable<FlowRecordJson>): Promise<FlowRecordJson[]> {
  const list: FlowRecordJson[] = [];
  for await (const flow of flows) list.push(flow);
  return list;
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "portflow-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

describe("readFlows", () => {
  const bytes = capture(...everyShape());

  it("gives the records that the program writes, from octets, chunks, a path and paths", async () => {
    const { records } = await run([bytes]);
    expect(records.length).toBeGreaterThan(20);
    expect(await all(readFlows(bytes))).toEqual(records);
    expect(await all(readFlows(inChunks(bytes, 100)))).toEqual(records);
    const path = file("shapes.pcap", bytes);
    expect(await all(readFlows(path))).toEqual(records);
    expect(await all(readFlows([path, path]))).toEqual([...records, ...records]);
  });

  it("takes the program's options", async () => {
    const packets = capture(datagram(0), datagram(20), datagram(40, 7));
    const flows = await all(
      readFlows(packets, { timeouts: { udp: 10e9 }, maxFlows: 5, tunnels: "both", vlanKey: false }),
    );
    expect(flows.map((flow) => [flow.src.port, flow.end_reason])).toEqual([
      [40000, "idle"],
      [40000, "idle"],
      [7, "capture_end"],
    ]);
    const seeded = await all(readFlows(capture(datagram(0)), { communityIdSeed: 7 }));
    const plain = await all(readFlows(capture(datagram(0))));
    expect(seeded[0]!.community_id).not.toBe(plain[0]!.community_id);
  });

  it("goes on with flows from one capture to the next when they are merged", async () => {
    const paths = [file("1.pcap", capture(datagram(0))), file("2.pcap", capture(datagram(1)))];
    expect(await all(readFlows(paths))).toHaveLength(2);
    const merged = await all(readFlows(paths, { merge: true }));
    expect(merged.map((flow) => flow.src.packets)).toEqual([2]);
  });

  it("tells the books at the end", async () => {
    let stats: object = {};
    await all(
      readFlows(bytes, {
        onStats: (told) => {
          stats = told;
        },
      }),
    );
    expect(stats).toMatchObject({ type: "stats", balanced: true });
  });

  it("a loop that is left ends the reading", async () => {
    let chunks = 0;
    let isClosed = false;
    // A new flow a second, for ever.
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        yield capture();
        for (; ; chunks += 1) {
          const packets = Array.from({ length: 1000 }, (_, i) => ({
            ...datagram(0, 1 + (i % 60_000)),
            microseconds: MORNING + (chunks * 1000 + i) * 1e6,
          }));
          yield capture(...packets).subarray(24);
        }
      } finally {
        isClosed = true;
      }
    }
    for await (const flow of readFlows(endless())) {
      expect(flow.end_reason).toBe("idle");
      break;
    }
    expect(chunks).toBeLessThan(30);
    expect(isClosed).toBe(true);
  });

  it("a slow reader holds reading up", async () => {
    let handedOut = 0;
    async function* counted(): AsyncGenerator<Uint8Array> {
      yield capture();
      for (; handedOut < 16; handedOut += 1) {
        const packets = Array.from({ length: 1000 }, (_, i) => ({
          ...datagram(0, 1 + i),
          microseconds: MORNING + (handedOut * 1000 + i) * 1e6,
        }));
        yield capture(...packets).subarray(24);
      }
    }
    let first = 0;
    for await (const flow of readFlows(counted())) {
      expect(flow.type).toBe("flow");
      if (first === 0) {
        await new Promise((resolve) => setTimeout(resolve, 30));
        first = handedOut;
      }
    }
    expect(first).toBeLessThan(12);
    expect(handedOut).toBe(16);
  });

  it("damage is thrown after the records of what was readable, and of the next capture", async () => {
    const whole = capture(datagram(0), datagram(1, 2));
    const damaged = file("damaged.pcap", whole.subarray(0, whole.length - 3));
    const next = file("next.pcap", capture(datagram(2, 3)));
    const ports: unknown[] = [];
    const reading = (async () => {
      for await (const flow of readFlows([damaged, next])) ports.push(flow.src.port);
    })();
    await expect(reading).rejects.toThrow(CaptureError);
    await expect(reading).rejects.toThrow(/damaged\.pcap/);
    expect(ports).toEqual([40000, 3]);
  });

  it("a path that is not there is thrown", async () => {
    await expect(all(readFlows(join(folder, "absent.pcap")))).rejects.toThrow(CaptureError);
  });
});
