import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.ts";
import { newWire, type Wire, whyNoLive } from "./network-spaces.ts";

const reason = whyNoLive();

/** Runs in the receiver's namespace, against the built modules. */
const SCRIPT = `
import { readFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
const { openAfPacket } = await import(process.argv[2] + "/capture/live/af-packet.js");
const { newPacketBatch } = await import(process.argv[2] + "/core/packet-batch.js");
const options = { snaplen: 262144, promiscuous: true, ringOctets: 1 << 22, direction: "both" };
const lines = (path) => readFileSync(path, "utf8").trim().split("\\n").length;
const sockets = () => lines("/proc/self/net/packet") - 1;
const promiscuity = () =>
  /promiscuity (\\d+)/.exec(execFileSync("ip", ["-d", "link", "show", "wire1"], { encoding: "utf8" }))[1];
const said = [];

const one = openAfPacket("wire1", options);
said.push(["open", sockets(), promiscuity()]);
const batch = newPacketBatch();
execFileSync("ip", ["link", "set", "wire1", "arp", "off"]);
one.take(batch);
const view = one.interfaces;
const { bytes } = batch;
one.close();
one.close();
let sum = 0;
for (let i = 0; i < bytes.length; i += 4096) sum += bytes[i];
one.take(batch);
said.push(["closed", sockets(), promiscuity(), sum, batch.count, view.length]);

// Address space, for mappings side by side look like one. A hundred and fifty rings are 600 MiB; what other
// threads set aside for themselves is some 130.
const mebibytes = () => Number(/VmSize:\\s+(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]) / 1024;
const before = mebibytes();
for (let i = 0; i < 150; i += 1) {
  const another = openAfPacket("wire1", options);
  another.listen(() => undefined);
  another.take(batch);
  another.close();
}
batch.bytes = new Uint8Array(0);
for (let i = 0; i < 5; i += 1) {
  globalThis.gc();
  await new Promise((resolve) => setTimeout(resolve, 50));
}
said.push(["again", sockets(), mebibytes() - before < 300]);
console.log(JSON.stringify(said));
`;

describe.skipIf(reason !== undefined)(
  `openAfPacket (skipped where: ${reason})`,
  { timeout: 180_000, retry: 1 },
  () => {
    let wire: Wire;
    const scratch = mkdtempSync(join(tmpdir(), "portflow-af-packet-"));
    beforeAll(() => {
      wire = newWire("ring");
    });
    afterAll(() => {
      wire.remove();
      rmSync(scratch, { recursive: true, force: true });
    });

    it("gives socket, promiscuity and memory back, and views outlive it as zeros", () => {
      const script = join(scratch, "script.mjs");
      writeFileSync(script, SCRIPT);
      const dist = pathToFileURL(join(packageRoot(), "dist")).href;
      const args = ["netns", "exec", wire.receiver, process.execPath, "--expose-gc", script, dist];
      const run = spawnSync("ip", args, { cwd: packageRoot() });
      expect(run.stderr.toString("utf8")).toBe("");
      expect(JSON.parse(run.stdout.toString("utf8"))).toEqual([
        ["open", 1, "1"],
        ["closed", 0, "0", 0, 0, 1],
        ["again", 0, true],
      ]);
    });
  },
);
