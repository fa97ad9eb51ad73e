import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { frame, payload } from "../support/build.ts";
import { ipv4 } from "../support/build-ip.ts";
import { ethernet } from "../support/build-link.ts";
import { udp } from "../support/build-transport.ts";
import { sendFrames, startPortflow, writeFrames } from "./live-portflow.ts";
import { newWire, type Wire, whyNoLive } from "./network-spaces.ts";

const reason = whyNoLive();
const FRAMES = 1000;
const SENT = 1_000_000;

type Books = {
  readonly packets: { readonly read: number; readonly flowed: number };
  readonly balanced: boolean;
  readonly capture: { readonly kernel_received: number; readonly kernel_dropped: number };
};

describe.skipIf(reason !== undefined)(
  `a million packets as fast as they can be sent (skipped where: ${reason})`,
  { timeout: 180_000, retry: 1 },
  () => {
    let wire: Wire;
    const scratch = mkdtempSync(join(tmpdir(), "portflow-flood-"));
    const small = join(scratch, "small");

    beforeAll(() => {
      wire = newWire("flood");
      writeFrames(
        small,
        Array.from({ length: FRAMES }, (_, i) =>
          frame(
            ethernet(),
            ipv4(),
            udp({ sourcePort: 10_000 + (i % 256), destinationPort: 53 }),
            payload(new Uint8Array(18)),
          ),
        ),
      );
    });
    afterAll(() => {
      wire.remove();
      rmSync(scratch, { recursive: true, force: true });
    });

    /** Floods a portflow. @returns its books and what it said */
    async function flood(...args: readonly string[]): Promise<{ books: Books; stderr: string }> {
      const all = ["capture", wire.receiverDevice, "-f", "csv", "-o", "/dev/null", "--stats", "-"];
      const live = startPortflow(wire.receiver, [...all, ...args]);
      await live.hears("listening on");
      sendFrames(wire.sender, wire.senderDevice, small, SENT / FRAMES);
      expect(await live.end("SIGTERM")).toBe(0);
      const line = live
        .stderr()
        .split("\n")
        .find((one) => one.startsWith("{"));
      return { books: JSON.parse(line ?? "") as Books, stderr: live.stderr() };
    }

    it("received and dropped make what was sent, to the packet", async () => {
      const { books } = await flood();
      expect(books.balanced).toBe(true);
      expect(books.capture.kernel_received).toBe(SENT);
      expect(books.packets.read + books.capture.kernel_dropped).toBe(SENT);
      expect(books.packets.flowed).toBe(books.packets.read);
    });

    it("so they do, and it says so, with too small a ring", async () => {
      const { books, stderr } = await flood("--ring-size", "1M");
      expect(books.capture.kernel_received).toBe(SENT);
      expect(books.packets.read + books.capture.kernel_dropped).toBe(SENT);
      const warned = stderr.includes("packets dropped for lack of room; set a larger --ring-size");
      expect(warned).toBe(books.capture.kernel_dropped > 0);
    });
  },
);
