import { spawn } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.ts";
import { DEFAULT_TIMEOUTS } from "../../src/flow/ending/timeouts.ts";
import { Books } from "../../src/pipeline/books/books.ts";
import type { FanoutThreadData } from "../../src/pipeline/live/fanout-messages.ts";
import type { FanoutRun } from "../../src/pipeline/live/fanout-run.ts";
import { frame, type Layer, payload } from "../support/build.ts";
import { ipv4, ipv4Fragments, ipv6 } from "../support/build-ip.ts";
import { ethernet } from "../support/build-link.ts";
import { tcp, udp } from "../support/build-transport.ts";
import { PROGRAM, portflow } from "../support/run-portflow.ts";
import { until } from "../support/until.ts";
import { writePcap } from "../support/write-pcap.ts";
import { essence, grouped, recordsOf } from "./capture-essence.ts";
import { type LivePortflow, sendFrames, startPortflow, writeFrames } from "./live-portflow.ts";
import { layWire, newWire, type Wire, whyNoLive } from "./network-spaces.ts";

const reason = whyNoLive();
const SENT = 200_000;
const FLOWS = 400;

/** An address of 10.0.0.0/8. */
const host = (i: number): string => `10.0.${i >> 8}.${i & 255}`;

/** A connection that is opened, asks, is answered and is closed; of IPv6 every third. */
function connection(i: number): Uint8Array[] {
  const [client, server] = [20_000 + i, i % 4 === 0 ? 443 : 12_345];
  const isIpv6 = i % 3 === 0;
  const [near, far] = isIpv6 ? [`2001:db8::${i + 1}`, "2001:db8:1::1"] : [host(i), "192.0.2.1"];
  const ip = (source: string, destination: string): Layer =>
    isIpv6 ? ipv6({ source, destination }) : ipv4({ source, destination });
  const ask = (flags: string, sequence: number, acknowledgement: number, text = ""): Uint8Array => {
    const header = {
      sourcePort: client,
      destinationPort: server,
      flags,
      sequence,
      acknowledgement,
    };
    return frame(ethernet(), ip(near, far), tcp(header), payload(text));
  };
  const tell = (
    flags: string,
    sequence: number,
    acknowledgement: number,
    text = "",
  ): Uint8Array => {
    const header = {
      sourcePort: server,
      destinationPort: client,
      flags,
      sequence,
      acknowledgement,
    };
    return frame(ethernet(), ip(far, near), tcp(header), payload(text));
  };
  return [
    ask("S", 100, 0),
    tell("SA", 500, 101),
    ask("A", 101, 501),
    ask("PA", 101, 501, "ask"),
    tell("PA", 501, 104, "answer"),
    ask("FA", 104, 507),
    tell("FA", 507, 105),
    ask("A", 105, 508),
  ];
}

/** A question and its answer. */
function exchange(i: number): Uint8Array[] {
  const [client, server] = [{ source: host(i) }, { source: "198.51.100.1", destination: host(i) }];
  const ports = [30_000 + i, 53] as const;
  return [
    frame(ethernet(), ipv4(client), udp({ sourcePort: ports[0], destinationPort: ports[1] })),
    frame(ethernet(), ipv4(server), udp({ sourcePort: ports[1], destinationPort: ports[0] })),
  ];
}

/** The first frame of each, then the second of each ... */
function interleaved(all: readonly (readonly Uint8Array[])[]): Uint8Array[] {
  const longest = Math.max(...all.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) => all.flatMap((one) => one[at] ?? [])).flat();
}

