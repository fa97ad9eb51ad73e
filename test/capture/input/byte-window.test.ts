import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteWindow } from "../../../src/capture/input/byte-window.ts";
import { chunkOctets } from "../../../src/capture/input/chunk-octets.ts";
import { type OctetReader, ReadFailure } from "../../../src/capture/input/octet-reader.ts";
import { octetsAfterHead, readHead } from "../../../src/capture/input/octets-after-head.ts";
import { payload } from "../../support/capture-bytes.ts";
import { inChunks } from "../../support/capture-rows.ts";

function windowOn(bytes: Uint8Array, chunk: number): ByteWindow {
  return new ByteWindow("test", chunkOctets(inChunks(bytes, chunk)));
}

/** A reader that must not be asked for octets but at once. */
function directReader(readNow: Required<OctetReader>["readNow"]): OctetReader {
  return {
    progress: { octetsRead: 0, octetsTotal: undefined },
    read: () => Promise.reject(new Error("read ahead")),
    readNow,
    close: async () => undefined,
  };
}

/** A window of `room` octets that reads at once, `chunk` octets at most a time. */
function directWindowOn(bytes: Uint8Array, chunk: number, room: number): ByteWindow {
  let taken = 0;
  const reader = directReader((target, start, length) => {
    const octets = bytes.subarray(taken, taken + Math.min(length, chunk));
    taken += octets.length;
    target.set(octets, start);
    return octets.length;
  });
  return new ByteWindow("test", reader, { chunk: room, blocks: true });
}

