import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { expandPaths } from "../../src/capture/expand-paths.ts";
import { Pcapng, pcap } from "../support/capture-bytes.ts";

let directory = "";

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "portflow-expand-"));
});
afterEach(() => rm(directory, { recursive: true }));

async function file(name: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(join(directory, name)), { recursive: true });
  await writeFile(join(directory, name), bytes);
}

const CAPTURE = pcap({}, [{}]);
const TEXT = Buffer.from("no capture at all\n");

describe("expandPaths", () => {
  it("puts the captures below a directory in its place, by content, sorted bytewise", async () => {
    await file("b.pcap", CAPTURE);
    await file("a/z.pcapng", new Pcapng().section());
    await file("a.txt", CAPTURE);
    await file("B.dat", gzipSync(CAPTURE));
    await file("é.pcap", CAPTURE);
    await file("notes.pcap", TEXT);
    await file("log.gz", gzipSync(TEXT));
    await file("empty.pcap", new Uint8Array(0));
    await file(".hidden.pcap", CAPTURE);
    await file(".git/c.pcap", CAPTURE);
    expect(await expandPaths([directory])).toEqual(
      ["B.dat", "a.txt", "a/z.pcapng", "b.pcap", "é.pcap"].map((name) => join(directory, name)),
    );
  });

  it("keeps other paths as they are and where they are, existing or not", async () => {
    await file("d/one.pcap", CAPTURE);
    const missing = join(directory, "missing.pcap");
    expect(await expandPaths(["-", missing, join(directory, "d"), "-"])).toEqual([
      "-",
      missing,
      join(directory, "d/one.pcap"),
      "-",
    ]);
  });

  it("follows links to files, not to directories", async () => {
    await file("d/one.pcap", CAPTURE);
    await symlink(join(directory, "d/one.pcap"), join(directory, "d/two.pcap"));
    await symlink(directory, join(directory, "d/loop"));
    await symlink(join(directory, "gone"), join(directory, "d/broken"));
    expect(await expandPaths([directory])).toEqual(
      ["d/one.pcap", "d/two.pcap"].map((name) => join(directory, name)),
    );
  });

  it("keeps a compressed file that is damaged, so that opening it says so", async () => {
    const damaged = gzipSync(CAPTURE);
    damaged.fill(0xff, 10, 20);
    await file("damaged.pcap.gz", damaged);
    expect(await expandPaths([directory])).toEqual([join(directory, "damaged.pcap.gz")]);
  });

  it("says that a directory holds no captures", async () => {
    await file("notes.txt", TEXT);
    await expect(expandPaths([directory])).rejects.toMatchObject({
      code: "PF_CAPTURE_DIRECTORY",
      exitCode: 3,
      message: `${directory}: is a directory with no captures; name a capture or another directory`,
    });
  });
});
