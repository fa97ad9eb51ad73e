import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.ts";
import { frame } from "../support/build.ts";
import { ipv4 } from "../support/build-ip.ts";
import { ethernet } from "../support/build-link.ts";
import { udp } from "../support/build-transport.ts";
import { PROGRAM, portflow } from "../support/run-portflow.ts";
import { until } from "../support/until.ts";
import { sendFrames, writeFrames } from "./live-portflow.ts";
import { newWire, type Wire, whyNoLive } from "./network-spaces.ts";

const hasTmux = spawnSync("tmux", ["-V"]).status === 0;
const reason = whyNoLive() ?? (hasTmux ? undefined : "tmux is not installed");

describe.skipIf(reason !== undefined)(
  `portflow top (skipped where: ${reason})`,
  { timeout: 180_000, retry: 1 },
  () => {
    let wire: Wire;
    const scratch = mkdtempSync(join(tmpdir(), "portflow-top-"));
    const socket = join(scratch, "tmux");
    const tmux = (...args: readonly string[]): string =>
      spawnSync("tmux", ["-S", socket, ...args]).stdout.toString("utf8");

    /** The screen of the newest session, or of a named one, when it shows a text. */
    async function screenWith(text: string, ...session: readonly string[]): Promise<string[]> {
      let screen = "";
      const shows = (): boolean => {
        screen = tmux("capture-pane", "-p", ...session);
        return screen.includes(text);
      };
      await until(shows, `showed "${text}"`, () => screen);
      return screen.split("\n");
    }

    beforeAll(() => {
      wire = newWire("top");
    });
    afterAll(() => {
      tmux("kill-server");
      wire.remove();
      rmSync(scratch, { recursive: true, force: true });
    });

    it("lists services, hosts and flows in 80 by 24, without colour, and ends at q", async () => {
      const frames = join(scratch, "frames");
      const one = frame(ethernet(), ipv4(), udp({ sourcePort: 40_000, destinationPort: 53 }));
      writeFrames(frames, [one, one]);
      const command = `ip netns exec ${wire.receiver} ${process.execPath} ${PROGRAM} top wire1; echo END $?; sleep 60`;
      const environment = ["-e", "NO_COLOR=1"];
      tmux(
        "new-session",
        "-d",
        "-x",
        "80",
        "-y",
        "24",
        ...environment,
        "-c",
        packageRoot(),
        command,
      );
      await screenWith("wire1: 0 packets/s");
      sendFrames(wire.sender, wire.senderDevice, frames);
      const services = await screenWith("dns");
      expect(services.filter((line) => line.length > 80)).toEqual([]);
      expect(services[2]).toMatch(/^dns\S*\/udp +\S+ +\S+ +\d+ +2 +1$/);
      expect(services[23]).toContain("q quit");
      expect(tmux("capture-pane", "-p", "-e")).not.toContain("\u001b[3");
      tmux("send-keys", "h");
      await screenWith("198.51.100.1 ");
      tmux("send-keys", "f");
      await screenWith("192.0.2.1:40000 > 198.51.100.1:53");
      tmux("send-keys", "/", "x", "y", "z", "Enter");
      await screenWith('filter "xyz": 0');
      tmux("send-keys", "q");
      const after = await screenWith("END 0");
      expect(after.join("")).toContain("2 packets of 1 interface");
    });

    it("says that it needs a terminal", () => {
      const run = portflow(["top", "lo"]);
      expect(run.status).toBe(2);
      expect(run.stderr).toMatch(/^portflow: top: needs a terminal; [^\n]+\n$/);
    });

    it.each(["top", "capture"])("%s ends in order when its terminal is closed", async (command) => {
      const folder = mkdtempSync(join(scratch, "closed-"));
      const flows = join(folder, "flows");
      const run = `exec ip netns exec ${wire.receiver} ${process.execPath} ${PROGRAM} ${command} wire1 -o ndjson:${flows} --stats ${flows}.json`;
      tmux("new-session", "-d", "-s", command, "-c", packageRoot(), run);
      const begun = command === "top" ? "wire1: 0 packets/s" : "listening on wire1";
      await screenWith(begun, "-t", command);
      const files = (): string => readdirSync(folder).sort().join();
      expect(files()).toMatch(/^\.flows\.\d+\.partial$/);
      tmux("kill-session", "-t", command);
      await until(() => files() === "flows,flows.json", "closed its outputs", files);
    });
  },
);
