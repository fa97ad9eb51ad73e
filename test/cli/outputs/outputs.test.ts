import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as zlib from "node:zlib";
import { decompress } from "fzstd";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { packageRoot } from "../../../src/core/package-root.ts";
import { writeManyFlows } from "../../support/many-flows.ts";
import { PROGRAM, portflow } from "../../support/run-portflow.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "portflow-outputs-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(`${folder}.told`, { force: true });
});

const OFFICE = "samples/office.pcapng";
const at = (name: string): string => join(folder, name);
const text = (name: string): string => readFileSync(at(name), "utf8");
const alone = (format: string): string =>
  portflow(["read", OFFICE, "-q", "-f", format]).stdout.toString("utf8");

describe("a second Ctrl-C", () => {
  it("ends at once, whoever waits for whom, and names each file that stays incomplete", async () => {
    const capture = at("many.pcap");
    writeManyFlows(capture, 20_000);
    const outputs = ["-o", at("a.ndjson"), "-o", "ndjson:-", "--workers", "1"];
    const child = spawn(process.execPath, [PROGRAM, "read", capture, ...outputs]);
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString("utf8");
      if (stderr.includes("interrupted")) child.kill("SIGINT");
    });
    // Nothing is read from it: the run waits for its pipe.
    await new Promise((resolve) => child.stdout.once("readable", resolve));
    child.kill("SIGINT");
    const ended = await new Promise((resolve) =>
      child.on("exit", (status, signal) => resolve(signal ?? status)),
    );
    child.stdout.destroy();
    expect(ended).toBe("SIGINT");
    const partial = at(`.a.ndjson.${child.pid}.partial`);
    expect(stderr.trimEnd().split("\n").at(-1)).toBe(
      `portflow: ${at("a.ndjson")}: ended at once; what was written is in ${partial}`,
    );
    expect(statSync(partial).size).toBeGreaterThan(0);
  });
});

describe("portflow read: several outputs", () => {
  it.each(["1", "2"])("each as if it were alone, %s workers", (workers) => {
    const run = portflow([
      ...["read", OFFICE, "--workers", workers, "-f", "tsv", "-o", at("a.tsv")],
      ...["-o", `csv:${at("b.csv")}`, "-o", "ndjson:-", "--stats", at("stats.json")],
    ]);
    expect(run.status).toBe(0);
    expect(text("a.tsv")).toBe(alone("tsv"));
    expect(text("b.csv")).toBe(alone("csv"));
    expect(run.stdout.toString("utf8")).toBe(alone("ndjson"));
    const records = alone("ndjson").split("\n").length - 1;
    const { outputs } = JSON.parse(text("stats.json")) as { outputs: object[] };
    expect(outputs).toMatchObject([
      { output: at("a.tsv"), format: "tsv", written: records, sent: records, dropped: 0 },
      { output: at("b.csv"), format: "csv", written: records, sent: records, dropped: 0 },
      { output: "-", format: "ndjson", written: records, sent: records, dropped: 0 },
    ]);
    expect(run.stderr).toContain(`b.csv: ${records} records as csv, all written`);
  });
  it("an ending says the format, unless one is named", () => {
    const outputs = ["b.csv", "b.tsv.gz", "b.json"].flatMap((name) => ["-o", at(name)]);
    expect(portflow(["read", OFFICE, "-q", ...outputs]).status).toBe(0);
    expect(text("b.csv")).toBe(alone("csv"));
    expect(zlib.gunzipSync(readFileSync(at("b.tsv.gz"))).toString("utf8")).toBe(alone("tsv"));
    expect(text("b.json")).toBe(alone("ndjson"));
    expect(portflow(["read", OFFICE, "-q", "-f", "tsv", "-o", at("b.csv")]).status).toBe(0);
    expect(text("b.csv")).toBe(alone("tsv"));
  });
  it("one that fails leaves the others complete, exit 4", () => {
    const run = portflow(["read", OFFICE, "-q", "-o", "/dev/full", "-o", `csv:${at("b.csv")}`]);
    expect(run.status).toBe(4);
    expect(run.stderr).toBe(
      "portflow: /dev/full: can't be written: no space left on the device; free some or write elsewhere\n",
    );
    expect(text("b.csv")).toBe(alone("csv"));
  });
  it("a reader that goes away ends only its own", () => {
    const command = `"${process.execPath}" "${PROGRAM}" read ${OFFICE} -q -o - -o csv:${at("b.csv")}`;
    const run = spawnSync("bash", ["-c", `${command} | true; exit \${PIPESTATUS[0]}`], {
      cwd: packageRoot(),
    });
    expect(run.status).toBe(0);
    expect(text("b.csv")).toBe(alone("csv"));
  });
});

