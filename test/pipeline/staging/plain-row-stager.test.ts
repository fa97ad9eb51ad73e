import { readFileSync } from "node:fs";
import { afterEach, expect, it, vi } from "vitest";
import {
  plainRowsModuleSource,
  usualPacketsModuleSource,
} from "../../../scripts/packet-loops/module-source.ts";
import { newPacketBatch, type PacketBatch, PacketMark } from "../../../src/core/packet-batch.ts";
import { ContextTable } from "../../../src/flow/id/context-table.ts";
import { Staged } from "../../../src/flow/packet/staged-packet.ts";
import { Books } from "../../../src/pipeline/books/books.ts";
import { compiledPlainRows } from "../../../src/pipeline/staging/compiled-plain-rows.ts";
import { newPacketMemory } from "../../../src/pipeline/staging/packet-rooms.ts";
import { Stager } from "../../../src/pipeline/staging/stager.ts";
import { wordSumOf } from "../../../src/wire/summable-octets.ts";
import { frame, payload } from "../../support/build.ts";
import { ipv4, ipv6 } from "../../support/build-ip.ts";
import { ethernet, vlan } from "../../support/build-link.ts";
import { icmp, icmpv6, tcp, udp } from "../../support/build-transport.ts";
import { SeededRandom } from "../../support/seeded-random.ts";

afterEach(() => vi.unstubAllGlobals());

const ROWS = 96;
const WORDS = (ROWS + 16) * Staged.Size;
const secret = { multiplier: 0x12345679, seed: 0x55aa };
const web = { sourcePort: 40000, destinationPort: 443 };
const dns = { sourcePort: 40000, destinationPort: 53 };

const FRAMES = [
  frame(ethernet(), ipv4(), tcp(web), payload(33)),
  frame(ethernet(), ipv4(), tcp({ ...web, options: new Uint8Array(12) }), payload(1460)),
  frame(ethernet(), ipv4({ destination: "224.0.0.251" }), udp(dns), payload(7)),
  frame(ethernet({ destination: "ff:ff:ff:ff:ff:ff" }), ipv4(), udp({ ...dns, checksum: "none" })),
  frame(ethernet(), ipv6(), tcp(web), payload(100)),
  frame(ethernet(), ipv6({ destination: "ff02::fb" }), udp(dns), payload(2)),
  frame(ethernet(), vlan(5), ipv4(), tcp(web), payload(3)),
  frame(ethernet(), vlan(4095), ipv6(), udp(dns), payload(3)),
  frame(ethernet(), vlan(0), ipv4(), udp(dns), payload(12)),
  frame(ethernet(), ipv4(), udp({ ...dns, destinationPort: 4500 }), payload(60)),
  frame(ethernet(), ipv4(), icmp({ type: 8, code: 0 }), payload(20)),
  frame(ethernet(), ipv4(), udp({ ...dns, destinationPort: 4789 }), payload(8)),
  frame(
    ethernet(),
    ipv4(),
    udp({ sourcePort: 3797, destinationPort: 32900 }),
    ipv6({ source: "2001:0:4137:9e50:8000:f12a:b9c8:2815" }),
    icmpv6({ type: 128 }),
  ),
];

type Row = {
  readonly octets: Uint8Array;
  readonly captured: number;
  readonly wire: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly linkType: number;
  readonly interfaceIndex: number;
  readonly marks: number;
};

function randomRow(random: SeededRandom, clock: number): Row {
  const octets = FRAMES[random.below(FRAMES.length)]!.slice();
  if (random.below(3) === 0) octets[random.below(octets.length)] = random.below(256);
  const captured = random.below(5) === 0 ? random.below(octets.length + 1) : octets.length;
  const lies = random.below(40) === 0;
  return {
    octets,
    captured,
    wire: lies ? random.word() >>> 0 : octets.length,
    // Mostly within a second and in order, also late and after the last second there is.
    seconds: random.below(20) === 0 ? clock + random.below(3) - 1 : clock,
    nanoseconds: random.below(1_000_000_000),
    linkType: random.below(30) === 0 ? 101 : 1,
    interfaceIndex: random.below(20) === 0 ? 70_000 : 3,
    marks: random.below(10) === 0 ? PacketMark.ChecksumNotReady : 0,
  };
}

