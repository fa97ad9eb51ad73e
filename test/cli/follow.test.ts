import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { at, capture, datagram } from "../pipeline/run.ts";
import { ipv4 } from "../support/build-ip.ts";
import { tcp } from "../support/build-transport.ts";
import { watchForSignals } from "../support/interruptible.ts";
import { PROGRAM, portflow } from "../support/run-portflow.ts";
import { until } from "../support/until.ts";
import { writePcap } from "../support/write-pcap.ts";

const scratch = mkdtempSync(join(tmpdir(), "portflow-follow-"));
const watch = watchForSignals();
afterAll(() => {
  watch.remove();
  rmSync(scratch, { recursive: true, force: true });
});

const HEADER = 24;
const NDJSON = ["--format", "ndjson"];

/** Starts the program; `until` waits for so many records, `interrupt` until it listens to signals. */
function start(args: readonly string[]): {
  until(count: number): Promise<Record<string, unknown>[]>;
  interrupt(): Promise<{ status: number | null; stderr: string }>;
} {
  const child = spawn(process.execPath, [...watch.options, PROGRAM, "read", ...args, ...NDJSON]);
  const closed = once(child, "close");
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const records = (): Record<string, unknown>[] =>
    stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  return {
    async until(count) {
      await until(
        () => records().length >= count,
        `wrote ${count} records`,
        () => stdout + stderr,
      );
      return records();
    },
    async interrupt() {
      await watch.listens();
      child.kill("SIGINT");
      const [status] = await closed;
      return { status, stderr };
    },
  };
}

describe("portflow read --follow", () => {
  it("writes flows as they age by the wall clock, across rotation, and the rest at Ctrl-C", async () => {
    const path = join(scratch, "live.pcap");
    const stats = join(scratch, "books.json");
    writeFileSync(path, capture(datagram(0, 1)));
    const run = start([path, "--follow", "--idle-timeout-udp", "1s", "--stats", stats]);
    const first = await run.until(1);
    expect(first.map((one) => [one["end_reason"], one["end"]])).toEqual([
      ["idle", "2026-03-02T09:00:00.000000000Z"],
    ]);
    appendFileSync(path, writePcap([datagram(10, 2), datagram(11, 3)]).subarray(HEADER));
    expect((await run.until(3)).length).toBe(3);
    renameSync(path, `${path}.1`);
    writeFileSync(path, capture(datagram(20, 4)));
    expect((await run.until(4)).length).toBe(4);
    // A flow that stays open, and one behind it whose record says that both were read.
    const connection = at(40, ipv4(), tcp({ sourcePort: 5, destinationPort: 40001, flags: "A" }));
    appendFileSync(path, writePcap([connection, datagram(41, 6)]).subarray(HEADER));
    expect((await run.until(5)).length).toBe(5);
    const { status, stderr } = await run.interrupt();
    expect(status).toBe(130);
    expect(stderr).toContain("books balance: 6 read = 6 flowed");
    expect((await run.until(6)).at(-1)).toMatchObject({ end_reason: "interrupted" });
  });

  it("reads a pipe that falls silent, and ends at Ctrl-C before the first octet", async () => {
    const run = start(["-", "--follow"]);
    expect((await run.interrupt()).status).toBe(130);
  });

  it("takes one capture", () => {
    const run = portflow(["read", "--follow", "a.pcap", "b.pcap"]);
    expect(run.status).toBe(2);
    expect(run.stderr).toBe("portflow: --follow: 2 captures; name the one that is being written\n");
  });
});
