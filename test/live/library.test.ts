import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.ts";
import { captureFlows } from "../../src/portflow.ts";
import { frame } from "../support/build.ts";
import { ipv4 } from "../support/build-ip.ts";
import { ethernet } from "../support/build-link.ts";
import { udp } from "../support/build-transport.ts";
import { sendFrames, writeFrames } from "./live-portflow.ts";
import { newWire, type Wire, whyNoLive } from "./network-spaces.ts";

const reason = whyNoLive();

describe.skipIf(reason !== undefined)(
  `captureFlows (skipped where: ${reason})`,
  { timeout: 180_000, retry: 1 },
  () => {
    let wire: Wire;
    const scratch = mkdtempSync(join(tmpdir(), "portflow-library-"));
    beforeAll(() => {
      wire = newWire("library");
    });
    afterAll(() => {
      wire.remove();
      rmSync(scratch, { recursive: true, force: true });
    });

    it("yields records as they end and closes everything when the loop is left", async () => {
      const frames = join(scratch, "frames");
      const one = frame(ethernet(), ipv4(), udp({ sourcePort: 40_000, destinationPort: 53 }));
      writeFrames(frames, [one, one, one]);
      const script = join(scratch, "listen.mjs");
      const library = pathToFileURL(join(packageRoot(), "dist", "portflow.js")).href;
      writeFileSync(
        script,
        `import { captureFlows } from ${JSON.stringify(library)};
         import { readFileSync } from "node:fs";
         const sockets = () => readFileSync("/proc/self/net/packet", "utf8").trim().split("\\n").length - 1;
         const timeouts = { udp: 1e9 };
         const flows = captureFlows(${JSON.stringify(wire.receiverDevice)}, { timeouts });
         const first = flows.next();
         const isOpen = setInterval(() => {
           if (sockets() === 0) return;
           clearInterval(isOpen);
           console.log("listening", sockets());
         }, 20);
         const { value } = await first;
         await flows.return();
         console.log(JSON.stringify([value.src.packets, value.service.name, value.end_reason, sockets()]));`,
      );
      const command = ["netns", "exec", wire.receiver, process.execPath, script];
      const child = spawn("ip", command, {
        cwd: packageRoot(),
        stdio: ["ignore", "pipe", "inherit"],
      });
      let said = "";
      child.stdout.on("data", (chunk: Buffer) => {
        if (said === "") sendFrames(wire.sender, wire.senderDevice, frames);
        said += chunk.toString("utf8");
      });
      await new Promise((resolve) => child.on("close", resolve));
      expect(said).toBe('listening 1\n[3,"dns","idle",0]\n');
    });

    it("says in one line what is the matter", async () => {
      await expect(captureFlows("nothere0").next()).rejects.toThrow(
        /^nothere0: no such interface; portflow devices lists them$/,
      );
    });
  },
);
