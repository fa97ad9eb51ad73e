import { createRequire } from "node:module";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import type { PacketBatch } from "../../src/core/packet-batch.ts";
import { frame, payload } from "../support/build.ts";
import { ipv4, ipv6 } from "../support/build-ip.ts";
import { ethernet, vlan } from "../support/build-link.ts";
import { icmp, tcp, udp } from "../support/build-transport.ts";

// What is built and shipped; the test runner's own imports cost more than the code does.
const built = createRequire(import.meta.url);
const { newPacketBatch } = built(
  "../../dist/core/packet-batch.js",
) as typeof import("../../src/core/packet-batch.ts");
const { ContextTable } = built(
  "../../dist/flow/id/context-table.js",
) as typeof import("../../src/flow/id/context-table.ts");
const { endedRow } = built(
  "../../dist/flow/ending/ended-rows.js",
) as typeof import("../../src/flow/ending/ended-rows.ts");
const { FlowTable } = built(
  "../../dist/flow/flow-table.js",
) as typeof import("../../src/flow/flow-table.ts");
const { DEFAULT_TIMEOUTS } = built(
  "../../dist/flow/ending/timeouts.js",
) as typeof import("../../src/flow/ending/timeouts.ts");
const { Books } = built(
  "../../dist/pipeline/books/books.js",
) as typeof import("../../src/pipeline/books/books.ts");
const { stagedWords } = built(
  "../../dist/pipeline/staging/layer-stager.js",
) as typeof import("../../src/pipeline/staging/layer-stager.ts");
const { compiledPlainRows } = built(
  "../../dist/pipeline/staging/compiled-plain-rows.js",
) as typeof import("../../src/pipeline/staging/compiled-plain-rows.ts");
const { compiledUsualPackets } = built(
  "../../dist/flow/table/compiled-usual-packets.js",
) as typeof import("../../src/flow/table/compiled-usual-packets.ts");
const { newPacketMemory } = built(
  "../../dist/pipeline/staging/packet-rooms.js",
) as typeof import("../../src/pipeline/staging/packet-rooms.ts");
const { Stager } = built(
  "../../dist/pipeline/staging/stager.js",
) as typeof import("../../src/pipeline/staging/stager.ts");

const GROUP = 128;
const BATCH = 4096;
const BATCHES_OF_A_PASS = 245;
const START = 1_700_000_000;
const TCP_SEQUENCE = 14 + 20 + 4;
const UDP_SOURCE_PORT = 14 + 20;
const PAYLOAD = 100;
const STAGED_WORDS = stagedWords(GROUP);

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Conversations that last, and datagrams whose ports change so that their flows come and go. */
function frameOf(i: number): Uint8Array {
  const there = { source: "192.0.2.1", destination: "198.51.100.1" };
  switch (i % 8) {
    case 0:
    case 1:
      return frame(
        ethernet(),
        ipv4(there),
        // Their numbers change, so they have no checksum.
        udp({ sourcePort: i, destinationPort: 53, checksum: 0 }),
        payload(30),
      );
    case 2:
      return frame(ethernet(), ipv6(), udp({ sourcePort: i, destinationPort: 53 }), payload(30));
    case 3:
      return frame(ethernet(), vlan(1 + (i % 50)), ipv4(there), icmp({ type: 8 }));
    default: {
      const ports = { sourcePort: 40000 + (i % 1000), destinationPort: 443 };
      return frame(
        ethernet(),
        ipv4(there),
        tcp({ ...ports, flags: "PA", checksum: 0 }),
        payload(PAYLOAD),
      );
    }
  }
}

/** @param allocate - gives octets for the frames */
function fill(batch: PacketBatch, allocate: (octets: number) => Uint8Array): PacketBatch {
  const frames = Array.from({ length: BATCH }, (_, i) => frameOf(i));
  const octets = Buffer.concat(frames);
  batch.bytes = allocate(octets.length);
  batch.bytes.set(octets);
  let at = 0;
  for (const [i, bytes] of frames.entries()) {
    batch.start[i] = at;
    batch.capturedLength[i] = bytes.length;
    batch.wireLength[i] = bytes.length;
    batch.linkType[i] = 1;
    at += bytes.length;
  }
  batch.count = BATCH;
  return batch;
}

