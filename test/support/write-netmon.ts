import { join, payload, unsigned } from "./capture-bytes.ts";

export type NetmonFrame = {
  /** Since the start of the capture: milliseconds in 1.x, microseconds in 2.x. */
  delta?: number | bigint;
  data?: Uint8Array;
  wireLength?: number;
  capturedLength?: number;
  /** From 2.1 on. */
  media?: number;
  /** From 2.3 on: 100 ns since 1601. */
  time?: bigint;
};

export type NetmonFormat = {
  major?: number;
  minor?: number;
  media?: number;
  /** Year, month, day of the week, day, hour, minute, second, millisecond. */
  start?: readonly number[];
  /** Octets in front of each frame that belong to nothing. */
  hole?: number;
  /** Which frames the table lists, in what order: all as they lie unless given. */
  listed?: readonly number[];
  /** What the header says of the table where it lies. */
  tableOffset?: number;
  tableLength?: number;
};

const u = (value: number | bigint, length: number): Uint8Array => unsigned(value, length, "little");

/** 2020-09-13 12:26:40.000, a Sunday: 1600000000. */
const START = [2020, 9, 0, 13, 12, 26, 40, 0];

function frame(facts: NetmonFrame, major: number, minor: number): Uint8Array {
  const data = facts.data ?? payload(20);
  const wire = facts.wireLength ?? data.length;
  const captured = facts.capturedLength ?? data.length;
  const delta = facts.delta ?? 0;
  if (major === 1) return join(u(delta, 4), u(wire, 2), u(captured, 2), data);
  const trailer = join(
    u(facts.media ?? 1, minor >= 1 ? 2 : 0),
    u(0xffff_ffff, minor >= 2 ? 4 : 0),
    u(facts.time ?? 0n, minor >= 3 ? 8 : 0),
    u(0xff, minor >= 3 ? 1 : 0),
  );
  return join(u(delta, 8), u(wire, 4), u(captured, 4), data, trailer);
}

/** A capture of Network Monitor: header, frames, table of their offsets, and some octets behind it. */
export function netmon(frames: readonly NetmonFrame[], format: NetmonFormat = {}): Uint8Array {
  const { major = 2, minor = 0, hole = 0 } = format;
  const pieces = frames.map((one) =>
    join(new Uint8Array(hole).fill(0xee), frame(one, major, minor)),
  );
  let end = 128;
  const offsets = pieces.map((piece) => {
    end += piece.length;
    return end - piece.length + hole;
  });
  const listed = format.listed ?? frames.map((_, index) => index);
  const table = join(...listed.map((index) => u(offsets[index] ?? index, 4)));
  const header = join(
    new TextEncoder().encode(major === 1 ? "RTSS" : "GMBU"),
    u(minor, 1),
    u(major, 1),
    u(format.media ?? 1, 2),
    ...(format.start ?? START).map((part) => u(part, 2)),
    u(format.tableOffset ?? end, 4),
    u(format.tableLength ?? table.length, 4),
  );
  return join(header, new Uint8Array(128 - header.length), ...pieces, table, payload(9));
}
