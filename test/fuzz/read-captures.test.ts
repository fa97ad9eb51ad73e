import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SAMPLES } from "../../scripts/samples/all.ts";
import { packageRoot } from "../../src/core/package-root.ts";
import { FaultSamples } from "../../src/pipeline/books/fault-samples.ts";
import { LINK_TYPES } from "../../src/wire/link-type.ts";
import { run } from "../pipeline/run.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { writePcapng } from "../support/write-pcapng.ts";
import { complaintsOf, sampleComplaintsOf } from "./complaints.ts";
import { mutated } from "./mutate.ts";
import { recordsOf } from "./records.ts";

// What no input may break, however damaged: see complaints.ts. Captures go many to a run, since most
// of what a small run costs is its beginning.

const POLICIES = ["outer", "inner", "both"] as const;
const COPIES = 40;
/** Octets of a sample that are cut one by one. */
const HEAD = 750;
const PACKETS_PER_LINK = 40;
/** What a run of `COPIES` takes is some 50 ms; this is no measurement but the end of a hang. */
/** Of the processor's time: a machine that is busy with other things takes longer. */
const HANG_MILLISECONDS = 5000;

const samples = Object.entries(SAMPLES).map(([name, build]) => {
  const bytes = build();
  return { name, bytes, spans: recordsOf(bytes) };
});

describe("readCaptures on damaged captures", () => {
  it("keeps its promises on mutated copies of every sample", async () => {
    const seeds = fc.array(fc.nat(), { minLength: COPIES, maxLength: COPIES });
    const sample = fc.constantFrom(...samples);
    await fc.assert(
      fc.asyncProperty(sample, fc.constantFrom(...POLICIES), seeds, async (from, tunnels, list) => {
        const copies = list.map((seed) => mutated(from.bytes, new SeededRandom(seed), from.spans));
        const started = process.cpuUsage();
        const faultSamples = new FaultSamples(100_000);
        const result = await run(copies, { tunnels, faultSamples });
        expect(complaintsOf(result, copies)).toEqual([]);
        expect(sampleComplaintsOf(faultSamples, result, from.bytes.length * 2)).toEqual([]);
        const { user, system } = process.cpuUsage(started);
        expect((user + system) / 1000).toBeLessThan(HANG_MILLISECONDS);
      }),
      { numRuns: 50, seed: 20260302, endOnFailure: false },
    );
  });

  it.each(["damaged.pcap", "office.pcapng"])("cut at every octet: %s", async (name) => {
    const bytes = SAMPLES[name]!().subarray(0, HEAD);
    const spans = recordsOf(bytes);
    expect(spans.length).toBeGreaterThan(3);
    for (let from = 0; from < bytes.length; from += 150) {
      const cuts = Array.from({ length: 150 }, (_, i) => bytes.subarray(0, from + i));
      const result = await run(cuts);
      expect(complaintsOf(result, cuts)).toEqual([]);
      // Every packet whose record is whole is read, and every cut inside a record is told.
      const whole = cuts.flatMap(({ length }) => spans.filter(({ end }) => end <= length));
      expect(result.books.read).toBe(whole.filter(({ holdsPacket }) => holdsPacket).length);
      const ends = new Set([spans[0]!.start, ...spans.map(({ end }) => end)]);
      ends.delete(0);
      expect(result.errors.map(({ path }) => path)).toEqual(
        cuts.flatMap(({ length }, i) => (ends.has(length) ? [] : [`capture ${i + 1}`])),
      );
    }
  });

  it("keeps its promises on random octets and stray headers of every link type", async () => {
    const random = new SeededRandom(0x11c7);
    const headers = samples.flatMap(({ bytes, spans }) =>
      spans
        .filter(({ holdsPacket }) => holdsPacket)
        .map(({ packet, end }) => bytes.slice(packet, end)),
    );
    const packets = LINK_TYPES.flatMap((_, interfaceIndex) =>
      Array.from({ length: PACKETS_PER_LINK }, (_unused, i) => {
        const stray = headers[random.below(headers.length)]!.subarray(random.below(3) * 7);
        const front = random.bytes(random.below(i % 2 === 0 ? 4 : 80));
        return {
          microseconds: i,
          interfaceIndex,
          bytes: Buffer.concat([front, stray]).subarray(0, 300),
        };
      }),
    );
    const interfaces = LINK_TYPES.map(({ linkType }) => ({ linkType }));
    const bytes = writePcapng(packets, { interfaces });
    for (const tunnels of POLICIES) {
      const faultSamples = new FaultSamples(100_000);
      const result = await run([bytes], { tunnels, faultSamples });
      expect(result.books.read).toBe(packets.length);
      expect(result.errors).toEqual([]);
      expect(complaintsOf(result, [bytes])).toEqual([]);
      expect(sampleComplaintsOf(faultSamples, result, 300)).toEqual([]);
    }
  });

  it("holds on to what once broke", async () => {
    const folder = join(packageRoot(), "test", "fuzz", "found");
    for (const name of readdirSync(folder).filter((file) => !file.endsWith(".md"))) {
      const bytes = new Uint8Array(readFileSync(join(folder, name)));
      for (const tunnels of POLICIES) {
        const result = await run([bytes], { tunnels });
        expect(complaintsOf(result, [bytes]), `${name}, ${tunnels}`).toEqual([]);
      }
    }
  });
});

describe("the complaints", () => {
  const { bytes } = samples[0]!;

  it("are none on a sound capture, and some on what is not", async () => {
    const result = await run([bytes]);
    expect(complaintsOf(result, [bytes])).toEqual([]);
    expect(complaintsOf({ ...result, records: result.records.slice(1) }, [bytes])).toHaveLength(2);
    result.books.flowed += 1;
    expect(complaintsOf(result, [bytes])).toHaveLength(2);
  });

  it("are about copies that differ, are the same again for the same seed, and leave the original alone", () => {
    const before = bytes.slice().toString();
    const first = mutated(bytes, new SeededRandom(1));
    expect(mutated(bytes, new SeededRandom(1))).toEqual(first);
    expect(mutated(bytes, new SeededRandom(2))).not.toEqual(first);
    expect(bytes.toString()).toBe(before);
  });

  it("are about copies of which most reach the decoders, and which show many faults", async () => {
    const { bytes: damaged, spans } = samples.find(({ name }) => name === "mail.pcap")!;
    const copies = Array.from({ length: 300 }, (_, i) =>
      mutated(damaged, new SeededRandom(i), spans),
    );
    const { books, errors } = await run(copies, { tunnels: "inner" });
    expect(errors.length).toBeGreaterThan(30);
    expect(errors.length).toBeLessThan(200);
    const faults = new Set([...nonZero(books.malformed), ...nonZero(books.faults)]);
    expect(faults.size).toBeGreaterThan(8);
  });
});

function nonZero(counts: Float64Array): readonly number[] {
  return [...counts.keys()].filter((code) => counts[code]! > 0);
}
