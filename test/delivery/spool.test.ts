import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { QueuedRecord } from "../../src/delivery/queued-record.ts";
import { Spool } from "../../src/delivery/spool.ts";

let folder = "";
let reports: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "portflow-spool-"));
  reports = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (size = 1 << 20): Promise<Spool> =>
  Spool.open({ folder, size, report: (line) => reports.push(line) });

function record(i: number, length = 40): QueuedRecord {
  return { id: `id-${i}`, time: 1.5 + i, octets: Buffer.from(`record ${i} `.padEnd(length, "ä")) };
}

const records = (from: number, to: number, length?: number): QueuedRecord[] =>
  Array.from({ length: to - from }, (_, i) => record(from + i, length));

const plain = (list: readonly QueuedRecord[]): object[] =>
  list.map(({ id, time, octets }) => ({ id, time, text: Buffer.from(octets).toString("utf8") }));

async function takeAll(spool: Spool): Promise<QueuedRecord[]> {
  const all: QueuedRecord[] = [];
  while (spool.waiting > 0) all.push(...(await spool.take(7, 1 << 20)));
  return all;
}

/** Ends it as a kill does: nothing is finished, and nobody has the lock. */
async function kill(spool: Spool): Promise<void> {
  await spool["file"]?.close();
  rmSync(join(folder, "lock"));
}

const segments = (): string[] => readdirSync(folder).filter((name) => name.endsWith(".spool"));