describe("portflow read: rotated and compressed files", () => {
  it("each has its heading, and together they are the whole", () => {
    const run = portflow([
      ...["read", OFFICE, "-q", "-f", "csv", "-o", at("f.csv"), "--rotate-size", "2k"],
    ]);
    expect(run.status).toBe(0);
    const files = readdirSync(folder).sort();
    expect(files.length).toBeGreaterThan(1);
    const [heading = "", ...lines] = alone("csv").split("\n");
    const parts = files.map((name) => text(name).split("\n"));
    for (const part of parts) expect(part[0]).toBe(heading);
    expect(parts.flatMap((part) => part.slice(1, -1))).toEqual(lines.slice(0, -1));
  });
  it("each holds the records of its span", () => {
    portflow(["read", OFFICE, "-q", "-o", at("f.ndjson"), "--rotate-interval", "1s"]);
    const files = readdirSync(folder).sort();
    expect(files.length).toBeGreaterThan(3);
    for (const name of files) {
      const [, clock = ""] = /-20260302T(\d{6})Z-0001\.ndjson$/.exec(name) ?? [];
      const ends = text(name).trim().split("\n");
      // The first record of a file opened it; flows that ended earlier may be reported later.
      expect((JSON.parse(ends[0]!) as { end: string }).end.slice(11, 19).replace(/:/g, "")).toBe(
        clock,
      );
    }
  });
  it("each is a whole conn.log of Zeek's, with its heading and its #close", () => {
    portflow(["read", OFFICE, "-q", "-f", "zeek", "-o", at("conn.log"), "--rotate-size", "1k"]);
    const files = readdirSync(folder).sort();
    expect(files.length).toBeGreaterThan(1);
    for (const name of files) {
      expect(text(name)).toMatch(/^#separator \\x09\n(#.*\n)+([^#].*\n)+#close\t.*\n$/);
    }
  });
  it("each is a whole Parquet file", async () => {
    portflow(["read", OFFICE, "-q", "-o", `parquet:${at("f.parquet")}`, "--rotate-interval", "1s"]);
    const files = readdirSync(folder).sort();
    expect(files.length).toBeGreaterThan(3);
    let rows = 0;
    for (const name of files) {
      rows += (await parquetReadObjects({ file: await asyncBufferFromFile(at(name)) })).length;
    }
    expect(rows).toBe(alone("ndjson").split("\n").length - 1);
  });
  it("gzip by the ending of the name", () => {
    portflow(["read", OFFICE, "-q", "-f", "csv", "-o", at("f.csv.gz")]);
    expect(zlib.gunzipSync(readFileSync(at("f.csv.gz"))).toString("utf8")).toBe(alone("csv"));
  });
  it("zstd where this Node has it, else a clear line", () => {
    const run = portflow(["read", OFFICE, "-q", "-f", "csv", "-o", at("f.csv.zst")]);
    if ("createZstdCompress" in zlib) {
      expect(Buffer.from(decompress(readFileSync(at("f.csv.zst")))).toString("utf8")).toBe(
        alone("csv"),
      );
    } else {
      expect(run.status).toBe(2);
      expect(run.stderr).toMatch(/^portflow: .*f\.csv\.zst: Node .* can't write zstd;.*\n$/);
    }
  });
  it.each([
    ["the same place twice", ["-o", "a", "-o", "csv:a"], "given twice"],
    ["--keep without rotation", ["--keep", "3"], "--rotate-size"],
    ["a format and nothing", ["-o", "csv:"], "names no destination"],
  ])("usage: %s", (_name, args, part) => {
    const run = portflow(["read", OFFICE, ...args]);
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(/^portflow: [^\n]+\n$/);
    expect(run.stderr).toContain(part);
  });
});

// A full disk is a file system of 64 KiB in a mount namespace of the test's own.
const SMALL_DISK = `mount -t tmpfs -o size=64k none "$0" &&`;
const canMount =
  spawnSync("unshare", ["-m", "bash", "-c", `${SMALL_DISK} true`, tmpdir()]).status === 0;
if (!canMount) process.stderr.write("skipped: a full disk: no mount namespaces here\n");

describe.skipIf(!canMount)("portflow read: a full disk", () => {
  const reads = Array.from({ length: 12 }, () => OFFICE).join(" ");
  const onSmallDisk = (script: string) =>
    spawnSync(
      "unshare",
      ["-m", "bash", "-c", `${SMALL_DISK} ${script}`, folder, `${folder}.told`],
      {
        cwd: packageRoot(),
        timeout: 100_000,
        encoding: "utf8",
      },
    );
  it.each(["", "-o csv:$0/b.csv.gz"])("exit 4, and what was written is kept %s", (more) => {
    const run = onSmallDisk(
      `"${process.execPath}" "${PROGRAM}" read ${reads} -q -f ndjson -o "$0/f" ${more}; echo "exit $?"; wc -l < "$0"/.f.*`,
    );
    expect(run.stderr).toMatch(/f: can't be written: no space left on the device/);
    expect(run.stderr).toMatch(/what was written is in .*\.f\.\d+\.partial/);
    expect(run.stdout).toMatch(/^exit 4\n\d{2}\n$/);
  });
  it("--on-full wait goes on when there is room, and nothing is missing", () => {
    const run = onSmallDisk(
      `head -c 20000 /dev/zero > "$0/filler"; ` +
        `"${process.execPath}" "${PROGRAM}" read ${OFFICE} ${OFFICE} ${OFFICE} -q -f ndjson -o "$0/f" --on-full wait 2>"$1" & ` +
        `for i in $(seq 600); do grep -q waiting "$1" && break; sleep 0.1; done; ` +
        `rm "$0/filler"; wait $!; echo "exit $?"; cat "$1" >&2; cat "$0/f"`,
    );
    expect(run.stderr).toMatch(/no space left.*waiting for room\n.*there is room again/);
    const [first, ...lines] = run.stdout.split("\n");
    expect(first).toBe("exit 0");
    expect(lines.join("\n")).toBe(alone("ndjson").repeat(3));
  });
  it("--on-full wait also waits for a place for the next file", () => {
    const run = onSmallDisk(
      `mount -o remount,nr_inodes=3 "$0"; ` +
        `"${process.execPath}" "${PROGRAM}" read ${OFFICE} -q -f ndjson -o "$0/f" --rotate-size 2k --on-full wait 2>"$1" & ` +
        `for i in $(seq 600); do grep -q waiting "$1" && break; sleep 0.1; done; ` +
        `mount -o remount,nr_inodes=1000 "$0"; wait $!; echo "exit $?"; cat "$1" >&2; cat "$0"/f-*`,
    );
    expect(run.stderr).toMatch(/no space left.*waiting for room\n.*there is room again/);
    const [first, ...lines] = run.stdout.split("\n");
    expect(first).toBe("exit 0");
    expect(lines.sort()).toEqual(alone("ndjson").split("\n").sort());
  });
});
