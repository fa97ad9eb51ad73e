import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { followCapture } from "../../src/capture/follow.ts";
import type { CaptureSource } from "../../src/capture/source.ts";
import type { CaptureError } from "../../src/core/errors.ts";
import { newPacketBatch } from "../../src/core/packet-batch.ts";
import { join as octets, Pcapng, pcap, pcapHeader, pcapRecord } from "../support/capture-bytes.ts";
import { until } from "../support/until.ts";

let folder = "";
let path = "";
let source: CaptureSource;
const errors: CaptureError[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "portflow-follow-"));
  path = join(folder, "live.pcap");
  errors.length = 0;
});
afterEach(async () => {
  await source?.close();
  rmSync(folder, { recursive: true, force: true });
});

const record = (mark: number): Uint8Array =>
  pcapRecord({ seconds: mark, data: Uint8Array.of(mark) });
const capture = (...marks: readonly number[]): Uint8Array =>
  octets(pcapHeader(), ...marks.map(record));

async function follow(): Promise<void> {
  source = await followCapture(path, (error) => errors.push(error));
}

/** The marks of the next packets, as many as are asked for. */
async function next(count: number): Promise<number[]> {
  const batch = newPacketBatch();
  const marks: number[] = [];
  while (marks.length < count && (await source.fill(batch))) {
    for (let row = 0; row < batch.count; row += 1) marks.push(batch.bytes[batch.start[row]!]!);
  }
  return marks;
}

describe("followCapture", () => {
  it("waits at the end for more, in the middle of a record too", async () => {
    writeFileSync(path, capture(1, 2));
    await follow();
    expect(await next(2)).toEqual([1, 2]);
    const third = record(3);
    appendFileSync(path, third.subarray(0, 9));
    const waiting = next(1);
    setTimeout(() => appendFileSync(path, third.subarray(9)), 30);
    expect(await waiting).toEqual([3]);
    expect(source.counters).toMatchObject({ files: 1, bytes: 24 + 3 * 17 });
  });

  it("waits for the header of a file that is still empty", async () => {
    writeFileSync(path, "");
    await follow();
    const waiting = next(1);
    setTimeout(() => appendFileSync(path, pcapHeader()), 20);
    setTimeout(() => appendFileSync(path, record(7)), 40);
    expect(await waiting).toEqual([7]);
  });

  it("goes on with the new file after a rename, when the old one has no more", async () => {
    writeFileSync(path, capture(1));
    await follow();
    expect(await next(1)).toEqual([1]);
    renameSync(path, `${path}.1`);
    // The writer still has the old one open.
    appendFileSync(`${path}.1`, record(2));
    expect(await next(1)).toEqual([2]);
    appendFileSync(`${path}.1`, record(3));
    writeFileSync(path, capture(4));
    expect(await next(2)).toEqual([3, 4]);
    appendFileSync(path, record(5));
    expect(await next(1)).toEqual([5]);
    expect(source.counters).toMatchObject({ files: 2, sections: 2 });
    expect(errors).toEqual([]);
  });

  it("begins anew where the file does", async () => {
    writeFileSync(path, capture(1, 2, 3));
    await follow();
    expect(await next(3)).toEqual([1, 2, 3]);
    const waiting = next(1);
    setTimeout(() => writeFileSync(path, capture(4)), 20);
    expect(await waiting).toEqual([4]);
  });

  it("numbers the interfaces of all its files", async () => {
    const file = (name: string): Uint8Array => {
      const ng = new Pcapng();
      return octets(ng.section(), ng.interface({ options: [[2, Buffer.from(name)]] }), ng.packet());
    };
    writeFileSync(path, file("eth0"));
    await follow();
    const batch = newPacketBatch();
    await source.fill(batch);
    expect(batch.interfaceIndex[0]).toBe(0);
    renameSync(path, `${path}.1`);
    writeFileSync(path, file("eth1"));
    await source.fill(batch);
    expect(batch.interfaceIndex[0]).toBe(1);
    expect(source.interfaces.map(({ name }) => name)).toEqual(["eth0", "eth1"]);
  });

  it("tells of a file that was left in the middle of a record, and of one that is no capture", async () => {
    writeFileSync(path, octets(capture(1), record(2).subarray(0, 10)));
    await follow();
    expect(await next(1)).toEqual([1]);
    renameSync(path, `${path}.1`);
    writeFileSync(path, "what is this? certainly no capture");
    const waiting = next(1);
    await until(
      () => errors.length >= 2,
      "told of both",
      () => String(errors),
    );
    expect(errors.map(({ code }) => code)).toEqual(["PF_CAPTURE_TRUNCATED", "PF_CAPTURE_FORMAT"]);
    renameSync(path, `${path}.2`);
    writeFileSync(path, capture(9));
    expect(await waiting).toEqual([9]);
  });

  it("ends when it is closed, whatever it waits for, without complaint", async () => {
    for (const content of [pcap({}, [{}]), octets(capture(1), record(2).subarray(0, 3)), ""]) {
      writeFileSync(path, content);
      await follow();
      const count = content === "" ? 0 : 1;
      expect((await next(count)).length).toBe(count);
      const waiting = next(1);
      setTimeout(() => void source.close(), 20);
      expect(await waiting).toEqual([]);
    }
    expect(errors).toEqual([]);
  });

  it("refuses what is not there, and what is no capture at first", async () => {
    await expect(follow()).rejects.toMatchObject({ code: "PF_CAPTURE_NOT_FOUND" });
    writeFileSync(path, "this is no capture, not even a bit");
    await follow();
    await expect(next(1)).rejects.toMatchObject({ code: "PF_CAPTURE_FORMAT" });
  });
});
