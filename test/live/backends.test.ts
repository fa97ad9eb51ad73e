import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadLibpcap } from "../../src/capture/live/native-library.ts";
import { BACKENDS } from "../../src/capture/live/open-live.ts";
import { packageRoot } from "../../src/core/package-root.ts";
import { frame, payload } from "../support/build.ts";
import { ipv4 } from "../support/build-ip.ts";
import { ethernet, vlan } from "../support/build-link.ts";
import { udp } from "../support/build-transport.ts";
import { PROGRAM, portflow } from "../support/run-portflow.ts";
import { writePcap } from "../support/write-pcap.ts";
import { essence, grouped, recordsOf } from "./capture-essence.ts";
import { sendFrames, startPortflow, writeFrames } from "./live-portflow.ts";
import { newWire, type Wire, whyNoLive } from "./network-spaces.ts";

const reason = whyNoLive();
const NOBODY = 65534;

function isThere(load: () => unknown): boolean {
  try {
    load();
    return true;
  } catch {
    return false;
  }
}

const present: Readonly<Record<string, boolean>> = {
  "af-packet": true,
  libpcap: isThere(() => loadLibpcap("test")),
  cap: isThere(() => createRequire(import.meta.url)("cap")),
};

/** A thousand datagrams of ten flows, half of them in VLAN 100. */
const frames = Array.from({ length: 1000 }, (_, i) => {
  const layers = [ipv4(), udp({ sourcePort: 40_000 + (i % 10), destinationPort: 53 })];
  return i % 2 === 0 ? frame(ethernet(), ...layers) : frame(ethernet(), vlan(100), ...layers);
});

