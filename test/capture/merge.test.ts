import { describe, expect, it } from "vitest";
import { mergeCaptures } from "../../src/capture/merge.ts";
import { openCaptureBytes } from "../../src/capture/open.ts";
import type { CaptureError } from "../../src/core/errors.ts";
import { newPacketBatch } from "../../src/core/packet-batch.ts";
import { join, Pcapng, payload, pcap, pcapHeader } from "../support/capture-bytes.ts";
import { hex, inChunks, type Reading, readAll } from "../support/capture-rows.ts";

type Merged = Reading & { readonly errors: readonly CaptureError[]; readonly opened: string[] };

/** Merges captures in memory; what is opened and closed is noted in order. */
async function merge(
  captures: readonly Uint8Array[],
  options: { capacity?: number; chunk?: number; reopens?: boolean } = {},
): Promise<Merged> {
  const errors: CaptureError[] = [];
  const opened: string[] = [];
  const source = mergeCaptures(
    captures.map((bytes, index) => ({
      reopens: options.reopens ?? true,
      open: async (open) => {
        const chunks = options.chunk === undefined ? bytes : inChunks(bytes, options.chunk);
        const one = await openCaptureBytes(chunks, `capture ${index}`, open);
        opened.push(`open ${index}`);
        return Object.assign(one, {
          close: async () => {
            opened.push(`close ${index}`);
          },
        });
      },
    })),
    (error) => errors.push(error),
  );
  return { ...(await readAll(source, options.capacity)), errors, opened };
}

/** A capture of one-octet packets at these seconds; the octet tells the capture. */
function at(mark: number, ...seconds: readonly number[]): Uint8Array {
  return pcap(
    {},
    seconds.map((one) => ({ seconds: one, data: Uint8Array.of(mark) })),
  );
}

function told({ rows }: Reading): string {
  return rows.map((row) => `${Number.parseInt(row.time, 10)}:${row.hex}`).join(" ");
}

