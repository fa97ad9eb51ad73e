import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { complaintsOf } from "../sink/schema.ts";
import { frame, payload } from "../support/build.ts";
import { ipv4 } from "../support/build-ip.ts";
import { ethernet } from "../support/build-link.ts";
import { udp } from "../support/build-transport.ts";
import { portflow } from "../support/run-portflow.ts";
import { until } from "../support/until.ts";
import { essence, recordsOf } from "./capture-essence.ts";
import { type LivePortflow, sendFrames, startPortflow, writeFrames } from "./live-portflow.ts";
import { layWire, newWire, type Wire, whyNoLive } from "./network-spaces.ts";

const reason = whyNoLive();

describe.skipIf(reason !== undefined)(
  `capture (skipped where: ${reason})`,
  { timeout: 180_000, retry: 1 },
  () => {
    let wire: Wire;
    const scratch = mkdtempSync(join(tmpdir(), "portflow-events-"));
    chmodSync(scratch, 0o777);
    const ten = join(scratch, "ten");

    beforeAll(() => {
      wire = newWire("events");
      writeFrames(ten, datagrams(10, 8888));
    });
    afterAll(() => {
      wire.remove();
      rmSync(scratch, { recursive: true, force: true });
    });

    function datagrams(count: number, destinationPort: number): Uint8Array[] {
      return Array.from({ length: count }, (_, i) =>
        frame(ethernet(), ipv4(), udp({ sourcePort: 40_000 + i, destinationPort }), payload("x")),
      );
    }

    async function start(...args: readonly string[]): Promise<LivePortflow> {
      const live = startPortflow(wire.receiver, ["capture", ...args]);
      await live.hears("listening on");
      return live;
    }

    function send(path = ten): void {
      sendFrames(wire.sender, wire.senderDevice, path);
    }

    /** The lines that are whole so far. */
    function linesOf(live: LivePortflow): string[] {
      return live.stdout().toString("utf8").split("\n").slice(0, -1);
    }

    function packets(live: LivePortflow): number {
      return recordsOf(live.stdout().toString("utf8")).reduce(
        (sum, { src }) => sum + src.packets,
        0,
      );
    }

    it("goes on when an interface went down and came up again", async () => {
      const live = await start(wire.receiverDevice, "-f", "ndjson");
      send();
      wire.ip("link", "set", wire.receiverDevice, "down");
      await live.hears("is down; capturing goes on when it is up again");
      wire.ip("link", "set", wire.receiverDevice, "up");
      await live.hears("wire1: is up again");
      send();
      expect(await live.end("SIGTERM")).toBe(0);
      expect(packets(live)).toBe(20);
    });

    it("takes packets that came before for no sign that it is up again, nor a new name for its end", async () => {
      layWire(wire.sender, wire.receiver, "flap0", "flap1");
      const live = await start("flap1", "-f", "ndjson");
      sendFrames(wire.sender, "flap0", ten);
      wire.ip("link", "set", "flap1", "down");
      await live.hears("flap1: is down");
      // Longer than packets wait in the ring, and than it takes to ask again.
      await pause(2500);
      expect(live.stderr()).not.toContain("flap1: is up again");
      wire.ip("link", "set", "flap1", "name", "flap2");
      wire.ip("link", "set", "flap2", "up");
      await live.hears("flap1: is up again");
      sendFrames(wire.sender, "flap0", ten);
      wire.ip("link", "delete", "flap2");
      expect(await live.end()).toBe(3);
      expect(packets(live)).toBe(20);
    });

    it("ends when an interface that is down is deleted", async () => {
      layWire(wire.sender, wire.receiver, "leave0", "leave1");
      const live = await start("leave1", "-f", "ndjson");
      sendFrames(wire.sender, "leave0", ten);
      wire.ip("link", "set", "leave1", "down");
      await live.hears("leave1: is down");
      wire.ip("link", "delete", "leave1");
      await live.hears("leave1: the interface was deleted");
      expect(await live.end()).toBe(3);
      expect(packets(live)).toBe(10);
    });

    it("ends with what it has when the interface is deleted", async () => {
      layWire(wire.sender, wire.receiver, "short0", "short1");
      const live = await start("short1", "-f", "ndjson");
      sendFrames(wire.sender, "short0", ten);
      wire.ip("link", "delete", "short1");
      expect(await live.end()).toBe(3);
      expect(live.stderr()).toContain("portflow: short1: the interface was deleted\n");
      expect(live.stderr()).toContain("books balance: 10 read");
      expect(packets(live)).toBe(10);
    });

    it("hears every interface as any, each by its name, and loopback's packets once", async () => {
      layWire(wire.sender, wire.receiver, "second0", "second1");
      const live = await start("any", "-f", "ndjson");
      send();
      sendFrames(wire.sender, "second0", ten);
      sendFrames(wire.receiver, "lo", ten);
      expect(await live.end("SIGTERM")).toBe(0);
      const records = recordsOf(live.stdout().toString("utf8"));
      const heard = new Map<string, number>();
      for (const { interface: name = "", src } of records) {
        heard.set(name, (heard.get(name) ?? 0) + src.packets);
      }
      // The flows are the same: each is told of by the interface that saw it first.
      expect([...heard.values()].reduce((sum, one) => sum + one, 0)).toBe(30);
      wire.ip("link", "delete", "second1");
    });

    it("hears loopback's packets once", async () => {
      const live = await start("lo", "-f", "ndjson");
      sendFrames(wire.receiver, "lo", ten);
      expect(await live.end("SIGTERM")).toBe(0);
      expect(packets(live)).toBe(10);
    });

    it.each([
      ["in", 10],
      ["out", 5],
    ])("hears one direction: %s", async (direction, expected) => {
      const five = join(scratch, "five");
      writeFrames(five, datagrams(5, 53));
      const live = await start(wire.receiverDevice, "-f", "ndjson", "--direction", direction);
      send();
      sendFrames(wire.receiver, wire.receiverDevice, five);
      await live.end("SIGTERM");
      expect(packets(live)).toBe(expected);
    });

    it("ends flows by the wall clock when no packet comes", async () => {
      const live = await start(wire.receiverDevice, "-f", "ndjson", "--idle-timeout", "1s");
      send();
      await until(() => linesOf(live).length >= 10, "wrote ten records", live.stderr);
      const reasons = linesOf(live).map((line) => JSON.parse(line).end_reason);
      expect(reasons).toEqual(Array(10).fill("idle"));
      await live.end("SIGTERM");
    });

    it("reads port rules again and begins another file on SIGHUP, and tells its state on SIGUSR1", async () => {
      const rules = join(scratch, "rules");
      const output = join(scratch, "flows.json");
      writeFileSync(rules, "8888/udp before-reload\n");
      const args = [wire.receiverDevice, "-f", "ndjson", "-o", output, "--services", rules];
      const live = await start(...args, "--idle-timeout", "1s");
      send();
      // Records of flows that ended are named by the rules of then.
      const haveEnded = (): boolean => {
        live.process.kill("SIGUSR1");
        return /\b0 flows open.*\n.* 10 packets of .*: 10 flows \(idle 10\)/.test(live.stderr());
      };
      await until(haveEnded, "told of ten flows that ended", live.stderr);
      writeFileSync(rules, "8888/udp after-reload\n");
      live.process.kill("SIGHUP");
      await live.hears("port rules read again, outputs reopened");
      writeFileSync(rules, "nonsense\n");
      live.process.kill("SIGHUP");
      await live.hears("the rules before hold");
      const before = live.stderr().length;
      live.process.kill("SIGUSR1");
      await live.hears("0 flows open", before);
      send();
      expect(await live.end("SIGTERM")).toBe(0);
      const written = readdirSync(scratch)
        .filter((name) => name.startsWith("flows"))
        .map((name) => recordsOf(readFileSync(join(scratch, name), "utf8")));
      expect(written.map((records) => records.length)).toEqual([10, 10]);
      expect(written.map((records) => records[0]?.service?.name).sort()).toEqual([
        "after-reload",
        "before-reload",
      ]);
    });

    it("tells the books while it runs: in the stream, in a file, over HTTP", async () => {
      const stats = join(scratch, "stats.json");
      const args = [wire.receiverDevice, "-f", "ndjson", "--stats-interval", "200ms"];
      const live = await start(...args, "--stats", stats, "--metrics", "9464");
      send();
      const heard = () =>
        linesOf(live)
          .map((line) => JSON.parse(line))
          .filter(({ type }) => type === "stats");
      await until(
        () => heard().length > 3 && heard().at(-1).packets.read === 10,
        "told of ten packets",
        live.stderr,
      );
      const isInFile = () => JSON.parse(readFileSync(stats, "utf8")).packets.read === 10;
      await until(isInFile, "wrote of ten packets", live.stderr);
      const beats = heard();
      for (const beat of beats)
        expect(complaintsOf("portflow.stats.schema.json")(beat)).toEqual([]);
      expect(beats.at(-1).packets.read).toBe(10);
      expect(beats.at(-1).capture.kernel_received).toBe(10);
      const got = spawnSync("ip", ["netns", "exec", wire.receiver, process.execPath, "-e", GET]);
      const text = got.stdout.toString("utf8");
      expect(text).toContain('portflow_packets_total{bin="flowed"} 10\n');
      expect(text).toContain('portflow_kernel_received_total{interface="wire1"} 10\n');
      expect(text).toContain("portflow_flows_open 10\n");
      for (const line of text.trimEnd().split("\n")) {
        expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"]*",?)+\})? [\d.e+]+)$/);
      }
      expect(await live.end("SIGTERM")).toBe(0);
    });

    it("told to end on a full disk waits no longer than it was told, and closes the books", async () => {
      const disk = join(scratch, "disk");
      mkdirSync(disk, { recursive: true });
      spawnSync("mount", ["-t", "tmpfs", "-o", "size=4k,nr_inodes=9", "tmpfs", disk]);
      try {
        const stats = join(scratch, "full.json");
        const args = ["-o", `ndjson:${join(disk, "f")}`, "--flush-timeout", "1s", "--stats", stats];
        const live = await start(wire.receiverDevice, ...args);
        send();
        await pause(300);
        expect(await live.end("SIGTERM")).toBe(4);
        expect(live.stderr()).toContain("no space left on the device");
        expect(live.stderr()).toMatch(/waiting for room\n.*what was written is in .*partial\n/);
        expect(JSON.parse(readFileSync(stats, "utf8")).packets.flowed).toBe(10);
      } finally {
        spawnSync("umount", [disk]);
      }
    });

    it("goes on while the file of the books can't be written", async () => {
      const folder = join(scratch, "books");
      mkdirSync(folder, { recursive: true });
      const stats = join(folder, "stats.json");
      const args = [wire.receiverDevice, "-f", "ndjson", "--stats-interval", "100ms"];
      const live = await start(...args, "--stats", stats);
      rmSync(folder, { recursive: true });
      await live.hears("no such folder; create it first; the capture goes on");
      send();
      mkdirSync(folder);
      await live.hears("the books are written again");
      expect(await live.end("SIGTERM")).toBe(0);
      expect(JSON.parse(readFileSync(stats, "utf8")).packets.read).toBe(10);
      expect(live.stderr().split("the capture goes on").length).toBe(2);
    });

    it("keeps the packets, and what it kept reads as it was heard", async () => {
      const kept = join(scratch, "kept.pcapng");
      const live = await start(wire.receiverDevice, "-f", "ndjson", "--write", kept);
      send();
      await live.end("SIGTERM");
      const read = portflow(["read", kept, "-f", "ndjson", "-q"]);
      expect(read.status).toBe(0);
      const told = recordsOf(live.stdout().toString("utf8"));
      const again = recordsOf(read.stdout.toString("utf8"));
      expect(essence(read.stdout.toString("utf8"))).toEqual(
        essence(live.stdout().toString("utf8")),
      );
      expect(again.map((one) => one.start)).toEqual(told.map((one) => one.start));
      expect(again[0]?.interface).toBe("wire1");
    });

    it.each([
      ["fail", ["--on-full", "fail"]],
      ["waiting for room", ["--flush-timeout", "1s"]],
    ])("goes on where no packets can be kept, %s: every flow is written", async (_name, how) => {
      const disk = join(scratch, "small");
      const many = join(scratch, "many");
      const output = join(scratch, "flows");
      mkdirSync(disk, { recursive: true });
      writeFrames(many, datagrams(100, 8888));
      spawnSync("mount", ["-t", "tmpfs", "-o", "size=4k,nr_inodes=9", "tmpfs", disk]);
      try {
        const args = ["-o", `ndjson:${output}`, "--write", join(disk, "kept.pcapng"), ...how];
        const live = await start(wire.receiverDevice, ...args);
        send(many);
        await live.hears("no space left on the device");
        expect(await live.end("SIGTERM")).toBe(4);
        expect(live.stderr()).toMatch(
          /no space left on the device.*; what was written is in .*\.partial; no more packets are kept\n/,
        );
        expect(recordsOf(readFileSync(output, "utf8")).length).toBe(100);
        expect(live.stderr()).toContain("books balance: 100 read = 100 flowed");
      } finally {
        spawnSync("umount", [disk]);
      }
    });

    it("that can't open its outputs leaves nothing behind of the packets", async () => {
      const folder = join(scratch, "left");
      mkdirSync(folder);
      const args = ["capture", wire.receiverDevice, "-o", join(folder, "none", "flows")];
      const live = startPortflow(wire.receiver, [...args, "--write", join(folder, "kept.pcapng")]);
      expect(await live.end()).toBe(4);
      expect(live.stderr()).toContain("no such folder");
      expect(readdirSync(folder)).toEqual([]);
    });

    it("keeps packets in files of some size, the newest of them", async () => {
      const args = [wire.receiverDevice, "-f", "ndjson", "--write", join(scratch, "part.pcapng")];
      const live = await start(...args, "--write-size", "250", "--write-keep", "3");
      send();
      await live.end("SIGTERM");
      const parts = readdirSync(scratch).filter((name) => name.startsWith("part"));
      expect(parts.length).toBe(3);
      for (const part of parts)
        expect(portflow(["read", join(scratch, part), "-q"]).status).toBe(0);
    });

    it("becomes another user", async () => {
      const output = join(scratch, "nobody.json");
      const args = [wire.receiverDevice, "-f", "ndjson", "-o", output, "--user", "nobody:nogroup"];
      const live = await start(...args);
      const status = readFileSync(`/proc/${live.process.pid}/status`, "utf8");
      expect(status).toMatch(/^Uid:\s+65534\s+65534\s+65534\s+65534$/m);
      expect(status).toMatch(/^CapEff:\s+0000000000000000$/m);
      send();
      expect(await live.end("SIGTERM")).toBe(0);
      expect(recordsOf(readFileSync(output, "utf8")).length).toBe(10);
    });

    it("names the interfaces when none is named", async () => {
      const live = startPortflow(wire.receiver, ["capture"]);
      expect(await live.end()).toBe(2);
      expect(live.stderr()).toBe(
        "portflow: capture: name an interface: any, lo, wire1; see portflow devices\n",
      );
    });

    it("counts what a connection of large pieces carries, without blaming its checksums", async () => {
      const size = 3_000_000;
      spawnSync("ip", ["-n", wire.sender, "addr", "add", "10.9.0.1/24", "dev", wire.senderDevice]);
      wire.ip("addr", "add", "10.9.0.2/24", "dev", wire.receiverDevice);
      const live = await start(wire.receiverDevice, "-f", "ndjson", "--filter", "tcp port 4242");
      const server = spawn("ip", [
        "netns",
        "exec",
        wire.receiver,
        process.execPath,
        "-e",
        SERVE(size),
      ]);
      await new Promise((resolve) => server.stdout.once("data", resolve));
      spawnSync("ip", ["netns", "exec", wire.sender, process.execPath, "-e", FETCH]);
      server.kill();
      await live.end("SIGTERM");
      const [flow] = recordsOf(live.stdout().toString("utf8"));
      // The kernel may send a piece again where the machine is busy; none may be missing.
      expect(flow?.dst.payload_bytes).toBeGreaterThanOrEqual(size);
      expect(flow?.dst.payload_bytes).toBeLessThan(size * 1.1);
      expect(flow?.tcp?.missed_bytes ?? 0).toBe(0);
      expect(flow?.tcp?.state).toBe("SF");
      expect(live.stderr()).not.toContain("faults");
      // More than a frame of the medium in one piece: offloading was there to be dealt with.
      expect(flow!.dst.bytes / flow!.dst.packets).toBeGreaterThan(2000);
    });
  },
);

const GET = `fetch("http://127.0.0.1:9464/metrics").then((r) => r.text()).then((t) => process.stdout.write(t))`;
const SERVE = (size: number): string =>
  `require("net").createServer((s) => { s.end(Buffer.alloc(${size})); s.resume(); }).listen(4242, "10.9.0.2", () => console.log("up"))`;
const FETCH = `require("net").connect(4242, "10.9.0.2").resume().on("end", function () { this.end(); })`;

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
