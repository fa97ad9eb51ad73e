import { type ChildProcess, spawn } from "node:child_process";
import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scanSegment } from "../../src/delivery/spool-segment.ts";
import { makeCertificate, readCertificate } from "../support/certificate.ts";
import { writeManyFlows } from "../support/many-flows.ts";
import { PROGRAM, portflow } from "../support/run-portflow.ts";
import { hasKcat, newKafkaReceiver } from "./kafka-receiver.ts";
import {
  newBulkReceiver,
  newHecReceiver,
  newLinesReceiver,
  newSyslogReceiver,
  newUnixReceiver,
  type Receiver,
} from "./receivers.ts";

// The long form: PORTFLOW_DELIVERY_RECORDS=1000000 npx vitest run test/delivery/kills.test.ts
const RECORDS = Number(process.env["PORTFLOW_DELIVERY_RECORDS"] ?? 20_000);
const LIMIT = 120_000 + RECORDS * 1.2;
const BATCH = Math.max(400, RECORDS / 500);

const folder = mkdtempSync(join(tmpdir(), "portflow-kills-"));
const capture = join(folder, "many.pcap");
const nothing = join(folder, "nothing.pcap");
let expected: readonly string[] = [];
const certificate = makeCertificate(folder);
if (certificate === undefined) process.stderr.write("skipped: syslog over TLS: no openssl here\n");

beforeAll(async () => {
  writeManyFlows(capture, RECORDS);
  writeManyFlows(nothing, 0);
  const path = join(folder, "expected.ndjson");
  portflow(["read", capture, "-q", "-f", "ndjson", "-o", path]);
  const ids: string[] = [];
  for await (const line of createInterface(createReadStream(path))) ids.push(idOf(line));
  rmSync(path);
  expected = ids.sort();
}, LIMIT);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function idOf(line: string): string {
  return /"id":"([0-9a-f]{20})"/.exec(line)![1]!;
}

type Running = {
  readonly child: ChildProcess;
  readonly exit: Promise<number | null>;
  stderr: string;
};

function start(from: string, destination: string, spool: string, stats: string): Running {
  const options = `${destination.includes("#") ? "," : "#"}batch=${BATCH},batch-time=100`;
  const child = spawn(
    process.execPath,
    [
      ...[PROGRAM, "read", from, "-f", "ndjson", "-o", destination + options],
      ...["--spool", spool, "--stats", stats],
    ],
    { env: { ...process.env, HEC_TOKEN: "the-token" }, stdio: ["ignore", "ignore", "pipe"] },
  );
  const exit = new Promise<number | null>((resolve) => child.on("close", resolve));
  const running: Running = { child, exit, stderr: "" };
  child.stderr.on("data", (chunk: Buffer) => {
    running.stderr += chunk.toString("utf8");
  });
  return running;
}

/** Waits until the receiver has that part of all records, or the program has ended. */
async function until(receiver: Receiver, part: number, running: Running): Promise<void> {
  let hasEnded = false;
  void running.exit.then(() => {
    hasEnded = true;
  });
  while (receiver.ids.size < part * RECORDS && !hasEnded) await sleep(2);
  if (hasEnded) throw new Error(`ended at ${receiver.ids.size} records: ${running.stderr}`);
}

/** Waits until every record is on disk. */
async function untilSpooled(spool: string): Promise<void> {
  const [output = ""] = readdirSync(spool);
  for (let end = 0; end < RECORDS; await sleep(20)) {
    const last = readdirSync(join(spool, output)).filter((name) => name.endsWith(".spool"));
    const scanned = await scanSegment(join(spool, output, last.sort().at(-1)!));
    end = scanned === undefined ? 0 : scanned.segment.first + scanned.segment.count;
  }
}

describe(`${RECORDS} records, the receiver killed twice and portflow once`, () => {
  it("has the flows that were written", () => {
    expect(new Set(expected).size).toBe(RECORDS);
  });

  it.each<[string, () => Receiver, boolean]>([
    ["HTTP lines", newLinesReceiver, true],
    ["Elasticsearch bulk", newBulkReceiver, true],
    ["Splunk HEC", () => newHecReceiver("the-token"), true],
    [
      "a Unix socket",
      () => newUnixReceiver(join(mkdtempSync(join(folder, "unix-")), "socket")),
      true,
    ],
    ["syslog over TCP", () => newSyslogReceiver(), true],
    [
      "syslog over TLS",
      () => newSyslogReceiver({ ...readCertificate(certificate!), ca: certificate!.certPath }),
      certificate !== undefined,
    ],
    ["Kafka", newKafkaReceiver, hasKcat],
  ])(
    "%s: nothing is missing",
    // A kill that comes after the last record kills nothing: then all over again.
    { timeout: LIMIT, retry: 2 },
    async (name, make, canRun) => {
      if (!canRun) return;
      const receiver = make();
      const spool = mkdtempSync(join(folder, "spool-"));
      const stats = `${spool}.json`;
      const started = performance.now();
      await receiver.start();
      let running = start(capture, receiver.destination, spool, stats);
      await until(receiver, 0.15, running);
      await receiver.kill();
      await untilSpooled(spool);
      await receiver.start();
      await until(receiver, 0.4, running);
      running.child.kill("SIGKILL");
      await running.exit;
      await receiver.kill();
      // It reads nothing, and nobody is there: what comes from now on comes out of the spool.
      running = start(nothing, receiver.destination, spool, stats);
      while (!running.stderr.includes("trying again") && running.child.exitCode === null) {
        await sleep(20);
      }
      await receiver.start();
      const status = await running.exit;
      await receiver.kill();
      await receiver.end?.(RECORDS);
      const copies =
        [...receiver.ids.values()].reduce((sum, count) => sum + count, 0) - receiver.ids.size;
      const seconds = (performance.now() - started) / 1000;
      process.stderr.write(
        `${name}: ${receiver.ids.size} records, ${copies} of them came again, ${seconds.toFixed(1)} s\n`,
      );
      expect(receiver.complaints).toEqual([]);
      expect(receiver.cutMessages ?? 0).toBeLessThanOrEqual(1);
      expect(running.stderr).toMatch(/sending \d+ records of an earlier run first/);
      expect(running.stderr).toMatch(/trying again\n[\s\S]*takes records again/);
      expect(status).toBe(0);
      expect([...receiver.ids.keys()].sort()).toEqual(expected);
      const [books] = (
        JSON.parse(readFileSync(stats, "utf8")) as { outputs: Record<string, number>[] }
      ).outputs;
      expect(books).toMatchObject({ rejected: 0, dropped: 0, spooled: 0 });
      expect(books!["sent"]).toBe(books!["written"]);
      expect(books!["retried"]).toBeGreaterThan(0);
      // Only the cursor is left.
      const [output = ""] = readdirSync(spool);
      expect(readdirSync(join(spool, output))).toEqual(["acknowledged"]);
    },
  );
});