function fill(batch: PacketBatch, window: Uint8Array, rows: readonly Row[]): void {
  let at = 0;
  batch.bytes = window;
  for (const [i, row] of rows.entries()) {
    window.set(row.octets, at);
    batch.start[i] = at;
    batch.capturedLength[i] = row.captured;
    batch.wireLength[i] = row.wire;
    batch.seconds[i] = row.seconds;
    batch.nanoseconds[i] = row.nanoseconds;
    batch.linkType[i] = row.linkType;
    batch.interfaceIndex[i] = row.interfaceIndex;
    batch.marks[i] = row.marks;
    at += row.octets.length;
  }
  batch.count = rows.length;
}

it.each([
  { useVlanKey: true, checksums: true, zeekRules: false, tellsSurroundings: false },
  { useVlanKey: false, checksums: false, zeekRules: false, tellsSurroundings: false },
  { useVlanKey: false, checksums: true, zeekRules: true, tellsSurroundings: true },
])("WebAssembly stages as the same source does in JavaScript: %o", (flags) => {
  const options = { ...flags, tunnels: "both", fragments: "join" } as const;
  const { rooms } = newPacketMemory(WORDS);
  const quickBooks = new Books();
  const plainBooks = new Books();
  const quick = new Stager(
    ...([options, quickBooks, new ContextTable({ vlans: rooms.vlans }), secret] as const),
    rooms,
  );
  quick.useCompiled(compiledPlainRows(rooms));
  const plain = new Stager(options, plainBooks, new ContextTable(), secret);
  const batch = newPacketBatch();
  const window = new Uint8Array(1 << 18);
  const words = new Int32Array(WORDS);
  const random = new SeededRandom(11);
  for (let round = 0; round < 300; round += 1) {
    const clock = round === 299 ? 0xffffffff : 1_700_000_000 + (round >> 2);
    const rows = Array.from({ length: ROWS }, () => randomRow(random, clock));
    rows.sort((a, b) => (random.below(9) === 0 ? 0 : a.nanoseconds - b.nanoseconds));
    fill(batch, window, rows);
    fill(rooms.batch, rooms.allocate(1 << 18), rows);
    words.fill(0);
    rooms.staged.fill(0);
    for (let row = 0, other = 0; row < ROWS; ) {
      quick.stagedCount = 0;
      plain.stagedCount = 0;
      row = quick.stageRows(rooms.batch, row, 5, rooms.staged, 50);
      other = plain.stageRows(batch, other, 5, words, 50);
      expect([row, quick.stagedCount]).toEqual([other, plain.stagedCount]);
      const differs = words.findIndex((word, i) => word !== rooms.staged[i]);
      if (differs >= 0) {
        expect.fail(`word ${differs % Staged.Size} of packet ${Math.floor(differs / Staged.Size)}`);
      }
    }
    quick.endBatch(rooms.batch);
    plain.endBatch(batch);
  }
  expect(quickBooks.counts()).toEqual(plainBooks.counts());
  expect(quickBooks.flowed).toBeGreaterThan(10_000);
  expect(rooms.webAssembly).toBeDefined();
});

it.each([
  ["memory is refused", { Memory: refuse }],
  ["vectors are unknown", { Module: refuse }],
])("stages in JavaScript where %s", (_, refused) => {
  vi.stubGlobal("WebAssembly", { Memory: wasm["Memory"], Module: wasm["Module"], ...refused });
  const { rooms } = newPacketMemory(WORDS);
  const contexts = new ContextTable({ vlans: rooms.vlans });
  const options = {
    useVlanKey: true,
    tunnels: "both",
    fragments: "join",
    checksums: true,
  } as const;
  const stager = new Stager(options, new Books(), contexts, secret, rooms);
  stager.useCompiled(compiledPlainRows(rooms));
  fill(rooms.batch, rooms.allocate(1 << 18), [randomRow(new SeededRandom(1), 5)]);
  expect(stager.stageRows(rooms.batch, 0, 0, rooms.staged, 50)).toBe(1);
  expect(compiledPlainRows(rooms)).toBeUndefined();
  expect(wordSumOf(rooms.window.buffer)).toBeUndefined();
});

const { WebAssembly: wasm } = globalThis as unknown as { WebAssembly: Record<string, unknown> };

/** A constructor that fails, as V8's does. */
function refuse(): never {
  throw new RangeError("could not allocate memory");
}

it.each([
  ["pipeline/staging/plain-rows-module.ts", plainRowsModuleSource],
  ["flow/table/usual-packets-module.ts", usualPacketsModuleSource],
])("%s is what `npm run packet-loops` makes of the sources", (path, source) => {
  expect(readFileSync(new URL(`../../../src/${path}`, import.meta.url), "utf8")).toBe(source());
});