describe.skipIf(reason !== undefined)(
  `capture --fanout (skipped where: ${reason})`,
  { timeout: 180_000, retry: 1 },
  () => {
    let wire: Wire;
    const scratch = mkdtempSync(join(tmpdir(), "portflow-fanout-"));
    const framesPath = join(scratch, "frames");
    const many = Array.from({ length: FLOWS }, (_, i) =>
      i % 2 === 0 ? connection(i) : exchange(i),
    );
    const frames = interleaved(many);

    beforeAll(() => {
      wire = newWire("fan");
      writeFrames(framesPath, frames);
    });
    afterAll(() => {
      wire.remove();
      rmSync(scratch, { recursive: true, force: true });
    });

    async function start(...args: readonly string[]): Promise<LivePortflow> {
      const live = startPortflow(wire.receiver, ["capture", wire.receiverDevice, ...args]);
      await live.hears("listening on");
      return live;
    }

    /** What reading the same packets from a file writes. */
    function fromFile(format: string): string {
      const path = join(scratch, "reference.pcap");
      const microseconds = 1_772_442_000_000_000;
      const packets = frames.map((bytes, i) => ({ microseconds: microseconds + i * 10, bytes }));
      writeFileSync(path, writePcap(packets));
      return portflow(["read", path, "-f", format, "-q"]).stdout.toString("utf8");
    }

    it.each([1, 2, 5])("gives the records of a file with %i threads", async (threads) => {
      const live = await start("-f", "ndjson", "--fanout", String(threads));
      sendFrames(wire.sender, wire.senderDevice, framesPath);
      expect(await live.end("SIGINT")).toBe(130);
      expect(live.stderr()).toContain(`books balance: ${grouped(frames.length)} read`);
      expect(live.stderr()).toContain(`${grouped(frames.length)} packets of 1 interface`);
      const records = live.stdout().toString("utf8");
      expect(recordsOf(records).length).toBe(FLOWS);
      expect(new Set(recordsOf(records).map(({ id }) => id)).size).toBe(FLOWS);
      expect(essence(records)).toEqual(essence(fromFile("ndjson")));
    });

    it("writes one heading, and every output has all records", async () => {
      const csv = join(scratch, "flows.csv");
      const live = await start("--fanout", "2", "-o", `csv:${csv}`, "-o", "zeek-json:-");
      sendFrames(wire.sender, wire.senderDevice, framesPath);
      expect(await live.end("SIGTERM")).toBe(0);
      const lines = readFileSync(csv, "utf8").trimEnd().split("\n");
      expect(lines[0]).toBe(fromFile("csv").split("\n")[0]);
      expect(lines.filter((line) => line === lines[0]).length).toBe(1);
      expect(lines.length).toBe(FLOWS + 1);
      const zeek = live.stdout().toString("utf8").trimEnd().split("\n");
      expect(zeek.map((line) => JSON.parse(line).conn_state).sort()).toEqual(
        Array.from({ length: FLOWS }, () => "SF"),
      );
      expect(live.stderr()).toContain(`${FLOWS} records as zeek-json, all written`);
    });

    it("shares the packets out, reads the rules again, and tells the books meanwhile", async () => {
      const rules = join(scratch, "rules");
      writeFileSync(rules, "12345/tcp before\n");
      const args = ["-f", "ndjson", "--services", rules, "--stats-interval", "200ms"];
      const live = await start("--fanout", "2", ...args);
      writeFileSync(rules, "12345/tcp after\n");
      live.process.kill("SIGHUP");
      await live.hears("port rules read again");
      sendFrames(wire.sender, wire.senderDevice, framesPath);
      await seen(live, `"read":${frames.length}`);
      live.process.kill("SIGUSR1");
      await live.hears("by thread:");
      await live.end("SIGTERM");
      const [, first, second] = /by thread: (\d+) (\d+)\)/.exec(live.stderr()) ?? [];
      expect(Number(first) + Number(second)).toBe(frames.length);
      expect(Math.min(Number(first), Number(second))).toBeGreaterThan(frames.length / 10);
      const records = recordsOf(live.stdout().toString("utf8"));
      const names = records
        .filter(({ dst }) => dst.port === 12_345)
        .map(({ service }) => service?.name);
      expect(new Set(names)).toEqual(new Set(["after"]));
    });

    it("keeps the fragments of a datagram with its flow", async () => {
      const ports = { sourcePort: 5000, destinationPort: 53 };
      const pieces = ipv4Fragments({ identification: 7 }, 400, udp(ports), payload(1000));
      expect(pieces.length).toBe(3);
      const path = join(scratch, "fragments");
      writeFrames(path, [
        frame(ethernet(), ipv4(), udp(ports), payload("whole")),
        ...pieces.map((piece) => frame(ethernet(), piece)),
      ]);
      // The kernel puts them together before it shares them out.
      for (const [how, packets] of [
        ["join", 2],
        ["apart", 4],
      ] as const) {
        const live = await start("--fanout", "8", "-f", "ndjson", "--fragments", how);
        sendFrames(wire.sender, wire.senderDevice, path);
        await live.end("SIGTERM");
        const records = recordsOf(live.stdout().toString("utf8"));
        expect(records.reduce((sum, { src }) => sum + src.packets, 0)).toBe(packets);
        if (how === "join") expect(records.length).toBe(1);
      }
    });

    it("takes a thread that dies for an error", async () => {
      const module = pathToFileURL(
        join(packageRoot(), "dist", "pipeline", "live", "fanout-run.js"),
      ).href;
      const { FanoutRun } = (await import(module)) as {
        FanoutRun: { open(data: FanoutThreadData, threads: number): Promise<FanoutRun> };
      };
      const data: FanoutThreadData = {
        interfaceName: "lo",
        live: { snaplen: 64, promiscuous: false, ringOctets: 1 << 20, direction: "both" },
        group: { id: process.pid & 0xffff, defragments: true },
        registry: {},
        outputs: [],
        run: {
          timeouts: DEFAULT_TIMEOUTS,
          maxFlows: 1000,
          useVlanKey: true,
          tunnels: "inner",
          fragments: "join",
          checksums: true,
        },
      };
      const wrong = { destination: "-", format: "none", sink: {} } as never;
      await expect(FanoutRun.open({ ...data, outputs: [wrong] }, 2)).rejects.toThrow(
        "no format none",
      );
      const run = await FanoutRun.open(data, 2);
      const { signal } = new AbortController();
      await run.admit({ books: new Books(), outputs: [], signal, onNotice: () => undefined });
      const ended = run.run();
      const { members } = run as unknown as { members: readonly { readonly worker: Worker }[] };
      await Promise.all([
        expect(ended).rejects.toThrow("ended before its time"),
        members[1]?.worker.terminate(),
      ]);
    });

    it("received and dropped make what was sent, to the packet", async () => {
      const flood = join(scratch, "flood");
      writeFrames(
        flood,
        Array.from({ length: 1000 }, (_, i) =>
          frame(
            ethernet(),
            ipv4(),
            udp({ sourcePort: 10_000 + i, destinationPort: 53 }),
            payload(18),
          ),
        ),
      );
      const args = ["-f", "csv", "-o", "/dev/null", "--stats", "-", "--ring-size", "4M"];
      const live = await start("--fanout", "2", ...args);
      sendFrames(wire.sender, wire.senderDevice, flood, SENT / 1000);
      expect(await live.end("SIGTERM")).toBe(0);
      const line = live
        .stderr()
        .split("\n")
        .find((one) => one.startsWith("{"));
      const books = JSON.parse(line ?? "");
      expect(books.balanced).toBe(true);
      expect(books.capture.kernel_received).toBe(SENT);
      expect(books.packets.read + books.capture.kernel_dropped).toBe(SENT);
      expect(books.packets.flowed).toBe(books.packets.read);
      expect(books.capture.interfaces).toBe(1);
      expect(books.flows.total).toBe(1000);
    });

    it("sees all packets beside another one whose process has the same number in another container", async () => {
      const twins = ["twin-1", "twin-2"].map((name) => {
        const path = join(scratch, name);
        const command = ["netns", "exec", wire.receiver, "unshare", "--pid", "--fork"];
        // Ended from outside by the end of `unshare`, whose number is the one known here.
        const ends = "--kill-child=SIGTERM";
        const args = ["capture", wire.receiverDevice, "--fanout", "2", "-f", "ndjson", "-o", path];
        const child = spawn("ip", [...command, ends, process.execPath, PROGRAM, ...args], {
          cwd: packageRoot(),
          stdio: ["ignore", "ignore", "pipe"],
        });
        let stderr = "";
        child.stderr.on("data", (chunk: Buffer) => {
          stderr += chunk.toString("utf8");
        });
        const ended = new Promise((resolve) => child.on("close", resolve));
        return { path, child, ended, stderr: () => stderr };
      });
      for (const { stderr } of twins)
        await until(() => stderr().includes("listening on"), "listened", stderr);
      sendFrames(wire.sender, wire.senderDevice, framesPath);
      for (const { child, ended } of twins) {
        child.kill("SIGKILL");
        await ended;
      }
      const heard = twins.map(({ path }) => recordsOf(readFileSync(path, "utf8")).length);
      expect(heard).toEqual([FLOWS, FLOWS]);
    });

    it("ends when the interface is deleted", async () => {
      layWire(wire.sender, wire.receiver, "short0", "short1");
      const live = startPortflow(wire.receiver, [
        "capture",
        "short1",
        "-f",
        "ndjson",
        "--fanout",
        "3",
      ]);
      await live.hears("listening on");
      sendFrames(wire.sender, "short0", framesPath);
      wire.ip("link", "delete", "short1");
      expect(await live.end()).toBe(3);
      expect(live.stderr().split("short1: the interface was deleted").length).toBe(2);
      expect(recordsOf(live.stdout().toString("utf8")).length).toBe(FLOWS);
    });

    it.each([
      ["an output that can't be opened", ["-o", "/nowhere/flows"], 4, "/nowhere/flows: can't be"],
      ["a user that is none", ["--user", "nobody-there"], 2, "--user nobody-there: "],
      ["an output that is full", ["-o", "/dev/full", "--on-full", "fail"], 4, "no space left"],
    ])("says so and gives the interface up: %s", async (_what, given, code, text) => {
      const args = [
        "capture",
        wire.receiverDevice,
        "--fanout",
        "3",
        "-f",
        "csv",
        "--duration",
        "1s",
      ];
      const live = startPortflow(wire.receiver, [...args, ...given]);
      expect(await live.end()).toBe(code);
      expect(live.stderr()).toContain(
        `portflow: ${text.startsWith("no ") ? "/dev/full: can't be written: " : ""}${text}`,
      );
    });

    it("becomes another user", async () => {
      const path = join(scratch, "public", "flows");
      mkdirSync(join(scratch, "public"));
      chmodSync(scratch, 0o755);
      chmodSync(join(scratch, "public"), 0o777);
      const live = await start(
        "--fanout",
        "2",
        "-f",
        "csv",
        "-o",
        path,
        "--user",
        "nobody:nogroup",
      );
      sendFrames(wire.sender, wire.senderDevice, framesPath);
      expect(await live.end("SIGTERM")).toBe(0);
      expect(statSync(path).uid).not.toBe(0);
      expect(readFileSync(path, "utf8").trimEnd().split("\n").length).toBe(FLOWS + 1);
    });

    it("names what stays incomplete after a second Ctrl-C", async () => {
      const path = join(scratch, "incomplete.ndjson");
      const live = await start(
        "--fanout",
        "2",
        "-o",
        path,
        "-o",
        "ndjson:-",
        "--idle-timeout",
        "1s",
      );
      // 400 records are more than its pipe holds: the run waits for it.
      live.process.stdout?.pause();
      sendFrames(wire.sender, wire.senderDevice, framesPath);
      const partial = join(scratch, `.incomplete.ndjson.${live.process.pid}.partial`);
      await until(() => statSync(partial).size > 0, "wrote records", live.stderr);
      live.process.kill("SIGINT");
      await live.hears("interrupted");
      live.process.kill("SIGINT");
      const ended = new Promise((resolve) => live.process.once("exit", (_, name) => resolve(name)));
      expect(await ended).toBe("SIGINT");
      expect(live.stderr().trimEnd().split("\n").at(-1)).toBe(
        `portflow: ${path}: ended at once; what was written is in ${partial}`,
      );
      live.process.stdout?.destroy();
    });

    it("ends when nobody reads the records any more", async () => {
      const live = await start("--fanout", "2", "-f", "ndjson", "--idle-timeout", "1s");
      live.process.stdout?.destroy();
      sendFrames(wire.sender, wire.senderDevice, framesPath);
      expect(await live.end()).toBe(0);
    });

    it("filters, and refuses a filter that is none once", async () => {
      const live = await start("--fanout", "2", "-f", "ndjson", "--filter", "udp");
      sendFrames(wire.sender, wire.senderDevice, framesPath);
      await live.end("SIGTERM");
      expect(recordsOf(live.stdout().toString("utf8")).length).toBe(FLOWS / 2);
      const args = [
        "capture",
        wire.receiverDevice,
        "--fanout",
        "2",
        "-f",
        "csv",
        "--filter",
        "udp prt",
      ];
      const wrong = startPortflow(wire.receiver, args);
      expect(await wrong.end()).toBe(2);
      expect(wrong.stderr()).toMatch(/^portflow: --filter "udp prt": .*syntax error.*\n$/);
    });
  },
);

