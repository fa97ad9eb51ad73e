import { describe, expect, it } from "vitest";
import { ByteWindow } from "../../../src/capture/input/byte-window.ts";
import { chunkOctets } from "../../../src/capture/input/chunk-octets.ts";
import type { CopiedPackets } from "../../../src/capture/writing/commented-copy.ts";
import { copyPcapng } from "../../../src/capture/writing/copy-pcapng.ts";
import { ByteWriter } from "../../../src/core/byte-writer.ts";

// Blocks by hand, from draft-ietf-opsawg-pcapng.
const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const OBSOLETE = 2;
const SIMPLE = 3;
const NAMES = 4;
const ENHANCED = 6;
const CUSTOM = 0xbad;

const orders = [
  ["little-endian", true],
  ["big-endian", false],
] as const;

class Blocks {
  readonly little: boolean;

  constructor(little: boolean) {
    this.little = little;
  }

  u16(...values: readonly number[]): Buffer {
    const octets = Buffer.alloc(2 * values.length);
    const view = new DataView(octets.buffer, octets.byteOffset);
    for (const [i, value] of values.entries()) view.setUint16(2 * i, value, this.little);
    return octets;
  }

  u32(...values: readonly number[]): Buffer {
    const octets = Buffer.alloc(4 * values.length);
    const view = new DataView(octets.buffer, octets.byteOffset);
    for (const [i, value] of values.entries()) view.setUint32(4 * i, value, this.little);
    return octets;
  }

  block(type: number, ...body: readonly Uint8Array[]): Buffer {
    const length = 12 + body.reduce((sum, part) => sum + part.length, 0);
    return Buffer.concat([this.u32(type, length), ...body, this.u32(length)]);
  }

  section(...length: readonly [number, number]): Buffer {
    return this.block(SECTION, this.u32(0x1a2b3c4d), this.u16(1, 0), this.u32(...length));
  }

  interface(): Buffer {
    return this.block(INTERFACE, this.u16(1, 0), this.u32(0));
  }

  option(code: number, value: string): Buffer {
    const padding = Buffer.alloc(-value.length & 3);
    return Buffer.concat([this.u16(code, value.length), Buffer.from(value), padding]);
  }

  /** Five octets of packet, padded. */
  enhanced(...options: readonly Uint8Array[]): Buffer {
    return this.block(ENHANCED, this.u32(0, 1, 2, 5, 60), PACKET, ...options);
  }
}

const PACKET = Buffer.from("abcde\0\0\0");
const END = Buffer.alloc(4);

async function copy(
  octets: Uint8Array,
  comments: Readonly<Record<number, string>>,
  mostPackets = Number.POSITIVE_INFINITY,
): Promise<{ written: Buffer; copied: CopiedPackets }> {
  const out = new ByteWriter(16);
  const written: Buffer[] = [];
  // In pieces of 7 octets, so that no block is whole at first.
  const window = new ByteWindow("test", chunkOctets(pieces(octets)), { chunk: 64 });
  const copied = await copyPcapng(window, {
    mostPackets,
    commentOf: (packet) =>
      comments[packet] === undefined ? undefined : Buffer.from(comments[packet]),
    ownMark: Buffer.from("ours: "),
    out,
    signal: new AbortController().signal,
    flush: async () => {
      written.push(Buffer.from(out.bytes.subarray(0, out.length)));
      out.length = 0;
    },
  });
  await window.close();
  return { written: Buffer.concat(written), copied };
}

async function* pieces(octets: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < octets.length; at += 7) yield octets.subarray(at, at + 7);
}