describe("ByteWindow", () => {
  it.each([
    ["reads ahead", windowOn],
    ["reads at once", (bytes, chunk) => directWindowOn(bytes, chunk, 5000)],
    ["reads at once into little memory", (bytes, chunk) => directWindowOn(bytes, chunk, 300)],
  ] as [string, typeof windowOn][])(
    "holds the octets of the capture at every step, whatever the steps and the chunks: %s",
    async (_, open) => {
      const bytes = payload(5000);
      const step = fc.record({ needed: fc.integer({ min: 1, max: 900 }), skip: fc.boolean() });
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 3000 }),
          fc.array(step, { maxLength: 30 }),
          async (chunk, steps) => {
            const window = open(bytes, chunk);
            let offset = 0;
            for (const { needed, skip } of steps) {
              expect(window.offset).toBe(offset);
              if (skip) {
                const skipped = await window.skip(needed);
                expect(skipped).toBe(Math.min(needed, bytes.length - offset));
                offset += skipped;
                continue;
              }
              const left = bytes.length - offset;
              expect(await window.more(needed)).toBe(left >= needed);
              const length = Math.min(needed, left);
              expect(window.available).toBeGreaterThanOrEqual(length);
              const { position } = window;
              const there = window.bytes.subarray(position, position + length);
              expect(Buffer.compare(there, bytes.subarray(offset, offset + length))).toBe(0);
              expect(window.view.buffer).toBe(window.bytes.buffer);
              window.position += length;
              offset += length;
            }
            await window.close();
          },
        ),
        { numRuns: 200 },
      );
    },
  );

  it("reads ahead, but never into the octets at hand", async () => {
    const lengths: number[] = [];
    const reader: OctetReader = {
      progress: { octetsRead: 0, octetsTotal: undefined },
      read: async (target, start, length) => {
        lengths.push(length);
        target.fill(lengths.length, start, start + length);
        return length;
      },
      close: async () => undefined,
    };
    const window = new ByteWindow("test", reader);
    await window.more(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(lengths).toHaveLength(2);
    expect(window.bytes.subarray(window.position, window.end).every((octet) => octet === 1)).toBe(
      true,
    );
  });

  it("keeps its size over records of any size up to its largest", async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield new Uint8Array(300_000);
    }
    const window = new ByteWindow("test", chunkOctets(endless()));
    for (let round = 0; round < 40; round += 1) {
      const needed = round % 2 === 0 ? 2_000_000 : 70_000;
      expect(await window.more(needed)).toBe(true);
      window.position += needed;
    }
    expect(window.bytes.length).toBeLessThanOrEqual(3_000_000);
    await window.close();
  });

  it("reads at once only what is asked for, into the memory that it was given", async () => {
    const memory = new Uint8Array(100);
    const reads: (readonly [number, number])[] = [];
    const reader = directReader((target, start, length) => {
      expect(target.buffer).toBe(memory.buffer);
      reads.push([start, length]);
      return length;
    });
    const allocate = (octets: number): Uint8Array => memory.subarray(0, octets);
    const window = new ByteWindow("test", reader, { chunk: 90, blocks: true, allocate });
    expect(await window.more(1)).toBe(true);
    window.position += 60;
    expect(await window.more(30)).toBe(true);
    expect(reads).toEqual([[0, 90]]);
    expect(await window.more(31)).toBe(true);
    // 30 octets were left and went to the front.
    expect(reads).toEqual([
      [0, 90],
      [30, 60],
    ]);
    expect(window.offset).toBe(60);
  });

  it("reads ahead into the memory that it was given", async () => {
    const asked: number[] = [];
    const memory = new Uint8Array(1000);
    const allocate = (octets: number): Uint8Array => {
      asked.push(octets);
      return memory.subarray(7, 7 + octets);
    };
    const bytes = payload(500);
    const window = new ByteWindow("test", chunkOctets(inChunks(bytes, 100)), {
      chunk: 100,
      allocate,
    });
    for (let offset = 0; offset < 500; offset += 50) {
      expect(await window.more(60)).toBe(offset < 450);
      expect(window.bytes.buffer).toBe(memory.buffer);
      const { position } = window;
      expect(window.bytes.slice(position, position + 50)).toEqual(bytes.slice(offset, offset + 50));
      expect(window.view.getUint8(position)).toBe(bytes[offset]);
      window.position += 50;
    }
    expect(asked).toEqual([400]);
  });

  it("names the offset where reading at once failed", async () => {
    let reads = 0;
    const reader = directReader(() => {
      reads += 1;
      if (reads === 1) return 100;
      throw new ReadFailure("PF_CAPTURE_READ", "can't be read (EIO)");
    });
    const window = new ByteWindow("disk.pcap", reader, { blocks: true });
    expect(await window.more(60)).toBe(true);
    window.position += 60;
    await expect(window.more(41)).rejects.toMatchObject({
      code: "PF_CAPTURE_READ",
      offset: 100,
      message: "disk.pcap: can't be read (EIO) at byte 100",
    });
    expect(await window.more(41)).toBe(false);
    expect(reads).toBe(2);
  });

  it("names the offset where reading failed, after the octets before it", async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(100);
      throw new ReadFailure("PF_CAPTURE_READ", "can't be read (EIO)");
    }
    const window = new ByteWindow("disk.pcap", chunkOctets(failing()));
    expect(await window.more(60)).toBe(true);
    window.position += 60;
    expect(await window.more(40)).toBe(true);
    await expect(window.more(41)).rejects.toMatchObject({
      code: "PF_CAPTURE_READ",
      path: "disk.pcap",
      offset: 100,
      message: "disk.pcap: can't be read (EIO) at byte 100",
    });
    expect(await window.more(41)).toBe(false);
  });

  it("turns a stream's own error into a read failure", async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(3);
      throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
    }
    const window = new ByteWindow("-", chunkOctets(failing()));
    await expect(window.more(4)).rejects.toMatchObject({
      message: "-: can't be read (ECONNRESET) at byte 3",
    });
  });

  it("gives up waiting when it is closed", async () => {
    async function* never(): AsyncGenerator<Uint8Array> {
      await new Promise(() => undefined);
      yield new Uint8Array(1);
    }
    const window = new ByteWindow("test", chunkOctets(never()));
    const waiting = window.more(1);
    await window.close();
    expect(await waiting).toBe(false);
    expect(window.closed).toBe(true);
  });
});

describe("readHead", () => {
  it("takes what it needs, no more than one read brings beyond, and gives it back", async () => {
    const reader = chunkOctets(inChunks(payload(50), 5));
    const head = await readHead(reader, 12, 64);
    expect(head).toEqual(payload(50).subarray(0, 15));
    const whole = octetsAfterHead(head, reader);
    const target = new Uint8Array(60);
    let filled = 0;
    for (let octets = -1; octets !== 0; filled += octets)
      octets = await whole.read(target, filled, 7);
    expect(target.subarray(0, filled)).toEqual(payload(50));
  });

  it("takes all there is of a short source", async () => {
    expect(await readHead(chunkOctets(inChunks(payload(3), 1)), 12, 64)).toEqual(payload(3));
  });
});