/** The next second of the same conversations, and of new ones when `hasNewFlows`, written over the last. */
function moveOn(batch: PacketBatch, round: number, hasNewFlows: boolean): void {
  const { bytes } = batch;
  for (let i = 0; i < BATCH; i += 1) {
    batch.seconds[i] = START + round;
    batch.nanoseconds[i] = i * 1000;
    const start = batch.start[i]!;
    if (i % 8 > 3) writeUint32(bytes, start + TCP_SEQUENCE, (1 + round * PAYLOAD) | 0);
    else if (i % 8 < 2 && hasNewFlows)
      writeUint32(bytes, start + UDP_SOURCE_PORT, ((i + round * 4099) << 16) | 53);
  }
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

it.each([
  ["WebAssembly", true],
  ["JavaScript", false],
])(
  "a packet leaves nothing behind on the heap, and makes nothing while it passes: %s",
  (_, isCompiled) => {
    const secret = { multiplier: 0x9e3779b1 | 0, seed: 1 };
    const { memory, rooms } = newPacketMemory(STAGED_WORDS);
    const contexts = new ContextTable({ vlans: rooms.vlans });
    const table = new FlowTable({
      timeouts: { ...DEFAULT_TIMEOUTS, udp: 5e9 },
      secret,
      contexts,
      maxFlows: Number.POSITIVE_INFINITY,
      rowsIn: memory,
    });
    const books = new Books();
    const stager = new Stager(
      { useVlanKey: true, tunnels: "both", fragments: "join", checksums: true },
      books,
      contexts,
      secret,
      rooms,
    );
    table.useCompiled(compiledUsualPackets(memory));
    stager.useCompiled(compiledPlainRows(rooms));
    const staged = isCompiled ? rooms.staged : new Int32Array(STAGED_WORDS);
    const batch = isCompiled
      ? fill(rooms.batch, rooms.allocate)
      : fill(newPacketBatch(BATCH), (octets) => new Uint8Array(octets));
    let round = 0;
    let ended = 0;

    function pass(batches: number, hasNewFlows: boolean): void {
      for (let i = 0; i < batches; i += 1) {
        moveOn(batch, round, hasNewFlows);
        round += 1;
        for (let row = 0; row < BATCH; ) {
          stager.stagedCount = 0;
          row = stager.stageRows(batch, row, 0, staged, GROUP);
          table.update(staged, 0, stager.stagedCount);
        }
        stager.endBatch(batch);
        for (let k = 0; k < table.ended.count; k += 1)
          table.release(endedRow(table.ended.entries[k]!));
        ended += table.ended.count;
        table.ended.count = 0;
      }
    }

    function heapAfter(batches: number): number {
      pass(batches, true);
      collectGarbage();
      return process.memoryUsage().heapUsed;
    }

    const first = heapAfter(BATCHES_OF_A_PASS);
    const octets = table.octets;
    const second = heapAfter(BATCHES_OF_A_PASS);
    expect(books.flowed).toBe(2 * BATCHES_OF_A_PASS * BATCH);
    expect(ended).toBeGreaterThan(400_000);
    expect(Math.abs(second - first)).toBeLessThan(256 * 1024);
    // Rows of flows that ended serve again.
    expect(table.octets).toBe(octets);

    // What packets make shows each time, be it as growth or, where it was collected, as a fall; code that
    // was compiled meanwhile comes once, on a busy machine late: the least counts.
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 10; i += 1) {
      pass(10, false);
      const before = process.memoryUsage().heapUsed;
      pass(24, false);
      least = Math.min(least, Math.abs(process.memoryUsage().heapUsed - before));
    }
    expect(least / (24 * BATCH)).toBeLessThan(1);
  },
);
