import { spawnSync } from "node:child_process";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Decompressors } from "../../../src/capture/compression/compressed.ts";
import type { Compression } from "../../../src/capture/compression/compression.ts";
import { toolOctets } from "../../../src/capture/compression/tool-octets.ts";
import { hasZlibZstd } from "../../../src/capture/compression/zlib-octets.ts";
import { chunkOctets } from "../../../src/capture/input/chunk-octets.ts";
import { openCaptureBytes } from "../../../src/capture/open.ts";
import { CaptureError } from "../../../src/core/errors.ts";
import { join, payload, pcap } from "../../support/capture-bytes.ts";
import { inChunks, type Reading, readAll, readBytes } from "../../support/capture-rows.ts";
import {
  skippableFrame,
  storedGzip,
  storedLz4,
  storedXz,
  storedZstd,
} from "../../support/compressed-bytes.ts";

const RECORDS = Array.from({ length: 3000 }, (_, n) => ({
  fraction: n,
  data: payload(n % 200, n * 31),
}));
const CAPTURE = pcap({}, RECORDS);
const SMALL = pcap({}, RECORDS.slice(50, 60));

async function read(
  bytes: Uint8Array,
  options: { chunk?: number; with?: Decompressors } = {},
): Promise<Reading> {
  const chunks = inChunks(bytes, options.chunk ?? 65_536);
  const source = await openCaptureBytes(chunks, "x", { decompressors: options.with ?? "any" });
  return readAll(source);
}

const hasTool = (tool: Compression) => spawnSync(tool, ["--version"]).status === 0;
const gzip = (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes));

/** There is no way to store in bzip2: its own tool compresses, into blocks of 100 kB as it has to be. */
const bzip2 = (bytes: Uint8Array) =>
  new Uint8Array(spawnSync("bzip2", ["-1c"], { input: bytes, maxBuffer: 1 << 28 }).stdout);

type Way = [
  name: string,
  compress: (bytes: Uint8Array) => Uint8Array,
  how: Decompressors,
  there: boolean,
];
const WAYS: Way[] = [
  ["gzip", gzip, "any", true],
  ["zstd", storedZstd, "any", true],
  ["zstd without its tool", storedZstd, "library", true],
  ["xz", storedXz, "any", true],
  ["xz without its tool", storedXz, "library", true],
  ["lz4", storedLz4, "any", hasTool("lz4")],
  ["bzip2", bzip2, "any", hasTool("bzip2")],
];

describe.each(WAYS)("%s", (_name, compress, how, there) => {
  it.runIf(there)("gives the rows of the plain capture, from chunks of any size", async () => {
    const plain = await readBytes(CAPTURE);
    expect(plain.rows).toHaveLength(RECORDS.length);
    const bytes = compress(CAPTURE);
    for (const chunk of [1_000_000, 1021]) {
      const { rows, error, source } = await read(bytes, { chunk, with: how });
      expect(error).toBeUndefined();
      expect(rows).toEqual(plain.rows);
      expect(source.counters.bytes).toBe(CAPTURE.length);
      expect(source.progress.octetsRead).toBe(bytes.length);
    }
  });

  it.runIf(there)("reads members that follow one another as one capture", async () => {
    const parts = [
      CAPTURE.subarray(0, 100),
      CAPTURE.subarray(100, 70_001),
      CAPTURE.subarray(70_001),
    ];
    const bytes = join(...parts.map(compress));
    for (const chunk of [1_000_000, 997]) {
      const { rows, error } = await read(bytes, { chunk, with: how });
      expect([rows.length, error]).toEqual([RECORDS.length, undefined]);
    }
  });

  it.runIf(there)("hands over packets before a cut, then says where it stopped", async () => {
    const plain = await readBytes(CAPTURE);
    const bytes = compress(CAPTURE);
    const { rows, error } = await read(bytes.subarray(0, Math.floor(bytes.length * 0.75)), {
      with: how,
    });
    expect(rows.length).toBeGreaterThan(1000);
    expect(rows).toEqual(plain.rows.slice(0, rows.length));
    expect(error).toBeInstanceOf(CaptureError);
    expect(error).toMatchObject({ code: "PF_CAPTURE_COMPRESSION", exitCode: 3 });
    const { offset, message } = error as CaptureError;
    const read1 = RECORDS.slice(0, rows.length).reduce(
      (sum, { data }) => sum + 16 + data.length,
      24,
    );
    expect(offset).toBeGreaterThanOrEqual(read1);
    expect(offset).toBeLessThan(read1 + 16 + 200);
    expect(message).toMatch(
      new RegExp(
        `^x: (gzip|zstd|xz|lz4|bzip2) data damaged or cut short \\(.+\\) at byte ${offset} of the decompressed data$`,
      ),
    );
    expect(message).not.toContain("\n");
  });

  it.runIf(there)("never takes a cut for the end, wherever it is", async () => {
    const plain = await readBytes(SMALL);
    const bytes = compress(SMALL);
    // A process for each cut costs more than the cut teaches.
    const step = how === "library" || compress === gzip ? 5 : 101;
    for (let cut = 1; cut < bytes.length; cut += step) {
      const reading = await read(bytes.subarray(0, cut), { with: how }).catch((error: unknown) => ({
        rows: [],
        error,
      }));
      expect([cut, reading.error instanceof CaptureError]).toEqual([cut, true]);
      expect(reading.rows).toEqual(plain.rows.slice(0, reading.rows.length));
    }
  });

  it.runIf(there)("names what is in it when that is no capture", async () => {
    await expect(read(compress(Buffer.from("a,b,c\n1,2,3\n")), { with: how })).rejects.toThrow(
      'x: not a capture: starts with "a,b,c\\n1,2,3\\n"',
    );
    await expect(read(compress(gzip(SMALL)), { with: how })).rejects.toThrow(
      "x: is compressed twice; decompress it once first",
    );
  });

  it.runIf(there)("stops at once when closed, and leaves no process behind", async () => {
    const bytes = compress(CAPTURE);
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield bytes;
      await new Promise(() => undefined);
    }
    const source = await openCaptureBytes(endless(), "x", { decompressors: how });
    await source.close();
    await source.close();
    await vi.waitFor(() => {
      expect(process.getActiveResourcesInfo()).not.toContain("ProcessWrap");
    });
  });
});