describe.each(orders)("a copy of a %s pcapng file", (_name, little) => {
  const blocks = new Blocks(little);
  const head = [blocks.section(0xffffffff, 0xffffffff), blocks.interface()];

  it("has the comment in front of other options, and of an end of options where there were none", async () => {
    const flags = blocks.option(2, "\x01\0\0\0");
    const kept = blocks.option(1, "theirs");
    const file = [...head, blocks.enhanced(), blocks.enhanced(flags, kept, END)];
    const { written, copied } = await copy(Buffer.concat(file), { 1: "ours: 1", 2: "ours: two" });
    const expected = [
      ...head,
      blocks.enhanced(blocks.option(1, "ours: 1"), END),
      blocks.enhanced(blocks.option(1, "ours: two"), flags, kept, END),
    ];
    expect(written).toEqual(Buffer.concat(expected));
    expect(copied).toEqual({ packets: 2, comments: 2, withoutRoom: 0 });
  });

  it("has all other blocks as they were, but that the section's length is unknown", async () => {
    const others = [
      blocks.block(NAMES, blocks.u16(1, 8), Buffer.from("\x7f\0\0\x01abc\0"), END),
      blocks.block(CUSTOM, Buffer.from("anything")),
      blocks.enhanced(blocks.option(1, "theirs"), END),
    ];
    const file = [blocks.section(0, 1000), blocks.interface(), ...others, ...head, ...others];
    const { written } = await copy(Buffer.concat(file), {});
    expect(written).toEqual(Buffer.concat([...head, ...others, ...head, ...others]));
  });

  it("has comments on obsolete packet blocks, and counts those that simple ones have no room for", async () => {
    const fields = [blocks.u16(0, 7), blocks.u32(1, 2, 5, 60), PACKET];
    const simple = blocks.block(SIMPLE, blocks.u32(5), PACKET);
    const file = [...head, simple, blocks.block(OBSOLETE, ...fields), simple];
    const { written, copied } = await copy(Buffer.concat(file), { 1: "ours: 1", 2: "ours: 2" });
    const commented = blocks.block(OBSOLETE, ...fields, blocks.option(1, "ours: 2"), END);
    expect(written).toEqual(Buffer.concat([...head, simple, commented, simple]));
    expect(copied).toEqual({ packets: 3, comments: 1, withoutRoom: 1 });
  });

  it("has none of the comments of an earlier copy, and all of others", async () => {
    const old = blocks.option(1, "ours: old");
    const theirs = blocks.option(1, "ours is theirs");
    const flags = blocks.option(2, "\x01\0\0\0");
    const file = [
      ...head,
      blocks.enhanced(old, END),
      blocks.enhanced(theirs, old, flags, old, END),
      blocks.enhanced(old, END),
      blocks.enhanced(flags, old),
    ];
    const { written } = await copy(Buffer.concat(file), { 1: "ours: new" });
    const expected = [
      ...head,
      blocks.enhanced(blocks.option(1, "ours: new"), END),
      blocks.enhanced(theirs, flags, END),
      blocks.enhanced(),
      blocks.enhanced(flags),
    ];
    expect(written).toEqual(Buffer.concat(expected));
  });

  it.each<[string, (whole: Buffer) => Buffer]>([
    ["is cut short", (whole) => whole.subarray(0, -3)],
    ["has two lengths", (whole) => Buffer.concat([whole.subarray(0, -4), blocks.u32(99)])],
    ["is shorter than its packet", () => blocks.block(ENHANCED, blocks.u32(0, 1, 2, 6, 60), END)],
    ["is no block", () => blocks.block(ENHANCED).subarray(0, 12)],
    ["is as long as no file", () => blocks.u32(ENHANCED, 0x7fff_fffc, 0)],
  ])("ends before a block that %s", async (_what, damage) => {
    const sound = [...head, blocks.enhanced(blocks.option(1, "theirs"), END)];
    const file = [...sound, damage(blocks.enhanced()), blocks.enhanced()];
    const { written, copied } = await copy(Buffer.concat(file), { 2: "ours: 2" });
    expect(written).toEqual(Buffer.concat(sound));
    expect(copied.packets).toBe(1);
  });

  it("has no more packets than were asked for", async () => {
    const file = [...head, blocks.enhanced(), blocks.interface(), blocks.enhanced()];
    const { written, copied } = await copy(Buffer.concat(file), {}, 1);
    expect(written).toEqual(Buffer.concat([...head, blocks.enhanced(), blocks.interface()]));
    expect(copied.packets).toBe(1);
  });

  it("keeps what is no list of options", async () => {
    const odd = blocks.enhanced(blocks.u16(1, 200), Buffer.from("short"), Buffer.alloc(3));
    const { written } = await copy(Buffer.concat([...head, odd]), {});
    expect(written).toEqual(Buffer.concat([...head, odd]));
  });
});

it("a section of the other byte order has its own", async () => {
  const both = orders.flatMap(([, little]) => {
    const blocks = new Blocks(little);
    return [blocks.section(0xffffffff, 0xffffffff), blocks.interface(), blocks.enhanced()];
  });
  const { written, copied } = await copy(Buffer.concat(both), { 2: "ours: 2" });
  const big = new Blocks(false);
  const commented = big.enhanced(big.option(1, "ours: 2"), END);
  expect(written).toEqual(Buffer.concat([...both.slice(0, 5), commented]));
  expect(copied).toEqual({ packets: 2, comments: 1, withoutRoom: 0 });
});
