import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCapture, openCaptureBytes } from "../../src/capture/open.ts";
import { newPacketBatch } from "../../src/core/packet-batch.ts";
import { Pcapng, payload, pcap, pcapHeader } from "../support/capture-bytes.ts";
import { readAll } from "../support/capture-rows.ts";

const ascii = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));
let directory = "";

beforeAll(async () => {
  directory = await mkdtemp(joinPath(tmpdir(), "portflow-open-"));
});
afterAll(() => rm(directory, { recursive: true }));

async function file(name: string, bytes: Uint8Array): Promise<string> {
  const path = joinPath(directory, name);
  await writeFile(path, bytes);
  return path;
}

describe("openCapture", () => {
  it("reads a file, and knows its size and how far it is", async () => {
    const bytes = pcap({}, [{}, { data: payload(100) }]);
    const path = await file("two.pcap", bytes);
    const { rows, error, source } = await readAll(await openCapture(path));
    expect([rows.length, error, source.name]).toEqual([2, undefined, path]);
    expect(source.progress).toEqual({ octetsRead: bytes.length, octetsTotal: bytes.length });
  });

  it("reads a file larger than its window, row by row the same as from memory", async () => {
    const records = Array.from({ length: 20_000 }, (_, n) => ({
      fraction: n,
      data: payload(n % 120, n),
    }));
    const bytes = pcap({}, records);
    const path = await file("large.pcap", bytes);
    const fromFile = await readAll(await openCapture(path));
    const atOnce = await readAll(await openCapture(path, { blocks: true }));
    const fromMemory = await readAll(await openCaptureBytes(bytes, "memory"));
    expect(fromFile.rows).toHaveLength(20_000);
    expect(fromFile.rows).toEqual(fromMemory.rows);
    expect(atOnce.rows).toEqual(fromMemory.rows);
    expect(atOnce.source.progress).toEqual({ octetsRead: bytes.length, octetsTotal: bytes.length });
  });

  it("says how much of a damaged file was not read, where the file is plain", async () => {
    const whole = pcap({}, [{}, {}, { capturedLength: 0x7fff_ffff }, {}]);
    const plain = await file("damaged.pcap", whole);
    const packed = await file("damaged.pcap.gz", gzipSync(whole));
    // The third of four records of 36 octets behind 24 of file header.
    const words = "damaged: a packet record of 2147483647 octets at byte 96";
    const left = "; 72 octets from there on were not read";
    const messages = await Promise.all(
      [plain, packed].map(async (path) => {
        const { rows, error } = await readAll(await openCapture(path));
        expect(rows).toHaveLength(2);
        return (error as Error).message;
      }),
    );
    expect(messages).toEqual([`${plain}: ${words}${left}`, `${packed}: ${words}`]);
  });

  it("can be closed while a read is under way, and again", async () => {
    const source = await openCapture(await file("closing.pcap", pcap({}, [{}])));
    const filling = source.fill(newPacketBatch());
    await Promise.all([source.close(), source.close()]);
    await filling;
    expect(await source.fill(newPacketBatch())).toBe(false);
  });

  it("says that there is no such file", async () => {
    const path = joinPath(directory, "nothing.pcap");
    await expect(openCapture(path)).rejects.toMatchObject({
      code: "PF_CAPTURE_NOT_FOUND",
      exitCode: 3,
      path,
      message: `${path}: no such file; check the path`,
    });
  });

  it("says that it is a directory", async () => {
    await expect(openCapture(directory)).rejects.toMatchObject({
      message: `${directory}: is a directory; name the files in it`,
    });
  });

  it.skipIf(process.getuid?.() === 0)("says that permission is denied", async () => {
    const path = await file("secret.pcap", pcapHeader());
    await chmod(path, 0);
    await expect(openCapture(path)).rejects.toMatchObject({
      message: `${path}: permission denied; check who may read it`,
    });
  });

  it.skipIf(process.platform === "win32")(
    "reads a named pipe, and can stop waiting for it",
    async () => {
      const path = joinPath(directory, "pipe");
      expect(spawnSync("mkfifo", [path]).status).toBe(0);
      // Read and write: opening for writing only would wait for the reader on this very thread pool.
      const writer = await open(path, "r+");
      await writer.write(pcap({}, [{}, {}]));
      const source = await openCapture(path);
      const batch = newPacketBatch();
      let packets = 0;
      while (packets < 2 && (await source.fill(batch))) packets += batch.count;
      expect(packets).toBe(2);
      const waiting = source.fill(batch);
      await source.close();
      expect(await waiting).toBe(false);
      await writer.close();
    },
  );
});

const READS =
  "portflow reads pcap, pcapng, snoop, ERF and Network Monitor, plain or in gzip, zstd, lz4, xz or bzip2";
const EDITCAP = 'convert it with "editcap -F pcapng"';