describe.skipIf(reason !== undefined)(
  `backends (skipped where: ${reason})`,
  { timeout: 180_000, retry: 1 },
  () => {
    let wire: Wire;
    const scratch = mkdtempSync(join(tmpdir(), "portflow-backends-"));
    const framesPath = join(scratch, "frames");
    const reference = join(scratch, "reference.pcap");

    beforeAll(() => {
      wire = newWire("back");
      writeFrames(framesPath, frames);
      const packets = frames.map((bytes, i) => ({
        microseconds: 1_772_442_000_000_000 + i,
        bytes,
      }));
      writeFileSync(reference, writePcap(packets));
    });
    afterAll(() => {
      wire.remove();
      rmSync(scratch, { recursive: true, force: true });
    });

    describe.each(BACKENDS)("%s", (backend) => {
      const missing = present[backend] === true ? "" : "not installed here";

      it.skipIf(missing !== "")(
        `gives the records of a file (skipped where ${missing})`,
        async () => {
          const read = portflow(["read", reference, "-f", "ndjson", "-q"]);
          const args = ["capture", wire.receiverDevice, "--backend", backend, "-f", "ndjson"];
          const live = startPortflow(wire.receiver, args);
          await live.hears("listening on");
          sendFrames(wire.sender, wire.senderDevice, framesPath);
          // What waits in another process can't be known to be all.
          if (backend === "cap") await new Promise((resolve) => setTimeout(resolve, 500));
          expect(await live.end("SIGTERM")).toBe(0);
          expect(live.stderr()).toContain(`books balance: ${grouped(frames.length)} read`);
          expect(essence(live.stdout().toString("utf8"))).toEqual(
            essence(read.stdout.toString("utf8")),
          );
        },
      );

      it.skipIf(missing !== "")(`filters by VLAN (skipped where ${missing})`, async () => {
        const args = ["capture", wire.receiverDevice, "--backend", backend, "-f", "ndjson"];
        const live = startPortflow(wire.receiver, [...args, "--filter", "vlan 100"]);
        await live.hears("listening on");
        sendFrames(wire.sender, wire.senderDevice, framesPath);
        if (backend === "cap") await new Promise((resolve) => setTimeout(resolve, 500));
        await live.end("SIGTERM");
        const records = recordsOf(live.stdout().toString("utf8"));
        expect(records.length).toBe(5);
        expect(records.every(({ vlan: ids }) => ids?.[0] === 100)).toBe(true);
        expect(records.reduce((sum, { src }) => sum + src.packets, 0)).toBe(500);
      });

      it.skipIf(missing !== "")(`ends with 0 after its duration (${missing})`, async () => {
        const args = ["capture", "lo", "--backend", backend, "--duration", "200ms"];
        const live = startPortflow(wire.receiver, args);
        expect(await live.end()).toBe(0);
      });

      it.skipIf(missing !== "")(`says that there is no such interface (${missing})`, async () => {
        const live = startPortflow(wire.receiver, ["capture", "nothere0", "--backend", backend]);
        expect(await live.end()).toBe(3);
        expect(live.stderr()).toMatch(
          /portflow: nothere0: no such interface; portflow devices lists them\n$/,
        );
      });
    });

    it("refuses a filter that is none, with libpcap's words", async () => {
      const args = ["capture", wire.receiverDevice, "--filter", "udp prt 53"];
      const live = startPortflow(wire.receiver, args);
      expect(await live.end()).toBe(2);
      expect(live.stderr()).toMatch(/^portflow: --filter "udp prt 53": .*syntax error.*\n$/);
    });

    it("stops after so many packets", async () => {
      const args = ["capture", wire.receiverDevice, "-f", "ndjson", "--packets", "700"];
      const live = startPortflow(wire.receiver, args);
      await live.hears("listening on");
      sendFrames(wire.sender, wire.senderDevice, framesPath);
      expect(await live.end()).toBe(0);
      const records = recordsOf(live.stdout().toString("utf8"));
      expect(records.reduce((sum, { src }) => sum + src.packets, 0)).toBe(700);
      expect(records[0]?.end_reason).toBe("capture_end");
    });

    it("cuts packets to the snaplen and says so", async () => {
      const args = ["capture", wire.receiverDevice, "-f", "ndjson", "--snaplen", "64"];
      const live = startPortflow(wire.receiver, args);
      await live.hears("listening on");
      const long = [
        frame(
          ethernet(),
          ipv4(),
          udp({ sourcePort: 1, destinationPort: 53 }),
          payload(new Uint8Array(500)),
        ),
      ];
      const path = join(scratch, "long");
      writeFrames(path, long);
      sendFrames(wire.sender, wire.senderDevice, path);
      await live.end("SIGTERM");
      expect(recordsOf(live.stdout().toString("utf8"))[0]?.src.bytes).toBe(long[0]!.length);
      expect(live.stderr()).toContain("1 packets cut by the snaplen");
    });

    it("tells who may not capture what to do", () => {
      const run = spawnSync(process.execPath, [PROGRAM, "capture", "lo"], {
        cwd: packageRoot(),
        uid: NOBODY,
        gid: NOBODY,
      });
      expect(run.status).toBe(3);
      expect(run.stderr.toString("utf8")).toBe(
        "portflow: lo: permission to capture denied; run as root, or once: " +
          "sudo setcap cap_net_raw+ep $(readlink -f $(which node))\n",
      );
    });

    /** A copy of the program that lacks one package. */
    function copyWithout(left: string): string {
      const copy = mkdtempSync(join(scratch, "without-"));
      for (const one of ["dist", "data", "package.json"]) {
        cpSync(join(packageRoot(), one), join(copy, one), { recursive: true });
      }
      mkdirSync(join(copy, "node_modules"));
      for (const name of readdirSync(join(packageRoot(), "node_modules"))) {
        if (name === left || name === ".bin") continue;
        symlinkSync(join(packageRoot(), "node_modules", name), join(copy, "node_modules", name));
      }
      return copy;
    }

    it("says what to do about a package cap that was not compiled", () => {
      const copy = copyWithout("cap");
      const cap = join(copy, "node_modules", "cap");
      cpSync(join(packageRoot(), "node_modules", "cap"), cap, {
        recursive: true,
        filter: (path) => !path.endsWith("build"),
      });
      const main = join(copy, "dist", "cli", "main.js");
      const run = spawnSync(process.execPath, [main, "capture", "lo", "--backend", "cap"]);
      expect(run.status).toBe(3);
      expect(run.stderr.toString("utf8").trimEnd().split("\n").at(-1)).toBe(
        "portflow: lo: the package cap is not compiled for Node " +
          `${process.versions.node}; npm rebuild cap`,
      );
    });

    it.each([
      ["af-packet", "koffi", "npm install koffi"],
      ["libpcap", "koffi", "npm install koffi"],
      ["cap", "cap", "npm install cap"],
    ])("%s without the package %s says what to install", (backend, left, remedy) => {
      const copy = copyWithout(left);
      const main = join(copy, "dist", "cli", "main.js");
      const run = spawnSync(process.execPath, [main, "capture", "lo", "--backend", backend]);
      expect(run.status).toBe(3);
      const lines = run.stderr.toString("utf8").trimEnd().split("\n");
      expect(lines.at(-1)).toMatch(/^portflow: lo: needs the package/);
      expect(lines.at(-1)).toContain(remedy);
      expect(run.stderr.toString("utf8")).not.toContain("    at ");
    });
  },
);