describe("capture --fanout", () => {
  it.each([
    [["lo", "-f", "table"], "the format table needs all records in one thread"],
    [["lo", "-f", "zeek"], "the format zeek needs"],
    [["lo", "-f", "parquet"], "the format parquet needs"],
    [["lo", "--write", "kept.pcapng"], "does not go with --write"],
    [["lo", "--packets", "5"], "does not go with --packets"],
    [["lo", "--memory", "1G"], "does not go with --memory"],
    [["lo", "--rotate-size", "1M"], "does not go with --rotate-size"],
    [["lo", "--backend", "libpcap"], "needs --backend af-packet, not libpcap"],
    [["lo", "eth0"], "takes one interface"],
    [["any"], "takes one interface, not any"],
    [["lo", "-o", "http://127.0.0.1:9/"], "writes to files and standard output only"],
  ])("%j is refused", (args, text) => {
    const run = portflow(["capture", "-f", "ndjson", "--fanout", "2", ...args]);
    expect(run.stderr).toMatch(/^portflow: --fanout: [^\n]+\n$/);
    expect(run.stderr).toContain(text);
    expect(run.status).toBe(2);
  });

  it.each(["0", "65", "two"])("%s threads are refused", (threads) => {
    expect(portflow(["capture", "lo", "--fanout", threads]).status).toBe(2);
  });
});

/** Waits until stdout has a text. */
function seen(live: LivePortflow, text: string): Promise<void> {
  return until(() => live.stdout().includes(text), `wrote "${text}"`, live.stderr);
}