describe("openCaptureBytes", () => {
  it.each([
    ["nothing", "", "x: empty file; even a capture without packets has a file header"],
    [
      "a text",
      "time,src,dst\n1,2,3\n",
      `x: not a capture: starts with "time,src,dst\\n1,2,3\\n"; ${READS}`,
    ],
    ["a long text", "a".repeat(100), `x: not a capture: starts with "${"a".repeat(24)}"; ${READS}`],
    [
      "an ELF file",
      "\x7fELF\x02\x01\x01\0\0\0\0\0",
      `x: not a capture: starts with octets 7f 45 4c 46 02 01 01 00; ${READS}`,
    ],
    [
      "terminal control",
      "\x1b[31mred alert",
      `x: not a capture: starts with octets 1b 5b 33 31 6d 72 65 64; ${READS}`,
    ],
    ["three octets", "\xd4\xc3\xb2", `x: not a capture: starts with octets d4 c3 b2; ${READS}`],
    ["btsnoop", "btsnoop\0\0\0\0\x01", `x: is a Bluetooth btsnoop capture; ${EDITCAP}`],
    [
      "a Sniffer capture",
      "XCP\x002.001\0",
      `x: is a NetXRay or Windows Sniffer capture; ${EDITCAP}`,
    ],
    ["zip", "PK\x03\x04", "x: is a zip archive; extract it first"],
    [
      "a tar archive",
      `${"a.pcap".padEnd(257, "\0")}ustar  \0${"\0".repeat(247)}`,
      "x: is a tar archive; extract it first",
    ],
    [
      "a section header without its magic",
      "\x0a\x0d\x0d\x0a\x1c\0\0\0\0\0\0\0",
      `x: not a capture: starts with octets 0a 0d 0d 0a 1c 00 00 00; ${READS}`,
    ],
  ])("names what is no capture: %s", async (_name, text, message) => {
    await expect(openCaptureBytes(ascii(text), "x")).rejects.toMatchObject({
      exitCode: 3,
      message,
    });
  });

  it("quotes a text of any script", async () => {
    const bytes = new TextEncoder().encode("Grüße aus Köln 🙂 ".repeat(9));
    await expect(openCaptureBytes(bytes, "x")).rejects.toThrow(
      'starts with "Grüße aus Köln 🙂 Grüße a"',
    );
  });

  it("tells a Windows event trace by its name", async () => {
    await expect(openCaptureBytes(new Uint8Array(64), "net.etl")).rejects.toThrow(
      "net.etl: is a Windows event trace; convert it with etl2pcapng",
    );
  });

  it.each([4, 11, 23])("calls a pcap of %i octets cut short, not unknown", async (length) => {
    await expect(openCaptureBytes(pcapHeader().subarray(0, length), "x")).rejects.toThrow(
      `x: ends inside the file header at byte 0 (needs 24, has ${length})`,
    );
  });

  it.each([
    [4, "a block", 12],
    [11, "a block", 12],
    [12, "a section header block", 28],
    [27, "a section header block", 28],
  ])("calls a pcapng of %i octets cut short, not unknown", async (length, what, needs) => {
    const { error } = await readAll(
      await openCaptureBytes(new Pcapng().section().subarray(0, length), "x"),
    );
    expect(error).toMatchObject({
      message: `x: ends inside ${what} at byte 0 (needs ${needs}, has ${length})`,
    });
  });
});

describe("standard input", () => {
  /** Prints packets read from `-`, or the error. */
  const PROGRAM = `
    const { openCapture } = await import(process.argv[1]);
    const { newPacketBatch } = await import(process.argv[2]);
    let packets = 0;
    try {
      const source = await openCapture("-");
      const batch = newPacketBatch();
      while (await source.fill(batch)) packets += batch.count;
      await source.close();
      console.log(packets, source.progress.octetsTotal);
    } catch (error) { console.log(packets, error.message); }`;
  const built = (path: string) => fileURLToPath(new URL(`../../dist/${path}.js`, import.meta.url));
  const PROGRAM_ARGUMENTS = [
    "--input-type=module",
    "-e",
    PROGRAM,
    built("capture/open"),
    built("core/packet-batch"),
  ];

  it("reads a pipe that is written slowly", async () => {
    const program = spawn(process.execPath, PROGRAM_ARGUMENTS, {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const bytes = pcap({}, [{}, {}, {}]);
    program.stdin.write(bytes.subarray(0, 50));
    setTimeout(() => program.stdin.end(bytes.subarray(50)), 50);
    let output = "";
    for await (const text of program.stdout) output += String(text);
    expect(output).toBe("3 undefined\n");
  });

  it("reads a file, and knows its size", async () => {
    const bytes = pcap({}, [{}, {}, {}]);
    const input = await open(await file("input.pcap", bytes));
    const program = spawn(process.execPath, PROGRAM_ARGUMENTS, {
      stdio: [input.fd, "pipe", "inherit"],
    });
    let output = "";
    program.stdout?.on("data", (text) => {
      output += String(text);
    });
    await once(program, "close");
    await input.close();
    expect(output).toBe(`3 ${bytes.length}\n`);
  });

  it("says that it is empty when nothing is connected", async () => {
    const program = spawn(process.execPath, PROGRAM_ARGUMENTS, {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    for await (const text of program.stdout) output += String(text);
    expect(output).toBe("0 -: standard input is empty; pipe a capture in or name a file\n");
  });
});