describe("Spool", () => {
  it("gives back what was appended, in order", async () => {
    const spool = await open();
    await spool.append(records(0, 10));
    await spool.append(records(10, 25));
    expect(spool.pending).toBe(25);
    expect(plain(await takeAll(spool))).toEqual(plain(records(0, 25)));
    expect([spool.pending, spool.waiting]).toEqual([25, 0]);
    await spool.acknowledge();
    expect(spool.pending).toBe(0);
    await spool.close();
    expect(segments()).toEqual([]);
  });

  it("takes no more at a time than is asked for, but one", async () => {
    const spool = await open();
    await spool.append([record(0, 100), record(1, 100), record(2, 3_000_000), record(3, 10)]);
    expect(await spool.take(1, 1000)).toHaveLength(1);
    expect(plain(await spool.take(9, 90))).toEqual(plain([record(1, 100)]));
    expect(plain(await spool.take(9, 90))).toEqual(plain([record(2, 3_000_000)]));
    expect(await spool.take(9, 90)).toHaveLength(1);
    expect(await spool.take(9, 90)).toHaveLength(0);
    await spool.close();
  });

  it("goes on after a kill with all that was not acknowledged", async () => {
    const first = await open();
    await first.append(records(0, 30));
    await first.take(12, 1 << 20);
    await first.acknowledge();
    await first.take(5, 1 << 20);
    await kill(first);
    const second = await open();
    expect(second.pending).toBe(18);
    await second.append(records(30, 33));
    expect(plain(await takeAll(second))).toEqual(plain(records(12, 33)));
    await second.acknowledge();
    await kill(second);
    const third = await open();
    expect(third.pending).toBe(0);
    await third.append(records(33, 34));
    expect(plain(await takeAll(third))).toEqual(plain(records(33, 34)));
    await third.close();
    expect(reports).toEqual([]);
  });

  it("keeps every whole record when its file is cut at any octet", async () => {
    const spool = await open();
    await spool.append(records(0, 4));
    await kill(spool);
    const [name = ""] = segments();
    const whole = readFileSync(join(folder, name));
    // Header of 16, then frames of 8 + 9 + 4 octets ("id-0") and the text: "ä" has two octets.
    const size = 8 + 9 + 4 + Buffer.byteLength("record 0 ".padEnd(40, "ä"));
    expect(whole.length).toBe(16 + 4 * size);
    for (let cut = 0; cut < whole.length; cut += 1) {
      writeFileSync(join(folder, name), whole.subarray(0, cut));
      const again = await open();
      const sound = Math.max(0, Math.floor((cut - 16) / size));
      expect(again.pending).toBe(sound);
      await again.append(records(90, 92));
      expect(plain(await takeAll(again))).toEqual(
        plain([...records(0, sound), ...records(90, 92)]),
      );
      await kill(again);
      for (const left of segments()) rmSync(join(folder, left));
      rmSync(join(folder, "acknowledged"), { force: true });
    }
    expect(reports.length).toBeGreaterThan(3 * size);
  });

  it("never gives back a record that is not what was appended, whatever octet is changed", async () => {
    const spool = await open();
    await spool.append(records(0, 4));
    await kill(spool);
    const [name = ""] = segments();
    const whole = readFileSync(join(folder, name));
    const sound = new Set(plain(records(0, 4)).map((one) => JSON.stringify(one)));
    for (let at = 16; at < whole.length; at += 1) {
      const changed = Buffer.from(whole);
      changed[at]! ^= 0x41;
      writeFileSync(join(folder, name), changed);
      const again = await open();
      const got = plain(await takeAll(again)).map((one) => JSON.stringify(one));
      expect(got.every((one) => sound.has(one))).toBe(true);
      expect(got.length).toBeLessThan(4);
      await kill(again);
    }
  });

  it("takes a stretch of zeros for no records", async () => {
    const spool = await open();
    await spool.append(records(0, 2));
    await kill(spool);
    appendFileSync(join(folder, segments()[0]!), Buffer.alloc(1000));
    const again = await open();
    expect(again.pending).toBe(2);
    expect(reports[0]).toContain("the last 1000 octets, after record 2, are no whole record");
    await again.close();
  });

  it("has no room beyond its size, and some again when a segment is acknowledged", async () => {
    const spool = await open(1 << 16);
    let appended = 0;
    while (await spool.append(records(appended, appended + 10, 400))) appended += 10;
    const octets = segments().reduce(
      (sum, name) => sum + readFileSync(join(folder, name)).length,
      0,
    );
    expect(octets).toBeLessThanOrEqual(1 << 16);
    expect(octets).toBeGreaterThan(50_000);
    expect(segments().length).toBeGreaterThan(3);
    const taken = await spool.take(30, 1 << 20);
    await spool.acknowledge();
    expect(await spool.append(records(appended, appended + 10, 400))).toBe(true);
    expect((await takeAll(spool))[0]!.id).toBe(`id-${taken.length}`);
    await spool.close();
  });

  it("drops the oldest whole segment that is not on its way, and counts it", async () => {
    const spool = await open(1 << 16);
    let appended = 0;
    while (await spool.append(records(appended, appended + 10, 400))) appended += 10;
    const onItsWay = await spool.take(3, 1 << 20);
    const before = spool.pending;
    const dropped = await spool.dropOldest();
    expect(dropped).toBeGreaterThan(0);
    expect(spool.pending).toBe(before - dropped);
    const rest = await takeAll(spool);
    expect(onItsWay.length + rest.length + dropped).toBe(appended);
    const ids = [...onItsWay, ...rest].map(({ id }) => Number(id.slice(3)));
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    await spool.acknowledge();
    expect(spool.pending).toBe(0);
    await spool.close();
  });

  it("says how many records are gone with a damaged segment in the middle", async () => {
    const spool = await open(1 << 16);
    for (let i = 0; i < 60; i += 10) await spool.append(records(i, i + 10, 400));
    await kill(spool);
    const names = segments().sort();
    const path = join(folder, names[1]!);
    const octets = readFileSync(path);
    writeFileSync(path, octets.subarray(0, 16));
    const again = await open(1 << 16);
    expect(again.lost).toBeGreaterThan(0);
    expect(again.pending + again.lost).toBe(60);
    expect(await takeAll(again)).toHaveLength(60 - again.lost);
    await again.close();
  });

  it("belongs to one process at a time", async () => {
    writeFileSync(join(folder, "lock"), "1\n");
    await expect(open()).rejects.toThrow("process 1 uses this spool");
    // Beyond the largest process number: nobody.
    writeFileSync(join(folder, "lock"), "99999999\n");
    await (await open()).close();
  });

  it("keeps records that were refused beside it", async () => {
    const spool = await open();
    await spool.setAside(record(1), "too odd");
    expect(JSON.parse(readFileSync(join(folder, "rejected.ndjson"), "utf8"))).toMatchObject({
      reason: "too odd",
      id: "id-1",
    });
    await spool.close();
  });

  it("does what a list does, in any order of doings and kills", async () => {
    const step = fc.oneof(
      fc.record({ what: fc.constant("append" as const), count: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ what: fc.constant("take" as const), count: fc.integer({ min: 1, max: 80 }) }),
      fc.record({ what: fc.constant("kill" as const), count: fc.constant(0) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        rmSync(folder, { recursive: true, force: true });
        let spool = await open(1 << 17);
        let appended = 0;
        let acknowledged = 0;
        for (const { what, count } of steps) {
          if (what === "append") {
            if (await spool.append(records(appended, appended + count, 300))) appended += count;
          } else if (what === "take") {
            const taken = await spool.take(count, 1 << 20);
            expect(plain(taken)).toEqual(
              plain(records(acknowledged, acknowledged + taken.length, 300)),
            );
            await spool.acknowledge();
            acknowledged += taken.length;
          } else {
            await kill(spool);
            spool = await open(1 << 17);
          }
          expect(spool.pending).toBe(appended - acknowledged);
        }
        await spool.close();
      }),
      { numRuns: 60 },
    );
  });
});