describe("gzip", () => {
  it("hands over all packets before a checksum that does not hold", async () => {
    for (const back of [1, 5]) {
      const bytes = gzip(CAPTURE);
      bytes[bytes.length - back]! ^= 1;
      const { rows, error } = await read(bytes);
      expect(rows).toHaveLength(RECORDS.length);
      expect(error).toMatchObject({ code: "PF_CAPTURE_COMPRESSION", offset: CAPTURE.length });
    }
  });

  it.each([
    ["a name", 0x08, "capture.pcap\0"],
    ["everything", 0x1e, "\x03\0abccapture.pcap\0made by hand\0\x12\x34"],
    ["a long comment", 0x10, `${"long ".repeat(1000)}\0`],
  ])("passes over a header with %s", async (_name, flags, fields) => {
    const bytes = gzip(CAPTURE);
    bytes[3] = flags;
    const whole = join(bytes.subarray(0, 10), Buffer.from(fields, "latin1"), bytes.subarray(10));
    const { rows, error } = await read(whole, { chunk: 100 });
    expect([rows.length, error]).toEqual([RECORDS.length, undefined]);
  });

  it.each([
    [1000, 5],
    [1000, 200],
    [60_000, 4],
  ])("loses at most a few packets before damage: blocks of %i, the %ith", async (block, which) => {
    const bytes = storedGzip(CAPTURE, block);
    // The block's length no longer agrees with its complement, which is seen right there.
    bytes[10 + which * (block + 5) + 3]! ^= 1;
    const plain = await readBytes(CAPTURE);
    const { rows, error } = await read(bytes);
    expect(error).toMatchObject({ code: "PF_CAPTURE_COMPRESSION" });
    expect(rows).toEqual(plain.rows.slice(0, rows.length));
    const { offset } = error as CaptureError;
    const sound = which * block;
    expect(offset).toBeLessThanOrEqual(sound);
    expect(offset).toBeGreaterThan(sound - Math.max(512, sound / 32));
  });

  it.each([
    ["zeros", new Uint8Array(512)],
    ["a text", Buffer.from("signed by nobody")],
    ["one octet", Uint8Array.of(7)],
  ])("ignores %s after the last member", async (_name, garbage) => {
    for (const chunk of [100_000_000, 1000]) {
      const { rows, error } = await read(join(gzip(CAPTURE), garbage), { chunk });
      expect([rows.length, error]).toEqual([RECORDS.length, undefined]);
    }
  });
});

describe("zstd", () => {
  it.each(["any", "library"] as const)("passes over skippable frames, with %s", async (how) => {
    const bytes = join(
      skippableFrame(payload(9)),
      storedZstd(CAPTURE.subarray(0, 99)),
      skippableFrame(payload(0)),
      storedZstd(CAPTURE.subarray(99)),
    );
    const { rows, error } = await read(bytes, { with: how });
    expect([rows.length, error]).toEqual([RECORDS.length, undefined]);
  });

  it.runIf(!hasZlibZstd())(
    "refuses a window that would take too much memory, in the library",
    async () => {
      const frame = storedZstd(CAPTURE);
      frame[5] = 18 << 3; // 2^28
      await expect(read(frame, { with: "library" })).rejects.toThrow(
        "needs more than 128 MiB of memory",
      );
      const single = join(frame.subarray(0, 4), Uint8Array.of(0xe0), payload(8, 255), payload(20));
      await expect(read(single, { with: "library" })).rejects.toThrow(
        "needs more than 128 MiB of memory",
      );
    },
  );
});

describe("a missing tool", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it("is named, with where to get it, when there is no other way", async () => {
    vi.stubEnv("PATH", "/nowhere");
    await expect(read(storedLz4(CAPTURE))).rejects.toMatchObject({
      code: "PF_CAPTURE_TOOL",
      exitCode: 3,
      message:
        "x: lz4 compressed, and the lz4 tool is not installed; install it (Debian: apt install lz4, macOS: brew install lz4)",
    });
  });

  it.each([
    ["zstd", storedZstd],
    ["xz", storedXz],
  ])("is replaced by a library: %s", async (_name, compress) => {
    vi.stubEnv("PATH", "/nowhere");
    const { rows, error } = await read(compress(CAPTURE));
    expect([rows.length, error]).toEqual([RECORDS.length, undefined]);
  });

  it("leaves the octets unread", async () => {
    vi.stubEnv("PATH", "/nowhere");
    const source = chunkOctets(inChunks(CAPTURE, 1000));
    expect(await toolOctets("xz", source)).toBeUndefined();
    expect(source.progress.octetsRead).toBe(0);
  });
});
