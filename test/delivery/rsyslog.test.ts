import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makeCertificate } from "../support/certificate.ts";
import { freePort } from "../support/free-port.ts";
import { writeManyFlows } from "../support/many-flows.ts";
import { portflow, startPortflow } from "../support/run-portflow.ts";
import { until } from "../support/until.ts";

// rsyslog is another author's reading of RFC 5424, RFC 5425 and RFC 6587.

const RECORDS = 3000;
const folder = mkdtempSync(join(tmpdir(), "portflow-rsyslog-"));
const capture = join(folder, "many.pcap");
const received = join(folder, "received");
const certificate = makeCertificate(folder);
const hasRsyslog = spawnSync("rsyslogd", ["-v"]).status === 0;
const hasTls =
  hasRsyslog &&
  certificate !== undefined &&
  ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"].some(
    (path) => existsSync(join(path, "rsyslog/lmnsd_gtls.so")),
  );
if (!hasRsyslog) process.stderr.write("skipped: rsyslog is not installed\n");
else if (!hasTls) process.stderr.write("skipped: rsyslog over TLS: no rsyslog-gnutls or openssl\n");

let server: ChildProcess | undefined;
let port = 0;

beforeAll(async () => {
  writeManyFlows(capture, RECORDS);
  port = await freePort();
});
afterEach(() => stop("SIGKILL"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function stop(signal: NodeJS.Signals): Promise<void> {
  const old = server;
  server = undefined;
  if (old === undefined) return;
  const gone = new Promise((resolve) => old.on("close", resolve));
  old.kill(signal);
  await gone;
}

async function startServer(input: string, global = ""): Promise<void> {
  const path = join(folder, "rsyslog.conf");
  writeFileSync(
    path,
    `global(workDirectory="${folder}" ${global})
${input}
template(name="line" type="list") {
  property(name="pri") constant(value=" ")
  property(name="timestamp" dateFormat="rfc3339") constant(value=" ")
  property(name="app-name") constant(value=" ")
  property(name="structured-data") constant(value=" ")
  property(name="msg") constant(value="\\n")
}
action(type="omfile" file="${received}" template="line" asyncWriting="off" flushOnTXEnd="on")
`,
  );
  const child = spawn("rsyslogd", ["-n", "-f", path, "-i", join(folder, "pid")], {
    stdio: "ignore",
  });
  server = child;
  await until(accepts, "listened");
}

function accepts(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

type Understood = ReadonlyMap<string, { readonly time: string; readonly record: string }>;

/** What rsyslog understood, by flow id, once it has so many. */
async function understood(count: number): Promise<Understood> {
  let records = understoodSoFar();
  const isThere = (): boolean => {
    records = understoodSoFar();
    return records.size >= count;
  };
  await until(isThere, `understood ${count} records`, () => String(records.size));
  return records;
}

function understoodSoFar(): Understood {
  const text = existsSync(received) ? readFileSync(received, "utf8") : "";
  const records = new Map<string, { time: string; record: string }>();
  // The last line may not be whole yet.
  for (const line of text.split("\n").slice(0, -1)) {
    const [, time = "", id = "", record = ""] =
      /^134 (\S+) portflow \[portflow@32473 id="([0-9a-f]{20})"\] (\{.*\})$/.exec(line) ?? [];
    if (id === "") throw new Error(`not understood: ${line.slice(0, 300)}`);
    records.set(id, { time, record });
  }
  return records;
}

/** The records as they stand in a file. */
function inFile(): Map<string, string> {
  const lines = portflow(["read", capture, "-q", "-f", "ndjson"]).stdout.toString("utf8");
  return new Map(
    lines
      .trimEnd()
      .split("\n")
      .map((line) => [(JSON.parse(line) as { id: string }).id, line]),
  );
}

const read = (destination: string): Promise<{ status: number | null; stderr: string }> =>
  startPortflow(["read", capture, "-q", "-f", "ndjson", "-o", destination]).done;

async function expectAll(): Promise<void> {
  const expected = inFile();
  const got = await understood(RECORDS);
  expect(got.size).toBe(RECORDS);
  for (const [id, { time, record }] of got) {
    expect(record).toBe(expected.get(id));
    const { end } = JSON.parse(record) as { end: string };
    expect(Math.abs(Date.parse(time) - Date.parse(end))).toBeLessThan(1);
  }
}

/** Whether every thread of a process is in this state, a letter of proc(5)'s `stat`. */
function threadsAre(state: "S" | "T", pid: number | undefined): boolean {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).every((task) =>
    readFileSync(join(tasks, task, "stat"), "utf8").includes(`) ${state} `),
  );
}

/** Whether no connection to this port of IPv4 has octets, and none waits, that its server has not taken. */
function nothingUnread(ofPort: number): boolean {
  const local = `:${ofPort.toString(16).toUpperCase().padStart(4, "0")}`;
  return readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .every(([, address, , , queues]) => !address?.endsWith(local) || queues?.endsWith(":00000000"));
}

describe.skipIf(!hasRsyslog)("rsyslog understands every record", () => {
  afterEach(() => rmSync(received, { force: true }));

  it("over TCP", async () => {
    await startServer(
      `module(load="imtcp") input(type="imtcp" address="127.0.0.1" port="${port}")`,
    );
    const { status, stderr } = await read(`syslog+tcp://127.0.0.1:${port}`);
    expect([status, stderr]).toEqual([0, ""]);
    await expectAll();
  });

  // What it has read and not yet written, no protocol without receipts saves, and rsyslog 8.2302 drops
  // that at SIGTERM, too: so it is ended while it has nothing in hand, but we have.
  it("over TCP, ended and started again while records come", async () => {
    const input = `main_queue(queue.type="Direct")
module(load="imtcp") input(type="imtcp" address="127.0.0.1" port="${port}")`;
    await startServer(input);
    const { child, done } = startPortflow([
      ...["read", capture, "-q", "-f", "ndjson"],
      ...["-o", `syslog+tcp://127.0.0.1:${port}#batch=100`],
    ]);
    await until(() => existsSync(received), "received anything");
    child.kill("SIGSTOP");
    await until(
      () => threadsAre("T", child.pid),
      "stopped",
      () => String(child.exitCode),
    );
    await until(
      () => nothingUnread(port) && threadsAre("S", server?.pid),
      "wrote what it had read",
    );
    await stop("SIGTERM");
    expect(understoodSoFar().size).toBeLessThan(RECORDS);
    child.kill("SIGCONT");
    await sleep(300);
    await startServer(input);
    expect((await done).status).toBe(0);
    expect((await understood(RECORDS)).size).toBe(RECORDS);
  });

  it.skipIf(!hasTls)("over TLS, which asks for our certificate", async () => {
    const { certPath, keyPath } = certificate!;
    const files = `defaultNetstreamDriverCAFile="${certPath}" defaultNetstreamDriverCertFile="${certPath}" defaultNetstreamDriverKeyFile="${keyPath}"`;
    await startServer(
      `module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="x509/certvalid")
input(type="imtcp" address="127.0.0.1" port="${port}")`,
      files,
    );
    const place = `syslog+tls://localhost:${port}`;
    const shown = await read(`${place}#ca=${certPath},cert=${certPath},key=${keyPath}`);
    expect([shown.status, shown.stderr]).toEqual([0, ""]);
    await expectAll();
    const untrusted = startPortflow([
      ...["read", capture, "-q", "-f", "ndjson", "-o", place, "--flush-timeout", "3s"],
    ]);
    const refused = await untrusted.done;
    expect(refused.status).toBe(4);
    expect(refused.stderr).toContain("self-signed certificate");
  });

  it("over UDP, as far as there is room for it", async () => {
    await startServer(
      `module(load="imudp") input(type="imudp" address="127.0.0.1" port="${port}")
module(load="imtcp") input(type="imtcp" address="127.0.0.1" port="${port}")`,
    );
    const office = "samples/office.pcapng";
    const run = await startPortflow([
      ...["read", office, "-q", "-f", "ndjson", "-o", `syslog+udp://127.0.0.1:${port}`],
    ]).done;
    expect([run.status, run.stderr]).toEqual([0, ""]);
    const lines = portflow(["read", office, "-q", "-f", "ndjson"]).stdout.toString("utf8");
    const count = lines.split("\n").length - 1;
    expect((await understood(count)).size).toBe(count);
  });
});
