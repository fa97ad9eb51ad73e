import { describe, expect, it } from "vitest";
import { openCaptureBytes } from "../../../src/capture/open.ts";
import { newPacketBatch } from "../../../src/core/packet-batch.ts";
import { ContextTable } from "../../../src/flow/id/context-table.ts";
import { newHashSecret } from "../../../src/flow/packet/flow-hash.ts";
import { Mark, Staged } from "../../../src/flow/packet/staged-packet.ts";
import { Books } from "../../../src/pipeline/books/books.ts";
import { Stager } from "../../../src/pipeline/staging/stager.ts";
import { ipv4 } from "../../support/build-ip.ts";
import { tcp } from "../../support/build-transport.ts";
import { at, capture } from "../run.ts";

const ports = { sourcePort: 40000, destinationPort: 80 };

/** Whether each staged packet is marked as having a bad checksum. */
async function badChecksums(bytes: Uint8Array, checksums: boolean): Promise<boolean[]> {
  const options = { useVlanKey: true, tunnels: "inner", fragments: "join", checksums } as const;
  const stager = new Stager(options, new Books(), new ContextTable(), newHashSecret());
  const source = await openCaptureBytes(bytes, "capture");
  const batch = newPacketBatch();
  const staged = new Int32Array(16 * Staged.Size);
  await source.fill(batch);
  stager.stageRows(batch, 0, 0, staged, 16);
  await source.close();
  return Array.from(
    { length: stager.stagedCount },
    (_, i) => (staged[i * Staged.Size + Staged.Marks]! & Mark.BadChecksum) !== 0,
  );
}

describe("Stager", () => {
  const packets = capture(
    at(0, ipv4(), tcp(ports)),
    at(1, ipv4(), tcp({ ...ports, checksum: "wrong" })),
    at(2, ipv4({ checksum: "wrong" }), tcp(ports)),
    at(3, ipv4(), tcp(ports)),
  );

  it("marks packets whose checksum is wrong, and no others", async () => {
    expect(await badChecksums(packets, true)).toEqual([false, true, true, false]);
  });

  it("marks none where checksums are not verified", async () => {
    expect(await badChecksums(packets, false)).toEqual([false, false, false, false]);
  });
});
