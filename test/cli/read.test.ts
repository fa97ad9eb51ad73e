import { spawn, spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.ts";
import { at, capture } from "../pipeline/run.ts";
import { ipv4 } from "../support/build-ip.ts";
import { icmp, udp } from "../support/build-transport.ts";
import { PROGRAM, portflow } from "../support/run-portflow.ts";

const scratch = mkdtempSync(join(tmpdir(), "portflow-read-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const WEB = "samples/web.pcapng";
const web = readFileSync(join(packageRoot(), WEB));
const NDJSON = ["--format", "ndjson", "--quiet"];

function file(name: string, octets: Uint8Array | string): string {
  const path = join(scratch, name);
  writeFileSync(path, octets);
  return path;
}

/** One line, with the program's name, without a stack. */
function expectOneLine(stderr: string, ...parts: readonly string[]): void {
  expect(stderr).toMatch(/^portflow: [^\n]+\n$/);
  for (const part of parts) expect(stderr).toContain(part);
}

// Zeek's icmp_inactivity_timeout is a minute (scripts/base/init-bare.zeek).
it("with an output in Zeek's form ICMP is idle as late as there, unless one says otherwise", () => {
  const message = icmp({ type: 8, rest: 1 });
  const path = file("ping.pcap", capture(at(0, ipv4(), message), at(45, ipv4(), message)));
  const lines = (...args: readonly string[]) =>
    portflow(["read", path, "--quiet", ...args])
      .stdout.toString("utf8")
      .trimEnd()
      .split("\n").length;
  expect(lines("-f", "ndjson")).toBe(2);
  expect(lines("-f", "zeek-json")).toBe(1);
  expect(lines("-f", "zeek-json", "--idle-timeout-icmp", "30s")).toBe(2);
  expect(lines("-f", "zeek-json", "--idle-timeout", "30s")).toBe(2);
});

// Zeek's dns_session_timeout is ten seconds.
it("with an output in Zeek's form DNS is idle as early as there, unless one says otherwise", () => {
  const query = udp({ sourcePort: 40000, destinationPort: 53 });
  const path = file("dns.pcap", capture(at(0, ipv4(), query), at(45, ipv4(), query)));
  const lines = (...args: readonly string[]) =>
    portflow(["read", path, "--quiet", ...args])
      .stdout.toString("utf8")
      .trimEnd()
      .split("\n").length;
  expect(lines("-f", "ndjson")).toBe(1);
  expect(lines("-f", "zeek-json")).toBe(2);
  expect(lines("-f", "zeek-json", "--idle-timeout-udp", "60s")).toBe(1);
  expect(lines("-f", "zeek-json", "--idle-timeout", "60s")).toBe(1);
});

describe("portflow read: the same octets", () => {
  const expected = portflow(["read", WEB, ...NDJSON]).stdout.toString("utf8");

  // WebAssembly's memories want 10 GiB of addresses each. (Node's own threads want more than this, too.)
  it("where addresses are limited to 3 GB", () => {
    const args = [
      "-c",
      'ulimit -v 3000000; exec "$0" "$@"',
      process.execPath,
      PROGRAM,
      "read",
      WEB,
    ];
    const all = [...args, ...NDJSON, "--workers", "1"];
    const run = spawnSync("bash", all, { encoding: "utf8", cwd: packageRoot() });
    expect(run).toMatchObject({ status: 0, stderr: "", stdout: expected });
  });

  // Hardened machines let no program write code.
  it.each(["1", "2"])("where Node has no WebAssembly, --workers %s", (workers) => {
    const args = ["--jitless", PROGRAM, "read", WEB, ...NDJSON, "--workers", workers];
    const run = spawnSync(process.execPath, args, { encoding: "utf8", cwd: packageRoot() });
    expect(run).toMatchObject({ status: 0, stdout: expected });
  });

  it("has records to compare", () => {
    expect(expected.split("\n").length).toBeGreaterThan(5);
  });
  it("on a second run", () => {
    expect(portflow(["read", WEB, ...NDJSON]).stdout.toString("utf8")).toBe(expected);
  });
  it("from standard input", () => {
    expect(portflow(["read", "-", ...NDJSON], web).stdout.toString("utf8")).toBe(expected);
  });
  it("from a compressed copy with a misleading name", () => {
    const copy = file("copy.pcap", gzipSync(web));
    expect(portflow(["read", copy, ...NDJSON]).stdout.toString("utf8")).toBe(expected);
  });
  it("in a file, which gets its name only when it is complete", () => {
    const output = join(scratch, "flows.json");
    const run = portflow(["read", WEB, ...NDJSON, "-o", output]);
    expect(run.stdout.length).toBe(0);
    expect(readFileSync(output, "utf8")).toBe(expected);
    expect(readdirSync(scratch).filter((name) => name.includes("partial"))).toEqual([]);
  });
  it("for a directory that holds one capture and other things", () => {
    const folder = join(scratch, "directory");
    mkdirSync(folder);
    writeFileSync(join(folder, "a.bin"), web);
    writeFileSync(join(folder, "notes.txt"), "no capture");
    expect(portflow(["read", folder, ...NDJSON]).stdout.toString("utf8")).toBe(expected);
  });
});

describe("portflow read: one thread and several give the same", () => {
  const all = readdirSync(join(packageRoot(), "samples"))
    .filter((name) => /\.pcap(ng)?$/.test(name))
    .map((name) => `samples/${name}`);

  it.each<[string, readonly string[]]>([
    ["for each sample in one run", all],
    ["for tunnels, both layers", ["samples/tunnels.pcap", "--tunnels", "both"]],
    ["for tunnels, inner", ["samples/tunnels.pcap", "--tunnels", "inner"]],
    ["for VLANs and fragments", ["samples/vlan-ipv6.pcap"]],
    ["for a capture that is cut short", ["samples/damaged.pcap"]],
    ["for captures read as one", [...all, "--merge", "--active-timeout", "1s"]],
    [
      "for damaged captures read as one",
      ["package.json", "samples/damaged.pcap", ...all, "--merge"],
    ],
    ["for what is no capture among captures", ["package.json", ...all]],
  ])("%s", (_name, args) => {
    const stats = ["one.json", "several.json"].map((name) => join(scratch, name));
    const runs = ["1", "3"].map((workers, i) =>
      portflow(["read", ...args, ...NDJSON, "--workers", workers, "--stats", stats[i]!]),
    );
    expect(runs[1]!.stdout.toString("utf8")).toBe(runs[0]!.stdout.toString("utf8"));
    expect(runs[1]!.stderr).toBe(runs[0]!.stderr);
    expect(runs[1]!.status).toBe(runs[0]!.status);
    const [one, several] = stats.map(
      (path) => JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>,
    );
    for (const books of [one!, several!]) {
      delete books["seconds"];
      delete books["packets_per_second"];
    }
    expect(several).toEqual(one);
    expect(several!["balanced"]).toBe(true);
  });
});

describe("portflow read: bad input gets one line and its exit code", () => {
  it.each<[string, readonly string[], number, string]>([
    ["no such file", ["read", "nothing.pcap"], 3, "nothing.pcap: no such file"],
    ["a directory without captures", ["read", "src"], 3, "no captures"],
    ["a text file", ["read", "package.json"], 3, "not a capture"],
    ["an unwritable output", ["read", WEB, "-o", "/nonexistent/x"], 4, "/nonexistent/x"],
    ["no argument", ["read"], 2, "missing required argument"],
    ["an unknown option", ["read", WEB, "--frmat", "csv"], 2, "Did you mean --format?"],
    ["an unknown format", ["read", WEB, "-f", "xml"], 2, "ndjson"],
    ["a duration that is none", ["read", WEB, "--idle-timeout", "5mins"], 2, "write 300s, 5m"],
    ["a size that is none", ["read", WEB, "--memory", "lots"], 2, "write 512M or 2G"],
    ["an unknown command", ["reed", WEB], 2, "unknown command"],
    ["a filter", ["read", WEB, "--filter", "tcp prot 80"], 2, "--filter"],
    ["a services file that is missing", ["read", WEB, "--services", "none.tsv"], 2, "none.tsv"],
  ])("%s", (_name, args, status, part) => {
    const run = portflow(args);
    expect(run.status).toBe(status);
    expect(run.stdout.length).toBe(0);
    expectOneLine(run.stderr, part);
  });

  it("an empty file", () => {
    const run = portflow(["read", file("empty.pcap", "")]);
    expect(run.status).toBe(3);
    expectOneLine(run.stderr, "empty file");
  });

  it("a file with only a header is no error", () => {
    const header = file(
      "header.pcap",
      readFileSync(join(packageRoot(), "samples/mail.pcap")).subarray(0, 24),
    );
    const run = portflow(["read", header, ...NDJSON]);
    expect([run.status, run.stdout.length, run.stderr]).toEqual([0, 0, ""]);
  });

  it("a capture cut inside a packet gives what came before, then the offset", () => {
    const mail = readFileSync(join(packageRoot(), "samples/mail.pcap"));
    const run = portflow(["read", file("cut.pcap", mail.subarray(0, 1000)), ...NDJSON]);
    expect(run.status).toBe(3);
    expect(run.stdout.toString("utf8")).toContain('"type":"flow"');
    expectOneLine(run.stderr, "cut.pcap: ends inside", "byte ");
  });

  it("a truncated gzip gives what came before, then says so", () => {
    const packed = gzipSync(readFileSync(join(packageRoot(), "samples/office.pcapng")), {
      level: 1,
    });
    const cut = file("cut.gz", packed.subarray(0, packed.length - 2000));
    const run = portflow(["read", cut, ...NDJSON]);
    expect(run.status).toBe(3);
    expect(run.stdout.toString("utf8")).toContain('"type":"flow"');
    expectOneLine(run.stderr, "cut.gz", "gzip");
  });

  it("one bad capture among good ones does not stop the others", () => {
    const run = portflow(["read", "nothing.pcap", WEB, ...NDJSON]);
    expect(run.status).toBe(3);
    expect(run.stdout.toString("utf8")).toContain('"type":"flow"');
    expectOneLine(run.stderr, "nothing.pcap");
  });

  it("a full device is an output error", () => {
    const run = portflow(["read", WEB, ...NDJSON, "-o", "/dev/full"]);
    expect(run.status).toBe(4);
    expectOneLine(run.stderr, "/dev/full", "no space left");
  });

  it("a full device is an output error for short answers too", () => {
    const full = openSync("/dev/full", "w");
    const run = spawnSync(process.execPath, [PROGRAM, "ports", "443/udp"], {
      cwd: packageRoot(),
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
    });
    closeSync(full);
    expect(run.status).toBe(4);
    expectOneLine(run.stderr, "stdout", "no space left");
  });

  it.each([
    "read samples/*.pcap samples/*.pcapng -f ndjson",
    "help read",
    "ports 1-65535/tcp",
    "devices",
    "explain samples/web.pcapng --flow 'udp 192.168.10.21:58443 203.0.113.80:443'",
  ])("a closed pipe is quiet and no error: %s", (words) => {
    const command = `"${process.execPath}" "${PROGRAM}" ${words}`;
    const run = spawnSync("bash", ["-c", `${command} | true; exit \${PIPESTATUS[0]}`], {
      cwd: packageRoot(),
    });
    expect(run.status === 0 || run.status === 3).toBe(true);
    expect(run.stderr.toString("utf8")).not.toContain("EPIPE");
    expect(run.stderr.toString("utf8")).not.toContain("    at ");
  });
});

describe("portflow read: books and exit codes", () => {
  it("writes the books, which add up, as JSON", () => {
    const path = join(scratch, "books.json");
    portflow(["read", "samples/damaged.pcap", ...NDJSON, "--stats", path]);
    const books = JSON.parse(readFileSync(path, "utf8")) as {
      packets: Record<string, number | Record<string, number>>;
      balanced: boolean;
    };
    const { read, flowed, filtered, not_ip, malformed, unsupported_link } = books.packets;
    const sum = (bin: unknown): number =>
      Object.values(bin as Record<string, number>).reduce((total, one) => total + one, 0);
    expect(books.balanced).toBe(true);
    expect(sum(malformed)).toBeGreaterThan(0);
    expect(
      (flowed as number) +
        (filtered as number) +
        sum(not_ip) +
        sum(malformed) +
        sum(unsupported_link),
    ).toBe(read);
  });
  it("writes them to stderr for -", () => {
    const run = portflow(["read", WEB, ...NDJSON, "--stats", "-"]);
    expect(JSON.parse(run.stderr)).toMatchObject({ type: "stats", schema: "portflow.stats/1" });
  });
  it("closes with a summary that says whether the books balance", () => {
    const run = portflow(["read", WEB, "-f", "ndjson"]);
    expect(run.stderr).toMatch(/^portflow: 76 packets of 1 capture/);
    expect(run.stderr).toContain("books balance: 76 read = 76 flowed + 0 filtered + 0 not ip");
  });
  it("--strict turns faulty packets into exit 3, and only them", () => {
    expect(portflow(["read", WEB, ...NDJSON, "--strict"]).status).toBe(0);
    const faulty = file("faulty.pcap", faultyCapture());
    expect(portflow(["read", faulty, ...NDJSON]).status).toBe(0);
    expect(portflow(["read", faulty, ...NDJSON, "--strict"]).status).toBe(3);
  });
  it("takes the table only for a terminal", () => {
    expect(portflow(["read", WEB, "--quiet"]).stdout.toString("utf8")).toMatch(/^\{"type":"flow"/);
  });
});

describe("portflow read: interrupted", () => {
  it.each([
    ["Ctrl-C", ["SIGINT"]],
    ["a service that is ended", ["SIGTERM"]],
    ["a terminal that is closed: the system tells it, and so does the shell", ["SIGHUP", "SIGHUP"]],
  ] as const)("writes the open flows and exits 130: %s", async (_name, signals) => {
    const child = spawn(process.execPath, [PROGRAM, "read", "-", "-f", "ndjson", "--progress"], {
      cwd: packageRoot(),
    });
    // The first line may be drawn before what is there has been read; not the third.
    const isReading = new Promise<void>((resolve) => {
      let stderr = "";
      child.stderr.on("data", (chunk: Buffer) => {
        stderr += chunk.toString("utf8");
        if (stderr.split("packets/s").length > 3) resolve();
      });
    });
    let stdout = "";
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString("utf8");
    });
    // Half of a capture, then silence: the reader waits for more when the signal comes.
    child.stdin.write(web.subarray(0, 8192));
    await isReading;
    for (const signal of signals) child.kill(signal);
    const status = await new Promise((resolve) => child.on("close", resolve));
    expect(status).toBe(130);
    expect(stdout).toContain('"end_reason":"interrupted"');
  });
});

it("starts in a fraction of a second", () => {
  // The best of some, for the machine may be busy with other things.
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 20 && best >= 2000; i += 1) {
    const started = performance.now();
    portflow(["--version"]);
    best = Math.min(best, performance.now() - started);
  }
  expect(best).toBeLessThan(2000);
  expect(existsSync(PROGRAM)).toBe(true);
});

/** A pcap of one frame whose IPv4 header is too short to be one. */
function faultyCapture(): Uint8Array {
  const octets = Buffer.alloc(24 + 16 + 60);
  octets.writeUInt32LE(0xa1b2c3d4, 0);
  octets.writeUInt16LE(2, 4);
  octets.writeUInt16LE(4, 6);
  octets.writeUInt32LE(65535, 16);
  octets.writeUInt32LE(1, 20);
  octets.writeUInt32LE(60, 32);
  octets.writeUInt32LE(60, 36);
  octets.writeUInt16BE(0x0800, 40 + 12);
  octets[40 + 14] = 0x42;
  return octets;
}
