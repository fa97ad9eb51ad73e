import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCapture } from "../../src/capture/open.ts";
import { packageRoot } from "../../src/core/package-root.ts";
import { newPacketBatch } from "../../src/core/packet-batch.ts";
import { portflow } from "../support/run-portflow.ts";
import { writePcap } from "../support/write-pcap.ts";
import { essence, grouped } from "./capture-essence.ts";
import { sendFrames, startPortflow, writeFrames } from "./live-portflow.ts";
import { newWire, type Wire, whyNoLive } from "./network-spaces.ts";

const reason = whyNoLive();
const ETHERNET = 1;
const LARGEST_FRAME = 65_549;
const scratch = mkdtempSync(join(tmpdir(), "portflow-replay-"));
let wire: Wire;

/** The whole Ethernet frames of a capture. */
async function framesOf(path: string): Promise<Uint8Array[]> {
  const source = await openCapture(path);
  const batch = newPacketBatch();
  const frames: Uint8Array[] = [];
  try {
    while (await source.fill(batch)) {
      for (let i = 0; i < batch.count; i += 1) {
        const length = batch.capturedLength[i]!;
        const isWhole = length === batch.wireLength[i] && length >= 14 && length <= LARGEST_FRAME;
        if (batch.linkType[i] !== ETHERNET || !isWhole) continue;
        const frame = batch.bytes.slice(batch.start[i]!, batch.start[i]! + length);
        // The kernel itself throws away what ends right after a VLAN tag.
        if (length >= 20 || frame[12] !== 0x81) frames.push(frame);
      }
    }
  } catch {
    // A damaged capture: what was readable is sent.
  } finally {
    await source.close();
  }
  return frames;
}

/** All of them that hold Ethernet frames. */
const captures = new Map<string, readonly Uint8Array[]>();
for (const folder of ["samples", "test/captures"]) {
  for (const name of readdirSync(join(packageRoot(), folder))) {
    if (!/\.pcap(ng)?$/.test(name)) continue;
    const frames = await framesOf(join(packageRoot(), folder, name));
    if (frames.length > 0) captures.set(join(folder, name), frames);
  }
}

describe.skipIf(reason !== undefined)(
  `replayed captures (skipped where: ${reason})`,
  { timeout: 180_000, retry: 1 },
  () => {
    beforeAll(() => {
      wire = newWire("replay");
    });
    afterAll(() => {
      wire?.remove();
      rmSync(scratch, { recursive: true, force: true });
    });

    it("has ten captures or more", () => {
      expect(captures.size).toBeGreaterThanOrEqual(10);
    });

    it.each([...captures])("%s gives the records of the file", async (_path, frames) => {
      const framesPath = join(scratch, "frames");
      writeFrames(framesPath, frames);
      // The same packets close together, as they are sent: only times differ then.
      const reference = join(scratch, "reference.pcap");
      const start = 1_772_442_000_000_000;
      const packets = frames.map((bytes, i) => ({ microseconds: start + i * 10, bytes }));
      writeFileSync(reference, writePcap(packets));
      const read = portflow(["read", reference, "-f", "ndjson", "-q", "--tunnels", "both"]);

      const args = ["capture", wire.receiverDevice, "-f", "ndjson", "--tunnels", "both"];
      const live = startPortflow(wire.receiver, args);
      await live.hears("listening on");
      expect(sendFrames(wire.sender, wire.senderDevice, framesPath)).toBe(frames.length);
      expect(await live.end("SIGINT")).toBe(130);

      expect(live.stderr()).toContain(`books balance: ${grouped(frames.length)} read`);
      expect(essence(live.stdout().toString("utf8"))).toEqual(
        essence(read.stdout.toString("utf8")),
      );
    });
  },
);
