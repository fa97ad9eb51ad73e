import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FlowRecordJson } from "../../src/sink/flow-record.ts";
import { frame, payload } from "../support/build.ts";
import { ipv4 } from "../support/build-ip.ts";
import { ethernet } from "../support/build-link.ts";
import { udp } from "../support/build-transport.ts";
import { recordsOf } from "./capture-essence.ts";
import { type LivePortflow, sendFrames, startPortflow, writeFrames } from "./live-portflow.ts";
import { layWire, newWire, type Wire, whyNoLive } from "./network-spaces.ts";

const reason = whyNoLive();
/** Ten minutes are `PORTFLOW_SOAK_SECONDS=600`; the short form goes through every event once. */
const SECONDS = Number(process.env["PORTFLOW_SOAK_SECONDS"] ?? "20");
const FLOWS = 100;
const PACKETS_EACH = 5;
const MIB = 2 ** 20;

describe.skipIf(reason !== undefined)(
  `a capture that goes on (skipped where: ${reason})`,
  { timeout: (SECONDS + 180) * 1000, retry: 1 },
  () => {
    let wire: Wire;
    const scratch = mkdtempSync(join(tmpdir(), "portflow-soak-"));
    const disk = join(scratch, "disk");
    const rules = join(scratch, "rules");
    const frames = join(scratch, "frames");
    const filler = join(disk, "filler");

    beforeAll(() => {
      wire = newWire("soak");
      layWire(wire.sender, wire.receiver, "short0", "short1");
      mkdirSync(disk);
      const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=128m", "tmpfs", disk]);
      if (mounted.status !== 0) throw new Error(`no tmpfs: ${mounted.stderr}`);
      writeFileSync(rules, "9999/udp soak-0\n");
      const flows = Array.from({ length: FLOWS }, (_, i) =>
        frame(
          ethernet(),
          ipv4(),
          udp({ sourcePort: 20_000 + i, destinationPort: 9999 }),
          payload(new Uint8Array(64)),
        ),
      );
      writeFrames(frames, Array.from({ length: PACKETS_EACH }, () => flows).flat());
    });
    afterAll(() => {
      spawnSync("umount", [disk]);
      wire.remove();
      rmSync(scratch, { recursive: true, force: true });
    });

    it("loses and doubles nothing, and its memory stays flat, whatever happens", async () => {
      const live = startPortflow(wire.receiver, [
        "capture",
        wire.receiverDevice,
        "short1",
        "-o",
        `ndjson:${join(disk, "flows.json")}`,
        "-o",
        "ndjson:-",
        "--rotate-size",
        "200k",
        "--services",
        rules,
        "--idle-timeout",
        "1s",
        "--stats",
        join(scratch, "stats.json"),
        "--stats-interval",
        "1s",
      ]);
      await live.hears("listening on");
      const memory: number[] = [];
      let sent = 0;
      const events = eventsOf(live);
      const until = Date.now() + SECONDS * 1000;
      for (let round = 0; round < events.length || Date.now() < until; round += 1) {
        await events[round % events.length]!(round);
        sent += sendFrames(wire.sender, wire.senderDevice, frames);
        if (round === 0) sent += sendFrames(wire.sender, "short0", frames);
        memory.push(residentOctets(live));
        await pause(100);
      }
      live.process.stdout?.resume();
      rmSync(filler, { force: true });
      await pause(2500);
      expect(await live.end("SIGTERM")).toBe(0);

      const books = JSON.parse(readFileSync(join(scratch, "stats.json"), "utf8"));
      expect(books.balanced).toBe(true);
      expect(books.capture.kernel_received).toBe(sent);
      expect(books.packets.read + books.capture.kernel_dropped).toBe(sent);

      const onPipe = recordsOf(live.stdout().toString("utf8"));
      const onDisk = readdirSync(disk)
        .filter((name) => name.startsWith("flows"))
        .flatMap((name) => recordsOf(readFileSync(join(disk, name), "utf8")));
      expect(packets(onPipe)).toBe(books.packets.flowed);
      const ids = onPipe.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(onDisk.map(({ id }) => id).sort()).toEqual(ids.sort());
      expect(books.flows.total).toBe(ids.length);

      const told = live.stderr();
      for (const text of [
        "is down; capturing goes on",
        "is up again",
        "short1: the interface was deleted",
        "port rules read again",
        "waiting for room",
        "there is room again",
      ]) {
        expect(told).toContain(text);
      }
      expect(new Set(onPipe.map(({ service }) => service?.name)).size).toBeGreaterThan(1);

      const settled = memory.slice(Math.floor(memory.length / 3));
      const growth = Math.max(...settled.slice(-5)) - Math.max(...settled.slice(0, 5));
      report(
        `${SECONDS} s: ${sent} packets, ${books.capture.kernel_dropped} dropped, ${ids.length} records, ` +
          `memory ${Math.round(settled[0]! / MIB)} to ${Math.round(settled.at(-1)! / MIB)} MiB`,
      );
      expect(growth).toBeLessThan(24 * MIB);
    });

    /** What happens between two rounds of packets. */
    function eventsOf(live: LivePortflow): ((round: number) => Promise<void> | void)[] {
      const device = wire.receiverDevice;
      let beforeFull = 0;
      return [
        () => undefined,
        async () => {
          const before = live.stderr().length;
          wire.ip("link", "set", device, "down");
          await live.hears("is down", before);
          wire.ip("link", "set", device, "up");
          await live.hears("is up again", before);
        },
        (round) => {
          if (round < 10) wire.ip("link", "delete", "short1");
        },
        (round) => {
          writeFileSync(rules, `9999/udp soak-${round}\n`);
          live.process.kill("SIGHUP");
        },
        () => {
          beforeFull = live.stderr().length;
          const { bavail, bsize } = statfsSync(disk);
          writeFileSync(filler, "");
          try {
            for (let left = bavail * bsize; left > 0; left -= MIB) {
              appendFileSync(filler, new Uint8Array(Math.min(left, MIB)));
            }
          } catch {
            // It is full.
          }
        },
        () => pause(1000),
        async () => {
          // Flows end after a second of silence, and their records find no room.
          await live.hears("waiting for room", beforeFull);
          rmSync(filler);
        },
        () => {
          live.process.stdout?.pause();
        },
        () => pause(1500),
        () => {
          live.process.stdout?.resume();
        },
      ];
    }
  },
);

function packets(records: readonly FlowRecordJson[]): number {
  return records.reduce((sum, { src, dst }) => sum + src.packets + dst.packets, 0);
}

/** What Linux holds in memory for the process. */
function residentOctets(live: LivePortflow): number {
  const status = readFileSync(`/proc/${live.process.pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Figures for whoever runs the long form. */
function report(text: string): void {
  process.stderr.write(`soak: ${text}\n`);
}
