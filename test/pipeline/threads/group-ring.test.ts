import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import {
  type GroupNote,
  GroupRing,
  RING_GROUPS,
} from "../../../src/pipeline/threads/group-ring.ts";
import { until } from "../../support/until.ts";

function noteOf(number: number): GroupNote {
  return {
    count: number * 3,
    told: number >> 2,
    epoch: number + 7,
    packetsRead: number * 2 ** 40,
    octetsRead: number + 2 ** 45,
  };
}

function pair(): { writer: GroupRing; reader: GroupRing } {
  const reader = new GroupRing();
  return { reader, writer: new GroupRing(reader.shared) };
}

function blank(): GroupNote {
  return { count: 0, told: 0, epoch: 0, packetsRead: 0, octetsRead: 0 };
}

it("gives what was put, in order, whatever the pace of either side", () => {
  const { writer, reader } = pair();
  const into = blank();
  let put = 0;
  let taken = 0;
  // 1 to 8 put, then 1 to 8 taken: both sides come to their limits again and again.
  for (let round = 0; taken < 5000; round += 1) {
    for (let i = 0; i <= (round * 5) % RING_GROUPS && writer.hasRoom; i += 1) {
      expect(writer.slot).toBe(put % RING_GROUPS);
      writer.put(noteOf(put));
      put += 1;
    }
    for (let i = 0; i <= (round * 3) % RING_GROUPS && reader.peek(into); i += 1) {
      expect(reader.slot).toBe(taken % RING_GROUPS);
      expect(into).toEqual(noteOf(taken));
      reader.free();
      taken += 1;
    }
    expect(put - taken).toBeLessThanOrEqual(RING_GROUPS);
  }
});

it("has room for so many groups, and no more before one is freed", () => {
  const { writer, reader } = pair();
  for (let i = 0; i < RING_GROUPS; i += 1) {
    expect(writer.hasRoom).toBe(true);
    writer.put(noteOf(i));
  }
  expect(writer.hasRoom).toBe(false);
  reader.free();
  expect(writer.hasRoom).toBe(true);
});

it("tells the writer of a reader that waits, once", () => {
  const { writer, reader } = pair();
  writer.put(noteOf(0));
  expect(writer.isAwaited(1)).toBe(false);
  expect(reader.wait()).toBe(false);
  expect(writer.isAwaited(1)).toBe(true);
  reader.free();
  expect(reader.wait()).toBe(true);
  writer.put(noteOf(1));
  expect(writer.isAwaited(2)).toBe(false);
  writer.put(noteOf(2));
  expect(writer.isAwaited(2)).toBe(true);
  expect(writer.isAwaited(1)).toBe(false);
});

it("lets a writer that waits go on when some slots are free, or after a while", () => {
  const { writer, reader } = pair();
  for (let i = 0; i < RING_GROUPS; i += 1) writer.put(noteOf(i));
  const before = performance.now();
  writer.waitForRoom(30);
  expect(performance.now() - before).toBeGreaterThan(25);
  expect(writer.hasRoom).toBe(false);
  for (let i = 0; i < RING_GROUPS / 2; i += 1) reader.free();
  const free = performance.now();
  writer.waitForRoom(10_000);
  expect(performance.now() - free).toBeLessThan(5000);
});

it("wakes a writer in another thread", async () => {
  const { writer, reader } = pair();
  for (let i = 0; i < RING_GROUPS; i += 1) writer.put(noteOf(i));
  const blocked = new Worker(
    `const { parentPort, workerData } = require("node:worker_threads");
     const words = new Int32Array(workerData, 0, 4);
     parentPort.postMessage("begins");
     // What waitForRoom does: the word is told to be waited for, then waited on.
     Atomics.store(words, 3, 1);
     parentPort.postMessage(Atomics.wait(words, 3, 1, 60000));`,
    { eval: true, workerData: reader.shared },
  );
  const said: string[] = [];
  const ended = new Promise<void>((resolve) => {
    blocked.on("message", (message: string) => {
      said.push(message);
      if (message !== "begins") resolve();
    });
  });
  const words = new Int32Array(reader.shared, 0, 4);
  await until(() => Atomics.load(words, 3) === 1, "told that it waits");
  for (let i = 0; i < RING_GROUPS; i += 1) reader.free();
  await ended;
  await blocked.terminate();
  expect(said[0]).toBe("begins");
  expect(["ok", "not-equal"]).toContain(said[1]);
});