describe("mergeCaptures", () => {
  it.each([
    ["overlapping", [at(1, 10, 20, 30), at(2, 15, 25, 35)], "10:01 15:02 20:01 25:02 30:01 35:02"],
    ["named in the wrong order", [at(1, 30, 40), at(2, 10, 20)], "10:02 20:02 30:01 40:01"],
    ["equal times", [at(1, 5, 5, 6), at(2, 5, 5, 6)], "5:01 5:01 5:02 5:02 6:01 6:02"],
    // As mergecap does: a late packet comes when those before it in its own file have come.
    ["late packets", [at(1, 10, 5, 20), at(2, 7, 12)], "7:02 10:01 5:01 12:02 20:01"],
    ["an empty one", [at(1), at(2, 1)], "1:02"],
    ["three", [at(1, 1, 9), at(2, 2, 8), at(3, 3, 7)], "1:01 2:02 3:03 7:03 8:02 9:01"],
  ])("orders packets by time: %s", async (_name, captures, expected) => {
    for (const capacity of [1, 2, 4096]) {
      const result = await merge(captures, { capacity });
      expect(told(result)).toBe(expected);
      expect(result.errors).toEqual([]);
    }
  });

  it("compares nanoseconds, of captures with other units of time", async () => {
    const nano = { magic: 0xa1b23c4d };
    const { rows } = await merge([
      pcap(nano, [{ fraction: 1001 }, { fraction: 2001 }]),
      pcap({}, [{ fraction: 1 }, { fraction: 2 }]),
    ]);
    expect(rows.map(({ time }) => time.slice(-4))).toEqual(["1000", "1001", "2000", "2001"]);
  });

  it("keeps link types, interfaces and their names, those without packets included", async () => {
    const file = new Pcapng("big");
    const ng = join(
      file.section(),
      file.interface({ linkType: 101, options: [[2, Buffer.from("tun0")]] }),
      file.packet({ ticks: 1_600_000_000_500_000n }),
      file.interface({ linkType: 9, options: [[2, Buffer.from("ppp0")]] }),
    );
    const { rows, source } = await merge([
      pcap({ linkType: 113 }, [{}, { seconds: 1_700_000_000 }]),
      ng,
    ]);
    expect(rows.map((row) => [row.linkType, row.interfaceIndex])).toEqual([
      [113, 0],
      [101, 1],
      [113, 0],
    ]);
    expect(source.interfaces).toEqual([
      { linkType: 113 },
      { linkType: 101, name: "tun0" },
      { linkType: 9, name: "ppp0" },
    ]);
    expect(source.counters).toMatchObject({ files: 2, sections: 2 });
  });

  it("gives the same rows whatever the room and the chunks", async () => {
    const captures = [3, 5, 7].map((step, mark) =>
      pcap(
        {},
        Array.from({ length: 200 }, (_, index) => ({
          seconds: 1000 + index * step,
          data: payload((index * 37) % 1500, mark),
        })),
      ),
    );
    const whole = await merge(captures);
    expect(whole.rows).toHaveLength(600);
    for (const [capacity, chunk] of [
      [1, 999],
      [7, 5000],
      [64, 100_000],
    ] as const) {
      expect((await merge(captures, { capacity, chunk })).rows).toEqual(whole.rows);
    }
  });

  it("copies packets larger than what it puts together at a time", async () => {
    const large = payload(3_000_000);
    const { rows } = await merge([
      pcap({}, [
        { seconds: 1, data: payload(9) },
        { seconds: 3, data: large },
      ]),
      pcap({}, [
        { seconds: 2, data: large },
        { seconds: 4, data: payload(5) },
      ]),
    ]);
    expect(rows.map((row) => row.hex.length / 2)).toEqual([9, 3_000_000, 3_000_000, 5]);
    expect(rows[2]!.hex).toBe(hex(large));
  });

  it("hands over what comes before damage, tells it, and goes on with the others", async () => {
    const cut = at(2, 15, 25, 35).subarray(0, -5);
    const { errors, ...result } = await merge([at(1, 10, 20, 30), cut, pcapHeader({ major: 9 })]);
    expect(told(result)).toBe("10:01 15:02 20:01 25:02 30:01");
    expect(errors.map(({ code, path }) => [code, path])).toEqual([
      ["PF_CAPTURE_VERSION", "capture 2"],
      ["PF_CAPTURE_TRUNCATED", "capture 1"],
    ]);
    expect(result.source.counters.files).toBe(2);
  });

  it("opens the files of a long set when their turn comes", async () => {
    const captures = Array.from({ length: 9 }, (_, index) => at(index, 90 - index * 10));
    const { opened, ...result } = await merge(captures);
    expect(told(result)).toBe("10:08 20:07 30:06 40:05 50:04 60:03 70:02 80:01 90:00");
    const peeked = captures.flatMap((_, index) => [`open ${index}`, `close ${index}`]);
    const read = captures.flatMap((_, index) => [`open ${8 - index}`, `close ${8 - index}`]);
    expect(opened).toEqual([...peeked, ...read]);
    expect(result.source.counters).toMatchObject({ files: 9, bytes: 9 * (24 + 16 + 1) });
  });

  it("keeps open what can't be opened again", async () => {
    const captures = Array.from({ length: 9 }, (_, index) => at(index, 90 - index * 10));
    const { opened, ...result } = await merge(captures, { reopens: false });
    expect(told(result)).toBe("10:08 20:07 30:06 40:05 50:04 60:03 70:02 80:01 90:00");
    expect(opened.slice(0, 9)).toEqual(captures.map((_, index) => `open ${index}`));
  });

  it("says of each row where it comes from", async () => {
    const captures = [at(1, 10, 20), at(2, 15)].map((bytes, index) => ({
      reopens: false,
      open: () => openCaptureBytes(bytes, `capture ${index}`),
    }));
    const source = mergeCaptures(captures, () => undefined);
    const batch = newPacketBatch();
    const origins: unknown[] = [];
    while (await source.fill(batch)) {
      for (let row = 0; row < batch.count; row += 1) origins.push(source.originOf!(row));
    }
    expect(origins).toEqual([
      { capture: "capture 0", packet: 1 },
      { capture: "capture 1", packet: 1 },
      { capture: "capture 0", packet: 2 },
    ]);
    await source.close();
    expect(await source.fill(batch)).toBe(false);
  });
});
