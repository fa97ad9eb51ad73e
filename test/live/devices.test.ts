import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.ts";
import { PROGRAM, portflow } from "../support/run-portflow.ts";
import { newWire, type Wire, whyNoLive } from "./network-spaces.ts";

const reason = whyNoLive();

describe.skipIf(reason !== undefined)(`devices (skipped where: ${reason})`, () => {
  let wire: Wire;
  beforeAll(() => {
    wire = newWire("devices");
    wire.ip("addr", "add", "10.9.1.2/24", "dev", wire.receiverDevice);
  });
  afterAll(() => wire.remove());

  function devices(...args: readonly string[]): string {
    const command = ["netns", "exec", wire.receiver, process.execPath, PROGRAM, "devices", ...args];
    const run = spawnSync("ip", command, { cwd: packageRoot() });
    expect(run.status).toBe(0);
    return run.stdout.toString("utf8");
  }

  it("are told as JSON", () => {
    const [first, last] = JSON.parse(devices("--json"));
    expect(first).toMatchObject({
      name: wire.receiverDevice,
      state: "up",
      addresses: ["10.9.1.2/24"],
      link_type: "ethernet",
      loopback: false,
      mtu: 65535,
      allowed: true,
    });
    expect(first.mac).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
    expect(first.backends).toContain("af-packet");
    expect(last).toMatchObject({ name: "lo", loopback: true, state: "up" });
  });

  it("are told as a table that fits a terminal", () => {
    const lines = devices().trimEnd().split("\n");
    expect(lines[0]).toMatch(/^device +state +speed +link +capture with +allowed +addresses$/);
    expect(lines[1]).toMatch(/^wire1 +up .*ethernet .*yes +10\.9\.1\.2\/24$/);
  });

  it("tell who may not capture how to", () => {
    const run = spawnSync(process.execPath, [PROGRAM, "devices"], { uid: 65534, gid: 65534 });
    expect(run.stderr.toString("utf8")).toContain("setcap cap_net_raw+ep");
    expect(run.status).toBe(0);
  });
});

describe("portflow devices", () => {
  it("takes no arguments that it does not know", () => {
    expect(portflow(["devices", "--nonsense"]).status).toBe(2);
  });
});
